"""How each action of the audit trail is done: what AP-1 goes through, one by one."""

import io
import itertools
import re
import time
from collections.abc import Callable
from datetime import timedelta
from unittest import mock

from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client, TestCase, override_settings
from django.utils import timezone

from fairhand.kit.decision import ALLOWED
from fairhand.kit.money import Money
from fairhand.ledger.posting import Entry, open_account, post
from fairhand.pay import events
from fairhand.pay.funding import deposit
from fairhand.pay.models import PayoutRun
from fairhand.pay.payouts import (
    bounce_item,
    cancel_run,
    confirm_run,
    prepare_run,
    send_run,
    set_destination,
    set_payer,
)
from fairhand.people import approvals, membership
from fairhand.people.accounts import (
    begin_to_work,
    change_password,
    make_operator,
    make_organisation,
)
from fairhand.people.keys import issue_key, revoke_key, rotate_key
from fairhand.people.models import Account, ApiKey, Approval, Duty, Member, SignInService
from fairhand.people.oidc import Issuer, add_client, add_service, remove_client, remove_service
from fairhand.people.operators import set_duties
from fairhand.people.phone import keep_phone
from fairhand.people.standing import close_standing, reopen_standing, sign_out_everywhere
from fairhand.work.access import lift, restrict_halted
from fairhand.work.models import Enrolment
from tests.people.agreement_actions import AGREEMENTS
from tests.people.identity_actions import IDENTITY
from tests.people.portal_actions import PORTALS
from tests.people.privacy_actions import PRIVACY
from tests.people.profile_actions import PROFILE
from tests.people.standing_actions import STANDING
from tests.people.terms_actions import TERMS
from tests.signin.conftest import code_at, enter, give_app, mail_to, password_of
from tests.world import BAD, World, caller, work_through

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
IBANS = ("ES9121000418450200051332", "DE89370400440532013000")
Who = Account | str
Done = tuple[Who, Account | None]  # by whom, and whom it concerns
_count = itertools.count()


def paul(world: World) -> Account:
    """A second operator."""
    found = Account.objects.filter(name="Paul", operator__isnull=False).first()
    if found is None:
        found = Account.objects.create_user(f"paul-{world.olga.email}", name="Paul")
        make_operator(found)
    return found


def asked(world: World) -> Approval:
    return approvals.ask("deposit", f"bank/{next(_count)}", {}, world.olga, "a large transfer")


def run(world: World) -> PayoutRun:
    """A prepared run that pays Ada twelve euros."""
    set_payer(name="Fairhand", address=IBANS[1], minimum=Money(5_000_000, "EUR"))
    set_destination(world.ada, holder="Ada", address=IBANS[0])
    bank = open_account("bank:test:EUR", "EUR", may_go_below_zero=True)
    account = open_account(events.payable(world.ada.ref, "EUR"), "EUR")
    post([Entry(bank, account, 12_000_000, "EUR", "earn", f"bat_x/1/{world.ada.ref}")])
    return prepare_run(world.olga)


def sent(world: World) -> PayoutRun:
    found = run(world)
    assert send_run(found, world.olga)
    return found


def key(world: World) -> ApiKey:
    scopes = ["results:read"]
    return issue_key(world.rita, name="etl", scopes=scopes, organisation=world.organisation)[0]


def mara(world: World) -> Account:
    """A reviewer of Rita's organisation."""
    found = Account.objects.create_user(f"mara-{world.rita.email}", name="Mara")
    role = Member.Role.REVIEWER
    Member.objects.create(organisation=world.organisation, account=found, role=role)
    return found


def sign_in(world: World) -> Done:
    values = {"login": world.rita.email, "password": "rita's long password"}
    assert Client().post("/accounts/login/", values).status_code == 302
    return world.rita, world.rita


def sign_in_failed(world: World) -> Done:
    values = {"login": world.rita.email, "password": "a wrong password"}
    assert Client().post("/accounts/login/", values).status_code == 200
    return "system:sign-in", world.rita


def sign_out(world: World) -> Done:
    client = Client()
    client.force_login(world.rita, backend=BACKEND)
    client.post("/accounts/logout/")
    return world.rita, world.rita


def account_made(_world: World) -> Done:
    with mock.patch("sys.stdin", io.StringIO("a long sentence of eve\n")):
        call_command("account", "eve@example.org", stdout=io.StringIO())
    return "system:setup", Account.objects.get(email="eve@example.org")


def proven(account: Account) -> Client:
    """Somebody who signed in by their password and then by a code of their app, if they have one."""
    client = enter(account)
    if "_auth_user_id" not in client.session:
        client.post("/accounts/second/", {"code": app_code(account)})
    client.post("/accounts/again/", {"password": password_of(account)})
    return client


def app_code(account: Account) -> str:
    """What an app shows now. A code counts once, so the last one is forgotten."""
    secret = Authenticator.objects.get(user=account, type="totp").wrap()
    cache.clear()
    kept = get_mfa_adapter().decrypt(secret.instance.data["secret"])
    return code_at(int(time.time()) // 30, kept)


def email_changed(world: World) -> Done:
    client = proven(world.rita)
    client.post("/accounts/email/", {"action_add": "1", "email": "new@example.org"})
    code = re.search(r"\b[B-Z]{4}-[B-Z]{4}\b", mail_to("new@example.org"))
    assert code is not None
    client.post("/accounts/code/", {"code": code[0]})
    world.rita.refresh_from_db()
    return world.rita, world.rita


def factor_added(world: World) -> Done:
    client = proven(world.rita)
    page = client.get("/account/second/app/")
    code = code_at(int(time.time()) // 30, page.context["form"].secret)
    with TestCase.captureOnCommitCallbacks(execute=True):  # it is told after the commit
        client.post("/account/second/app/", {"code": code})
    return world.rita, world.rita


def factor_removed(world: World) -> Done:
    give_app(world.oscar)
    proven(world.oscar).post("/account/second/app/remove/")
    return world.oscar, world.oscar


def recovery_codes_made(world: World) -> Done:
    give_app(world.rita)
    client = proven(world.rita)
    with TestCase.captureOnCommitCallbacks(execute=True):  # it is told after the commit
        client.post("/account/second/codes/new/")
    return world.rita, world.rita


def second_factor_failed(world: World) -> Done:
    give_app(world.rita)
    enter(world.rita).post("/accounts/second/", {"code": "wrong"})
    return "system:sign-in", world.rita


def recovery_code_used(world: World) -> Done:
    give_app(world.rita)
    codes = Authenticator.objects.get(user=world.rita, type="recovery_codes").wrap()
    enter(world.rita).post("/accounts/second/", {"code": codes.get_unused_codes()[0]})
    return world.rita, world.rita


def password_changed(world: World) -> Done:
    change_password(world.rita, "another long password")
    return world.rita, world.rita


def phone_changed(world: World) -> Done:
    keep_phone(world.rita, "+390412345678")
    return world.rita, world.rita


def sessions_ended(world: World) -> Done:
    sign_out_everywhere(world.rita, world.olga)
    return world.olga, world.rita


def key_made(world: World) -> Done:
    key(world)
    return world.rita, world.rita


def key_rotated(world: World) -> Done:
    rotate_key(key(world), world.rita)
    return world.rita, world.rita


def key_revoked(world: World) -> Done:
    assert revoke_key(key(world), world.rita)
    return world.rita, world.rita


def organisation_made(world: World) -> Done:
    make_organisation("Owls", world.oscar, world.olga)
    return world.olga, world.oscar


def organisation_changed(world: World) -> Done:
    assert membership.demand_second_factor(world.rita, world.organisation, wanted=True)
    return world.rita, None


def organisation_transferred(world: World) -> Done:
    heir = mara(world)
    assert membership.transfer(world.rita, world.organisation, heir)
    return world.rita, heir


def invited(world: World) -> str:
    return membership.invite(world.rita, world.organisation, Member.Role.VIEWER)[1]


def member_invited(world: World) -> Done:
    invited(world)
    return world.rita, None


def invitation_withdrawn(world: World) -> Done:
    invitation, _ = membership.invite(world.rita, world.organisation, Member.Role.VIEWER)
    assert membership.withdraw_invitation(world.rita, world.organisation, invitation.pk)
    return world.rita, None


def member_joined(world: World) -> Done:
    membership.join(world.oscar, invited(world))
    return world.oscar, world.oscar


def member_left(world: World) -> Done:
    leaver = mara(world)
    assert membership.end_membership(leaver, world.organisation, leaver)
    return leaver, leaver


def member_removed(world: World) -> Done:
    leaver = mara(world)
    assert membership.end_membership(world.rita, world.organisation, leaver)
    return world.rita, leaver


def role_changed(world: World) -> Done:
    member = mara(world)
    assert membership.change_role(world.rita, world.organisation, member, Member.Role.MANAGER)
    return world.rita, member


def deposit_booked(world: World) -> Done:
    assert deposit(world.organisation, Money(5_000_000, "EUR"), source="bank/1", by=world.olga)
    return world.olga, None


def batch_funded(world: World) -> Done:
    world.batch(tasks=3)
    return world.rita, None


def destination_changed(world: World) -> Done:
    assert set_destination(world.ada, holder="Ada", address=IBANS[0])
    return world.ada.account, world.ada.account


def payer_changed(world: World) -> Done:
    set_payer(name="Fairhand", address=IBANS[1], minimum=Money(1, "EUR"), by=world.olga)
    return world.olga, None


def payout_prepared(world: World) -> Done:
    run(world)
    return world.olga, None


def payout_sent(world: World) -> Done:
    sent(world)
    return world.olga, None


def payout_cancelled(world: World) -> Done:
    assert cancel_run(run(world), world.olga)
    return world.olga, None


def payout_confirmed(world: World) -> Done:
    assert confirm_run(sent(world), world.olga)
    return world.olga, None


def payout_bounced(world: World) -> Done:
    assert bounce_item(sent(world).items.get(), world.olga, "AC04: account closed")
    return world.olga, world.ada.account


def restriction_lifted(world: World) -> Done:
    batch = world.batch(tasks=60, gold=30, gold_permille=500, bar_permille=850)
    work_through(caller(world.ada), batch, BAD)
    assert Enrolment.objects.get(batch=batch, worker=world.ada).halted
    assert lift(restrict_halted(world.ada, batch), world.olga, "the key was wrong")
    return world.olga, world.ada.account


def standing_closed(world: World) -> Done:
    assert close_standing(world.ada.account, world.olga, "Two accounts.")
    return world.olga, world.ada.account


def standing_reopened(world: World) -> Done:
    standing_closed(world)
    assert reopen_standing(world.ada.account, world.olga, "It was her sister.")
    return world.olga, world.ada.account


def duties_changed(world: World) -> Done:
    assert set_duties(world.oscar, [Duty.QUALITY], world.olga)
    return world.olga, world.oscar


def approval_asked(world: World) -> Done:
    asked(world)
    return world.olga, None


def approval_approved(world: World) -> Done:
    second = paul(world)
    assert approvals.approve(asked(world), second, lambda _approval, _by: ALLOWED)
    return second, None


def approval_refused(world: World) -> Done:
    second = paul(world)
    assert approvals.refuse(asked(world), second, "no such transfer")
    return second, None


def approval_withdrawn(world: World) -> Done:
    assert approvals.withdraw(asked(world), world.olga)
    return world.olga, None


def approval_expired(world: World) -> Done:
    late = timezone.now() - timedelta(seconds=1)
    Approval.objects.filter(pk=asked(world).pk).update(expires_at=late)
    assert approvals.expire() == 1
    return "system:approvals", None


def service(world: World) -> SignInService:
    issuer = Issuer("https://login.example.org", "fairhand", "a secret")
    return add_service(world.olga, "Owls", issuer, domains=["example.org"])


def service_added(world: World) -> Done:
    service(world)
    return world.olga, None


def service_removed(world: World) -> Done:
    remove_service(world.olga, service(world))
    return world.olga, None


def site_added(world: World) -> Done:
    add_client(world.olga, "Portal", ["https://portal.example.org/back"])
    return world.olga, None


def site_removed(world: World) -> Done:
    client, _secret = add_client(world.olga, "Portal", ["https://portal.example.org/back"])
    remove_client(world.olga, client)
    return world.olga, None


def password_wrong(world: World) -> Done:
    client = Client()
    client.force_login(world.rita, backend=BACKEND)
    client.post("/accounts/again/", {"password": "a wrong password"})
    return world.rita, world.rita


def work_begun(world: World) -> Done:
    with override_settings(OPEN_SIGNUP=True):
        assert begin_to_work(world.rita)
    return world.rita, world.rita


DO: dict[str, Callable[[World], Done]] = {
    **AGREEMENTS,
    **IDENTITY,
    **PORTALS,
    **PROFILE,
    **TERMS,
    "password.wrong": password_wrong,
    "work.begun": work_begun,
    "sign_in": sign_in,
    "sign_in.failed": sign_in_failed,
    "sign_out": sign_out,
    "sessions.ended": sessions_ended,
    "account.made": account_made,
    "password.changed": password_changed,
    "email.changed": email_changed,
    "phone.changed": phone_changed,
    "factor.added": factor_added,
    "factor.removed": factor_removed,
    "recovery_codes.made": recovery_codes_made,
    "second_factor.failed": second_factor_failed,
    "recovery_code.used": recovery_code_used,
    "sign_in_service.added": service_added,
    "sign_in_service.removed": service_removed,
    "portal_site.added": site_added,
    "portal_site.removed": site_removed,
    "key.made": key_made,
    "key.rotated": key_rotated,
    "key.revoked": key_revoked,
    "organisation.made": organisation_made,
    "organisation.changed": organisation_changed,
    "organisation.transferred": organisation_transferred,
    "member.invited": member_invited,
    "invitation.withdrawn": invitation_withdrawn,
    "member.joined": member_joined,
    "member.left": member_left,
    "member.removed": member_removed,
    "member.role_changed": role_changed,
    "deposit.booked": deposit_booked,
    "batch.funded": batch_funded,
    "destination.changed": destination_changed,
    "payer.changed": payer_changed,
    "payout.prepared": payout_prepared,
    "payout.sent": payout_sent,
    "payout.cancelled": payout_cancelled,
    "payout.confirmed": payout_confirmed,
    "payout.bounced": payout_bounced,
    "restriction.lifted": restriction_lifted,
    "standing.closed": standing_closed,
    **STANDING,
    "standing.reopened": standing_reopened,
    **PRIVACY,
    "duties.changed": duties_changed,
    "approval.asked": approval_asked,
    "approval.approved": approval_approved,
    "approval.refused": approval_refused,
    "approval.withdrawn": approval_withdrawn,
    "approval.expired": approval_expired,
}
# What these change is said by the action itself.
BARE = {
    *("sign_in", "sign_in.failed", "sign_out", "account.made", "factor.added", "factor.removed"),
    *("recovery_codes.made", "password.wrong", "work.begun"),
    *("second_factor.failed", "recovery_code.used"),
}
# Whose organisation they belong to, and so to its owners.
IN_ORGANISATION = {action for action in DO if action.startswith(("key", "member", "invitation"))}
IN_ORGANISATION |= {"organisation.changed", "organisation.transferred", "deposit.booked"}
IN_ORGANISATION |= {"batch.funded"}
