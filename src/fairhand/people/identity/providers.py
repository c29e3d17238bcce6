"""Who checks here, and what they say: the way out to a vendor, and the way back in."""

import json
import logging
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal, Refused
from fairhand.kit.egress import Policy, Unreachable
from fairhand.kit.egress import send as send_out
from fairhand.kit.lifecycle import move
from fairhand.people.audit import note
from fairhand.people.identity.outcome import DECIDED, ELSEWHERE, reject, verify
from fairhand.people.identity.said import DOCUMENTS, plain_number, wrong_birth, wrong_expiry
from fairhand.people.identity.sameness import observe, trace
from fairhand.people.keys import is_simulation
from fairhand.people.models import IDENTITY, IdentityCheck, IdentityState
from fairhand.people.notices.words import in_language_of
from fairhand.people.providers.identity import IdentityProvider, Wanted
from fairhand.people.providers.identity.console import Console
from fairhand.people.providers.identity.manual import Manual
from fairhand.people.providers.identity.webhook import Webhook, is_signed

log = logging.getLogger(__name__)
# The address is the operator's own, so it may be on this machine; never on another private one.
GATEWAY = Policy(schemes=frozenset({"http", "https"}), ports=None, loopback=True)
SYSTEM = "system:identity"
RESULTS = ("pending", "verified", "rejected")
LONGEST = 100_000  # bytes of what a vendor tells
AWAY = Refusal(
    "identity_away",
    _("The service that checks documents cannot be reached just now. Please try again later."),
    status=503,
)
NOT_OPEN = Refusal("not_now", _("This check does not go on. Look at where it stands."))
NOT_SIGNED = Refusal("not_signed", _("The signature is missing, wrong or too old."), status=401)
GARBLED = Refusal("garbled", _("The message is not written as agreed."), status=422)


def provider() -> IdentityProvider:
    """Who checks here, by the settings; believing everybody exists in demonstrations only."""
    if settings.IDENTITY == "console" and (is_simulation() or settings.DEBUG):
        return Console()
    if settings.IDENTITY == "webhook":
        base = settings.BASE_URL
        return Webhook(settings.IDENTITY_URL, settings.IDENTITY_SECRET, _post, base=base)
    return Manual()


def go_on(check: IdentityCheck) -> str:
    """Ask the provider to begin, or to go on: where the worker goes next; "" stays here.

    Outside of a transaction, since others are asked. Raises Refused; what was begun stays then.
    """
    way = provider()
    if check.state != IdentityState.STARTED or check.provider != way.name:
        NOT_OPEN.fail()
    account = check.worker.account
    assert check.birth_date is not None
    wanted = Wanted(
        check.ref,
        check.holder,
        check.birth_date,
        check.document_kind,
        check.document_country,
        account.language,
    )
    try:
        begun = way.begin(wanted)
    except (OSError, Refused, Unreachable) as error:
        log.warning("an identity check could not be begun: %s", error)
        AWAY.fail()
    if begun.verified:
        _believe(check)
    if begun.outside_ref:
        mine = IdentityCheck.objects.filter(pk=check.pk, state=IdentityState.STARTED)
        mine.update(outside_ref=begun.outside_ref)
    return begun.address


def hear(header: str, body: bytes) -> None:
    """What a vendor tells of a check. Raises Refused on what is not signed, old or garbled.

    Unknown checks are answered like known ones. Told twice, or in the wrong order, it has one
    effect: a check that has ended does not move.
    """
    if settings.IDENTITY != "webhook" or not is_signed(settings.IDENTITY_SECRET, header, body):
        NOT_SIGNED.fail()
    told = _told(body)
    with transaction.atomic():
        held = IdentityCheck.objects.select_for_update(of=("self",))
        check = (
            held.select_related("worker__account")
            .filter(ref=told["reference"], provider="webhook")
            .first()
        )
        if check is None or check.state not in {IdentityState.STARTED, IdentityState.PENDING}:
            return
        if check.outside_ref not in {"", told["session"]}:
            return
        _apply(check, told["result"], told.get("document"))


def _apply(check: IdentityCheck, result: str, document: Mapping[str, Any] | None) -> None:
    """Draw the consequence of a vendor's word, in the caller's transaction."""
    account = check.worker.account
    if result == "pending":
        if check.state == IdentityState.STARTED:
            changes = {"sent_at": timezone.now()}
            state = IdentityState.PENDING
            move(IDENTITY, check, state, actor=SYSTEM, why="the vendor looks", changes=changes)
            after = {"state": state}
            note("identity.sent", actor=SYSTEM, account=account, subject=check.ref, after=after)
    elif result == "rejected":
        reject(check, SYSTEM, reason="vendor", words="")
    elif document is not None:
        _confirm(check, document)


def _confirm(check: IdentityCheck, document: Mapping[str, Any]) -> None:
    """The vendor has seen a document: what it says counts, not what was told before."""
    place = f"{document['country']}:{document['kind']}"
    number = f"{place}:{plain_number(document['number'])}"
    seen = {
        "document_kind": document["kind"],
        "document_country": document["country"],
        "document_digest": trace("document", number),
        "document_expires": document["expires"],
        "birth_date": document["birth_date"],
    }
    IdentityCheck.objects.filter(pk=check.pk).update(**seen)
    for name, value in seen.items():
        setattr(check, name, value)
    observe(check.worker.account, "document", number)
    if wrong_expiry(document["expires"]) is not None:
        reject(check, SYSTEM, reason="expired", words="")
    elif (wrong := wrong_birth(document["birth_date"])) is not None:
        with in_language_of(check.worker.account):
            words = str(wrong)
        reject(check, SYSTEM, reason="other", words=words)
    elif verify(check, SYSTEM, why="the vendor confirmed it") == ELSEWHERE:
        reject(check, SYSTEM, reason="elsewhere", words="")


@transaction.atomic
def _believe(check: IdentityCheck) -> None:
    held = IdentityCheck.objects.select_for_update().get(pk=check.pk)
    if held.state != IdentityState.STARTED:
        DECIDED.fail()
    if (answer := verify(held, SYSTEM, why="a demonstration believes")) == ELSEWHERE:
        reject(held, SYSTEM, reason="elsewhere", words="")
    elif isinstance(answer, Refusal):
        answer.fail()


def _told(body: bytes) -> dict[str, Any]:
    """A vendor's message, read; raises Refused where it is not written as agreed."""
    try:
        told = json.loads(body)
        document = told.get("document") if told["result"] == "verified" else None
        read = {name: told[name] for name in ("reference", "session", "result")}
        if told["result"] == "verified":
            read["document"] = _document(document)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        GARBLED.fail()
    if read["result"] not in RESULTS or not all(map(_is_text, _words(read))):
        GARBLED.fail()
    return read


def _document(told: Any) -> dict[str, Any]:
    """Raises KeyError, TypeError or ValueError where a document is not written as agreed."""
    expires = told["expires"]
    country, kind, number = told["country"], told["kind"], told["number"]
    if kind not in DOCUMENTS or not all(map(_is_text, (country, number))):
        raise ValueError(kind)
    if not re.fullmatch("[A-Za-z]{2}", country) or not 0 < len(number) <= 60:  # noqa: PLR2004
        raise ValueError(country)
    return {
        "country": country.upper(),
        "kind": kind,
        "number": number,
        "expires": None if expires is None else date.fromisoformat(expires),
        "birth_date": date.fromisoformat(told["birth_date"]),
    }


def _is_text(value: Any) -> bool:
    """Whether this is text that a database can keep."""
    return isinstance(value, str) and "\0" not in value


def _words(read: Mapping[str, Any]) -> list[Any]:
    return [read[name] for name in ("reference", "session", "result")]


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    answer = send_out("POST", url, headers=headers, body=body, policy=GATEWAY)
    return answer.status, answer.body
