"""Pages that are accepted after review."""

from tests.world import World, balance_of

from fairhand.ledger.posting import Entry, open_account, post
from fairhand.pay import events
from fairhand.pay.books import audit
from fairhand.pay.earnings import Accepted, accept


def test_a_page_without_a_fee_is_made_payable_and_charges_none(world: World) -> None:
    outside = open_account("bank:test:EUR", "EUR", may_go_below_zero=True)
    pending = open_account(events.pending(world.ada.ref, "EUR"), "EUR")
    fee = open_account(events.fee("EUR"), "EUR")
    post([Entry(outside, pending, 70, "EUR", "earn", "bat_x/1/1")])
    pages = [Accepted(world.ada.ref, pay=70, fee=0, source="bat_x/1/1")]
    assert [accept(pages, escrow=outside, fee=fee, currency="EUR") for _ in range(2)] == [1, 0]
    assert balance_of(events.payable(world.ada.ref, "EUR")) == 70
    assert balance_of(events.fee("EUR")) == 0
    assert audit().balanced
