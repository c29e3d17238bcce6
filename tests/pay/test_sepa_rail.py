"""The rail: a run in, a checked file or its problems out."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

from django.utils import translation
from tests.pay.sepa_cast import CREATED, EXECUTION, LUKASZ, MARIA, PAYER, file_of

from fairhand.kit.money import Money
from fairhand.pay.providers import PayoutItem, PreparedFile, Rail, RunHeader, Unfit, sepa
from fairhand.pay.providers.sepa import PaymentInstruction, SepaRail

RUN = RunHeader("RUN7", CREATED)
RAIL: Rail = SepaRail(PAYER)


def item_of(payment: PaymentInstruction) -> PayoutItem:
    return PayoutItem(
        payment.end_to_end_id, payment.name, payment.iban, payment.amount, payment.remittance
    )


ITEMS = [item_of(MARIA), item_of(LUKASZ)]


def refused(items: list[PayoutItem], run: RunHeader = RUN, rail: Rail = RAIL) -> Unfit:
    outcome = rail.prepare(run, items)
    assert isinstance(outcome, Unfit)
    assert not outcome
    return outcome


def test_a_run_becomes_a_file_executed_two_banking_days_later() -> None:
    outcome = RAIL.prepare(RUN, ITEMS)
    assert outcome == PreparedFile(
        filename="sepa-RUN7.xml",
        media_type="application/xml",
        content=file_of(),
        items=2,
        total=Money(12_350_000, "EUR"),
        execution_date=EXECUTION,
    )


def test_the_run_may_ask_for_a_day_of_its_own() -> None:
    day = date(2026, 12, 15)
    outcome = RAIL.prepare(replace(RUN, execution_date=day), ITEMS)
    assert isinstance(outcome, PreparedFile)
    found = ET.fromstring(outcome.content).findtext(".//{*}ReqdExctnDt/{*}Dt")
    assert (outcome.execution_date, found) == (day, "2026-12-15")


def test_a_day_in_the_past_makes_no_file() -> None:
    problems = refused(ITEMS, replace(RUN, execution_date=date(2026, 11, 20)))
    assert [problem.code for problem in problems.problems] == ["date.past"]
    assert problems.items() == frozenset()


def test_one_bad_account_is_named_so_that_the_others_can_be_paid() -> None:
    bad = replace(ITEMS[0], destination="ES9121000418450200051333")
    problems = refused([bad, ITEMS[1]])
    assert problems.items() == {"RUN7-1"}
    assert RAIL.prepare(RUN, [ITEMS[1]])


def test_every_amount_that_cannot_leave_is_named_at_once() -> None:
    items = [
        replace(ITEMS[0], amount=Money(12_345, "EUR")),
        replace(ITEMS[1], amount=Money(1_000_000, "USD")),
        replace(ITEMS[1], reference="RUN7-3", amount=Money(-10_000, "EUR")),
    ]
    assert [(p.code, p.item) for p in refused(items).problems] == [
        ("amount", "RUN7-1"),
        ("currency", "RUN7-2"),
        ("amount", "RUN7-3"),
    ]


def test_a_run_with_nothing_to_pay_makes_no_file() -> None:
    assert [problem.code for problem in refused([]).problems] == ["run.empty"]


def test_a_wrong_account_of_the_payer_blames_no_worker() -> None:
    rail = SepaRail(replace(PAYER, iban="DE88370400440532013000"))
    problems = refused(ITEMS, rail=rail)
    assert [problem.code for problem in problems.problems] == ["iban.check_digits"]
    assert problems.items() == frozenset()


def test_the_rail_tells_what_it_carries() -> None:
    assert RAIL.name == "sepa"
    assert RAIL.currencies == {"EUR"}
    assert RAIL.minimum == Money(10_000, "EUR")
    assert RAIL.check_destination(MARIA.iban)
    assert not RAIL.check_destination("ES9121000418450200051333")


def test_the_reasons_wait_for_the_readers_language() -> None:
    """The sentence is looked up when it is shown, not when the file is made."""
    (problem,) = refused([]).problems
    with translation.override("de"):
        assert str(problem)
    assert not isinstance(problem.message, str)


def test_the_guide_explains_every_code_and_no_other() -> None:
    package = Path(sepa.__file__).parent
    source = "\n".join(file.read_text() for file in package.glob("*.py"))
    guide = Path(__file__).parents[2] / "docs/guides/sepa.md"
    rows = [line.split("|")[1] for line in guide.read_text().splitlines() if line.startswith("| `")]
    explained = set(re.findall(r"`([a-z_.]+)`", "".join(rows)))
    raised = set(re.findall(r'(?:problem|Problem|Refusal)\(\s*"([a-z_.]+)"', source))
    raised |= set(re.findall(r'"(iban\.[a-z_]+)"', source))
    assert explained == raised
