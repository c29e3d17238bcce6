"""The public list of official portals: signed for programs, and strict about links for people."""

import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from django.test import Client
from django.utils import timezone
from jwt.algorithms import RSAAlgorithm

from fairhand.people.models import Portal
from fairhand.people.official import signed_list, verdict_on
from tests.portals.scene import portal
from tests.world import World

pytestmark = pytest.mark.django_db
REAL = (
    "https://one.example.org/join/with/abc?x=1#y",
    "https://ONE.example.org",
    "one.example.org/join",
    "one.example.org:443/join",
    "  https://one.example.org/  ",
    "https://fairhand.example.org/accounts/login/",
)
FALSE = (
    "http://one.example.org/join",
    "https://one.example.org@evil.example/join",
    "https://one.example.org:pass@evil.example",
    "https://evil.example/one.example.org",
    "https://one.example.org.evil.example/",
    "https://sub.one.example.org/",
    "https://0ne.example.org/",
    "https://one-example.org/",
    "https://one.example.org:8443/",
    "https://xn--ne-xka.example.org/",
    "https://\N{CYRILLIC SMALL LETTER O}ne.example.org/",
    "https://one\N{FULLWIDTH FULL STOP}example.org/",
    "https://one.example.org\\@evil.example/",
    "https://one.example.org%2eevil.example/",
    "https://one.example.org\t.evil.example/",
    "https://one.example.org\N{RIGHT-TO-LEFT OVERRIDE}/",
    "https:/one.example.org",
    "https:\\\\one.example.org",
    "//evil.example/one.example.org",
    "javascript:alert('https://one.example.org')",
    "data:text/html,one.example.org",
    "ftp://one.example.org/",
    "mailto:boss@one.example.org",
    "tg://resolve?domain=one.example.org",
    "https://two.example.org/",
    "https://gone.example.org/",
    "https://1.2.3.4/",
    "https://[::1/",
    "https://one.example.org:port/",
    "https://",
    "one",
    "x" * 2001,
)


@pytest.fixture(autouse=True)
def _portals(world: World, settings: Any) -> None:
    settings.BASE_URL = "https://fairhand.example.org"
    portal(world, "one", about={"en": "Quiet work."})
    portal(world, "two", listed=False)
    gone = portal(world, "gone")
    Portal.objects.filter(pk=gone.pk).update(closed_at=timezone.now())


@pytest.mark.parametrize("link", REAL)
def test_an_official_address_is_real(link: str) -> None:
    assert verdict_on(link).real


@pytest.mark.parametrize("link", FALSE)
def test_what_only_looks_like_one_is_not(link: str) -> None:
    found = verdict_on(link)
    assert not found.real
    assert str(found.why)


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("https://one.example.org@evil.example/", "before the @"),
        ("https://one.example.org.evil.example/", "only contains the name"),
        ("https://xn--ne-xka.example.org/", "other alphabets"),
        ("http://one.example.org/", "read on the way"),
        ("https://two.example.org/", "not on the list"),
    ],
)
def test_a_no_says_why(link: str, words: str) -> None:
    assert words in str(verdict_on(link).why)


@pytest.mark.parametrize(
    ("link", "real"),
    [
        ("http://site.localhost:8471/", True),
        ("http://one.example.org:8471/join", True),
        ("one.example.org:8471/join", True),
        ("https://site.localhost", False),
        ("https://one.example.org", False),
        ("one.example.org", False),
        ("http://one.example.org:80", False),
    ],
)
def test_a_site_with_a_port_of_its_own_is_at_that_port_alone(
    settings: Any, link: str, *, real: bool
) -> None:
    settings.BASE_URL = "http://site.localhost:8471"
    assert verdict_on(link).real == real


def test_the_page_answers_and_lists_the_open_ones_alone() -> None:
    client = Client(headers={"accept-language": "en"})
    page = client.get("/portals").content.decode()
    assert "Quiet work." in page
    assert "two.example.org" not in page
    assert "gone.example.org" not in page
    yes = client.get("/portals", {"link": "https://one.example.org/join"}).content.decode()
    assert "Yes, this link is real" in yes
    no = client.get("/portals", {"link": "https://one.example.org@evil.example"}).content.decode()
    assert "No, do not trust this link" in no


def test_every_page_leads_to_the_list_and_says_that_nobody_pays() -> None:
    page = Client(headers={"host": "one.example.org"}).get("/").content.decode()
    assert 'href="/portals"' in page
    assert "Nobody ever pays to work here." in page


def test_the_signed_list_holds_against_the_published_key() -> None:
    client = Client()
    told = json.loads(client.get("/.well-known/fairhand-portals.json").content)
    keys = json.loads(client.get("/.well-known/jwks.json").content)["keys"]
    token = f"{told['protected']}.{told['payload']}.{told['signature']}"
    head = jwt.get_unverified_header(token)
    assert head["typ"] == "fairhand-portals+jwt"
    key = next(each for each in keys if each["kid"] == head["kid"])
    public: Any = RSAAlgorithm.from_jwk(key)
    found = jwt.decode(token, public, algorithms=["RS256"], issuer="https://fairhand.example.org")
    assert [(each["name"], each["host"]) for each in found["portals"]] == [
        ("One", "one.example.org")
    ]
    forged = f"{told['protected']}.{told['payload'][:-4]}AAAA.{told['signature']}"
    with pytest.raises(jwt.InvalidTokenError):
        jwt.decode(forged, public, algorithms=["RS256"])


def test_a_list_of_yesterday_holds_no_more() -> None:
    told = signed_list(timezone.now() - timedelta(days=1, seconds=1))
    token = f"{told['protected']}.{told['payload']}.{told['signature']}"
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(token, options={"verify_signature": False, "verify_exp": True})


GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "portals.md"


@pytest.mark.django_db(transaction=True)
def test_the_recipe_of_the_guide_reads_the_list(live_server: Any, settings: Any) -> None:
    """A stranger copies it, and it works."""
    settings.BASE_URL = live_server.url
    found = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    done = subprocess.run(
        [sys.executable, "-c", found[1], live_server.url],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("one.example.org  One, since 20")
