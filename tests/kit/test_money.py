"""Money: exact splits (LG-6), the currencies' units (LG-7), reading and showing."""

import ast
import random
from pathlib import Path

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

import fairhand
from fairhand.kit.currencies import EXPONENTS, UnknownCurrency, exponent
from fairhand.kit.decision import Refusal
from fairhand.kit.money import (
    MAX_MICROS,
    CurrencyMismatch,
    Money,
    decimal_text,
    format_micros,
    micros_to_minor,
    minor_to_micros,
    parse_money,
    split_micros,
)

AMOUNTS = st.integers(min_value=0, max_value=10**15)
WEIGHTS = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=12).filter(any)
CURRENCIES = st.sampled_from(sorted(EXPONENTS))

# Where Babel's display table departs from ISO 4217.
BABEL_DIFFERS = {
    "AFN", "ALL", "IQD", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER",
}  # fmt: skip


def eur(micros: int) -> Money:
    return Money(micros, "EUR")


def test_amounts_of_one_currency_add_subtract_and_compare() -> None:
    assert eur(5_000) + eur(10_000) == eur(15_000)
    assert eur(5_000) - eur(10_000) == eur(-5_000) == -eur(5_000)
    assert eur(1) < eur(2) <= eur(2)
    assert eur(3) > eur(2) >= eur(2)


def test_two_currencies_never_meet_in_one_sum() -> None:
    usd = Money(1, "USD")
    for meet in (
        lambda: eur(1) + usd,
        lambda: eur(1) - usd,
        lambda: eur(1) < usd,
        lambda: eur(1) <= usd,
        lambda: eur(1) > usd,
        lambda: eur(1) >= usd,
    ):
        with pytest.raises(CurrencyMismatch):
            meet()


@pytest.mark.parametrize("micros", [1.0, True, "1"])
def test_only_whole_numbers_become_money(micros: object) -> None:
    with pytest.raises(TypeError):
        Money(micros, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["eur", "DEM", "XAU", "XXX", "", "BGN", "HRK"])
def test_a_code_that_is_no_living_currency_is_refused(code: str) -> None:
    with pytest.raises(UnknownCurrency):
        Money(1, code)


def test_money_is_written_for_logs_with_its_currency() -> None:
    assert str(eur(5_000)) == "0.005 EUR"
    assert str(Money(-1_500_000, "TND")) == "-1.500 TND"
    assert str(Money(7_000_000, "JPY")) == "7 JPY"


@pytest.mark.parametrize(
    ("micros", "currency", "minor", "rest"),
    [
        (15_000, "EUR", 1, 5_000),
        (1_500_000, "JPY", 1, 500_000),
        (1_234_567, "TND", 1_234, 567),
        (1_234_567, "CLF", 12_345, 67),
        (0, "EUR", 0, 0),
    ],
)
def test_only_whole_smallest_units_leave_and_the_rest_stays(
    micros: int, currency: str, minor: int, rest: int
) -> None:
    assert micros_to_minor(micros, currency) == (minor, rest)
    payable, remainder = Money(micros, currency).whole_cents()
    assert payable == Money(minor_to_micros(minor, currency), currency)
    assert remainder == Money(rest, currency)


def test_a_negative_amount_cannot_leave() -> None:
    with pytest.raises(ValueError, match="negative"):
        eur(-1).whole_cents()


@given(AMOUNTS, CURRENCIES)
def test_whole_units_and_remainder_always_make_the_amount(micros: int, currency: str) -> None:
    payable, remainder = Money(micros, currency).whole_cents()
    assert payable + remainder == Money(micros, currency)
    assert 0 <= remainder.micros < minor_to_micros(1, currency)


def check_split(micros: int, weights: list[int]) -> None:
    """LG-6: exact sum, within one unit of the true share, nothing negative, order-independent."""
    shares = split_micros(micros, weights)
    total = sum(weights)
    assert sum(shares) == micros
    for share, weight in zip(shares, weights, strict=True):
        assert share >= 0
        assert abs(share * total - micros * weight) < total
    turned = weights[::-1]
    assert sorted(zip(weights, shares, strict=True)) == sorted(
        zip(turned, split_micros(micros, turned), strict=True)
    )


@given(AMOUNTS, WEIGHTS)
def test_a_split_is_exact_fair_and_independent_of_order(micros: int, weights: list[int]) -> None:
    check_split(micros, weights)


@pytest.mark.parametrize("rounds", [5_000, pytest.param(100_000, marks=pytest.mark.nightly)])
def test_many_random_splits_are_exact(rounds: int) -> None:
    draw = random.Random(rounds)  # always the same numbers, and far quicker than Hypothesis
    for _ in range(rounds):
        largest = draw.choice([1, 3, 100, 10**9])
        weights = [draw.randint(0, largest) for _ in range(draw.randint(1, 12))]
        check_split(draw.randint(0, draw.choice([20, 10**6, 10**15])), [*weights, 1])


def test_equal_claims_are_served_by_position() -> None:
    assert eur(11).split([1, 1, 1]) == [eur(4), eur(4), eur(3)]
    assert split_micros(2, [1, 3]) == [0, 2]
    assert split_micros(2, [3, 1]) == [2, 0]


@pytest.mark.parametrize(("micros", "weights"), [(-1, [1]), (1, []), (1, [0, 0]), (1, [2, -1])])
def test_a_split_without_meaning_is_refused(micros: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split_micros(micros, weights)


def test_the_exponents_are_those_of_iso_4217_and_not_of_babel() -> None:
    differing = {c for c, digits in EXPONENTS.items() if get_currency_precision(c) != digits}
    assert differing == BABEL_DIFFERS
    assert {exponent(c) for c in EXPONENTS} == {0, 2, 3, 4}
    assert (exponent("JPY"), exponent("EUR"), exponent("IQD"), exponent("UYW")) == (0, 2, 3, 4)


@given(CURRENCIES, st.integers(min_value=-MAX_MICROS, max_value=MAX_MICROS))
def test_what_is_written_is_read_back_exactly(currency: str, micros: int) -> None:
    assert parse_money(decimal_text(micros, 0), currency) == Money(micros, currency)


@pytest.mark.parametrize("currency", sorted(EXPONENTS))
def test_every_currency_refuses_more_decimals_than_it_has(currency: str) -> None:
    digits = exponent(currency)
    finest = "0." + "0" * (digits - 1) + "1" if digits else "1"
    too_fine = "0." + "0" * digits + "1"
    assert isinstance(parse_money(finest, currency, decimals=digits), Money)
    refusal = parse_money(too_fine, currency, decimals=digits)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "money.too_precise"
    assert too_fine in str(refusal)
    assert f"at most {digits} decimals" in str(refusal)


@pytest.mark.parametrize(
    ("text", "micros"),
    [("0.005", 5_000), ("12", 12_000_000), (" 1.50 ", 1_500_000), ("-0.1", -100_000),
     ("0.0000010", 1), ("007.10", 7_100_000)],
)  # fmt: skip
def test_plain_decimals_are_read(text: str, micros: int) -> None:
    assert parse_money(text, "EUR") == eur(micros)


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("0.0000001", "EUR", "money.too_precise"),
        ("1,50", "EUR", "money.not_a_number"),
        ("1e3", "EUR", "money.not_a_number"),
        ("", "EUR", "money.not_a_number"),
        (".5", "EUR", "money.not_a_number"),
        ("1.", "EUR", "money.not_a_number"),
        ("NaN", "EUR", "money.not_a_number"),
        ("\N{ARABIC-INDIC DIGIT ONE}", "EUR", "money.not_a_number"),
        ("1 000", "EUR", "money.not_a_number"),
        ("9999999999999999999", "EUR", "money.too_large"),
        ("1", "DEM", "money.currency"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(text: str, currency: str, code: str) -> None:
    refusal = parse_money(text, currency)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.status) == (code, 422)
    assert str(refusal).endswith(".")


@pytest.mark.parametrize(
    ("micros", "currency", "locale", "shown"),
    [
        (5_000, "EUR", "en", "€0.005"),
        (1_234_500_000, "EUR", "en", "€1,234.50"),
        (1_234_500_000, "EUR", "de", "1.234,50\xa0€"),
        (5_000, "EUR", "it", "0,005\xa0€"),
        (1, "EUR", "es", "0,000001\xa0€"),
        (-2_000_000, "USD", "en", "-$2.00"),
        (7_000_000, "JPY", "en", "¥7"),
        (7_500_000, "JPY", "en", "¥7.5"),
        (1_000_000, "IQD", "en", "IQD\xa01.000"),
        (-1_000_000, "CHF", "en", "-CHF\xa01.00"),
        (1_000_000, "CHF", "de", "1,00\xa0CHF"),
        (0, "EUR", "en", "€0.00"),
        (100_000_000, "EUR", "en", "€100.00"),
        (1_000_000, "BRL", "pt-br", "R$\xa01,00"),
    ],
)
def test_a_person_sees_every_decimal_that_matters(
    micros: int, currency: str, locale: str, shown: str
) -> None:
    assert Money(micros, currency).format(locale) == shown
    assert format_micros(micros, currency, locale) == shown


def test_no_money_path_uses_a_float() -> None:
    """LG-7: no float literal, no float() and no true division where money is handled."""
    root = Path(fairhand.__file__).parent
    files = [root / "kit/money.py", root / "kit/currencies.py"]
    files += [*root.glob("pay/**/*.py"), *root.glob("ledger/**/*.py")]
    found = []
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            named = isinstance(node, ast.Name) and node.id == "float"
            # A path is also put together with "/": then one side is a string.
            divided = (
                isinstance(node, ast.BinOp)
                and isinstance(node.op, ast.Div)
                and not any(
                    isinstance(side, ast.Constant) and isinstance(side.value, str)
                    for side in (node.left, node.right)
                )
            )
            if literal or named or divided:
                found.append(f"{file.name}:{getattr(node, 'lineno', 0)}")
    assert found == []
