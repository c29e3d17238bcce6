"""Whoever says no, waits, or may not be asked is told so by their steps, and never led in a ring."""

import re
from typing import Any

from django.test import Client

from fairhand.people import agreements, profile
from fairhand.people.models import Account, IdentityCheck
from fairhand.projects.models import Batch
from tests.identity.scene import operators, sent
from tests.portals.scene import BACKEND, browser, portal
from tests.world import World, caller, turn


def signed(account: Account) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(account, backend=BACKEND)
    return client


def shown(client: Client, page: str) -> str:
    return " ".join(re.sub(r"<script.*?</script>", "", client.get(page).content.decode()).split())


def steps_of(batch: Batch) -> str:
    return f"/start?batch={batch.ref}"


def test_a_no_to_difficult_content_is_told_and_can_be_changed(world: World) -> None:
    batch = world.batch(gates=["risk:violence"])
    ada = signed(world.ada.account)
    there = steps_of(batch)
    link = re.search(r'href="(/profile/risks[^"]*)"', ada.get(there).content.decode())
    assert link is not None
    asked = link[1].replace("&amp;", "&")
    assert "needs a yes to this" in shown(ada, asked)
    assert "needs a yes" not in shown(ada, "/profile/risks")
    assert ada.post(asked, {"next": there})["Location"] == there
    told = shown(ada, there)
    assert "This work is not open to you" in told
    assert "Continue" not in told
    assert "Correct what you said" in told
    assert "/profile/risks?next=/start%3Fbatch" in told.replace("%2F", "/")
    assert "Not open to you" in shown(ada, "/work")
    assert profile.tell(world.ada, "risks", ["violence"])
    assert "needs" not in shown(ada, there)


def test_not_now_leads_back_to_the_steps_which_say_what_that_means(world: World) -> None:
    batch = world.batch(gates=["consent:photos"])
    ada = signed(world.ada.account)
    there = steps_of(batch)
    page = f"/consents/photos?next=/start%3Fbatch%3D{batch.ref}"
    assert "needs a yes to this" in shown(ada, page)
    link = re.search(r'href="([^"]+)"[^>]*>Not now<', shown(ada, page))
    assert link is not None
    told = shown(ada, link[1].replace("&amp;", "&"))
    assert "This work is not open to you" in told
    assert "Continue" not in told
    assert "See other work" in told
    assert "Continue" in shown(ada, there)
    plain = shown(ada, "/consents/photos?next=/work")
    assert "needs a yes" not in plain
    assert re.search(r'href="/work"[^>]*>Not now<', plain)


def test_a_birth_that_a_waiting_document_says_is_not_asked_again(world: World) -> None:
    check = sent(world.ada)
    batch = world.batch(gates=["identity", "age:18"])
    ada = signed(world.ada.account)
    assert "Others have to look at it now" in shown(ada, steps_of(batch))
    IdentityCheck.objects.filter(pk=check.pk).update(state="rejected")
    assert "Continue" in shown(ada, steps_of(batch))


def test_where_no_mail_is_sent_there_is_no_step_about_it(world: World, settings: Any) -> None:
    there = steps_of(world.batch(gates=["age:18"]))
    ada = signed(world.ada.account)
    assert "Confirm your e-mail address" in shown(ada, there)
    settings.SENDS_MAIL = False
    assert "Confirm your e-mail address" not in shown(ada, there)


def test_the_time_that_others_take_is_told(world: World) -> None:
    ada = signed(world.ada.account)
    for page in (steps_of(world.batch(gates=["identity"])), steps_of(world.batch())):
        told = shown(ada, page)
        assert ("you wait, about 2 days" in told) == ("Prove who you are" in told)
        assert ("then you wait about 2 days" in told) == ("Prove who you are" in told)
    sent(world.ada)
    assert "you wait" not in shown(ada, steps_of(Batch.objects.exclude(gates=[]).get()))


def test_a_held_page_is_told_to_be_kept(world: World) -> None:
    batch = world.batch()
    assert turn(caller(world.ada), batch).page
    agreements.publish("nda", world.project.ref, {"en": ("Quiet", "Say nothing.")}, world.rita)
    told = shown(signed(world.ada.account), f"/work/{batch.ref}")
    assert "stays yours until its time is over" in told
    assert "page shows the steps" not in told
    assert told.count("Something is to be done before you go on here.") == 1
    again = turn(caller(world.ada), batch)
    assert again.page is None
    assert again.refusal is not None
    assert "A page that you hold stays yours" in str(again.refusal)


def test_the_identity_page_leads_back_to_the_steps_and_names_its_own_host(world: World) -> None:
    door = portal(world, "one", world.ada)
    ada = browser(door, world.ada.account)
    there = steps_of(world.batch(gates=["identity"]))
    begun = shown(ada, f"/identity?next={there}")
    assert f"open http://{door.host}/identity" in begun
    assert "Your steps" in begun
    sent(world.ada)
    told = shown(ada, "/identity")  # where sending leads
    assert re.search(rf'href="{re.escape(there)}"[^>]*>Go on<', told)
    assert "Stop this check" in told
    assert "A phone takes better pictures" in told
    phone = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile"}
    assert "A phone takes" not in ada.get("/identity", headers=phone).content.decode()
    ada.get(there)
    assert "Your steps" not in shown(ada, "/identity")


def test_an_operator_does_not_read_that_the_picture_is_of_them(world: World) -> None:
    (one, *_others) = operators()
    check = sent(world.ada)
    told = shown(signed(one), f"/operator/identity/{check.ref}")
    assert "A picture of the person" in told
    assert "A picture of you" not in told
