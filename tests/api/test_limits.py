"""RL-1 for programs: how often a key, and an address without one, may ask."""

import pytest
from django.test import Client

from fairhand.api import limits
from fairhand.kit.counting import count
from fairhand.people.keys import issue_key
from tests.world import World, rows


def program(world: World) -> Client:
    scopes = ["projects:read", "results:read"]
    _, secret = issue_key(world.rita, name="p", scopes=scopes, organisation=world.organisation)
    return Client(headers={"authorization": f"Bearer {secret}"})


def test_a_key_that_asks_too_often_waits_and_others_do_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REQUESTS", 3)
    client = program(world)
    asked = [client.get("/api/v1/batches") for _ in range(4)]
    assert [answer.status_code for answer in asked] == [200, 200, 200, 429]
    assert asked[3]["Retry-After"] == "60"
    assert asked[3].json()["code"] == "too_often"
    assert program(world).get("/api/v1/batches").status_code == 200


def test_whole_files_are_counted_apart(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "COSTLY", 1)
    client, batch = program(world), world.batch(tasks=4)
    address = f"/api/v1/batches/{batch.ref}/answers"
    assert client.get(address, {"format": "csv"}).status_code == 200
    assert client.get(address, {"format": "csv"}).status_code == 429
    assert client.get(address).status_code == 200


def test_an_address_that_guesses_keys_is_held_whatever_it_says_of_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WRONG_KEYS", 3)
    answers = [
        Client(headers={"authorization": f"Bearer fh_{n}", "x-forwarded-for": f"192.0.2.{n}"})
        .get("/api/v1/batches")
        .status_code
        for n in range(5)
    ]
    assert answers == [401, 401, 401, 429, 429]
    elsewhere = Client(REMOTE_ADDR="198.51.100.7", headers={"authorization": "Bearer fh_x"})
    assert elsewhere.get("/api/v1/batches").status_code == 401


def test_a_span_begins_anew(world: World) -> None:
    assert [count("x", 60), count("x", 60), count("y", 60)] == [1, 2, 1]
    rows("update kit_count set span = span - 1 where key = 'x' returning n")
    assert count("x", 60) == 1
