"""The payments that the SEPA tests share: two workers, one payer, a Monday in November."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from fairhand.kit.money import Money
from fairhand.pay.providers.sepa import Debtor, PaymentInstruction, write

TODAY = date(2026, 11, 23)  # a Monday
CREATED = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
EXECUTION = date(2026, 11, 25)

PAYER = Debtor(
    "Fairhand Köln GmbH", "DE89 3704 0044 0532 0130 00", "COBADEFFXXX", town="Köln", country="DE"
)
MARIA = PaymentInstruction(
    "RUN7-1", "María Müller", "ES9121000418450200051332", Money(12_340_000, "EUR"), "Earnings 7"
)
LUKASZ = PaymentInstruction(
    "RUN7-2", "Łukasz Żółć", "PL61109010140000071219812874", Money(10_000, "EUR"), "Earnings 7"
)


def file_of(
    instructions: Sequence[PaymentInstruction] = (MARIA, LUKASZ),
    *,
    debtor: Debtor = PAYER,
    execution: date = EXECUTION,
) -> bytes:
    return write("RUN7", debtor, instructions, execution, CREATED)


def iban_of(country: str, bban: str) -> str:
    """Put check digits before a BBAN by ISO 7064 mod 97-10, independently of what checks them."""
    digits = "".join(str(int(letter, 36)) for letter in f"{bban}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{bban}"
