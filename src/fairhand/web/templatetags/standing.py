"""How somebody stands, for the page of their account."""

from django import template

from fairhand.people.decisions import Standing
from fairhand.people.decisions import standing_of as found_standing
from fairhand.people.models import Account

register = template.Library()


@register.simple_tag
def standing_of(account: Account) -> Standing:
    """Whether an account may work, why not, and until when."""
    return found_standing(account)
