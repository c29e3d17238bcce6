"""Clicking from each role's start page reaches every page, and docs/capabilities.md lists each one."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from fairhand.people.models import Account
from tests.browser.conftest import Visit, Visitor
from tests.browser.test_journeys import HEADINGS
from tests.browser.test_looks import screenshots
from tests.web.scene import Scene

TOP = Path(__file__).resolve().parent.parent.parent
CAPABILITIES = TOP / "docs" / "capabilities.md"
# Addresses that no link leads to, and why not.
UNLINKED = {
    "enter": "printed by the command that made the demonstration",
    "set_language": "takes the form at the foot of every page",
    "account_signup": "linked only where the operator opened sign-up",
    "account_logout": "takes the button at the head of every page",
    "openid_connect_login": "linked where a service is set up; tests/browser/test_other_sites.py",
    "openid_connect_callback": "where another site sends people back to",
    "socialaccount_signup": "where signing in from a site leads that names no address",
    "socialaccount_login_cancelled": "where a site leads whose person did not go on",
    "socialaccount_login_error": "where a site leads that is not understood",
    "configuration": "read by other sites",
    "jwks": "read by other sites",
    "authorization": "where a portal's own site sends people",
    "logout": "where a portal's own site sends people who leave",
    "token": "asked by other sites",
    "revoke": "asked by other sites",
    "userinfo": "asked by other sites",
    "device_code": "says that there is no such thing",
    "add-site": "takes a form of the services' page",
    "drop-site": "takes a button of the services' page",
    "drop-service": "takes a button of the services' page",
    "account_email_verification_sent": "where signing up leads",
    "mfa_authenticate": "where signing in leads who has a second factor",
    "mfa_login_webauthn": "takes a button of the sign-in page",
    "account_reauthenticate": "where what matters most leads first",
    "mfa_reauthenticate": "where what matters most leads first",
    "mfa_reauthenticate_webauthn": "where what matters most leads first",
    "mfa_deactivate_totp": "linked for who has an app; tests/browser/test_sign_in.py",
    "mfa_view_recovery_codes": "linked for who has some; tests/browser/test_sign_in.py",
    "mfa_generate_recovery_codes": "linked for who has some",
    "mfa_download_recovery_codes": "linked for who has some",
    "mfa_list_webauthn": "linked at a name alone; tests/browser/test_sign_in.py",
    "mfa_add_webauthn": "linked at a name alone; tests/browser/test_sign_in.py",
    "mfa_edit_webauthn": "linked for who has a passkey",
    "mfa_remove_webauthn": "linked for who has a passkey",
    "end-browser": "takes a button of the browsers' page",
    "account_change_phone": "linked where the operator set texts up",
    "account_verify_phone": "where giving a number leads",
    "drop-phone": "takes a button of the number's page",
    "begin-to-work": "takes a button of the page of whoever has no place yet",
    "account_inactive": "where signing in with a closed account leads",
    "account_set_password": "where changing a password leads who has none",
    "account_reset_password_done": "where the form before it leads",
    "account_reset_password_from_key": "linked in a mail",
    "account_reset_password_from_key_done": "where the form before it leads",
    "notices-read": "takes a button of the notices' page",
    "notice-open": "takes a button of the notices' page",
    "device": "takes a button of the devices' page",
    "device-remove": "takes a button of the devices' page",
    "notices-stop": "linked in a mail",
    "mail-again": "takes a button of the mails' page",
    "service-worker": "asked for by the devices' page",
    "manifest": "asked for by every page",
    "agreement": "linked where one is in force; tests/browser/test_onboarding.py",
    "agreement-copy": "linked for who signed one; tests/agreements/test_pages.py",
    "operator-agreement-end": "takes a button of an agreement in force",
    "project-agreement-end": "takes a button of an agreement in force",
    "brand-style": "asked for by every page of a portal",
    "brand-logo": "asked for by every page of a portal",
    "brand-icon": "asked for by every page of a portal",
    "portal-join": "linked at a portal's host; tests/browser/test_portals.py",
    "portal-invited": "passed on by who invites",
    "portal-leave": "takes a button of the portals' page",
    "portal-home": "linked at a portal's host; tests/browser/test_portals.py",
    "portal-invitations": "linked at a portal's host; tests/browser/test_portals.py",
    "portal-withdraw": "takes a button of the invitations' page",
    "portal-staff": "linked at a portal's host; tests/browser/test_portals.py",
    "operator-portal": "linked where there is a portal; tests/browser/test_portals.py",
    "operator-portal-look": "linked where there is a portal; tests/browser/test_portals.py",
    "operator-portal-gates": "takes a button of the portal's page",
    "operator-portal-logo": "takes a form of the portal's page",
    "operator-portal-staff": "takes a form of the portal's page",
    "portal-terms": "linked where there is a portal; tests/browser/test_portal_money.py",
    "operator-portal-close": "takes a button of the portal's page",
    "operator-portal-reopen": "takes a button of the portal's page",
    "privacy-ask": "takes a button of one's data's page",
    "privacy-keep": "takes a button of one's data's page",
    "privacy-download": "linked once an archive is made; see tests/privacy/test_pages.py",
    "gallery": "for those who build pages; its samples are tested in tests/web/test_gallery.py",
    "start": "takes a button of the batch's page",
    "join": "linked in a mail, or passed on by who invites",
    "team-invite": "takes a form of the team's page",
    "team-leave": "takes a button of the team's page",
    "team-second-factor": "takes a button of the team's page",
    "team-withdraw": "takes a button of the team's page",
    "team-role": "takes a form of the team's page",
    "team-remove": "takes a button of the team's page",
    "team-transfer": "takes a button of the team's page",
    "key-rotate": "takes a button of the keys' page",
    "key-revoke": "takes a button of the keys' page",
    "held-picture": "asked for by the task page",
    "project-media-add": "takes a form of the pictures' page",
    "project-media-remove": "takes a button of the pictures' page",
    "project-picture": "linked at a picture; tests/browser/test_pictures.py",
    "batch-upload": "takes a form of the draft's page",
    "batch-accept": "takes a button of the batch's page",
    "batch-compute": "takes a button of the results' page",
    "batch-act": "takes a button of the batch's page",
    "lift": "takes a button of the restrictions' page",
    "prepare": "takes a button of the payouts' page",
    "run-step": "takes a button of the run's page",
    "bounce": "takes a button of the run's page",
    "ask-for-run": "takes a button of the payouts' page",
    "decide": "takes a button of the approvals' page",
    "operator-sign-out": "takes a button of the account's page",
    "exclude": "takes a button of the account's page",
    "let-back": "takes a button of the account's page",
    "appeal": "linked once something is contested; see tests/browser/test_appeals.py",
    "operator-appeal": "linked once something is contested; see tests/browser/test_appeals.py",
    "withdraw-appeal": "takes a button of the appeal's page",
    "appeal-proof": "linked by an appeal with pictures; see tests/browser/test_appeals.py",
    "look-at-proof": "linked by an appeal with pictures; see tests/browser/test_appeals.py",
    "lift-suspension": "takes a button of a suspended person's page",
    "identity-show": "takes a form of a check that was begun",
    "identity-send": "takes a button of a check that was begun",
    "identity-stop": "takes a button of a check that was begun",
    "identity-go": "takes a button where a service checks documents",
    "identity-callback": "told by a service that checks documents",
    "identity-check": "linked by a check that waits; tests/browser/test_identity.py",
    "identity-vote": "takes a button of a check's page",
    "identity-picture": "shown by a check's page",
    "same": "linked where two accounts share a trace; tests/browser/test_identity.py",
    "same-decide": "takes a button of such a pair's page",
}
ROW = re.compile(r"^\| ([^|]+) \| `([^`]+)` \| `([^`]+)` \| (?:`([^`]+)`|none) \|$", re.MULTILINE)


def routes(patterns: object = None, before: str = "") -> Iterator[tuple[str, str]]:
    """Every named page with its address; the API has a document of its own."""
    found = get_resolver().url_patterns if patterns is None else patterns
    for pattern in found:  # type: ignore[attr-defined]
        place = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver) and not place.startswith(("api/", "gallery/")):
            yield from routes(pattern.url_patterns, place)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name, place


def listed() -> list[tuple[str, str, str]]:
    """The rows of docs/capabilities.md: page, test, screenshot."""
    found = ROW.findall(CAPABILITIES.read_text(encoding="utf-8"))
    return [(page, test, shot) for _promise, page, test, shot in found]


def route_of(page: str) -> str:
    """The name of the route that a row's page is served by."""
    filled = re.sub(r"<what>", "answers", re.sub(r"<form>", "csv", page))
    return str(resolve(re.sub(r"<\w+>", "x", filled)).url_name)


def crawl(visitor: Visitor, start: str) -> set[str]:
    """Follow every link from a page; returns the names of the routes that were reached."""
    seen: set[str] = set()
    reached: set[str] = set()
    waiting = [visitor.site + start]
    while waiting:
        url = waiting.pop()
        path = urlsplit(url).path
        if path in seen:
            continue
        seen.add(path)
        response = visitor.page.request.get(url)
        assert response.status == 200, f"{url} answers {response.status}"
        here = urlsplit(response.url).path
        reached |= {str(resolve(path).url_name), str(resolve(here).url_name)}
        if "text/html" not in response.headers["content-type"]:
            continue
        for link in re.findall(r'<a [^>]*href="([^"]+)"', response.text()):
            target = urljoin(response.url, link.replace("&amp;", "&"))
            if target.startswith(visitor.site):
                waiting.append(target)
    return reached


def people(scene: Scene) -> list[Account | None]:
    world = scene.world
    return [None, world.ada.account, scene.cleo.account, world.rita, world.olga]


def test_every_page_is_reached_by_clicking_and_listed(visit: Visit, committed_scene: Scene) -> None:
    reached: set[str] = set()
    for account in people(committed_scene):
        with visit() as visitor:
            if account is not None:
                visitor.sign_in(account)
            reached |= crawl(visitor, "/")
    there = {name for name, _place in routes()}
    assert there - reached - UNLINKED.keys() == set(), "nobody can click their way there"
    assert UNLINKED.keys() - there - {"gallery"} == set(), "such routes are no more"
    assert UNLINKED.keys() & reached == {"account_signup"} & reached, "these are linked after all"
    # A row that is no address names a command.
    pages = {route_of(page) for page, _test, _shot in listed() if page.startswith("/")}
    assert reached - pages - UNLINKED.keys() == set(), "docs/capabilities.md has no row for these"
    assert pages - reached - UNLINKED.keys() == set(), "rows of docs/capabilities.md lead nowhere"


@pytest.mark.parametrize(("page", "test", "shot"), listed())
def test_each_row_names_a_test_and_a_screenshot_that_are_made(
    page: str, test: str, shot: str
) -> None:
    file, name = test.split("::")
    assert f"def {name}(" in (TOP / file).read_text(encoding="utf-8"), test
    made = screenshots() | {f"work-{language}" for language in HEADINGS}
    source = "".join(path.read_text(encoding="utf-8") for path in TOP.glob("tests/browser/*.py"))
    # A journey looks at its page in several sizes under one name, and says the sizes beside it.
    base = re.sub("(-phone|-desk)(-light)?$", "", shot)
    named = [f'"{shot}"', f'"{base}"', f'"{base}-{{']
    assert not shot or shot in made or any(name in source for name in named), shot
