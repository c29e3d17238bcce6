"""The pages of teams and keys: what is shown once, what is refused, several organisations."""

import re

from django.test import Client

from fairhand.people.membership import invite
from fairhand.people.models import Account, Invitation, Member
from tests.web.conftest import BACKEND, SignIn
from tests.world import World, count


def here(world: World, rest: str = "") -> str:
    return f"/requester/team/{world.organisation.ref}{rest}"


def test_an_invitations_link_is_shown_once(world: World, signed: SignIn) -> None:
    client = signed(world.rita)
    answer = client.post(here(world, "/invite"), {"role": "reviewer", "email": ""})
    found = re.search(r"http://testserver(/join/[\w-]+)", answer.content.decode())
    assert found is not None
    assert "no-store" in answer["Cache-Control"]
    assert b"/join/" not in client.get(here(world)).content
    joined = signed(world.oscar).post(found[1], follow=True)
    assert b"You are a member of Rita" in joined.content
    assert b"Whoever has the link" not in client.get(here(world)).content


def test_a_stranger_reads_the_same_whatever_the_link(world: World) -> None:
    _, token = invite(world.rita, world.organisation, "viewer", "nemo@example.org")
    said = []
    for link in (token, "made-up"):
        page = Client().get(f"/join/{link}")
        said.append((page.status_code, page.content.decode().replace(link, "")))
    plain = [re.sub(r'value="[^"]{64}"', "", text) for _status, text in said]
    assert plain[0] == plain[1]
    assert "Rita" not in plain[0]


def test_the_wrong_account_reads_what_it_reads_of_a_made_up_link(
    world: World, signed: SignIn
) -> None:
    _, token = invite(world.rita, world.organisation, "viewer", "nemo@example.org")
    client, before = signed(world.oscar), count("people_member")
    for method in (client.get, client.post):
        there, never = method(f"/join/{token}"), method("/join/made-up")
        assert there.status_code == never.status_code == 404
        assert b"There is no such invitation, or it is for another address" in there.content
    assert count("people_member") == before


def test_spent_links_say_what_became_of_them(world: World, signed: SignIn) -> None:
    client = signed(world.oscar)
    for change, words in (
        ({"withdrawn_at": "2026-01-01T00:00Z"}, b"was withdrawn"),
        ({"expires_at": "2026-01-01T00:00Z"}, b"older than a week"),
        ({"used_at": "2026-01-01T00:00Z"}, b"was used already"),
    ):
        invitation, token = invite(world.rita, world.organisation, "viewer")
        Invitation.objects.filter(pk=invitation.pk).update(**change)
        for method in (client.get, client.post):
            answer = method(f"/join/{token}")
            assert answer.status_code == 410
            assert words in answer.content
    assert not Member.objects.filter(account=world.oscar, organisation=world.organisation).exists()


def test_who_was_invited_makes_an_account_where_nobody_else_can(world: World) -> None:
    values = {"email": "nemo@example.org", "password1": "a long sentence of nemo"}
    Client().post("/accounts/signup/", values)
    assert not Account.objects.filter(email="nemo@example.org").exists()
    _, token = invite(world.rita, world.organisation, "viewer")
    client = Client()
    assert client.get(f"/join/{token}").status_code == 200
    client.post(f"/accounts/signup/?next=/join/{token}", values)
    nemo = Account.objects.get(email="nemo@example.org")
    assert not hasattr(nemo, "worker")
    client.force_login(nemo, backend=BACKEND)  # as proving the address does
    client.post(f"/join/{token}")
    assert Member.objects.get(account=nemo).organisation == world.organisation


def test_an_invitation_for_an_address_makes_an_account_for_that_address_alone(world: World) -> None:
    _, token = invite(world.rita, world.organisation, "viewer", "only@this.example")
    client, before = Client(), Account.objects.count()
    client.get(f"/join/{token}")
    for email in ("anybody@other.example", "only@this.example.org"):
        values = {"email": email, "password1": "a long sentence of nemo"}
        client.post("/accounts/signup/", values)
    assert Account.objects.count() == before
    values = {"email": " Only@this.example", "password1": "a long sentence of nemo"}
    client.post("/accounts/signup/", values)
    assert not hasattr(Account.objects.get(email="only@this.example"), "worker")


def test_the_last_owner_is_told_what_to_do_first(world: World, signed: SignIn) -> None:
    answer = signed(world.rita).post(here(world, "/leave"), follow=True)
    assert b"Make another member the owner first" in answer.content
    assert Member.objects.filter(account=world.rita).exists()


def test_who_is_in_several_organisations_goes_from_one_to_another(
    world: World, signed: SignIn
) -> None:
    Member.objects.create(organisation=world.other_organisation, account=world.rita, role="viewer")
    client = signed(world.rita)
    team = client.get(here(world)).content.decode()
    assert f"/requester/team/{world.other_organisation.ref}" in team
    page = client.get("/requester").content.decode()
    assert f"?organisation={world.other_organisation.ref}" in page
    world.batch(tasks=3, opened=False)
    others = client.get(f"/requester?organisation={world.other_organisation.ref}").content.decode()
    assert "Moods" in client.get("/requester").content.decode()
    assert "Moods" not in others
    assert world.organisation.ref not in others.partition("<aside")[2]


def test_who_is_in_one_sees_no_way_between(world: World, signed: SignIn) -> None:
    assert b"Organisations" not in signed(world.rita).get("/requester").content


def test_balances_are_for_those_who_may_see_money(world: World, signed: SignIn) -> None:
    batch = world.batch(tasks=3, opened=False)
    world.fund(4321)
    reviewer = Account.objects.create_user("rolf@example.net", "a long password of rolf")
    Member.objects.create(organisation=world.organisation, account=reviewer, role="reviewer")
    for path in ("/requester", f"/requester/batches/{batch.ref}"):
        assert b"4,321" in signed(world.rita).get(path).content
        assert b"4,321" not in signed(reviewer).get(path).content


def test_a_member_sees_their_own_keys_and_a_manager_everybodys(
    world: World, signed: SignIn
) -> None:
    designer = Account.objects.create_user("dora@example.net", "a long password of dora")
    Member.objects.create(organisation=world.organisation, account=designer, role="designer")
    made = {"scopes": ["projects:read"], "days": "30"}
    hers, ritas = signed(designer), signed(world.rita)
    shown = hers.post(here(world, "/keys/new"), {"name": "dora's", **made})
    assert b"fh_" in shown.content
    assert "no-store" in shown["Cache-Control"]
    ritas.post(here(world, "/keys/new"), {"name": "ritas", **made})
    assert b"ritas" not in hers.get(here(world, "/keys")).content
    everybody = ritas.get(here(world, "/keys")).content
    assert b"ritas" in everybody
    assert b"dora&#x27;s" in everybody
    assert b"fh_" not in everybody
