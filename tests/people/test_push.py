"""Web push against a service that checks the RFCs and decrypts, and that can misbehave."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ImproperlyConfigured
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from fairhand.kit.decision import Refusal
from fairhand.kit.money import Money
from fairhand.people import push
from fairhand.people.models import Account, Notice, PushDevice
from fairhand.people.notices import tell
from fairhand.people.notices.reading import read
from fairhand.people.notices.wishes import wish_for
from tests.fakes.push import LOOPBACK, Browser, PushService, push_service
from tests.world import World

PAID: dict[str, Any] = {"amount": Money(12_340_000, "EUR")}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    monkeypatch.setattr(push, "policy", lambda: LOOPBACK)
    with push_service() as running:
        yield running


def subscribe(account: Account, service: PushService) -> Browser:
    browser = Browser(service, push.public_key())
    assert push.add_device(account, endpoint=browser.endpoint, agent="A phone", **browser.keys)
    return browser


def device_of(browser: Browser) -> PushDevice:
    return PushDevice.objects.get(endpoint=browser.endpoint)


def jobs(name: str) -> list[dict[str, int]]:
    found = ProcrastinateJob.objects.filter(task_name=f"fairhand.{name}", status="todo")
    return list(found.order_by("pk").values_list("args", flat=True))


def do_push_jobs() -> list[bool]:
    return [push.push(**job) for job in jobs("push")]


def test_a_device_shows_what_happened_in_its_owners_language(
    world: World, service: PushService
) -> None:
    ada = world.ada.account
    browser = subscribe(ada, service)
    notice = tell(ada, "money.paid", link="/earnings", **PAID)
    assert do_push_jobs()[-1] is True
    assert service.complaints == []
    (shown,) = browser.shown
    assert shown["title"] == "€12.34 are on their way to you"
    assert (shown["url"], shown["tag"]) == ("/earnings", f"notice-{notice.pk}")


def test_every_device_of_a_person_and_of_nobody_else_is_told(
    world: World, service: PushService
) -> None:
    mine = [subscribe(world.ada.account, service) for _ in range(2)]
    others = subscribe(world.ben.account, service)
    before = len(jobs("push"))
    tell(world.ada.account, "money.paid", **PAID)
    for job in jobs("push")[before:]:
        assert push.push(**job)
    assert [len(browser.shown) for browser in (*mine, others)] == [1, 1, 0]


def test_who_wishes_none_and_who_has_read_it_is_not_told(
    world: World, service: PushService
) -> None:
    ada = world.ada.account
    browser = subscribe(ada, service)
    notice = tell(ada, "money.paid", **PAID)
    read(ada, notice.pk)
    assert not push.push(notice=notice.pk, device=device_of(browser).pk)
    before = len(jobs("push"))
    assert wish_for(ada, "money.paid", mail="never", push=False)  # type: ignore[arg-type]
    tell(ada, "money.paid", **PAID)
    assert len(jobs("push")) == before
    assert service.asked == 0


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten(
    world: World, service: PushService, status: int
) -> None:
    browser = subscribe(world.ada.account, service)
    service.answers = [status]
    notice = tell(world.ada.account, "money.paid", **PAID)
    assert not push.push(notice=notice.pk, device=device_of(browser).pk)
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize("answer", [429, 500, 502, 503, "slow"])
def test_a_service_in_trouble_is_asked_again_later(
    world: World, service: PushService, answer: int | str
) -> None:
    browser = subscribe(world.ada.account, service)
    service.answers = [answer]
    notice = tell(world.ada.account, "money.paid", **PAID)
    with pytest.raises(push.TryLater):
        push.push(notice=notice.pk, device=device_of(browser).pk)
    assert device_of(browser).failures == 1
    assert push.push(notice=notice.pk, device=device_of(browser).pk)
    assert device_of(browser).failures == 0
    assert len(browser.shown) == 1


def test_a_refusal_is_not_repeated_and_a_device_that_always_fails_is_forgotten(
    world: World, service: PushService
) -> None:
    browser = subscribe(world.ada.account, service)
    notice = tell(world.ada.account, "money.paid", **PAID)
    device = device_of(browser)
    for _ in range(push.FAILURES_ALLOWED):
        service.answers = [403]
        assert not push.push(notice=notice.pk, device=device.pk)
    assert not PushDevice.objects.exists()


def test_a_notice_that_was_never_committed_is_told_nobody(
    world: World, service: PushService
) -> None:
    browser = subscribe(world.ada.account, service)
    assert not push.push(notice=0, device=device_of(browser).pk)
    assert service.asked == 0


@pytest.mark.parametrize(
    "endpoint",
    [
        *("http://push.example/x", "https://127.0.0.1/x", "https://[::1]/x", "https://10.0.0.1/x"),
        *("https://169.254.169.254/latest", "https://push.example:22/x", "file:///etc/passwd", ""),
    ],
)
def test_a_device_is_only_kept_with_a_public_address(world: World, endpoint: str) -> None:
    with push_service() as service:
        keys = Browser(service, push.public_key()).keys
    answer = push.add_device(world.ada.account, endpoint=endpoint, **keys)
    assert isinstance(answer, Refusal)
    assert not PushDevice.objects.exists()
    assert not Notice.objects.exists()


@pytest.mark.parametrize("name", ["p256dh", "auth"])
@pytest.mark.parametrize("value", ["", "AAAA", "not base64!", "\N{SNOWMAN}", "B" * 87])
def test_a_device_is_only_kept_with_keys_that_can_be_used(
    world: World, service: PushService, name: str, value: str
) -> None:
    browser = Browser(service, push.public_key())
    keys = {**browser.keys, name: value}
    answer = push.add_device(world.ada.account, endpoint=browser.endpoint, **keys)
    assert isinstance(answer, Refusal)
    assert not PushDevice.objects.exists()


def test_an_address_that_leads_inside_later_is_forgotten_and_not_asked(
    world: World, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = subscribe(world.ada.account, service)
    notice = tell(world.ada.account, "money.paid", **PAID)
    monkeypatch.undo()
    assert not push.push(notice=notice.pk, device=device_of(browser).pk)
    assert service.asked == 0
    assert not PushDevice.objects.exists()


def test_a_browser_belongs_to_who_used_it_last(world: World, service: PushService) -> None:
    browser = subscribe(world.ada.account, service)
    assert push.add_device(world.ben.account, endpoint=browser.endpoint, **browser.keys)
    assert device_of(browser).account == world.ben.account
    notice = tell(world.ada.account, "money.paid", **PAID)
    assert not push.push(notice=notice.pk, device=device_of(browser).pk)


def test_a_person_has_so_many_devices_and_removes_only_their_own(
    world: World, service: PushService
) -> None:
    for _ in range(push.MOST_DEVICES):
        browser = subscribe(world.ada.account, service)
    more = Browser(service, push.public_key())
    assert not push.add_device(world.ada.account, endpoint=more.endpoint, **more.keys)
    assert push.add_device(world.ada.account, endpoint=browser.endpoint, **browser.keys)
    assert push.forget_devices(world.ben.account, device_of(browser).pk) == 0
    assert push.forget_devices(world.ada.account, device_of(browser).pk) == 1
    assert push.forget_devices(world.ada.account) == push.MOST_DEVICES - 1


def test_the_key_stays_the_same_and_differs_between_installations(settings: Settings) -> None:
    first = push.public_key()
    assert first == push.public_key()
    settings.SECRET_KEY = "another secret that is long enough to be one, or nearly so"
    assert push.public_key() != first


def test_the_operators_own_key_is_used_if_only_its_owner_reads_it(
    settings: Settings, tmp_path: Path
) -> None:
    key, file = ec.generate_private_key(ec.SECP256R1()), tmp_path / "push.pem"
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file.write_bytes(key.private_bytes(*pem, serialization.NoEncryption()))
    settings.PUSH_KEY_FILE = str(file)
    file.chmod(stat.S_IRUSR | stat.S_IROTH)
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        push.public_key()
    file.chmod(stat.S_IRUSR)
    assert len(push.public_key()) == 87
    file.chmod(stat.S_IRUSR | stat.S_IWUSR)
    file.write_text("no key")
    push._keys_of.cache_clear()
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        push.public_key()
