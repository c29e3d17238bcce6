"""Whole stories in a real browser: working, asking, paying."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fairhand.pay.models import PayoutRun, RunState
from fairhand.people.links import make_link
from fairhand.projects.models import Batch
from fairhand.work.models import Answer, Enrolment
from tests.browser.conftest import DESK, Visit
from tests.web.scene import Scene, launch, moods
from tests.world import World, rows

TASKS = "key,text,gold\n" + "".join(
    f"r{i},Review number {i}.,{'good' if i % 3 == 0 else ''}\n" for i in range(12)
)


def test_a_worker_answers_two_pages_by_keyboard_and_sees_the_money(
    visit: Visit, committed_world: World
) -> None:
    world = committed_world
    batch = launch(world, moods(world, "Reviews", 30, page_size=3, gold_permille=0))
    with visit() as visitor:
        page = visitor.go(f"/enter/{make_link(world.ada.account)}")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Work for you", exact=True)).to_be_visible()
        page.get_by_role("link", name="Reviews").click()
        visitor.shot("journey-worker-batch")
        page.get_by_role("button", name="Start").click()
        page.get_by_role("button", name="Understood, start").click()
        visitor.shot("journey-worker-task")
        for i in range(6):
            expect(page.get_by_text(f"{i % 3 + 1} of 3")).to_be_visible()
            key, option = ("1", "Good") if i % 2 else ("2", "Bad")
            # A key that comes within moments of the last task is taken for one meant for that.
            while not page.get_by_role("radio", name=option).is_checked():
                page.keyboard.press(key)
            page.keyboard.press("Enter")
        expect(page.get_by_text("1 of 3")).to_be_visible()
        expect(page.get_by_text("Handed in: 6 answers, €0.30")).to_be_visible()
        visitor.check()
        page.goto(f"{visitor.site}/earnings")
        expect(page.get_by_text("€0.30").first).to_be_visible()
        visitor.shot("journey-worker-earnings")
        visitor.check()
    assert Answer.objects.filter(batch=batch, worker=world.ada).count() == 6
    enrolment = Enrolment.objects.get(batch=batch, worker=world.ada)
    assert enrolment.earned_micros == 300_000
    values = [row[0] for row in rows("select value ->> 'mood' from work_answer")]
    assert sorted(values) == ["bad"] * 3 + ["good"] * 3


def fill_in(page: Page, file: Path) -> None:
    for label, text in (
        ("Name", "Reviews of today"),
        ("Question", "How did its writer feel?"),
        ("Answers to choose from", "good\nbad"),
        ("Price of an answer, in EUR", "0.05"),
        ("Answers to each task", "1"),
        ("Checks, in percent of what is handed out", "10"),
    ):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Tasks (optional)", exact=True).set_input_files(file)
    page.get_by_role("button", name="Make the draft").click()


def test_a_requester_asks_opens_watches_and_takes_home(
    visit: Visit, committed_world: World, tmp_path: Path
) -> None:
    world = committed_world
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_text(TASKS + "r0,Twice.,\n", encoding="utf-8")
    good.write_text(TASKS, encoding="utf-8")
    with visit(DESK) as visitor:
        visitor.sign_in(world.rita)
        page = visitor.go("/requester")
        page.get_by_role("link", name="Ask something").click()
        fill_in(page, bad)
        expect(page.get_by_text("is used more than once")).to_be_visible()
        visitor.shot("journey-requester-problems")
        visitor.check()
        page.get_by_label("Tasks (optional)", exact=True).set_input_files(good)
        page.get_by_role("button", name="Make the draft").click()
        expect(page.get_by_text("Made as a draft")).to_be_visible()
        open_it(page)
        expect(page.get_by_text("0.72 EUR is missing")).to_be_visible()
        visitor.shot("journey-requester-no-money")
        world.fund(1)
        open_it(page)
        expect(page.get_by_text("workers see it now")).to_be_visible()
        work_as(visit, world, "Reviews of today")
        page.reload()
        expect(page.get_by_text("9 of 12").first).to_be_visible()
        page.wait_for_selector(".chart-plot svg")
        visitor.shot("journey-requester-progress")
        page.get_by_role("link", name="Results").click()
        page.get_by_role("button", name="Compute results").click()
        expect(page.get_by_text(re.compile("results computed"))).to_be_visible()
        visitor.shot("journey-requester-results")
        visitor.check()
        with page.expect_download() as got:
            page.get_by_role("link", name="CSV").click()
        assert got.value.suggested_filename.endswith("-results.csv")
        assert "value.answer" in Path(got.value.path()).read_text(encoding="utf-8")
        page.get_by_role("link", name="Progress").click()
        page.locator("summary", has_text="Close").click()
        page.get_by_role("button", name="Close it").click()
        expect(page.get_by_text("Settled").first).to_be_visible()
    assert Batch.objects.get(name="Reviews of today").state == "settled"


def open_it(page: Page) -> None:
    page.locator("summary", has_text="Open the batch").click()
    page.get_by_role("button", name="Open the batch").click()


def work_as(visit: Visit, world: World, name: str) -> None:
    """Ben answers one page, on his phone."""
    with visit() as visitor:
        visitor.sign_in(world.ben.account)
        page = visitor.go("/work")
        page.get_by_role("link", name=name).click()
        page.get_by_role("button", name="Start").click()
        for i in range(9):  # eight reviews and one of the checks
            expect(page.get_by_text(f"{i + 1} of 9")).to_be_visible()
            page.get_by_text("good", exact=True).click()
            page.get_by_role("button", name=re.compile("Next|Hand in")).click()
        expect(page.get_by_role("heading", name="Nothing left here for you")).to_be_visible()
        visitor.shot("journey-worker-nothing-left")
        visitor.check()
        page.get_by_role("link", name="See other work").click()
        expect(page.get_by_role("heading", name="Work for you", exact=True)).to_be_visible()


def test_an_operator_pays_books_and_recounts(visit: Visit, committed_scene: Scene) -> None:
    world = committed_scene.world
    with visit(DESK) as visitor:
        visitor.sign_in(world.olga)
        page = visitor.go("/operator")
        page.get_by_role("link", name="1 worker can be paid").click()
        page.locator("summary", has_text="Prepare the payout").click()
        page.get_by_role("button", name="Prepare the payout").click()
        expect(page.get_by_text("The file is fit to be sent")).to_be_visible()
        with page.expect_download() as got:
            page.get_by_role("link", name="Download the file").click()
        assert "pain.001.001.09" in Path(got.value.path()).read_text(encoding="utf-8")
        visitor.shot("journey-operator-run")
        page.locator("summary", has_text="The bank has it").click()
        page.get_by_role("button", name="The bank has it").click()
        expect(page.get_by_text("At the bank").first).to_be_visible()
        page.locator("summary", has_text="All the rest is paid").click()
        page.get_by_role("button", name="Book as paid").click()
        expect(page.get_by_text("The run is done")).to_be_visible()
        visitor.check()
        page.get_by_role("link", name="Ledger").click()
        expect(page.get_by_text("Balanced")).to_be_visible()
        visitor.shot("journey-operator-ledger")
        visitor.check()
    runs = PayoutRun.objects.order_by("pk").values_list("state", flat=True)
    assert list(runs) == [RunState.SENT, RunState.DONE]


HEADINGS = {"de": "Arbeit", "it": "Lavoro", "es": "Trabajo"}


@pytest.mark.parametrize(("language", "heading"), HEADINGS.items())
def test_the_pages_speak_the_browsers_language(
    visit: Visit, committed_world: World, language: str, heading: str
) -> None:
    with visit(lang=language) as visitor:
        visitor.sign_in(committed_world.ada.account)
        page = visitor.go("/work")
        expect(page.locator("h1")).to_contain_text(heading)
        assert page.locator("html").get_attribute("lang") == language
        visitor.shot(f"work-{language}")
        visitor.check()
