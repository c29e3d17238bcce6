"""The second layer: what the European Payments Council asks beyond the schema.

The schema takes a wrong check digit, a date in the past, dollars, five decimals and a repeated
reference; a bank takes none of them. Every rule here has its own test. Sources: the SEPA credit
transfer rulebook and customer-to-bank implementation guidelines of 2025 (version 1.1: addresses
structured from 15 November 2026).
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from xml.etree import ElementTree as ET

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from schwifty import BIC
from schwifty.exceptions import SchwiftyException

from fairhand.kit.decision import Refusal
from fairhand.pay.providers import Problem
from fairhand.pay.providers.sepa.iban import BEYOND_EEA, check_iban, compact
from fairhand.pay.providers.sepa.target import banking_day_after, is_banking_day
from fairhand.pay.providers.sepa.text import LATIN
from fairhand.pay.providers.sepa.writer import (
    NAME_LENGTH,
    NAMESPACE,
    REMITTANCE_LENGTH,
    euros,
)

FURTHEST: Final = timedelta(days=90)  # our own guard: a payout further off is a typing error
_NS: Final = {"": NAMESPACE}
_AMOUNT: Final = re.compile(r"(0|[1-9][0-9]{0,8})\.([0-9]{2})")
_REFERENCES: Final = {"MsgId", "PmtInfId", "InstrId", "EndToEndId"}
_FIXED: Final = {"PmtMtd": "TRF", "PmtTpInf/SvcLvl/Cd": "SEPA", "ChrgBr": "SLEV"}
_TRANSFER: Final = "CdtTrfTxInf"


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of the file: its header, the head of a block, or one transfer."""

    place: str
    item: str | None
    children: list[ET.Element]

    def elements(self) -> Iterator[tuple[str, ET.Element]]:
        for child in self.children:
            for element in child.iter():
                yield str(element.tag).partition("}")[2], element

    def problem(self, code: str, message: Promise, **params: str | int) -> Problem:
        return Problem(code, self.place, message, params, self.item)


def find_problems(document: ET.Element, today: date) -> Iterator[Problem]:
    """Yield every broken rule of a pain.001.001.09 `document`, whether or not its schema is met."""
    header = document.find("CstmrCdtTrfInitn/GrpHdr", _NS)
    blocks = document.findall("CstmrCdtTrfInitn/PmtInf", _NS)
    transfers = [transfer for block in blocks for transfer in block.iterfind(_TRANSFER, _NS)]
    if header is not None:
        part = _Part("GrpHdr", None, list(header))
        yield from _texts(part)
        yield from _totals(part, header, transfers)
    for block in blocks:
        yield from _block(block, today)
    for transfer in transfers:
        yield from _transfer(transfer)
    yield from _repeated("EndToEndId", (_text(t, "PmtId/EndToEndId") for t in transfers))
    yield from _repeated("PmtInfId", (_text(b, "PmtInfId") for b in blocks))


def _block(block: ET.Element, today: date) -> Iterator[Problem]:
    head = [child for child in block if child.tag != f"{{{NAMESPACE}}}{_TRANSFER}"]
    part = _Part(f"PmtInf {_text(block, 'PmtInfId')}", None, head)
    transfers = block.findall(_TRANSFER, _NS)
    yield from _texts(part)
    yield from _totals(part, block, transfers)
    yield from _date(part, _text(block, "ReqdExctnDt/Dt"), today)
    for path, value in _FIXED.items():
        if _text(block, path) != value:
            message = _("%(path)s must be %(value)s.")
            yield part.problem("scheme", message, path=path, value=value)
    yield from _party(part, block, "Dbtr")
    agent = "DbtrAgt/FinInstnId/"
    if not _text(block, agent + "BICFI") and _text(block, agent + "Othr/Id") != "NOTPROVIDED":
        yield part.problem("agent", _("The paying bank needs a BIC, or NOTPROVIDED in its place."))
    paid = {_text(transfer, "CdtrAcct/Id/IBAN")[:2] for transfer in transfers}
    beyond = (paid | {_text(block, "DbtrAcct/Id/IBAN")[:2]}) & BEYOND_EEA
    if beyond and block.find("Dbtr/PstlAdr", _NS) is None:
        message = _("Paying to or from %(countries)s needs the payer's town and country.")
        yield part.problem("address.required", message, countries=", ".join(sorted(beyond)))


def _transfer(transfer: ET.Element) -> Iterator[Problem]:
    reference = _text(transfer, "PmtId/EndToEndId")
    part = _Part(reference or _TRANSFER, reference or None, list(transfer))
    yield from _texts(part)
    yield from _party(part, transfer, "Cdtr")
    amount = transfer.find("Amt/InstdAmt", _NS)
    currency = "" if amount is None else amount.get("Ccy", "")
    if currency != "EUR":
        message = _("SEPA carries euro only, not %(currency)s.")
        yield part.problem("currency", message, currency=currency or "?")
    if not _cents(_text(transfer, "Amt/InstdAmt")):
        message = _("The amount must be from 0.01 to 999999999.99, with two decimals.")
        yield part.problem("amount", message)
    remittance = transfer.findall("RmtInf/Ustrd", _NS)
    if len(remittance) > 1 or any(len(u.text or "") > REMITTANCE_LENGTH for u in remittance):
        message = _("The remittance must be one text of at most %(length)s characters.")
        yield part.problem("remittance", message, length=REMITTANCE_LENGTH)


def _party(part: _Part, parent: ET.Element, role: str) -> Iterator[Problem]:
    """Check who pays (`Dbtr`) or is paid (`Cdtr`): a name, an IBAN, and any address in full."""
    if not _text(parent, f"{role}/Nm").strip():
        yield part.problem("name.missing", _("The account holder's name is missing."))
    iban = _text(parent, f"{role}Acct/Id/IBAN")
    answer = check_iban(iban)
    if isinstance(answer, Refusal):
        yield Problem(answer.code, part.place, answer.message, answer.params, part.item)
    elif iban != compact(iban):
        message = _("The IBAN must be written in capitals and without spaces.")
        yield part.problem("iban.shape", message)


def _texts(part: _Part) -> Iterator[Problem]:
    """Check every text of a part by the name of its element."""
    for tag, element in part.elements():
        text = element.text or ""
        if text.strip() and not LATIN.fullmatch(text):
            message = _("%(tag)s has characters that not every bank carries.")
            yield part.problem("characters", message, tag=tag)
        if tag in _REFERENCES and (text.startswith("/") or text.endswith("/") or "//" in text):
            message = _("%(tag)s must not begin or end with a slash or have two in a row.")
            yield part.problem("reference.slash", message, tag=tag)
        elif tag == "Nm" and len(text) > NAME_LENGTH:
            message = _("A name must have at most %(length)s characters.")
            yield part.problem("name.length", message, length=NAME_LENGTH)
        elif tag == "BICFI" and not _is_bic(text):
            yield part.problem("bic", _("%(bic)s is not a BIC."), bic=text)
        elif tag == "AdrLine":
            message = _("Address lines are no longer accepted: give town and country.")
            yield part.problem("address.unstructured", message)
        elif tag == "PstlAdr" and not (_text(element, "TwnNm") and _text(element, "Ctry")):
            message = _("An address needs both town and country.")
            yield part.problem("address.incomplete", message)


def _totals(part: _Part, parent: ET.Element, transfers: list[ET.Element]) -> Iterator[Problem]:
    if _text(parent, "NbOfTxs") != str(len(transfers)):
        message = _("NbOfTxs must be %(count)s, the number of payments.")
        yield part.problem("total.count", message, count=len(transfers))
    amounts = [_cents(_text(transfer, "Amt/InstdAmt")) for transfer in transfers]
    if None in amounts:
        return  # said at the payment concerned; there is no sum to compare with
    total = euros(sum(amount or 0 for amount in amounts))
    if _text(parent, "CtrlSum") != total:
        message = _("CtrlSum must be %(total)s, the sum of the payments.")
        yield part.problem("total.sum", message, total=total)


def _date(part: _Part, text: str, today: date) -> Iterator[Problem]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        yield part.problem("date.missing", _("The execution date must be a plain date."))
        return
    if day <= today:
        message = _("The execution date %(day)s must be after today; the next is %(next)s.")
        following = banking_day_after(today).isoformat()
        yield part.problem("date.past", message, day=text, next=following)
    elif day > today + FURTHEST:
        message = _("The execution date %(day)s is more than %(days)s days ahead.")
        yield part.problem("date.far", message, day=text, days=FURTHEST.days)
    elif not is_banking_day(day):
        message = _("Banks do not pay on %(day)s; the next day they do is %(next)s.")
        yield part.problem(
            "date.closed", message, day=text, next=banking_day_after(day).isoformat()
        )


def _repeated(tag: str, references: Iterator[str]) -> Iterator[Problem]:
    for reference, count in Counter(references).items():
        if count > 1:
            message = _("%(tag)s is used %(count)s times; every one must be different.")
            item = reference if tag == "EndToEndId" else None
            params = {"tag": tag, "count": count}
            yield Problem("reference.repeated", reference, message, params, item)


def _text(parent: ET.Element, path: str) -> str:
    return parent.findtext(path, "", _NS)


def _cents(text: str) -> int | None:
    """Read an amount of exactly two decimals; None if it is not one, or zero or too large."""
    match = _AMOUNT.fullmatch(text)
    return None if match is None else int(match[1] + match[2]) or None


def _is_bic(text: str) -> bool:
    try:
        BIC(text)
    except SchwiftyException:
        return False
    return True
