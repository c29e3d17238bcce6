"""Passwords that are guessed first are refused, without asking anybody outside."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError

from fairhand.people.models import Account
from fairhand.people.passwords import is_breached

LEAKED = [f"leaked sentence {number}" for number in range(500)]


@pytest.fixture
def leaked(tmp_path: Path) -> Path:
    """A list as Have I Been Pwned writes it, ordered by hash."""
    lines = sorted(
        f"{hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper()}:{count}"
        for count, word in enumerate(LEAKED, 1)
    )
    path = tmp_path / "pwned.txt"
    path.write_bytes("\r\n".join(lines).encode())
    return path


def refused(password: str, **account: str) -> set[str]:
    """The codes of all that is wrong with a password."""
    try:
        validate_password(password, Account(**account))
    except ValidationError as error:
        return {str(one.code) for one in error.error_list}
    return set()


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Password123456789",
        "dragon!!!!!!2026",
        "MONKEY 1234567",
        "Sunshine-2026",
    ],
)
def test_a_common_password_is_refused_with_its_decoration(password: str) -> None:
    assert "password_too_common" in refused(password)


@pytest.mark.parametrize("password", ["four words make sense 7", "dragons like my tea cold"])
def test_a_sentence_is_taken(password: str) -> None:
    assert refused(password) == set()


def test_a_short_password_and_ones_own_address_are_refused() -> None:
    assert "password_too_short" in refused("qZ7!vexK")
    assert "password_too_similar" in refused("carla.rossi@example", email="carla.rossi@example.org")


def test_every_leaked_password_is_found_and_no_other(leaked: Path) -> None:
    assert all(is_breached(word, leaked) for word in LEAKED)
    assert not any(is_breached(f"kept sentence {number}", leaked) for number in range(500))


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_the_shortest_lists_are_searched_too(tmp_path: Path, size: int) -> None:
    words = [f"leaked sentence {number}" for number in range(size)]
    hashes = [hashlib.sha1(w.encode(), usedforsecurity=False).hexdigest().upper() for w in words]
    path = tmp_path / "short.txt"
    path.write_text("".join(f"{one}:7\n" for one in sorted(hashes)), encoding="ascii")
    assert all(is_breached(word, path) for word in words)
    assert not is_breached("kept sentence", path)


def test_a_leaked_password_is_refused_where_the_operator_has_the_list(
    leaked: Path, settings: Any
) -> None:
    assert refused("leaked sentence 7") == set()
    settings.BREACHED_PASSWORDS = str(leaked)
    assert refused("leaked sentence 7") == {"password_breached"}
    assert refused("kept sentence seven") == set()


def test_a_list_that_is_not_there_is_told_to_the_operator(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="FAIRHAND_BREACHED_PASSWORDS"):
        is_breached("x", tmp_path / "lost.txt")
