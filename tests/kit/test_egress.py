"""SS-1, SS-3, SS-4: whatever address somebody gives us, we ask nobody in our own network."""

import datetime as dt
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fairhand.kit.decision import Refused
from fairhand.kit.egress import Policy, Unreachable, check, is_public, send

# Spellings of places that are not public servers; `{}` gives each a path, a port and a query too.
INSIDE = """
127.0.0.1 127.1 127.0.1 127.255.255.254 0.0.0.0 0 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255
192.168.0.1 192.168.255.255 169.254.169.254 169.254.0.1 100.64.0.1 100.127.255.255 192.0.0.1
192.0.2.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
255.255.255.255 192.88.99.1 2130706433 3232235521 2852039166 017700000001 0x7f000001 0x7f.1
0x7f.0x0.0x0.0x1 0177.0.0.1 0177.0.0.01 127.0.0.1. 127.0.0.0x1 00127.0.0.1 127.000.000.001
0xA9FEA9FE 169.16689662 10.1 0xa.1 192.168.1 8.8.8.8. 134744072 0x08080808 010.8.8.8
[::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:10.0.0.1] [::ffff:a9fe:a9fe] [::127.0.0.1]
[0:0:0:0:0:0:0:1] [0:0:0:0:0:ffff:7f00:0001] [fe80::1] [fe80::1%25eth0] [fec0::1] [fc00::1]
[fd00::1] [fd00:ec2::254] [ff02::1] [ff05::2] [64:ff9b::7f00:1] [64:ff9b::10.0.0.1]
[64:ff9b::a9fe:a9fe] [64:ff9b:1::1] [2002:7f00:1::] [2002:a00:1::1] [2001:0:7f00:1::1] [2001:db8::1]
[100::1] [3fff::1] [5f00::1] [::ffff:0:127.0.0.1] [::1%25lo]
""".split()  # noqa: SIM905 - a hundred words read better than a hundred strings
DISGUISES = (
    *("①②⑦.⓪.⓪.①", "127。0。0。1", "localhost\u2024com", "ⓛocalhost", "\uff11\uff12\uff17.0.0.1"),
    *("127.0.0.1\\.example.com", "exa mple.com", "example.com\n127.0.0.1", "\texample.com"),
    *("example.com%2f@127.0.0.1", "user@127.0.0.1", "user:secret@example.com", "@example.com"),
    *("example..com", ".example.com", "example.com.", "-a.example.com", "a" * 64 + ".com"),
    *("example.com:0", "example.com:22", "example.com:25", "example.com:6379", "example.com:99999"),
    *("example.com:x", "[::1", "::1", "[example.com]", "[127.0.0.1]", "", "1.2.3.4.5", "example.1"),
)
SCHEMES = ("http", "file", "gopher", "ftp", "data", "dict", "ldap", "jar", "ws", "javascript", "")
SPELLINGS = [f"https://{host}{end}" for host in INSIDE for end in ("/", ":8443/x?y=1")]
SPELLINGS += [f"https://{host}/" for host in DISGUISES]
SPELLINGS += [f"{scheme}://example.com/" for scheme in SCHEMES]
SPELLINGS += ["https:/example.com", "//example.com/", "example.com", "https://" + "a." * 2000 + "c"]


def test_the_corpus_is_as_long_as_it_has_to_be() -> None:
    assert len(set(SPELLINGS)) >= 120


@pytest.mark.parametrize("url", SPELLINGS)
def test_an_address_that_is_not_public_is_refused_before_anything_is_asked(url: str) -> None:
    def never(host: str, port: int) -> list[str]:
        raise AssertionError(f"{host} was looked up")

    assert not check(url)
    with pytest.raises(Refused):
        send("GET", url, policy=Policy(resolve=never))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com:8443/a/b?c=d",
        "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]/",
        "https://[64:ff9b::808:808]/",
        "https://xn--bcher-kva.example/",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAA-_x",
    ],
)
def test_a_public_address_may_be_asked(url: str) -> None:
    assert check(url)


@pytest.mark.parametrize("address", [host.strip("[]") for host in INSIDE if host.count(".") == 3])
def test_what_a_name_leads_to_is_looked_at_not_how_it_is_spelled(address: str) -> None:
    """A name may lead anywhere, and one bad address among good ones is enough."""
    try:
        assert not is_public(address)
    except ValueError:
        return
    for found in ([address], ["8.8.8.8", address], [address, "8.8.8.8"]):
        with pytest.raises(Refused, match="public server"):
            send("GET", "https://example.com/", policy=Policy(resolve=lambda _h, _p, f=found: f))  # type: ignore[misc]


class Site(BaseHTTPRequestHandler):
    """Says what the path asks it to: a status, a redirect, too much, or nothing for a while."""

    asked: list[tuple[str, dict[str, str]]] = []
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.asked.append((self.path, dict(self.headers)))
        word, _, rest = self.path.strip("/").partition("/")
        if word == "to":
            self._say(302, location=rest)
        elif word == "round":
            self._say(302, location="/round")
        elif word == "long":
            self._say(200, b"x" * int(rest))
        elif word == "drip":
            self._drip()
        else:
            self._say(200, b"here")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def _say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        """A byte now and then, each in time, for ever."""
        end = time.monotonic() + 5
        try:
            while time.monotonic() < end:
                self.wfile.write(b"H")
                self.wfile.flush()
                self.server.pause.wait(0.02)  # type: ignore[attr-defined]
        except OSError:
            self.close_connection = True

    def log_message(self, *_said: object) -> None:
        pass


@contextmanager
def served(context: ssl.SSLContext | None = None) -> Iterator[int]:
    Site.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.pause = threading.Event()  # type: ignore[attr-defined]
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.pause.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()
        server.server_close()


def here(**more: Any) -> Policy:
    """As a test says it: plain HTTP to this machine is fine."""
    return Policy(**{"schemes": frozenset({"http"}), "ports": None, "loopback": True, **more})


def test_loopback_answers_only_where_a_test_says_so() -> None:
    with served() as port:
        url = f"http://127.0.0.1:{port}/a?b=c"
        assert send("GET", url, policy=here()).body == b"here"
        with pytest.raises(Refused):
            send("GET", url, policy=here(loopback=False))
        assert [path for path, _headers in Site.asked] == ["/a?b=c"]


def test_a_name_is_resolved_once_and_the_connection_goes_where_it_was_checked() -> None:
    """SS-4: the name's server says something public first, and our own machine the next time."""
    with served() as port:
        said = iter([["127.0.0.1"], ["10.0.0.1"]])
        policy = here(resolve=lambda _host, _port: next(said))
        answer = send("GET", f"http://rebind.example:{port}/", policy=policy)
        assert answer.body == b"here"
        assert Site.asked[0][1]["Host"] == f"rebind.example:{port}"
        with pytest.raises(Refused):
            send("GET", f"http://rebind.example:{port}/", policy=policy)


@pytest.mark.parametrize(
    "inside",
    [
        *("http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://192.168.1.1:80/"),
        *("http://[fd00::1]/", "http://0x7f.1/", "http://2130706433/", "http://172.16.0.1/"),
        *("http://[::ffff:10.0.0.1]/", "http://[64:ff9b::a00:1]/", "//10.0.0.1/", "http://0/"),
        *("file:///etc/passwd", "gopher://10.0.0.1/", "ftp://10.0.0.1/", "data:text/plain,x"),
        *("http://user@127.0.0.1/", "http://internal.example/", "http://two.example/"),
        "http://100.64.0.1/",
    ],
)
def test_a_redirect_is_checked_like_a_first_address(inside: str) -> None:
    """SS-3."""
    names = {"internal.example": ["10.0.0.1"], "two.example": ["8.8.8.8", "10.0.0.1"]}
    with served() as port:
        policy = here(redirects=3, resolve=lambda host, _port: names.get(host, ["127.0.0.1"]))
        with pytest.raises(Refused):
            send("GET", f"http://start.example:{port}/to/{inside}", policy=policy)
        assert len(Site.asked) == 1


def test_a_redirect_is_followed_only_so_often_and_only_where_the_policy_says_so() -> None:
    with served() as port:
        start = f"http://127.0.0.1:{port}"
        assert send("GET", f"{start}/to//there", policy=here(redirects=1)).body == b"here"
        assert send("GET", f"{start}/to//there", policy=here()).status == 302
        with pytest.raises(Refused, match="leads on"):
            send("GET", f"{start}/round", policy=here(redirects=3))


def test_what_signs_us_in_is_not_carried_to_another_server() -> None:
    with served() as port:
        policy = here(redirects=1, resolve=lambda _host, _port: ["127.0.0.1"])
        to = f"http://one.example:{port}/to/http://two.example:{port}/end"
        headers = {"Authorization": "secret", "cookie": "secret", "TTL": "1"}
        send("POST", to, headers=headers, body=b"x", policy=policy)
        (_, first), (_, second) = Site.asked
        assert first["Authorization"] == "secret"
        assert "secret" not in second.values()
        assert second["TTL"] == "1"


def test_an_answer_that_is_too_long_or_never_ends_is_left() -> None:
    with served() as port:
        start = f"http://127.0.0.1:{port}"
        assert len(send("GET", f"{start}/long/2000", policy=here(longest=2000)).body) == 2000
        with pytest.raises(Unreachable):
            send("GET", f"{start}/long/2001", policy=here(longest=2000))
        begun = time.monotonic()
        with pytest.raises(Unreachable):
            send("GET", f"{start}/drip", policy=here(seconds=0.3))
        assert time.monotonic() - begun < 3


def test_nobody_there_is_told_without_what_they_said(free_port: int) -> None:
    with pytest.raises(Unreachable) as told:
        send("GET", f"http://127.0.0.1:{free_port}/secret", policy=here())
    assert "secret" not in str(told.value)

    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(Unreachable):
        send("GET", "https://example.com/", policy=Policy(resolve=unknown))


@pytest.fixture
def free_port() -> int:
    with served() as port:
        return port


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's context: the one shows a certificate that the other trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    file = folder / "both.pem"
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(plain + made.public_bytes(pem))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=made.public_bytes(pem).decode())


def test_the_certificate_must_be_that_of_the_name_though_we_connect_to_a_number(
    tmp_path: Path,
) -> None:
    server, trust = certificate(tmp_path, "push.example")
    with served(server) as port:
        policy = Policy(
            ports=None, loopback=True, trust=trust, resolve=lambda _host, _port: ["127.0.0.1"]
        )
        assert send("GET", f"https://push.example:{port}/", policy=policy).body == b"here"
        with pytest.raises(Unreachable):
            send("GET", f"https://other.example:{port}/", policy=policy)
