"""Projects and batches over HTTP: what a requester's program can do, and what it is told."""

import pytest

from fairhand.people.models import Member, Portal
from fairhand.projects.batches import Terms
from fairhand.projects.models import Batch, Project
from tests.api.conftest import ORGANISATIONS, Program, program_of, refused
from tests.world import GOOD, INTERFACE, World, caller, count, work_through

NEW = {"name": "Birds", "interface": INTERFACE}


def test_a_key_says_whose_it_is(world: World, rita: Program) -> None:
    me = rita.get("/me").json()
    assert me["account"] == {"ref": world.rita.ref, "name": "Rita"}
    assert me["organisation"] == {
        "ref": world.organisation.ref,
        "name": "Rita's Birds",
        "role": "owner",
    }
    assert me["worker"] is None
    assert sorted(me["key"]["scopes"]) == sorted(ORGANISATIONS)


def test_a_workers_key_says_which_worker(world: World, ada: Program) -> None:
    me = ada.get("/me").json()
    assert (me["organisation"], me["worker"]) == (None, world.ada.ref)


def test_a_project_is_made_and_read_again(rita: Program) -> None:
    made = rita.post("/projects", {**NEW, "instructions": [{"heading": "How", "text": "Look."}]})
    assert made.status_code == 201
    assert rita.get(f"/projects/{made.json()['ref']}").json() == made.json()
    assert rita.get("/projects").json()["items"][0] == made.json()
    assert made.json()["interface"] == INTERFACE


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({**NEW, "name": 7}, "name"),
        ({**NEW, "name": ""}, "name"),
        ({**NEW, "interface": []}, "interface"),
        ({**NEW, "interface": {"views": [], "fields": INTERFACE["fields"]}}, "views"),
        ({**NEW, "extra": 1}, "extra"),
        ({**NEW, "instructions": [{"headline": "x"}]}, "instructions.0.headline"),
        ([], None),
        (None, None),
    ],
)
def test_a_faulty_project_is_refused_by_field_and_not_made(
    rita: Program, body: object, field: str | None
) -> None:
    before = count("projects_project")
    problem = refused(rita.post("/projects", body), 422, "unusable_input")
    assert field in [place["field"] for place in problem["problems"]]
    assert count("projects_project") == before


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"name": "a", "name": "b"}',
        b'{"name": NaN}',
        b'{"name": "\\u0000"}',
        b'{"name": "\\ud800"}',
        b'{"name": "\xff"}',
        b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"name": ' + b"1" * 5000 + b"}",
    ],
)
def test_a_body_that_is_no_proper_json_is_refused(rita: Program, body: bytes) -> None:
    answer = rita.post("/projects", body)
    assert answer.status_code == 400
    assert answer.json()["code"] in {"unreadable", "unusable_input"}


def test_a_body_of_many_megabytes_is_refused(rita: Program) -> None:
    refused(rita.post("/projects", b" " * 3_000_000), 413, "too_large")


def test_a_batch_is_made_from_its_terms(world: World, rita: Program) -> None:
    made = rita.post(
        "/batches",
        {"project": world.project.ref, "name": "Moods", "price_micros": 50_000, "overlap": 2},
    )
    assert made.status_code == 201
    batch = made.json()
    assert batch["state"] == "draft"
    assert batch["price"] == {"micros": 50_000, "currency": "EUR"}
    assert batch["fee"] == {"micros": 10_000, "currency": "EUR"}
    assert batch["cost"] == {"micros": 0, "currency": "EUR"}
    assert rita.get(f"/batches/{batch['ref']}").json() == batch


TOO_MUCH = {
    "price_micros": 1_000_000_001,
    "overlap": 1001,
    "page_size": 101,
    "gold_permille": 501,
    "bar_permille": 1001,
    "confidence_permille": 1000,
    "review_hours": 505,
    "deadline_seconds": 604_801,
    "expected_seconds": 86_401.0,
    "name": "x" * 121,
    "currency": "XXY",
}


@pytest.mark.parametrize("field", TOO_MUCH)
def test_a_term_out_of_range_is_refused_by_name(world: World, rita: Program, field: str) -> None:
    terms = {"project": world.project.ref, "name": "Moods", "price_micros": 50_000}
    answer = rita.post("/batches", {**terms, field: TOO_MUCH[field]})
    problem = refused(answer, 422, "unusable_input")
    assert [place["field"] for place in problem["problems"]] == [field]
    assert not Batch.objects.exists()


def test_every_term_of_a_batch_can_be_given(world: World, rita: Program) -> None:
    portal = Portal.objects.create(slug="one", name="One", host="one.example.org", open=True)
    values = {
        "name": "All",
        "price_micros": 1,
        "currency": "JPY",
        "overlap": 5,
        "page_size": 4,
        "gold_permille": 100,
        "bar_permille": 800,
        "confidence_permille": 950,
        "review_hours": 24,
        "deadline_seconds": 60,
        "reserved": True,
        "expected_seconds": 2.5,
        "gates": ["identity", "age:18"],
        "portals": [portal.ref],
    }
    assert set(values) == set(Terms.__dataclass_fields__)
    assert rita.post("/batches", {"project": world.project.ref, **values}).status_code == 201
    batch = Batch.objects.get()
    assert {name: getattr(batch, name) for name in values} == values


def test_opening_without_money_says_how_much_is_missing(world: World, rita: Program) -> None:
    batch = world.batch(tasks=10, opened=False)
    problem = refused(rita.post(f"/batches/{batch.ref}/open"), 402, "not_enough_money")
    assert "1.20 EUR" in problem["detail"]
    batch.refresh_from_db()
    assert batch.state == "draft"


def test_a_draft_costs_what_opening_it_reserves(world: World, rita: Program) -> None:
    batch = world.batch(tasks=10, gold=2, gold_permille=100, opened=False)
    world.fund()
    before = rita.get(f"/batches/{batch.ref}").json()
    opened = rita.post(f"/batches/{batch.ref}/open").json()
    assert before["cost"] == opened["cost"] == opened["escrow"]
    assert before["cost"]["micros"] == 10 * 2 * 60_000


def test_a_batch_goes_through_its_life(world: World, rita: Program) -> None:
    batch = world.batch(tasks=10, opened=False, review_hours=24)
    world.fund()
    path = f"/batches/{batch.ref}"
    assert rita.post(f"{path}/open").json()["state"] == "open"
    assert rita.post(f"{path}/pause").json()["state"] == "paused"
    refused(rita.post(f"{path}/pause"), 409, "wrong_state")
    assert rita.post(f"{path}/resume").json()["state"] == "open"
    refused(rita.post(f"{path}/resume"), 409, "wrong_state")
    assert work_through(caller(world.ada), batch) == 10
    detail = rita.get(path).json()
    assert detail["progress"]["answers"] == 10
    assert detail["progress"]["pages_in_review"] == 1
    assert detail["paid"]["micros"] == 500_000
    assert rita.post(f"{path}/accept").json() == {"accepted": 1}
    closed = rita.post(f"{path}/close").json()
    assert closed["state"] in {"closed", "settled"}
    refused(rita.post(f"{path}/close"), 409, "wrong_state")
    refused(rita.post(f"{path}/open"), 409, "batch_opened_before")


def test_balance_is_what_is_not_reserved(world: World, rita: Program) -> None:
    world.fund(100)
    assert rita.get("/balance").json() == {"available": {"micros": 100_000_000, "currency": "EUR"}}
    assert rita.get("/balance?currency=JPY").json()["available"]["micros"] == 0
    refused(rita.get("/balance?currency=XXY"), 422, "unusable_input")


def test_lists_are_walked_through_without_gap_or_repeat(world: World, rita: Program) -> None:
    for i in range(5):
        rita.post("/projects", {**NEW, "name": f"P{i}"})
        world.batch(tasks=1, opened=False)
    for path, model in (("/projects", Project), ("/batches", Batch)):
        seen: list[str] = []
        cursor = ""
        while True:
            page = rita.get(f"{path}?limit=2{cursor}").json()
            seen += [item["ref"] for item in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert seen == list(model.objects.order_by("-pk").values_list("ref", flat=True))


def test_batches_are_listed_by_project(world: World, rita: Program) -> None:
    world.batch(tasks=1, opened=False)
    other = rita.post("/projects", NEW).json()["ref"]
    assert len(rita.get(f"/batches?project={world.project.ref}").json()["items"]) == 1
    assert rita.get(f"/batches?project={other}").json()["items"] == []
    refused(rita.get("/batches?project=prj_none"), 404, "not_found")


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "cursor=!", "cursor=QUJD"])
def test_a_faulty_page_is_refused_by_name(rita: Program, query: str) -> None:
    for path in ("/projects", "/batches"):
        problem = refused(rita.get(f"{path}?{query}"), 422, "unusable_input")
        assert problem["problems"][0]["field"] == query.partition("=")[0]


def test_a_viewers_key_reads_but_does_not_write(world: World, rita: Program) -> None:
    Member.objects.filter(account=world.rita).update(role=Member.Role.VIEWER)
    assert rita.get("/projects").status_code == 200
    refused(rita.post("/projects", NEW), 403, "role_lacks_right")


def test_the_key_of_a_member_who_left_opens_nothing(world: World, rita: Program) -> None:
    Member.objects.filter(account=world.rita).delete()
    refused(rita.get("/projects"), 401, "no_valid_key")


def test_a_key_reaches_only_its_own_organisation(world: World) -> None:
    """Somebody may be a member of two organisations; a key still belongs to one."""
    Member.objects.create(
        organisation=world.other_organisation, account=world.rita, role=Member.Role.OWNER
    )
    batch = world.batch(tasks=1, opened=False)
    elsewhere = program_of(world.rita, world.other_organisation)
    assert elsewhere.get("/projects").json()["items"] == []
    refused(elsewhere.get(f"/batches/{batch.ref}"), 404, "not_found")
    refused(elsewhere.get(f"/projects/{world.project.ref}"), 404, "not_found")


def test_refusals_speak_the_callers_language(world: World, rita: Program) -> None:
    del world
    answer = rita.get("/projects/none", Accept_Language="de")
    assert answer.headers["Content-Language"] == "de"


def test_computing_results_says_how_many(world: World, rita: Program) -> None:
    batch = world.batch(tasks=10)
    work_through(caller(world.ada), batch, GOOD)
    answer = rita.post(f"/batches/{batch.ref}/results", {"method": "majority"})
    assert answer.json() == {"results": 10, "method": "majority"}
    refused(rita.post(f"/batches/{batch.ref}/results", {"method": "dice"}), 422, "unusable_input")
