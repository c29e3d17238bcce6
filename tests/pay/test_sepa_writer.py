"""The SEPA file: its bytes, its characters, its days, and sepaxml's opinion of it."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sepaxml import SepaTransfer
from sepaxml.validation import try_valid_xml
from tests.pay.sepa_cast import (
    CREATED,
    EXECUTION,
    LUKASZ,
    MARIA,
    PAYER,
    TODAY,
    file_of,
    iban_of,
)

from fairhand.kit.money import Money
from fairhand.pay.providers.sepa import (
    Debtor,
    PaymentInstruction,
    Unwritable,
    check,
    latin,
    write,
)
from fairhand.pay.providers.sepa.target import banking_day_after, easter, is_banking_day
from fairhand.pay.providers.sepa.text import LATIN

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = "pain.001.001.09"
NS = {"": f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA}"}


def test_the_same_values_give_the_golden_file_to_the_byte() -> None:
    assert file_of() == (GOLDEN / "payout.xml").read_bytes()


def test_a_payer_without_bic_and_address_is_written_without_them() -> None:
    payer = Debtor("Fairhand", PAYER.iban)
    assert file_of(debtor=payer) == (GOLDEN / "payout_plain.xml").read_bytes()


def test_the_hour_of_creation_is_written_in_universal_time() -> None:
    elsewhere = CREATED.astimezone(datetime.fromisoformat("2026-01-01T00:00+05:30").tzinfo)
    assert write("RUN7", PAYER, [MARIA, LUKASZ], EXECUTION, elsewhere) == file_of()


def test_a_payment_without_remittance_has_no_empty_element() -> None:
    content = file_of([replace(MARIA, remittance="\N{PILE OF POO}")])
    assert b"RmtInf" not in content
    assert check(content, TODAY) == []


def test_long_names_and_remittances_are_cut_at_the_formats_lengths() -> None:
    content = file_of([replace(MARIA, name="Ünal " * 20, remittance="ß" * 100)])
    transfer = ET.fromstring(content).find(".//CdtTrfTxInf", NS)
    assert transfer is not None
    assert len(transfer.findtext("Cdtr/Nm", "", NS)) == 70
    assert transfer.findtext("RmtInf/Ustrd", "", NS) == "s" * 140
    assert check(content, TODAY) == []


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        (Money(12_345, "EUR"), "whole cents"),
        (Money(1_000_000, "USD"), "EUR"),
        (Money(-10_000, "EUR"), "negative"),
    ],
)
def test_an_amount_is_never_rounded_or_converted(amount: Money, sentence: str) -> None:
    with pytest.raises(Unwritable, match=sentence):
        file_of([MARIA, replace(LUKASZ, amount=amount)])


def test_an_empty_run_and_a_time_without_zone_are_not_written() -> None:
    with pytest.raises(Unwritable, match="at least one"):
        file_of([])
    with pytest.raises(Unwritable, match="time zone"):
        write("RUN7", PAYER, [MARIA], EXECUTION, CREATED.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Müller", "Mueller"),
        ("Mu\N{COMBINING DIAERESIS}ller", "Mueller"),
        ("MÜLLER", "MUELLER"),
        ("Özil", "Oezil"),
        ("Groß", "Gross"),
        ("GROSSE STRAẞE", "GROSSE STRASSE"),
        ("GROß", "GROSS"),
        ("Łukasz Żółć", "Lukasz Zolc"),
        ("Ελένη", "Elene"),
        ("Иван", "Ivan"),
        ("O\N{RIGHT SINGLE QUOTATION MARK}Brien & Söhne", "O'Brien + Soehne"),
        ("a_b@c [d]; x*", "a-b(at)c (d), x."),
        ("  two\t\nspaces\x00 ", "two spaces"),
        ("\N{PILE OF POO}", ""),
    ],
)
def test_names_are_written_in_the_latin_set(name: str, written: str) -> None:
    assert latin(name) == written


@given(st.text())
def test_whatever_is_typed_comes_out_in_the_latin_set(text: str) -> None:
    written = latin(text)
    assert LATIN.fullmatch(written)
    assert latin(written) == written


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2035, 3, 25), (2038, 4, 25)],
)
def test_easter_falls_where_the_calendar_says(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)


def test_banks_rest_on_weekends_and_the_six_holidays_of_target() -> None:
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    closed = [day for day in year if day.weekday() < 5 and not is_banking_day(day)]
    assert [day.isoformat() for day in closed] == [
        "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-12-25",
    ]  # fmt: skip
    assert not any(is_banking_day(day) for day in year if day.weekday() >= 5)


def test_the_next_banking_day_steps_over_christmas() -> None:
    assert banking_day_after(date(2026, 12, 24)) == date(2026, 12, 28)
    assert banking_day_after(date(2026, 12, 23), 2) == date(2026, 12, 28)
    assert banking_day_after(date(2026, 12, 23), 0) == date(2026, 12, 23)


def by_sepaxml(instructions: list[PaymentInstruction]) -> bytes:
    """Have the independent library write the same payments."""
    other = SepaTransfer(
        {
            "name": "Fairhand Koeln GmbH",
            "IBAN": "DE89370400440532013000",
            "BIC": "COBADEFFXXX",
            "batch": True,
            "currency": "EUR",
            "address": {"town": "Koeln", "country": "DE"},
        },
        schema=SCHEMA,
    )
    for instruction in instructions:
        other.add_payment(
            {
                "name": latin(instruction.name),
                "IBAN": instruction.iban,
                "amount": instruction.amount.micros // 10_000,
                "execution_date": EXECUTION,
                "description": instruction.remittance,
                "endtoend_id": instruction.end_to_end_id,
            }
        )
    content: bytes = other.export()
    return content


def lines(content: bytes) -> list[tuple[str, str, dict[str, str]]]:
    """Flatten a file, without what each writer draws for itself."""
    own = ("MsgId", "PmtInfId", "CreDtTm")
    return [
        (element.tag, (element.text or "").strip(), element.attrib)
        for element in ET.fromstring(content).iter()
        if not element.tag.endswith(own)
    ]


def test_sepaxml_writes_the_same_payments_element_by_element() -> None:
    theirs = by_sepaxml([MARIA, LUKASZ])
    assert lines(theirs) == lines(file_of())
    assert check(theirs, TODAY) == []


def test_sepaxml_finds_our_file_valid() -> None:
    try_valid_xml(file_of(), SCHEMA)


NAMES = [
    "Ana",
    "Łukasz",
    "Jürgen",
    "Ελένη",
    "Zoë",
    "O'Neill",
    "&",
    "Иван",
    "王小明",
    "Çağla",
    "Þór",
    "Đorđe",
    "Gößwein",
    "[x]",
    "ß",
]
ACCOUNTS = {"DE": 18, "NL": 0, "AT": 16, "FI": 14, "PL": 24, "LT": 16, "EE": 16, "DK": 14}


def random_iban(draw: random.Random) -> str:
    country, digits = draw.choice(list(ACCOUNTS.items()))
    prefix = "" if digits else "".join(draw.choices("ABCDEFGHIJ", k=4))
    return iban_of(country, prefix + "".join(draw.choices("0123456789", k=digits or 10)))


def random_run(draw: random.Random) -> list[PaymentInstruction]:
    return [
        PaymentInstruction(
            end_to_end_id=f"R{draw.randrange(10**9)}-{n}",
            name=" ".join(draw.choices(NAMES, k=draw.randint(1, 9))),
            iban=random_iban(draw),
            amount=Money(draw.choice([1, 99, 10**5, 10**11 - 1]) * 10_000, "EUR"),
            remittance=" ".join(draw.choices(NAMES, k=draw.randint(0, 30))),
        )
        for n in range(draw.randint(1, 5))
    ]


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 10))]
)
def test_a_thousand_generated_runs_are_right_and_one_wrong_digit_is_found(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(100):
        run = random_run(draw)
        content = file_of(run)
        assert check(content, TODAY) == []
        transfers = ET.fromstring(content).findall(".//CdtTrfTxInf", NS)
        assert [
            (t.findtext("PmtId/EndToEndId", "", NS), t.findtext("CdtrAcct/Id/IBAN", "", NS),
             t.findtext("Amt/InstdAmt", "", NS).replace(".", "").lstrip("0"))
            for t in transfers
        ] == [(i.end_to_end_id, i.iban, str(i.amount.micros // 10_000)) for i in run]  # fmt: skip
        wrong = draw.choice(run)
        at = draw.randrange(4, len(wrong.iban))
        # Digits for digits and letters for letters, so that only the check digits can tell.
        other = "9876543210"[int(wrong.iban[at])] if wrong.iban[at].isdigit() else "Z"
        broken = replace(wrong, iban=wrong.iban[:at] + other + wrong.iban[at + 1 :])
        problems = check(file_of([broken if i is wrong else i for i in run]), TODAY)
        assert [(p.code, p.item) for p in problems] == [("iban.check_digits", wrong.end_to_end_id)]
