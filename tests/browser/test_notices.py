"""Notices on a phone: read, wished for, and told by a service worker while no page is open."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from fairhand.kit.money import Money
from fairhand.people import push
from fairhand.people.models import Preference, PushDevice
from fairhand.people.notices import tell
from fairhand.people.notices.reading import unread
from tests.browser.conftest import DESK, Visit, Visitor
from tests.fakes.push import LOOPBACK, Browser, PushService, push_service
from tests.world import World

ACCEPTED: dict[str, Any] = {"amount": Money(12_340_000, "EUR"), "batch": "Reviews, October"}
# Chromium would ask its maker's server for an address; here the fake service gives one.
SUBSCRIBE = """
const given = %s;
PushManager.prototype.subscribe = async function (wanted) {
  if (!wanted.userVisibleOnly) throw new Error("must show what it is told");
  const bytes = new Uint8Array(wanted.applicationServerKey);
  const key = btoa(String.fromCharCode(...bytes)).replace(/\\+/g, "-").replace(/\\//g, "_");
  if (key.replace(/=+$/, "") !== given.key) throw new Error("another key");
  sessionStorage.subscribed = "yes";
  return { endpoint: given.endpoint, toJSON: () => ({ endpoint: given.endpoint, keys: given.keys }) };
};
PushManager.prototype.getSubscription = async function () {
  return sessionStorage.subscribed ? { endpoint: given.endpoint, unsubscribe: async () => true } : null;
};
"""

# What the service worker shows, as soon as it does.
SHOWN = """
async () => {
  const registration = await navigator.serviceWorker.ready;
  for (let look = 0; look < 600; look++) {  // half a minute: a service worker wakes up slowly
    const [first] = await registration.getNotifications();
    if (first) return { title: first.title, url: first.data };
    await new Promise((go) => setTimeout(go, 50));
  }
  return {};
}
"""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    monkeypatch.setattr(push, "policy", lambda: LOOPBACK)
    with push_service() as running:
        yield running


def test_what_was_told_is_read_and_leads_on(visit: Visit, committed_world: World) -> None:
    ada = committed_world.ada.account
    tell(ada, "work.accepted", link="/earnings", **ACCEPTED)
    tell(ada, "security.signed_out")
    for size in (DESK, (390, 844), (320, 568)):
        with visit(size) as visitor:
            visitor.sign_in(ada)
            page = visitor.go("/work")
            page.get_by_role("link", name=re.compile("Notices.*2.*not read yet")).click()
            page.wait_for_selector("h1:has-text('Notices')")
            visitor.check()
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size[0]
            visitor.shot(f"notices-told-{size[0]}")
    with visit() as visitor:
        visitor.sign_in(ada)
        page = visitor.go("/notices")
        page.get_by_role("button", name=re.compile("Open it ?: Your work was accepted")).click()
        page.wait_for_url("**/earnings")
        assert unread(ada) == 1
        page.get_by_role("link", name=re.compile("Notices.*1")).click()
        page.get_by_role("button", name="Mark all as read").click()
        page.wait_for_selector(".bell-count", state="detached")
        assert unread(ada) == 0


def test_wishes_are_chosen_by_hand(visit: Visit, committed_world: World) -> None:
    rita = committed_world.rita
    with visit() as visitor:
        visitor.sign_in(rita)
        page = visitor.go("/notices/wishes")
        page.get_by_label("A batch of yours is finished", exact=True).select_option("daily")
        page.get_by_label("on my devices: A batch of yours is finished").uncheck()
        page.get_by_role("button", name="Save").click()
        page.wait_for_selector("text=Saved.")
        visitor.check()
    kept = Preference.objects.get(account=rita)
    assert (kept.kind, kept.mail, kept.push) == ("work.finished", "daily", False)


def test_a_phone_asks_to_be_told_and_is(
    visit: Visit, committed_world: World, service: PushService
) -> None:
    ada = committed_world.ada.account
    browser = Browser(service, push.public_key())
    with visit() as visitor:
        visitor.sign_in(ada)
        context = visitor.page.context
        context.grant_permissions(["notifications"], origin=visitor.site)
        given = {"endpoint": browser.endpoint, "keys": browser.keys, "key": push.public_key()}
        context.add_init_script(SUBSCRIBE % json.dumps(given))
        page = visitor.go("/notices/wishes")
        page.get_by_role("button", name="Tell me on this device").click()
        page.wait_for_selector("text=This device is told from now on.")
        page.wait_for_selector("text=this device ·")
        assert page.locator("[data-push-state=on]").is_visible()
        visitor.check()
        visitor.shot("notices-device")
        notice = tell(ada, "money.paid", link="/earnings", amount=Money(12_340_000, "EUR"))
        device = PushDevice.objects.get(account=ada)
        assert push.push(notice=notice.pk, device=device.pk)
        assert service.complaints == []
        shown = deliver_to_worker(visitor, json.dumps(browser.shown[0]))
        assert shown == {"title": "€12.34 are on their way to you", "url": "/earnings"}
        page.get_by_role("button", name=re.compile("Remove")).click()
        page.wait_for_selector("text=No device is told anything yet.")
        assert page.get_by_role("button", name="Tell me on this device").is_visible()


def deliver_to_worker(visitor: Visitor, message: str) -> dict[str, Any]:
    """Have Chromium hand a message to the service worker, as its maker's server would; what it shows."""
    page = visitor.page
    session = page.context.new_cdp_session(page)
    found: list[dict[str, Any]] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated", lambda e: found.extend(e["registrations"])
    )
    session.send("ServiceWorker.enable")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    assert found
    assert found[0]["scopeURL"] == f"{visitor.site}/"
    words = {"origin": visitor.site, "registrationId": found[0]["registrationId"], "data": message}
    session.send("ServiceWorker.deliverPushMessage", words)
    told: dict[str, Any] = page.evaluate(SHOWN)
    return told
