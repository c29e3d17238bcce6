"""SEPA credit transfers as a file: pain.001.001.09, written here and checked twice.

`write` turns plain values into bytes, `check` finds what a bank would refuse, `SepaRail` is both
together. Why the schema alone does not do: docs/adr/0005-sepa-written-by-us-checked-by-others.md.
"""

from fairhand.pay.providers.sepa.checks import check
from fairhand.pay.providers.sepa.iban import check_iban
from fairhand.pay.providers.sepa.rail import SepaRail
from fairhand.pay.providers.sepa.text import latin
from fairhand.pay.providers.sepa.writer import Debtor, PaymentInstruction, Unwritable, write

__all__ = [
    "Debtor",
    "PaymentInstruction",
    "SepaRail",
    "Unwritable",
    "check",
    "check_iban",
    "latin",
    "write",
]
