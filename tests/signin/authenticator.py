"""A passkey in software, as WebAuthn describes one: ES256, attested by nobody."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Passkey:
    """Answers what a server asks through a browser at `origin`."""

    origin: str = "http://localhost"
    rp: str = "localhost"
    counter: int = 0
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    name: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    user: str = ""

    def make(self, asked: dict[str, Any]) -> str:
        """The answer to being registered."""
        public = self.key.public_key().public_numbers()
        self.user = asked["user"]["id"]
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32), -3: public.y.to_bytes(32)}
        attested = bytes(16) + len(self.name).to_bytes(2) + self.name + cbor.encode(cose)
        data = self._data(ATTESTED) + attested
        answer = {
            "clientDataJSON": b64(self._client("webauthn.create", asked["challenge"])),
            "attestationObject": b64(cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._credential(answer, {"credProps": {"rk": True}})

    def sign(self, asked: dict[str, Any], *, count: int | None = None) -> str:
        """The answer to being asked who it is; counts on by itself where it counts at all."""
        self.counter = self.counter + 1 if count is None and self.counter else (count or 0)
        client, data = self._client("webauthn.get", asked["challenge"]), self._data()
        signed = data + hashlib.sha256(client).digest()
        answer = {
            "clientDataJSON": b64(client),
            "authenticatorData": b64(data),
            "signature": b64(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": self.user,
        }
        return self._credential(answer, {})

    def _data(self, more: int = 0) -> bytes:
        flags = PRESENT | VERIFIED | more
        rp = hashlib.sha256(self.rp.encode()).digest()
        return rp + bytes([flags]) + self.counter.to_bytes(4)

    def _client(self, what: str, challenge: str) -> bytes:
        said = {"type": what, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _credential(self, answer: dict[str, Any], extensions: dict[str, Any]) -> str:
        made = {"type": "public-key", "id": b64(self.name), "rawId": b64(self.name)}
        return json.dumps({**made, "response": answer, "clientExtensionResults": extensions})
