"""What `check` refuses: each gap of the schema, what the schema itself refuses, and hostile XML.

Every case names all the codes that its fault must give, so a rule that also fires elsewhere fails
a test too. A list without `schema` in it is a fault that the official schema lets through.
"""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pay.sepa_cast import EXECUTION, LUKASZ, MARIA, PAYER, TODAY, file_of, iban_of

from fairhand.kit.decision import Refusal
from fairhand.kit.money import Money
from fairhand.pay.providers.sepa import check, check_iban

MARIAS_IBAN = MARIA.iban
MARIAS_NAME = "<Nm>Maria Mueller</Nm>"


def spoilt(old: str, new: str, count: int = -1) -> bytes:
    """Return the good file with `old` replaced; fails if there is nothing to replace."""
    content = file_of().decode()
    assert old in content
    return content.replace(old, new, count).encode()


def codes(content: bytes) -> list[str]:
    return sorted(problem.code for problem in check(content, TODAY))


def test_a_good_file_has_no_problem() -> None:
    assert check(file_of(), TODAY) == []


# Accepted by the schema, refused by banks (reliability: the gaps measured in the schema).
GAPS = [
    (MARIAS_IBAN, "ES9121000418450200051333", ["iban.check_digits"]),
    (MARIAS_IBAN, MARIAS_IBAN[:-1], ["iban.length"]),
    (MARIAS_IBAN, "US12345678901234567890", ["iban.country"]),
    (MARIAS_IBAN, "BR1800360305000010009795493C1", ["iban.not_sepa"]),
    ("PL61109010140000071219812874", "PL6110901014000007121981287A", ["iban.shape"]),
    ('Ccy="EUR">12.34', 'Ccy="USD">12.34', ["currency"]),
    (">RUN7-1<", ">/a//b<", ["reference.slash"]),
    (">RUN7-1<", ">a/<", ["reference.slash"]),
    (">RUN7-1<", ">RUN7-2<", ["reference.repeated"]),
    (">RUN7-1<", ">R\N{LATIN SMALL LETTER U WITH DIAERESIS}N<", ["characters"]),
    (">RUN7-1<", ">a_b<", ["characters"]),
    ("<PmtInfId>RUN7<", "<PmtInfId>RUN7/<", ["reference.slash"]),
    ("<MsgId>RUN7<", "<MsgId>/RUN7<", ["reference.slash"]),
    (
        MARIAS_NAME,
        MARIAS_NAME
        + "<PstlAdr><AdrLine>Calle 1</AdrLine><AdrLine>28001 Madrid</AdrLine></PstlAdr>",
        ["address.incomplete", "address.unstructured", "address.unstructured"],
    ),
    ("<TwnNm>Koeln</TwnNm>", "", ["address.incomplete"]),
    ("<Ctry>DE</Ctry>", "", ["address.incomplete"]),
    (MARIAS_NAME, f"<Nm>{'x' * 71}</Nm>", ["name.length"]),
    (MARIAS_NAME, "", ["name.missing"]),
    (MARIAS_NAME, "<Nm> </Nm>", ["name.missing"]),
    (MARIAS_NAME, "<Nm>María</Nm>", ["characters"]),
    (MARIAS_NAME, "<Nm>Maria\nMueller</Nm>", ["characters"]),
    ("<CtrlSum>12.35<", "<CtrlSum>12.34<", ["total.sum", "total.sum"]),
    ("<CtrlSum>12.35</CtrlSum>", "", ["total.sum", "total.sum"]),
    ("<NbOfTxs>2<", "<NbOfTxs>3<", ["total.count", "total.count"]),
    (">12.34<", ">12.33<", ["total.sum", "total.sum"]),
    (">12.34<", ">0.00<", ["amount"]),
    (">12.34<", ">12.34567<", ["amount"]),
    (">12.34<", ">12<", ["amount"]),
    (">12.34<", ">1000000000.00<", ["amount"]),
    ("<Cd>SEPA</Cd>", "<Cd>URGP</Cd>", ["scheme"]),
    ("<PmtMtd>TRF<", "<PmtMtd>CHK<", ["scheme"]),
    ("<ChrgBr>SLEV<", "<ChrgBr>DEBT<", ["scheme"]),
    ("<ChrgBr>SLEV</ChrgBr>", "", ["scheme"]),
    ("<BICFI>COBADEFFXXX</BICFI>", "", ["agent"]),
    ("<BICFI>COBADEFFXXX</BICFI>", "<BICFI>COBAZZFFXXX</BICFI>", ["bic"]),
    (f"<IBAN>{MARIAS_IBAN}</IBAN>", "<Othr><Id>1</Id></Othr>", ["iban.missing"]),
    ("<Dt>2026-11-25</Dt>", "<Dt>2026-11-25Z</Dt>", ["date.missing"]),
    ("<Dt>2026-11-25</Dt>", "<DtTm>2026-11-25T09:00:00</DtTm>", ["date.missing"]),
    (
        '<InstdAmt Ccy="EUR">12.34</InstdAmt>',
        '<EqvtAmt><Amt Ccy="EUR">12.34</Amt><CcyOfTrf>EUR</CcyOfTrf></EqvtAmt>',
        ["amount", "currency"],
    ),
    (
        "<Ustrd>Earnings 7</Ustrd>",
        "<Ustrd>Earnings</Ustrd><Ustrd>7</Ustrd>",
        ["remittance", "remittance"],
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), GAPS)
def test_what_the_schema_lets_through_is_found(old: str, new: str, expected: list[str]) -> None:
    assert codes(spoilt(old, new)) == expected


# Refused by the schema; the rules say the same again where they can, in plainer words.
REJECTED = [
    (">RUN7-1<", f">{'x' * 36}<", ["schema"]),
    (">12.34<", ">-12.34<", ["amount", "schema"]),
    (">12.34<", "><", ["amount", "schema"]),
    ("<Ustrd>Earnings 7<", f"<Ustrd>{'x' * 141}<", ["remittance"] * 2 + ["schema"] * 2),
    ("<MsgId>RUN7</MsgId>", "", ["schema"]),
    ("<Dt>2026-11-25<", "<Dt>2026-02-30<", ["date.missing", "schema"]),
    ("<BICFI>COBADEFFXXX<", "<BICFI>COBA<", ["bic", "schema"]),
    (MARIAS_NAME, "<Unknown/>" + MARIAS_NAME, ["schema"]),
]


@pytest.mark.parametrize(("old", "new", "expected"), REJECTED)
def test_what_the_schema_refuses_is_passed_on(old: str, new: str, expected: list[str]) -> None:
    assert codes(spoilt(old, new)) == expected


def test_an_iban_in_small_letters_is_refused_in_a_file() -> None:
    content = file_of([replace(MARIA, iban="GB82WEST12345698765432")])
    assert codes(content) == []
    assert codes(content.replace(b"GB82WEST", b"GB82west")) == ["iban.shape"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (TODAY - timedelta(days=1), ["date.past"]),
        (TODAY, ["date.past"]),
        (TODAY + timedelta(days=1), []),
        (date(2026, 11, 28), ["date.closed"]),
        (date(2026, 12, 25), ["date.closed"]),
        (TODAY + timedelta(days=90), ["date.closed"]),  # a Sunday
        (TODAY + timedelta(days=91), ["date.far"]),
    ],
)
def test_the_execution_date_is_a_banking_day_soon(day: date, expected: list[str]) -> None:
    assert codes(file_of(execution=day)) == expected


@pytest.mark.parametrize(
    "iban",
    ["CH9300762011623852957", "GB82WEST12345698765432", "RS35260005601001611379",
     "ME25505000012345678951", "AL47212110090000000235698741"],
)  # fmt: skip
def test_paying_beyond_the_economic_area_needs_the_payers_address(iban: str) -> None:
    abroad = [MARIA, replace(LUKASZ, iban=iban)]
    assert codes(file_of(abroad)) == []
    (problem,) = check(file_of(abroad, debtor=replace(PAYER, town=None, country=None)), TODAY)
    assert problem.code == "address.required"
    assert iban[:2] in str(problem)


def test_inside_the_economic_area_the_payer_needs_no_address() -> None:
    assert codes(file_of(debtor=replace(PAYER, town=None, country=None))) == []


def test_a_block_may_not_be_sent_twice_in_one_file() -> None:
    content = file_of().decode()
    match = re.search(r"<PmtInf>.*</PmtInf>", content, re.DOTALL)
    assert match is not None
    assert codes(content.replace(match[0], match[0] * 2).encode()) == [
        "reference.repeated", "reference.repeated", "reference.repeated", "total.count", "total.sum",
    ]  # fmt: skip


def test_a_problem_names_the_payment_and_what_to_do_and_never_the_account() -> None:
    (problem,) = check(spoilt(MARIAS_IBAN, "ES9121000418450200051333"), TODAY)
    assert problem.item == "RUN7-1"
    assert str(problem) == (
        "RUN7-1: The IBAN's check digits do not match: there is a typing error in it."
    )


def test_a_fault_of_the_schema_names_the_payment_too() -> None:
    problem = check(spoilt(">12.34<", ">-12.34<"), TODAY)[0]
    assert (problem.code, problem.item) == ("schema", "RUN7-1")
    assert check(spoilt("<MsgId>RUN7</MsgId>", ""), TODAY)[0].place.endswith("GrpHdr")


def test_a_payment_without_reference_is_still_checked() -> None:
    content = spoilt("<EndToEndId>RUN7-1</EndToEndId>", "").replace(b'"EUR">12.34', b'"USD">12.34')
    assert codes(content) == ["currency", "schema"]
    assert {problem.item for problem in check(content, TODAY)} == {None}


def test_a_file_without_its_header_says_so_once() -> None:
    assert codes(re.sub(rb"<GrpHdr>.*</GrpHdr>", b"", file_of(), flags=re.DOTALL)) == ["schema"]


def test_one_fault_repeated_ten_thousand_times_is_named_a_hundred_times() -> None:
    content = spoilt("<MsgId>", "<MsgId>" + "<X/>" * 10_000)
    assert len(check(content, TODAY)) <= 110


def entities(encoding: str) -> bytes:
    bomb = '<!DOCTYPE d [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///x">]>'
    content = file_of().decode().split("\n", 1)[1].replace("RUN7-1", "&b;&c;")
    return f'<?xml version="1.0" encoding="{encoding}"?>{bomb}{content}'.encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_before_they_are_expanded(encoding: str) -> None:
    assert codes(entities(encoding)) == ["xml.doctype"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "xml.unreadable"),
        (b"\xff\xfe<", "xml.unreadable"),
        (b'<?xml version="1.0" encoding="klingon"?><Document/>', "xml.unreadable"),
        (file_of()[:-20], "xml.unreadable"),
        (b"<Document/>", "xml.namespace"),
        (file_of().replace(b"001.001.09", b"001.001.03"), "xml.namespace"),
        (b"<a>" * 1_000_000, "xml.depth"),
    ],
)
def test_what_is_no_payment_file_is_refused_in_a_sentence(content: bytes, code: str) -> None:
    (problem,) = check(content, TODAY)
    assert problem.code == code
    assert str(problem).endswith(".")


@given(st.data())
def test_no_damage_to_a_file_makes_the_check_fail(data: st.DataObject) -> None:
    content = bytearray(file_of())
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 60)))
        content[start:end] = data.draw(
            st.sampled_from([b"", b"<", b">", b"0", b"-", b"</Nm>", b" "])
        )
    for problem in check(bytes(content), TODAY):
        assert str(problem)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "iban.missing"),
        ("  ", "iban.missing"),
        ("DE88 3704 0044 0532 0130 00", "iban.check_digits"),
        ("DE8937040044053201300", "iban.length"),
        ("US64SVBKUS6S3300958879", "iban.country"),
        ("12345678", "iban.shape"),
        ("DE89370400440532O13000", "iban.shape"),
        ("maria@example.org", "iban.shape"),
        ("BR1800360305000010009795493C1", "iban.not_sepa"),
    ],
)
def test_a_mistyped_account_is_refused_with_the_reason(text: str, code: str) -> None:
    refusal = check_iban(text)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.status) == (code, 422)
    assert str(refusal).endswith(".")


@pytest.mark.parametrize("text", ["de89 3704 0044 0532 0130 00", " ES9121000418450200051332 "])
def test_spaces_and_small_letters_are_fine_when_typing(text: str) -> None:
    assert check_iban(text)


def test_check_digits_that_only_look_right_are_refused() -> None:
    """00, 01 and 99 satisfy the division of ISO 7064 but are never issued."""
    for bban in (f"3704004405320{n:05d}" for n in range(200)):
        good = iban_of("DE", bban)
        alias = {"97": "00", "98": "01", "02": "99"}.get(good[2:4])
        if alias:
            assert check_iban(good)
            assert not check_iban(f"DE{alias}{bban}")


@given(st.text())
def test_no_text_makes_the_check_of_an_account_fail(text: str) -> None:
    assert str(check_iban(text))


def test_the_smallest_and_the_largest_amount_pass() -> None:
    largest = Money(999_999_999_990_000, "EUR")
    assert codes(file_of([MARIA, replace(LUKASZ, amount=largest)])) == []
    assert codes(file_of([replace(MARIA, amount=largest + Money(10_000, "EUR"))])) == ["amount"]
    assert codes(file_of([replace(MARIA, amount=Money(0, "EUR"))])) == ["amount"]


def test_the_date_is_judged_by_the_day_of_handing_in() -> None:
    assert [p.code for p in check(file_of(), EXECUTION)] == ["date.past"]
