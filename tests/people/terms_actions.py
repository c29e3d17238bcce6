"""How a portal's terms are changed, for AP-1."""

from collections.abc import Callable

from fairhand.kit.money import Money
from fairhand.pay.terms import set_terms
from fairhand.people.models import Account, Portal
from tests.world import World


def terms_changed(world: World) -> tuple[Account, None]:
    portal = Portal.objects.create(slug="terms", name="Terms", host="terms.example.org")
    assert set_terms(
        portal,
        share_permille=100,
        calendar="weekly",
        day=5,
        first=None,
        minimum=Money(5_000_000, "EUR"),
        rails=["sepa"],
        by=world.olga,
    )
    return world.olga, None


TERMS: dict[str, Callable[[World], tuple[Account, None]]] = {"terms.changed": terms_changed}
