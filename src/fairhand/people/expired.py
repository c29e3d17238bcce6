"""Sessions and links that are over: nobody can use them, and nobody should find them."""

from django.utils import timezone

from fairhand.people.models import Session, SignInLink
from fairhand.people.oidc import forget_expired_tokens


def forget_what_expired() -> int:
    """Delete expired sessions, sign-in links and portals' sites' tokens; returns how many."""
    now = timezone.now()
    sessions, _each = Session.objects.filter(expire_date__lt=now).delete()
    links, _each = SignInLink.objects.filter(expires_at__lt=now).delete()
    return sessions + links + forget_expired_tokens()
