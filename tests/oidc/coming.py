"""Coming from a service, as browsers do."""

from django.test import Client

from fairhand.people import oidc
from fairhand.people.models import Account, SignInService
from tests.fakes import issuer as fake
from tests.fakes.issuer import CLIENT_ID, CLIENT_SECRET, Issuer
from tests.world import World


def add(world: World, issuer: Issuer, *, member: bool = True, **more: object) -> SignInService:
    """Let the issuer's people come: to review for the organisation, or to work."""
    return oidc.add_service(
        world.olga,
        "Birds",
        oidc.Issuer(issuer.url, CLIENT_ID, CLIENT_SECRET),
        organisation=world.organisation if member else None,
        role="reviewer" if member else "",
        **more,  # type: ignore[arg-type]
    )


def visit(
    client: Client, service: SignInService, issuer: Issuer, query: str = "", **changed: str
) -> str:
    """Go there, agree, come back; returns where that led to."""
    here = f"/accounts/oidc/{service.app.provider_id}/login/"
    sent = client.post(here + query)
    assert sent.status_code == 302
    brought = issuer.agree(sent["Location"]) | changed
    done = client.get(fake.back(f"{here}callback/", brought), follow=True)
    return done.content.decode()


def signed_in(client: Client) -> Account | None:
    number = client.session.get("_auth_user_id")
    return None if number is None else Account.objects.get(pk=number)
