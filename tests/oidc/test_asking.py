"""The other site is asked by the one way out: what it names cannot lead into our own network."""

from typing import Any

import pytest
from django.test import Client
from requests import ConnectionError as NoConnection
from requests import HTTPError
from requests.auth import HTTPBasicAuth

from fairhand.kit.egress import Answer, Policy
from fairhand.people.models import SignInService
from fairhand.web.oidc import asking
from fairhand.web.oidc.asking import Asking
from tests.fakes.issuer import Issuer
from tests.oidc.coming import signed_in, visit

INSIDE = ["http://10.0.0.7/t", "https://169.254.169.254/t", "https://[fd00::1]/t", "file:///etc"]


@pytest.mark.parametrize("url", [*INSIDE, "http://id.example/t"])
@pytest.mark.parametrize("what", ["token_endpoint", "userinfo_endpoint"])
def test_a_description_that_names_an_address_inside_is_not_followed(
    service: SignInService, issuer: Issuer, client: Client, url: str, what: str
) -> None:
    issuer.described = {what: url}
    assert "who you are" in visit(client, service, issuer)
    assert signed_in(client) is None


@pytest.mark.parametrize("url", [*INSIDE, "http://127.0.0.1:1/t", "https://localhost/t"])
def test_a_service_elsewhere_may_not_name_this_machine(url: str) -> None:
    with Asking(beside=False) as session, pytest.raises(NoConnection):
        session.post(url, data={"code": "x"})


def test_a_service_beside_us_is_asked_without_tls(issuer: Issuer) -> None:
    with Asking(beside=True) as session:
        told = session.get(f"{issuer.url}/jwks", params={"a": "b"})
        told.raise_for_status()
        assert told.json() == issuer.keys()
        assert told.headers["content-type"] == "application/json"
        lost = session.get(f"{issuer.url}/userinfo")
        with pytest.raises(HTTPError):
            lost.raise_for_status()


def test_a_client_that_says_who_it_is_in_the_header_says_it_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, str, dict[str, str], bytes]] = []

    def heard(method: str, url: str, *, headers: Any, body: bytes, policy: Policy) -> Answer:
        assert policy.schemes == {"https"}
        asked.append((method, url, headers, body))
        return Answer(302, {"location": "https://elsewhere.example"}, b"{}")

    monkeypatch.setattr(asking, "send", heard)
    reply = Asking(beside=False).request(
        "POST", "https://id.example/t", data={"a": "b c"}, auth=HTTPBasicAuth("us", "secret")
    )
    ((method, url, headers, body),) = asked
    assert (method, url, body) == ("POST", "https://id.example/t", b"a=b+c")
    assert headers["Authorization"] == "Basic dXM6c2VjcmV0"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    with pytest.raises(HTTPError):  # what is answered elsewhere is no answer
        reply.raise_for_status()
