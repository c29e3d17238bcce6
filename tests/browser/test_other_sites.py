"""Two whole installations: one vouches for its people, and the other lets them in."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from fairhand.host import databases, ports
from fairhand.kit.sealed import seal
from fairhand.people.models import Member
from fairhand.people.oidc import SECRET, Issuer, add_service
from tests.browser.conftest import DESK, Visit
from tests.world import World

TOP = Path(__file__).resolve().parents[2]
SCENE = """
import sys
import django
django.setup()
from fairhand.people.models import Account
from fairhand.people.oidc import add_client
person = Account.objects.create_user("jane@birds.example", "jane's long password", name="Jane Doe")
client, secret = add_client(person, "The other installation", [sys.argv[1]])
print(client.pk, secret)
"""


@dataclass
class Peer:
    """The installation that vouches."""

    url: str
    environment: dict[str, str]

    def knows(self, callback: str) -> tuple[str, str]:
        """Make it know the other one; returns its client's ID and secret."""
        command = [sys.executable, "-c", SCENE, callback]
        told = subprocess.run(
            command, env=self.environment, check=True, capture_output=True, text=True
        )
        client, secret = told.stdout.split()
        return client, secret


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    """Run it as it runs anywhere, on a database of its own. Another host has other cookies."""
    port = ports.claim("127.0.0.1", 0)
    url = urlsplit(os.environ["FAIRHAND_TEST_DATABASE_URL"])._replace(path="/peer").geturl()
    databases.ensure(os.environ["FAIRHAND_TEST_DATABASE_URL"], "peer")
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_hex(32), encoding="ascii")
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("FAIRHAND_")},
        "PYTHONPATH": os.pathsep.join((str(TOP / "src"), str(TOP))),
        "DJANGO_SETTINGS_MODULE": "fairhand.settings",
        "FAIRHAND_DATABASE_URL": url,
        "FAIRHAND_SECRET_FILE": str(secret),
        "FAIRHAND_BASE_URL": f"http://localhost:{port}",
        "FAIRHAND_HOSTS": "localhost",
    }
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=environment, check=True)
    serve = [sys.executable, "-m", "fairhand.host.serve", "127.0.0.1", str(port), "1", "2"]
    with subprocess.Popen(serve, env=environment, stderr=subprocess.DEVNULL) as server:
        while not ports.answers("127.0.0.1", port):
            assert server.poll() is None, "it does not start"
        yield Peer(f"http://localhost:{port}", environment)
        server.terminate()
    databases.drop(os.environ["FAIRHAND_TEST_DATABASE_URL"], "peer")


def test_somebody_signs_in_with_the_account_of_another_installation(
    visit: Visit, site: str, committed_world: World, peer: Peer
) -> None:
    world = committed_world
    service = add_service(
        world.olga,
        "Birds",
        Issuer(peer.url, "", ""),
        domains=["birds.example"],
        organisation=world.organisation,
        role="viewer",
    )
    app = service.app
    callback = f"{site}/accounts/oidc/{app.provider_id}/login/callback/"
    app.client_id, secret = peer.knows(callback)
    app.secret = seal(secret, SECRET)
    app.save()
    with visit(DESK) as visitor:
        visitor.sign_in(world.olga)
        page = visitor.go("/operator/sign-in")
        expect(page.get_by_role("main")).to_contain_text(callback)
        visitor.check()
        visitor.shot("other-site-services")
    with visit(DESK) as visitor:
        page = visitor.go("/accounts/oidc")
        visitor.check()
        visitor.shot("other-site-find")
        page.get_by_label("Your address at work").fill("jane@birds.example")
        page.get_by_role("button", name="Go on").click()
        visitor.check()
        visitor.shot("other-site-leave")
        page.get_by_role("button", name="Go to Birds").click()
        page.wait_for_url(f"{peer.url}/**")
        page.get_by_label("E-mail address").fill("jane@birds.example")
        page.get_by_label("Password").fill("jane's long password")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("know who you are?")
        visitor.check()
        visitor.shot("other-site-consent")
        page.get_by_role("button", name="Yes").click()
        page.wait_for_url(f"{site}/**")
        expect(page.get_by_role("navigation").first).to_contain_text("Batches")
        visitor.check()
    member = Member.objects.select_related("account").get(account__email="jane@birds.example")
    assert (member.organisation, member.role) == (world.organisation, "viewer")
    assert member.account.name == "Jane Doe"
