"""Everything that is said is said in every language, and nothing is said past the catalogues."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import gettext, override

from fairhand.people.models import Account
from tests.web.catalogues import LANGUAGES, PACKAGE, is_done, missing, read, template
from tests.web.conftest import SignIn
from tests.web.scene import Scene
from tests.web.test_pages import ANYBODY, OPERATOR, REQUESTER, WORKER, address

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}|`[^`]*`")
# Names and sample data, the same in every language.
NOT_WORDS = re.compile(
    r"IBAN|Fairhand|CSV|JSONL|Parquet|EUR|UTC|key|text|gold|media:|fairhand-portals\.json|SEPA|utf-8|width=device-width"
)
SAID_IN_ATTRIBUTE = re.compile(
    r"\s(?:title|label|note|lede|alt|placeholder|aria-label|sure|help|action|facts|foot)="
    r'"([^"{}/#?]*[A-Za-z]{3}[^"{}]*)"'
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_everything(language: str) -> None:
    assert missing(language) == [], "run `python -m tests.web.catalogues` and translate"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_nothing_more(language: str) -> None:
    said = {message.id for message in template()}
    assert [message.id for message in read(language) if message.id not in said] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_number_is_lost_in_translation(language: str) -> None:
    for message in read(language):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        for said, text in zip(ids, texts, strict=True):
            if said:
                found = sorted(PLACEHOLDER.findall(str(text)))
                assert found == sorted(PLACEHOLDER.findall(str(said))), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_compiles_as_the_launcher_compiles_it(language: str) -> None:
    assert not [(message.id, errors) for message, errors in read(language).check()]


def test_a_doubtful_translation_does_not_count() -> None:
    known = read("de")
    message = known.get("Save")
    assert message is not None
    assert is_done(known, message)
    message.flags.add("fuzzy")
    assert not is_done(known, message)


def templates() -> list[Path]:
    folder = PACKAGE / "web" / "templates"
    return [path for path in folder.rglob("*.html") if path.parent.name != "gallery"]


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_templates_say_nothing_past_the_catalogues(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    source = re.sub(r"{% (comment|blocktranslate)\b.*?{% end\1 %}", "", source, flags=re.DOTALL)
    source = re.sub(r"<(pre|style|script)\b.*?</\1>", "", source, flags=re.DOTALL)
    said = SAID_IN_ATTRIBUTE.findall(source)
    bare = re.sub(r"<[^>]*>", " ", re.sub(r"{[%{#].*?[%}#]}", " ", source, flags=re.DOTALL))
    words = re.findall(r"[A-Za-z]{2,}", NOT_WORDS.sub("", " ".join([bare, *said])))
    assert words == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_opens_in_every_language(scene: Scene, signed: SignIn, language: str) -> None:
    world = scene.world
    for account, pages in (
        (None, ANYBODY),
        (world.ada.account, WORKER),
        (scene.cleo.account, ["/work", "/work/{open}", "/appeals"]),
        (world.rita, REQUESTER),
        (world.olga, OPERATOR),
    ):
        client = Client() if account is None else signed(account)
        client.cookies["fairhand-language"] = language
        for template_ in pages:
            response = client.get(address(template_, scene), follow=True)
            assert f'<html lang="{language}"'.encode() in response.content, template_
            assert response.status_code == 200


def test_refusals_come_in_the_readers_language(scene: Scene, signed: SignIn) -> None:
    Account.objects.filter(pk=scene.cleo.pk).update(language="de")
    client = signed(scene.cleo.account)
    client.cookies["fairhand-language"] = "de"
    text = client.get(f"/work/{scene.open.ref}").content.decode()
    assert "Sie bekommen keine Seiten dieses Stapels mehr: 0 Ihrer" in text
    with override("it"):
        assert gettext("Save") == "Salva"
