"""Reading and signing by the pages, and publishing by them."""

from typing import Any

import pytest
from django.test import Client

from fairhand.people import agreements
from fairhand.people.models import Account, Agreement, AgreementVersion, Member, Portal, Signature
from fairhand.projects.batches import Terms, make_batch
from fairhand.projects.models import Batch
from tests.world import World, caller, count, page_of, turn

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TEXTS = {"en": ("Quiet", "Say nothing.\n\nTo nobody."), "de": ("Still", "Sage nichts.")}


def signed(account: Account) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(account, backend=BACKEND)
    return client


def nda(world: World, text: str = TEXTS["en"][1], scope: str = "") -> Agreement:
    by = world.rita if scope else world.olga
    agreements.publish("nda", scope, {**TEXTS, "en": ("Quiet", text)}, by)
    return Agreement.objects.get(kind="nda", scope=scope)


def form_of(agreement: Agreement, language: str = "en", **other: str) -> dict[str, str]:
    version = agreements.newest(agreement)
    assert version is not None
    text = agreements.text_for(version, language)
    shown = {"version": str(version.number), "language": language, "digest": text.digest}
    return {**shown, "name": "Ada Lovelace", "agree": "on", **other}


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_signing_leads_back_to_the_steps_and_on_to_work(world: World) -> None:
    batch = world.batch()
    agreement = nda(world, scope=world.project.ref)
    ada = signed(world.ada.account)
    steps = f"/start?batch={batch.ref}"
    shown = text_of(ada.get(steps))
    assert "Step 2 of 2" in shown
    assert "Read and sign: Quiet" in shown
    assert f'href="/agreements/{agreement.ref}?next=%2Fstart%3Fbatch%3D{batch.ref}"' in shown
    assert "None of this costs you money" in shown
    answer = ada.post(f"/agreements/{agreement.ref}", form_of(agreement, next=steps))
    assert answer["Location"] == steps
    assert "You have done all of it" in text_of(ada.get(steps))
    assert page_of(turn(caller(world.ada), batch))["no"] == 1


def test_an_old_version_is_refused_and_the_new_one_shown_with_its_changes(world: World) -> None:
    agreement = nda(world)
    ada = signed(world.ada.account)
    ada.post(f"/agreements/{agreement.ref}", form_of(agreement))
    nda(world, "Say nothing.\n\nTo nobody.\n\nNot today.")
    late = form_of(agreement)
    nda(world, "Say nothing.\n\nTo nobody, ever.")
    before = count("people_signature"), count("people_event")
    answer = ada.post(f"/agreements/{agreement.ref}", late)
    shown = text_of(answer)
    assert answer.status_code == 409
    assert (count("people_signature"), count("people_event")) == before
    assert "A new version was published meanwhile, so nothing was signed." in shown
    assert "<ins>To nobody, ever.</ins>" in shown
    assert "<del>To nobody.</del>" in shown
    assert 'value="Ada Lovelace"' in shown
    assert "Not today" not in shown


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"agree": ""}, "Tick the box"),
        ({"name": " "}, "Type your name"),
        ({"digest": "f" * 64}, "This is not the text that was shown to you"),
        ({"version": "x"}, "A new version was published meanwhile"),
        ({"version": "9" * 40}, "A new version was published meanwhile"),
    ],
)
def test_what_is_no_signature_signs_nothing(world: World, other: dict[str, str], said: str) -> None:
    agreement = nda(world)
    answer = signed(world.ada.account).post(
        f"/agreements/{agreement.ref}", form_of(agreement, **other)
    )
    assert answer.status_code in {409, 422}
    assert said in text_of(answer)
    assert count("people_signature") == 0


def test_a_reader_is_told_in_which_language_they_read(world: World) -> None:
    agreement = nda(world)
    ada = signed(world.ada.account)
    assert "You read this in" not in text_of(ada.get(f"/agreements/{agreement.ref}"))
    german = text_of(ada.get(f"/agreements/{agreement.ref}?language=de"))
    assert "You read this in: Deutsch" in german
    assert '<article class="stack" lang="de">' in german
    ada.post(f"/agreements/{agreement.ref}", form_of(agreement, "de"))
    assert Signature.objects.get().language == "de"


def test_a_text_is_shown_as_it_is_and_never_as_a_page(world: World) -> None:
    agreement = nda(world, "<script>alert(1)</script> {{ 7 }} & so on.")
    shown = text_of(signed(world.ada.account).get(f"/agreements/{agreement.ref}"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 }} &amp; so on." in shown


def test_a_copy_is_for_whoever_signed_alone(world: World) -> None:
    agreement = nda(world)
    ada = signed(world.ada.account)
    ada.post(f"/agreements/{agreement.ref}", form_of(agreement))
    there = f"/agreements/copies/{Signature.objects.get().ref}.pdf"
    assert there in text_of(ada.get("/agreements"))
    copy = ada.get(there)
    assert (copy.status_code, copy["Content-Type"]) == (200, "application/pdf")
    assert copy["Cache-Control"] == "private, no-store"
    assert copy.content == ada.get(there).content
    for other in (world.ben.account, world.olga, world.rita):
        assert signed(other).get(there).status_code == 404


def test_what_is_not_asked_of_somebody_is_not_there_for_them(world: World) -> None:
    portal = Portal.objects.create(slug="one", name="One", host="one.example.org")
    agreements.publish("terms", portal.ref, TEXTS, world.olga)
    through = Agreement.objects.get(scope=portal.ref)
    theirs = nda(world, scope=world.project.ref)  # no batch of it is open
    ada = signed(world.ada.account)
    for agreement in (through, theirs):
        assert ada.get(f"/agreements/{agreement.ref}").status_code == 404
        answer = ada.post(f"/agreements/{agreement.ref}", form_of(agreement))
        assert answer.status_code == 404
    assert ada.get("/agreements/agr_0000000000000000").status_code == 404
    assert count("people_signature") == 0
    world.batch()
    assert ada.get(f"/agreements/{theirs.ref}").status_code == 200
    assert signed(world.oscar).get(f"/agreements/{theirs.ref}").status_code == 404


def test_an_administrator_publishes_ends_and_sees_how_many_signed(world: World) -> None:
    olga = signed(world.olga)
    there = "/operator/agreements/site/terms"
    answer = olga.post(there, {"title_en": "Rules", "text_en": "Be kind."})
    assert answer.status_code == 302
    assert "Rules, version 1, signed by 0 people" in text_of(olga.get("/operator/agreements"))
    agreement = Agreement.objects.get(kind="terms")
    signed(world.ada.account).post(f"/agreements/{agreement.ref}", form_of(agreement))
    assert "signed by 1 person" in text_of(olga.get("/operator/agreements"))
    assert olga.post(f"{there}/end").status_code == 302
    assert agreements.in_force([""]) == []
    assert olga.get("/operator/agreements/site/manners").status_code == 404
    assert olga.get("/operator/agreements/por_none/terms").status_code == 404


def test_words_that_cannot_be_published_are_told_beside_their_field(world: World) -> None:
    olga = signed(world.olga)
    answer = olga.post("/operator/agreements/site/terms", {"title_de": "", "text_de": "Nichts."})
    assert answer.status_code == 422
    assert "Give it a title of 1 to 120 letters." in text_of(answer)
    assert "Nichts." in text_of(answer)
    assert count("people_agreementversion") == 0


def test_a_requester_publishes_for_their_project_and_sees_workers_by_reference(
    world: World,
) -> None:
    world.batch()
    rita, there = signed(world.rita), f"/requester/projects/{world.project.ref}/agreement"
    assert rita.post(there, {"title_en": "Quiet", "text_en": "Say nothing."}).status_code == 302
    agreement = Agreement.objects.get(scope=world.project.ref)
    signed(world.ada.account).post(f"/agreements/{agreement.ref}", form_of(agreement))
    shown = text_of(rita.get(there))
    assert world.ada.ref in shown
    assert "Lovelace" not in shown
    assert world.ada.account.email not in shown


@pytest.mark.parametrize("role", ["designer", "reviewer", "billing", "viewer"])
def test_who_may_not_launch_publishes_nothing(world: World, role: str) -> None:
    Member.objects.create(organisation=world.organisation, account=world.ben.account, role=role)
    there = f"/requester/projects/{world.project.ref}/agreement"
    words = {"title_en": "Quiet", "text_en": "Say nothing."}
    assert signed(world.ben.account).post(there, words).status_code == 403
    assert signed(world.oscar).post(there, words).status_code == 404
    assert AgreementVersion.objects.count() == 0


def test_a_batch_keeps_the_gates_and_portals_that_it_was_made_with(world: World) -> None:
    portal = Portal.objects.create(slug="one", name="One", host="one.example.org")
    terms = Terms(name="x", price_micros=1, gates=["identity", "age:18"], portals=[portal.ref])
    made = make_batch(world.rita, world.project, terms)
    kept = Batch.objects.get(pk=made.pk)
    assert (kept.gates, kept.portals) == (["identity", "age:18"], [portal.ref])


def test_a_projects_agreement_leads_back_to_its_batch(world: World) -> None:
    rita, there = signed(world.rita), f"/requester/projects/{world.project.ref}/agreement"
    assert 'href="/requester"' in text_of(rita.get(there))
    batch = world.batch()
    assert f'href="/requester/batches/{batch.ref}"' in text_of(rita.get(there))
