"""An OpenID provider on loopback (OpenID Connect Core 1.0, Discovery 1.0), which can misbehave.

It has one person, who always agrees. What it says is a dictionary that a test may change: claims of
the token, claims of the userinfo, statuses.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "fairhand-there", "the secret there"
KID = "one"


@dataclass
class Issuer:
    """Where it is, whom it knows, and what went out of its hands."""

    url: str = ""
    person: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "248289761001",
            "email": "jane@birds.example",
            "email_verified": True,
            "name": "Jane Doe",
        }
    )
    token: dict[str, Any] = field(default_factory=dict)  # claims that differ from what is right
    statuses: dict[str, int] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)  # of the description, likewise
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )

    def agree(self, authorize: str) -> dict[str, str]:
        """The person agrees: what the browser brings back to the address that asked."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(authorize).query).items()}
        assert authorize.startswith(f"{self.url}/authorize?")
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert {"openid", "email"} <= set(asked["scope"].split())
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **self.described,
        }

    def exchange(self, given: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """A code for tokens: once, for the client and the address that it was given to."""
        asked = self.codes.pop(given.get("code", ""), None)
        right = asked is not None and given.get("client_secret") == CLIENT_SECRET
        if not right or asked is None or given.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if "code_challenge" in asked:
            proof = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(proof).rstrip(b"=").decode() != asked["code_challenge"]:
                return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, **self.person}
        if "nonce" in asked:
            claims["nonce"] = asked["nonce"]
        token = jwt.encode({**claims, **self.token}, self.key, "RS256", headers={"kid": KID})
        return 200, {"access_token": "at-1", "token_type": "Bearer", "id_token": token}

    def keys(self) -> dict[str, Any]:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": KID, "use": "sig", "alg": "RS256"}]}


class _Handler(BaseHTTPRequestHandler):
    issuer: Issuer

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        answers: dict[str, Callable[[], dict[str, Any]]] = {
            "/.well-known/openid-configuration": self.issuer.discovery,
            "/jwks": self.issuer.keys,
            "/userinfo": lambda: self.issuer.person,
        }
        known = path != "/userinfo" or self.headers.get("Authorization") == "Bearer at-1"
        self._answer(200 if known else 401, answers[path]() if known else {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(*self.issuer.exchange({k: v[0] for k, v in parse_qs(body).items()}))

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        path = urlsplit(self.path).path
        self.issuer.asked.append(path)
        body = json.dumps(content).encode()
        self.send_response(self.issuer.statuses.get(path, status))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        pass


@contextmanager
def running() -> Iterator[Issuer]:
    """Run an issuer until the block ends."""
    issuer = Issuer()
    handler = type("Handler", (_Handler,), {"issuer": issuer})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def back(address: str, brought: dict[str, str]) -> str:
    """The address that a browser comes back to, with what it brings."""
    return f"{address}?{urlencode(brought)}"
