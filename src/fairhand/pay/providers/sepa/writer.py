"""Plain values in, a pain.001.001.09 file out; the same values give the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from xml.etree import ElementTree as ET

from fairhand.kit.money import Money, micros_to_minor
from fairhand.pay.providers.sepa.iban import compact
from fairhand.pay.providers.sepa.text import latin

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
NAME_LENGTH: Final = 70
REMITTANCE_LENGTH: Final = 140


class Unwritable(ValueError):  # noqa: N818 - names what it is
    """Values that the format cannot carry without changing what is paid."""


@dataclass(frozen=True, slots=True)
class Debtor:
    """Who pays, and from which account. An address is both `town` and `country` or neither.

    Without `bic` the bank finds itself by the IBAN. The address is needed as soon as an account
    outside the European Economic Area is paid.
    """

    name: str
    iban: str
    bic: str | None = None
    town: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentInstruction:
    """One credit transfer, in whole cents of euro."""

    end_to_end_id: str
    name: str
    iban: str
    amount: Money
    remittance: str


def write(
    message_id: str,
    debtor: Debtor,
    instructions: Sequence[PaymentInstruction],
    execution_date: date,
    created_at: datetime,
) -> bytes:
    """Write one file with one payment block, as indented UTF-8 XML.

    Names, remittances and the town are written in the basic Latin set and cut at the format's
    lengths; references and IBANs are never altered beyond dropping an IBAN's spaces. Raises
    Unwritable for no instructions, another currency than EUR, part cents or a negative amount,
    and for a `created_at` without a time zone. Everything else is left to `check`.
    """
    if not instructions:
        raise Unwritable("a payment file needs at least one instruction")
    if created_at.tzinfo is None:
        raise Unwritable("created_at needs a time zone")
    amounts = [cents(instruction.amount) for instruction in instructions]
    totals = {"NbOfTxs": str(len(amounts)), "CtrlSum": euros(sum(amounts))}
    document = ET.Element("Document", {"xmlns": NAMESPACE})
    initiation = ET.SubElement(document, "CstmrCdtTrfInitn")
    header = ET.SubElement(initiation, "GrpHdr")
    _put(header, "MsgId", message_id)
    _put(header, "CreDtTm", created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    for tag, text in totals.items():
        _put(header, tag, text)
    _put(header, "InitgPty/Nm", _name(debtor.name))
    block = ET.SubElement(initiation, "PmtInf")
    _put(block, "PmtInfId", message_id)  # one block, so the file's reference is the block's too
    _fill_block(block, debtor, totals, execution_date)
    for instruction, amount in zip(instructions, amounts, strict=True):
        _add_transfer(block, instruction, amount)
    ET.indent(document)
    body: bytes = ET.tostring(document, encoding="utf-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body + b"\n"


def cents(amount: Money) -> int:
    """Return whole cents of euro; raises Unwritable rather than round."""
    if amount.currency != "EUR":
        raise Unwritable(f"SEPA carries EUR, not {amount.currency}")
    if amount.micros < 0:
        raise Unwritable(f"{amount} is negative")
    whole, rest = micros_to_minor(amount.micros, "EUR")
    if rest:
        raise Unwritable(f"{amount} is not in whole cents")
    return whole


def euros(amount: int) -> str:
    """Write cents as the format does: 1234 as 12.34."""
    return f"{amount // 100}.{amount % 100:02d}"


def _fill_block(
    block: ET.Element, debtor: Debtor, totals: dict[str, str], execution_date: date
) -> None:
    _put(block, "PmtMtd", "TRF")
    _put(block, "BtchBookg", "true")  # one line on the statement: it does not list who earns what
    for tag, text in totals.items():
        _put(block, tag, text)
    _put(block, "PmtTpInf/SvcLvl/Cd", "SEPA")
    _put(block, "ReqdExctnDt/Dt", execution_date.isoformat())
    _put(block, "Dbtr/Nm", _name(debtor.name))
    if debtor.town:
        _put(block, "Dbtr/PstlAdr/TwnNm", latin(debtor.town))
    if debtor.country:
        _put(block, "Dbtr/PstlAdr/Ctry", debtor.country)
    _put(block, "DbtrAcct/Id/IBAN", compact(debtor.iban))
    if debtor.bic:
        _put(block, "DbtrAgt/FinInstnId/BICFI", debtor.bic)
    else:
        _put(block, "DbtrAgt/FinInstnId/Othr/Id", "NOTPROVIDED")
    _put(block, "ChrgBr", "SLEV")


def _add_transfer(block: ET.Element, instruction: PaymentInstruction, amount: int) -> None:
    transfer = ET.SubElement(block, "CdtTrfTxInf")
    _put(transfer, "PmtId/EndToEndId", instruction.end_to_end_id)
    _put(transfer, "Amt/InstdAmt", euros(amount)).set("Ccy", "EUR")
    _put(transfer, "Cdtr/Nm", _name(instruction.name))
    _put(transfer, "CdtrAcct/Id/IBAN", compact(instruction.iban))
    if remittance := latin(instruction.remittance)[:REMITTANCE_LENGTH].rstrip():
        _put(transfer, "RmtInf/Ustrd", remittance)


def _name(text: str) -> str:
    return latin(text)[:NAME_LENGTH].rstrip()


def _put(parent: ET.Element, path: str, text: str) -> ET.Element:
    """Set the text at `path`, making the elements on the way that the last call left out."""
    for tag in path.split("/"):
        last = parent[-1] if len(parent) and parent[-1].tag == tag else None
        parent = last if last is not None else ET.SubElement(parent, tag)
    parent.text = text
    return parent
