"""One archive of all that is kept about somebody: asked for, made, fetched by them alone, gone.

It holds a file for each table with anything in it, what they signed, and what they showed. It is
sealed with a key of the vault from the moment it is made, and nobody but its owner can fetch it.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from fairhand.kit import vault
from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.kit.defer import defer
from fairhand.kit.lifecycle import move
from fairhand.people.audit import note
from fairhand.people.models import EXPORT, Account, DataExport, ExportState
from fairhand.people.notices import tell
from fairhand.people.notices.words import in_language_of
from fairhand.people.privacy.held import Held, Person, person_of
from fairhand.people.privacy.periods import ARCHIVE
from fairhand.work.privacy.tables import HELD

AGAIN_AFTER = timedelta(days=1)
OVERDUE = timedelta(minutes=10)  # a job that did not come by then is asked for anew
SYSTEM = "system:privacy"
ASKED_LATELY = Refusal(
    "asked_lately",
    _("You asked for your data within the last day. You can ask again tomorrow."),
    status=429,
)
GONE = Refusal(
    "archive_gone",
    _("There is no such archive (any more). Ask for a new one: it holds all that is kept now."),
    status=404,
)


@transaction.atomic
def ask(account: Account) -> Decision:
    """Have somebody's archive made, in the background; once a day."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    since = timezone.now() - AGAIN_AFTER
    if DataExport.objects.filter(account=account, asked_at__gt=since).exists():
        return ASKED_LATELY
    export = DataExport.objects.create(account=account)
    note("data.asked", actor=account, account=account, after={"archive": export.ref})
    defer("export", export=export.pk)
    return ALLOWED


def make(number: int) -> bool:
    """Make an archive that was asked for, and tell its owner; False where it is made already."""
    export = DataExport.objects.select_related("account").filter(pk=number, state="asked").first()
    if export is None:
        return False
    account = export.account
    with in_language_of(account), transaction.atomic():
        data = packed(account)
        key, sealed = vault.seal(data)
        now = timezone.now()
        changes = {"key": key, "sealed": sealed, "size": len(data), "ready_at": now}
        changes["gone_at"] = now + ARCHIVE
        why = "all tables were asked"
        if not move(EXPORT, export, ExportState.READY, actor=SYSTEM, why=why, changes=changes):
            return False
        tell(account, "security.data_ready", link="/account/privacy")
    return True


def make_overdue() -> int:
    """Make the archives whose job did not come; returns how many."""
    late = timezone.now() - OVERDUE
    waiting = DataExport.objects.filter(state=ExportState.ASKED, asked_at__lt=late)
    return sum(make(number) for number in list(waiting.values_list("pk", flat=True)[:100]))


@transaction.atomic
def fetch(account: Account, ref: str) -> bytes:
    """Open somebody's own archive for them. Raises Refused where it is not theirs or gone."""
    now = timezone.now()
    mine = DataExport.objects.select_related("key").filter(account=account, ref=ref)
    export = mine.filter(state=ExportState.READY, gone_at__gt=now).first()
    if export is None or export.key is None:
        GONE.fail()
    note("data.fetched", actor=account, account=account, after={"archive": export.ref})
    return vault.unseal(export.key, bytes(export.sealed))


def newest(account: Account) -> DataExport | None:
    """The archive that somebody asked for last, without what is in it."""
    mine = DataExport.objects.filter(account=account).defer("sealed")
    return mine.order_by("-pk").first()


def forget_archives(now: Any) -> int:
    """Delete archives a week after they were made; returns how many."""
    over = DataExport.objects.filter(state=ExportState.READY, gone_at__lte=now).defer("sealed")
    changes = {"sealed": b"", "key": None}
    return sum(
        move(EXPORT, each, ExportState.GONE, actor=SYSTEM, why="a week passed", changes=changes)
        for each in over[:1000]
    )


def packed(account: Account) -> bytes:
    """The archive itself, as ZIP: README.txt, data/<table>.json, agreements/, pictures/."""
    person = person_of(account)
    lines, closed = [], []
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for held in HELD:
            rows = held.rows(person)
            count = _write(archive, held, rows, person)
            if count:
                lines.append(f"data/{held.name}.json ({count}): {held.what}")
            if held.files is not None:
                closed += _write_files(archive, held, rows)
        archive.writestr("README.txt", _readme(account, lines, closed))
    return stream.getvalue()


def _write(archive: zipfile.ZipFile, held: Held, rows: models.QuerySet[Any], person: Person) -> int:
    """Write one table's file, row by row; none where it has no row."""
    head = {"what": str(held.what), "why": str(held.why), "kept": str(held.period.words)}
    count = 0
    found = (shown(row, held, person) for row in _with_pointers(rows, held))
    first = next(found, None)
    if first is None:
        return 0
    with archive.open(f"data/{held.name}.json", "w", force_zip64=True) as file:
        file.write(_text(head)[:-2].encode() + b',\n  "rows": [\n')
        for one in _and_then(first, found):
            file.write((b",\n" if count else b"") + _text(one).encode())
            count += 1
        file.write(b"\n  ]\n}\n")
    return count


def _and_then(first: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield first
    yield from rest


def _with_pointers(rows: models.QuerySet[Any], held: Held) -> Iterator[Any]:
    """The rows with what their shown columns point at, and without large columns not shown."""
    fields = {each.name: each for each in held.model._meta.concrete_fields}  # noqa: SLF001 - public
    pointing = [name for name in held.shown if name in fields and fields[name].is_relation]
    left_out = [name for name in held.hidden if isinstance(fields[name], models.BinaryField)]
    if pointing and held.show is None:
        rows = rows.select_related(*pointing)
    return iter(rows.defer(*left_out).iterator(chunk_size=2000))


def _write_files(archive: zipfile.ZipFile, held: Held, rows: models.QuerySet[Any]) -> list[str]:
    """Write what belongs to a table's rows; returns the names of what cannot be read any more."""
    assert held.files is not None
    closed = []
    for row in rows.iterator(chunk_size=20):
        try:
            name, data = held.files(row)
        except vault.Unreadable:
            closed.append(row.ref)
            continue
        archive.writestr(name, data)
    return closed


def shown(row: Any, held: Held, person: Person) -> dict[str, Any]:
    """A row as its owner reads it: the shown columns, and what they point at by its name."""
    if held.show is not None:
        return held.show(row, person)
    return {name: _plain(row, name) for name in held.shown}


def _plain(row: Any, name: str) -> Any:
    field = row._meta.get_field(name)  # noqa: SLF001 - Django's public spelling
    if not field.is_relation:
        return getattr(row, name)
    thing = getattr(row, name)
    if thing is None:
        return None
    return getattr(thing, "ref", None) or getattr(thing, "email", None) or thing.pk


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def _readme(account: Account, lines: list[str], closed: list[str]) -> str:
    """What the archive is and what is in it, in its owner's language."""
    parts = [
        say("Your data"),
        say("This archive holds all that is kept here about the account %(email)s.")
        % {"email": account.email},
        say(
            "Each file in the folder “data” is one kind of thing, as JSON: what it is, why it is"
            " kept, for how long, and its rows. Amounts that end in “micros” are millionths of"
            " their currency. Times are in UTC."
        ),
        say("What you signed is in the folder “agreements”, what you showed in “pictures”."),
        say(
            "Left out is what would let others into your account, what is about others, and which"
            " tasks were tests."
        ),
        "\n".join(lines),
    ]
    if closed:
        parts.append(
            say("These could not be opened any more: %(refs)s") % {"refs": " ".join(closed)}
        )
    return "\n\n".join(parts) + "\n"
