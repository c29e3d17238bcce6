"""What a worker's program learns about work and money."""

from fairhand.people.models import Worker
from fairhand.quality.gold import FEWEST
from tests.api.conftest import Program, program_of, refused
from tests.pay.portal_cast import portal, works
from tests.world import BAD, World, caller, work_through


def test_offers_show_pay_and_what_is_known_of_its_speed(world: World, ada: Program) -> None:
    batch = world.batch(tasks=30, expected_seconds=10.0)
    work_through(caller(world.ben), batch)
    (offer,) = ada.get("/offers").json()["items"]
    assert offer["batch"] == batch.ref
    assert offer["price"] == {"micros": 50_000, "currency": "EUR"}
    assert offer["hourly"] == {"micros": 90_000_000, "currency": "EUR"}
    assert offer["hourly_sample"] == 30
    assert (offer["answers"], offer["earned"]["micros"], offer["restriction"]) == (0, 0, None)
    assert offer["organisation"] == "Rita's Birds"


def test_without_measure_or_guess_no_hourly_pay_is_named(world: World, ada: Program) -> None:
    world.batch(tasks=3)
    (offer,) = ada.get("/offers").json()["items"]
    assert (offer["hourly"], offer["hourly_sample"]) == (None, 0)


def test_a_restricted_worker_reads_why(world: World, ada: Program) -> None:
    batch = world.batch(
        tasks=60, gold=40, gold_permille=500, bar_permille=900, page_size=2 * FEWEST
    )
    work_through(caller(world.ada), batch, BAD)
    (offer,) = ada.get("/offers").json()["items"]
    assert offer["restriction"]["code"] == "restricted"
    assert "90" in offer["restriction"]["message"]


def test_earnings_are_pending_until_they_are_accepted(world: World, ada: Program) -> None:
    work_through(caller(world.ada), world.batch(tasks=3, review_hours=24))
    work_through(caller(world.ada), world.batch(tasks=5))
    earnings = ada.get("/earnings").json()
    assert earnings["pending"] == {"micros": 150_000, "currency": "EUR"}
    assert earnings["payable"] == {"micros": 250_000, "currency": "EUR"}
    refused(ada.get("/earnings?currency=XXY"), 422, "unusable_input")


def test_the_key_of_an_account_that_does_not_work_opens_nothing(world: World) -> None:
    program = program_of(world.oscar, None, ["work"])
    assert not Worker.objects.filter(account=world.oscar).exists()
    refused(program.get("/offers"), 403, "not_a_worker")


def test_offers_and_earnings_at_a_portal_say_who_keeps_what(world: World, ada: Program) -> None:
    one = portal("one", world.ada, share=200, minimum_micros=5_000_000)
    batch = world.batch(tasks=20, page_size=10, overlap=1)
    (offer,) = ada.get("/offers", host=one.host).json()["items"]
    parts = [offer[name]["micros"] for name in ("requester_pays", "portal_keeps", "price")]
    assert parts == [50_000, 10_000, 40_000]
    (offer,) = ada.get("/offers").json()["items"]
    assert (offer["price"]["micros"], offer["portal_keeps"]["micros"]) == (50_000, 0)
    works(world.ada, batch, one)
    works(world.ada, batch, None)
    for host in (one.host, "testserver"):  # everywhere all of it
        told = ada.get("/earnings", host=host).json()
        assert told["payable"]["micros"] == 900_000
        assert [purse["portal"] for purse in told["purses"]] == [None, one.ref]
        assert [purse["payable"]["micros"] for purse in told["purses"]] == [500_000, 400_000]
        assert told["purses"][1]["minimum"]["micros"] == 5_000_000
        assert told["purses"][1]["next_payday"]
