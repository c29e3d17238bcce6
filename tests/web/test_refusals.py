"""What verbs raise becomes a page; what programs hear is left to the API."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from fairhand.kit.decision import Problem, Refusal, Refused, UnusableInput
from fairhand.web.refusals import RefusalMiddleware
from tests.world import World

SPENT = Refusal("spent", "It costs %(cost)s.", {"cost": "2.00 EUR"}, status=402)
BROKEN = UnusableInput([Problem("It is empty.", line=3, field="text"), Problem("It is odd.")])


def raised(error: Exception, path: str = "/somewhere") -> HttpResponse | None:
    def unused(_request: HttpRequest) -> HttpResponse:
        raise AssertionError

    request = RequestFactory().get(path)
    return RefusalMiddleware(unused).process_exception(request, error)


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [
        ("get", "/identity/o/authorize", {"client_id": "a\0b"}),
        ("post", "/identity/o/api/token", {"client_id": "a\0b", "grant_type": "refresh_token"}),
        ("post", "/identity/o/api/token", {"code": "\0", "grant_type": "authorization_code"}),
        ("post", "/identity/o/api/revoke", {"client_id": "x", "client_secret": "x", "token": "\0"}),
        ("get", "/identity/o/logout", {"client_id": "a\0b", "id_token_hint": "x"}),
        ("post", "/accounts/oidc", {"email": "a\0@b.example"}),
        ("post", "/accounts/login/", {"login": "a\0@b.example", "password": "x"}),
        ("post", "/accounts/password/reset/", {"email": "a\0@b.example"}),
        ("post", "/accounts/login/", {"na\0me": "x"}),
        ("get", "/", {"q\0": ""}),
    ],
)
def test_the_character_zero_is_refused_wherever_it_stands(
    world: World, client: Client, method: str, path: str, given: dict[str, str]
) -> None:
    answer = getattr(client, method)(path, given)
    assert answer.status_code == 400
    assert "number zero" in answer.content.decode()


def test_a_refusal_is_a_page_with_its_sentence_and_a_way_on() -> None:
    page = raised(Refused(SPENT))
    assert page is not None
    assert page.status_code == 402
    assert b"It costs 2.00 EUR." in page.content
    assert b"To the start page" in page.content


def test_a_refusal_of_an_unnamed_kind_has_a_title_too() -> None:
    page = raised(Refused(Refusal("early", "It is too early.")))
    assert page is not None
    assert page.status_code == 409
    assert b"<h1>Not now</h1>" in page.content


def test_unusable_input_names_each_place() -> None:
    page = raised(BROKEN)
    assert page is not None
    assert page.status_code == 422
    assert b'<td class="num">3</td><td>text</td><td>It is empty.</td>' in page.content
    assert b"It is odd." in page.content


@pytest.mark.parametrize("error", [Refused(SPENT), BROKEN])
def test_programs_are_left_to_the_api(error: Exception) -> None:
    assert raised(error, "/api/v1/me") is None


def test_a_fault_of_ours_is_not_called_a_refusal() -> None:
    assert raised(KeyError("x")) is None
