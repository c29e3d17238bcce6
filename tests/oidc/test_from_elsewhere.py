"""Signing in here with an account of another site: who becomes what, and what is believed."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.test import Client

from fairhand.kit.decision import Refused
from fairhand.people import oidc
from fairhand.people.models import Account, Event, Member, Notice, SignInService, Worker
from tests.fakes import issuer as fake
from tests.fakes.issuer import CLIENT_SECRET, Issuer
from tests.oidc.coming import add, signed_in, visit
from tests.web.conftest import BACKEND
from tests.world import World, count


def test_who_comes_for_the_first_time_becomes_a_member_with_the_role(
    world: World, service: SignInService, issuer: Issuer, client: Client
) -> None:
    visit(client, service, issuer)
    account = signed_in(client)
    assert account is not None
    assert (account.email, account.name) == ("jane@birds.example", "Jane Doe")
    assert Member.objects.get(account=account).role == "reviewer"
    assert not account.has_usable_password()
    assert Event.objects.filter(action="member.joined", account=account.ref).count() == 1
    client.logout()
    visit(client, service, issuer)
    assert signed_in(client) == account
    assert Member.objects.filter(account=account).count() == 1


def test_without_an_organisation_they_come_to_work(
    world: World, issuer: Issuer, client: Client
) -> None:
    visit(client, add(world, issuer, member=False, domains=["birds.example"]), issuer)
    account = signed_in(client)
    assert account is not None
    assert Worker.objects.filter(account=account).exists()
    assert not Member.objects.filter(account=account).exists()


def test_who_was_removed_does_not_come_back_as_a_member_by_signing_in(
    service: SignInService, issuer: Issuer, client: Client
) -> None:
    visit(client, service, issuer)
    account = signed_in(client)
    Member.objects.filter(account=account).delete()
    client.logout()
    visit(client, service, issuer)
    assert signed_in(client) == account
    assert not Member.objects.filter(account=account).exists()


def test_who_was_removed_does_not_come_back_with_another_account_or_a_service_made_anew(
    world: World, service: SignInService, issuer: Issuer, client: Client
) -> None:
    visit(client, service, issuer)
    former = signed_in(client)
    assert former is not None
    Member.objects.filter(account=former).delete()
    EmailAddress.objects.filter(user=former).update(email="jane@home.example")
    Account.objects.filter(pk=former.pk).update(email="jane@home.example")
    oidc.remove_service(world.olga, service)  # with every connection that it made
    client.logout()
    visit(client, add(world, issuer, domains=["birds.example"]), issuer)
    newer = signed_in(client)
    assert newer not in {None, former}
    assert not Member.objects.filter(account=newer).exists()


def test_an_account_that_is_here_is_connected_where_the_service_is_believed(
    service: SignInService, issuer: Issuer, client: Client
) -> None:
    before = Account.objects.create_user("jane@birds.example", "jane's long password")
    visit(client, service, issuer)
    assert signed_in(client) == before
    assert SocialAccount.objects.get(user=before).provider == service.app.provider_id


@pytest.mark.parametrize("verified", [True, False])
def test_a_service_cannot_claim_to_be_somebody_of_another_domain(
    world: World, service: SignInService, issuer: Issuer, client: Client, *, verified: bool
) -> None:
    issuer.person |= {"email": world.olga.email, "email_verified": verified}
    assert "may not speak for this address" in visit(client, service, issuer)
    assert signed_in(client) is None
    assert not SocialAccount.objects.filter(user=world.olga).exists()


@pytest.mark.parametrize("address", ["victim@elsewhere.example", "nonsense", "", None])
def test_nothing_is_made_that_could_wait_for_the_owner_of_an_address(
    service: SignInService, issuer: Issuer, client: Client, address: str | None
) -> None:
    before = count("people_account"), count("socialaccount_socialaccount"), count("people_mail")
    issuer.person["email"] = address
    assert "may not speak for this address" in visit(client, service, issuer)
    assert signed_in(client) is None
    after = count("people_account"), count("socialaccount_socialaccount"), count("people_mail")
    assert before == after
    assert client.get("/accounts/elsewhere/signup/").status_code == 403


def test_an_account_that_never_proved_its_address_is_not_connected(
    service: SignInService, issuer: Issuer, client: Client
) -> None:
    squatter = Account.objects.create_user("jane@birds.example", "a stranger's password")
    EmailAddress.objects.filter(user=squatter).update(verified=False)
    assert "may not speak for this address" in visit(client, service, issuer)
    assert signed_in(client) is None
    squatter.refresh_from_db()
    assert squatter.has_usable_password()
    assert not SocialAccount.objects.filter(user=squatter).exists()


def test_any_account_is_connected_by_whoever_is_signed_in_to_it(
    world: World, service: SignInService, issuer: Issuer, client: Client
) -> None:
    client.force_login(world.rita, backend=BACKEND)
    issuer.person["email"] = "rita@elsewhere.example"
    door = f"/accounts/oidc/{service.app.provider_id}/login/?process=connect"
    assert door in client.get("/accounts/oidc").content.decode()
    assert client.post("/accounts/oidc", {"email": "x@birds.example"})["Location"] == door
    visit(client, service, issuer, "?process=connect")
    assert SocialAccount.objects.get(user=world.rita).provider == service.app.provider_id
    client.logout()
    visit(client, service, issuer)
    assert signed_in(client) == world.rita


def test_a_token_and_a_userinfo_of_two_people_are_refused(
    service: SignInService, issuer: Issuer, client: Client
) -> None:
    issuer.token["sub"] = "somebody-else"
    assert "who you are" in visit(client, service, issuer)
    assert signed_in(client) is None


@pytest.mark.parametrize("said", [False, None, 0, "0", "false", "no", "True", 1, [True]])
def test_an_address_that_the_service_itself_calls_unproven_connects_nobody(
    service: SignInService, issuer: Issuer, client: Client, said: object
) -> None:
    before = Account.objects.create_user("jane@birds.example", "jane's long password")
    issuer.person["email_verified"] = said
    assert "may not speak for this address" in visit(client, service, issuer)
    assert signed_in(client) is None
    assert not SocialAccount.objects.filter(user=before).exists()


def test_some_services_write_true_as_a_string(
    service: SignInService, issuer: Issuer, client: Client
) -> None:
    issuer.person["email_verified"] = "true"
    visit(client, service, issuer)
    assert signed_in(client) is not None


@pytest.mark.parametrize(
    ("what", "value"),
    [("aud", "somebody-else"), ("iss", "https://elsewhere.example"), ("exp", 1)],
)
def test_a_token_that_is_not_for_us_from_them_and_of_now_is_refused(
    service: SignInService, issuer: Issuer, client: Client, what: str, value: object
) -> None:
    accounts = count("people_account")
    issuer.token[what] = value
    assert "who you are" in visit(client, service, issuer)
    assert signed_in(client) is None
    assert count("people_account") == accounts


@pytest.mark.parametrize("changed", [{"state": "forged"}, {"code": "stolen"}])
def test_a_forged_state_or_code_signs_nobody_in(
    service: SignInService, issuer: Issuer, client: Client, changed: dict[str, str]
) -> None:
    visit(client, service, issuer, **changed)
    assert signed_in(client) is None


def test_a_code_serves_once(service: SignInService, issuer: Issuer, client: Client) -> None:
    here = f"/accounts/oidc/{service.app.provider_id}/login/"
    brought = issuer.agree(client.post(here)["Location"])
    assert "code_challenge" in issuer.codes[brought["code"]]  # it serves nobody but this server
    client.get(fake.back(f"{here}callback/", brought))
    assert signed_in(client) is not None
    other = Client()
    other.get(fake.back(f"{here}callback/", brought))
    assert signed_in(other) is None


@pytest.mark.parametrize("where", ["/.well-known/openid-configuration", "/token", "/userinfo"])
def test_a_service_that_is_away_is_a_sentence_and_no_fault(
    service: SignInService, issuer: Issuer, client: Client, where: str
) -> None:
    here = f"/accounts/oidc/{service.app.provider_id}/login/"
    if where != "/.well-known/openid-configuration":
        brought = issuer.agree(client.post(here)["Location"])
        issuer.statuses[where] = 503
        answer = client.get(fake.back(f"{here}callback/", brought), follow=True)
    else:
        issuer.statuses[where] = 503
        answer = client.post(here)
    assert answer.status_code < 500
    assert "who you are" in answer.content.decode()
    assert signed_in(client) is None


def test_going_there_takes_a_button_and_not_a_link_alone(
    service: SignInService, issuer: Issuer, client: Client
) -> None:
    answer = client.get(f"/accounts/oidc/{service.app.provider_id}/login/")
    assert answer.status_code == 200
    assert "Go to Birds" in answer.content.decode()


def test_somebody_finds_their_organisation_by_their_address(
    service: SignInService, client: Client
) -> None:
    found = client.post("/accounts/oidc", {"email": "new@Birds.Example"})
    assert found["Location"] == f"/accounts/oidc/{service.app.provider_id}/login/"
    none = client.post("/accounts/oidc", {"email": "new@elsewhere.example"})
    assert none.status_code == 422
    assert "Use your password" in none.content.decode()


def test_our_secret_there_is_not_readable_in_the_database(service: SignInService) -> None:
    stored = SocialApp.objects.get(pk=service.app.pk).secret
    assert CLIENT_SECRET not in stored
    assert oidc.secret_of(service.app) == CLIENT_SECRET


def test_removing_a_service_closes_the_door_and_keeps_the_accounts(
    world: World, service: SignInService, issuer: Issuer, client: Client
) -> None:
    visit(client, service, issuer)
    account = signed_in(client)
    oidc.remove_service(world.olga, service)
    assert not SocialAccount.objects.filter(user=account).exists()
    assert Client().post(f"/accounts/oidc/{service.app.provider_id}/login/").status_code == 404
    assert Account.objects.filter(pk=account.pk if account else 0).exists()
    removed = Event.objects.get(action="sign_in_service.removed")
    assert removed.actor == world.olga.ref
    assert CLIENT_SECRET not in str((removed.before, removed.after))


@pytest.mark.parametrize(
    "url", ["ftp://x.example", "http://x.example", "https://u:p@x.example", "https://[", "nonsense"]
)
def test_what_is_no_address_is_refused(world: World, url: str) -> None:
    before = count("people_signinservice")
    with pytest.raises(Refused, match="https://"):
        oidc.add_service(
            world.olga, "Birds", oidc.Issuer(url, "id", "secret"), domains=["birds.example"]
        )
    with pytest.raises(Refused):
        oidc.add_client(world.olga, "Birds", [url])
    assert count("people_signinservice") == before


@pytest.mark.parametrize("domain", ["nonsense", "-a.example", "a..example", "*.example", "ü.de"])
def test_what_is_no_domain_is_refused(world: World, domain: str) -> None:
    issuer = oidc.Issuer("https://id.example", "id", "secret")
    with pytest.raises(Refused, match="no domain"):
        oidc.add_service(world.olga, "Birds", issuer, domains=[domain])


def test_a_service_is_believed_about_something(world: World) -> None:
    issuer = oidc.Issuer("https://id.example", "id", "secret")
    with pytest.raises(Refused, match="which domains"):
        oidc.add_service(world.olga, "Birds", issuer, domains=[" "])


def test_somebody_cuts_an_account_elsewhere(
    service: SignInService, issuer: Issuer, client: Client
) -> None:
    account = Account.objects.create_user("jane@birds.example", "jane's long password")
    visit(client, service, issuer)
    connected = SocialAccount.objects.get(user=account)
    assert "jane" in client.get("/accounts/elsewhere/").content.decode().lower()
    again(client, "jane's long password")
    client.post("/accounts/elsewhere/", {"account": connected.pk})
    assert not SocialAccount.objects.filter(user=account).exists()
    told = [event.action for event in Event.objects.filter(account=account.ref)]
    assert {"factor.added", "factor.removed"} <= set(told)
    kinds = set(Notice.objects.filter(account=account).values_list("kind", flat=True))
    assert {"security.sign_in_linked", "security.sign_in_unlinked"} <= kinds


def test_a_second_factor_is_asked_for_also_of_who_comes_from_elsewhere(
    service: SignInService, issuer: Issuer, client: Client
) -> None:
    account = Account.objects.create_user("jane@birds.example", "jane's long password")
    TOTP.activate(account, "JBSWY3DPEHPK3PXP")
    page = visit(client, service, issuer)
    assert signed_in(client) is None
    assert 'name="code"' in page


def again(client: Client, password: str) -> None:
    """Say once more who one is, as is asked before such changes."""
    assert client.post("/accounts/again/", {"password": password}).status_code == 302
