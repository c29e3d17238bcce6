"""What the project says, and in which languages: out of the code, into the catalogues.

`python -m tests.web.catalogues` writes what is new into every catalogue, as empty translations, and
takes out what nobody says any more. The sources are read with Django's own reading of templates and
Babel's of Python.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import cast

from babel.messages import pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from django.utils.translation.template import templatize

from fairhand import settings

PACKAGE = Path(settings.__file__).resolve().parent
LOCALE = PACKAGE / "locale"
LANGUAGES = ("de", "es", "it")
# `say` is gettext where `_` is its lazy brother.
KEYWORDS = dict.fromkeys(
    ("_", "gettext", "gettext_lazy", "gettext_noop", "say", "ngettext", "ngettext_lazy")
)
BEGUN = datetime(2026, 11, 22, tzinfo=UTC)  # one date, so that files change with their words only
Said = str | tuple[str, ...]


def sources() -> Iterator[Path]:
    """Python and templates of the project; the gallery's samples stay English."""
    pages = PACKAGE / "web" / "templates"
    found = [*PACKAGE.rglob("*.py"), *pages.rglob("*.html"), *pages.rglob("*.txt")]
    for path in sorted(found):
        if "migrations" not in path.parts and path.parent.name != "gallery":
            yield path


def said_in(path: Path) -> Iterator[Said]:
    """Every text of a file that is marked for translation; plural forms as a pair."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in {".html", ".txt"}:
        # What is left of the page is blanked out, but its indentation would be Python's.
        text = "\n".join(map(str.strip, templatize(text, origin=str(path)).splitlines()))
    stream = io.BytesIO(text.encode())
    for line in extract_python(stream, KEYWORDS, (), {}):
        function, found = str(line[1]), cast("str | tuple[str | None, ...] | None", line[2])
        wanted = [text for text in (found if isinstance(found, tuple) else (found,)) if text]
        if wanted:
            yield (wanted[0], wanted[1]) if function.startswith("ngettext") else wanted[0]


def template() -> Catalog:
    """A catalogue of everything that is said, without translations."""
    catalogue = Catalog(
        project="Fairhand",
        version="-",
        charset="utf-8",
        fuzzy=False,
        header_comment="# What Fairhand says. Written by `python -m tests.web.catalogues`.",
        msgid_bugs_address="-",
        last_translator="The Fairhand authors",
        creation_date=BEGUN,
        revision_date=BEGUN,
    )
    for path in sources():
        place = str(path.relative_to(PACKAGE))
        for said in said_in(path):
            catalogue.add(said, locations=[(place, 0)])
    return catalogue


def path_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """The catalogue of a language, as it is kept."""
    with path_of(language).open("rb") as file:
        return pofile.read_po(file, locale=language)


def missing(language: str) -> list[Said]:
    """What a language does not say yet, or says only perhaps."""
    known = read(language)
    wanted = [message for message in template() if message.id and not is_done(known, message)]
    return [cast("Said", message.id) for message in wanted]


def is_done(known: Catalog, message: Message) -> bool:
    """Whether a catalogue has the whole translation of a message."""
    found = known.get(message.id)
    if found is None or found.fuzzy:
        return False
    texts = found.string if isinstance(found.string, tuple) else (found.string,)
    return all(texts)


def update(language: str, translations: dict[Said, Said] | None = None) -> None:
    """Bring a language's file up to date, keeping what it says."""
    fresh, path = template(), path_of(language)
    old = read(language) if path.exists() else Catalog(locale=language)
    fresh.locale = old.locale
    for message in fresh:
        kept = old.get(message.id) if message.id else None
        if kept is not None and not kept.fuzzy:
            message.string = kept.string
        if translations and message.id in translations:
            message.string = translations[message.id]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        pofile.write_po(file, fresh, width=100, sort_output=True, include_lineno=False)


def compile_all() -> None:
    """Write the .mo files where they are missing or older than their sources."""
    for language in LANGUAGES:
        path = path_of(language)
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime:
            # Several test processes may do this at once: whoever is last wins, and none is half done.
            with NamedTemporaryFile(dir=compiled.parent, delete=False) as file:
                write_mo(file, read(language))
            Path(file.name).replace(compiled)


if __name__ == "__main__":
    for each in LANGUAGES:
        update(each)
        print(f"{each}: {len(missing(each))} to translate")  # noqa: T201 - a command
