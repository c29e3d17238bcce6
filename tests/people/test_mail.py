"""The outbox with a real SMTP server: up, down, slow, refusing; and many who try at once."""

import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from fairhand.people import mail
from fairhand.people.models import Mail, MailState
from tests.fakes.mail import Keeper, deliver, mail_server, use, words_of
from tests.races.together import Team, wins
from tests.world import World

pytestmark = pytest.mark.django_db
SECRET = "Your code is 482915"


@pytest.fixture
def server(settings: Settings) -> Iterator[Keeper]:
    with mail_server(settings) as running:
        yield running


@pytest.fixture(autouse=True)
def _nobody_was_away() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def queued(**more: Any) -> Mail:
    given = {"to": "ada@example.org", "subject": "Hello", "text": SECRET, "kind": "account.code"}
    made = mail.queue_mail(**{**given, **more})
    assert made is not None
    return made


def later(mail_: Mail, **by: int) -> None:
    """Let the pause of a mail be over."""
    Mail.objects.filter(pk=mail_.pk).update(next_at=timezone.now() - timedelta(**by))


def test_a_mail_arrives_and_its_words_are_forgotten(server: Keeper) -> None:
    made = queued(html="<p>Your code is 482915</p>", stop="https://here.example/stop/1")
    assert mail.send(made.pk)
    (message,) = server.taken
    assert (message["From"], message["To"]) == ("work@example.org", "ada@example.org")
    assert words_of(message).strip() == SECRET
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["List-Unsubscribe"] == "<https://here.example/stop/1>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    made.refresh_from_db()
    assert (made.state, made.text, made.html, made.error) == (MailState.SENT, "", "", "")
    assert made.sent_at is not None
    assert not mail.send(made.pk)
    assert len(server.taken) == 1


def test_what_cannot_be_turned_off_has_no_way_to_turn_it_off(server: Keeper) -> None:
    mail.send(queued().pk)
    assert server.taken[0]["List-Unsubscribe"] is None


def test_a_mail_of_a_transaction_that_fails_does_not_exist(server: Keeper) -> None:
    with transaction.atomic():
        queued()
        transaction.set_rollback(True)
    assert not Mail.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="fairhand.mail", status="todo").exists()


def test_without_mail_nothing_waits_for_it(settings: Settings) -> None:
    settings.SENDS_MAIL = False
    made = mail.queue_mail(to="a@example.org", subject="", text="", kind="account.code")
    assert made is None
    assert not mail.is_slow()
    assert not Mail.objects.exists()


def test_a_server_that_is_away_is_tried_again_with_growing_pauses(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with mail_server(settings) as server:
        port = server.port
    made, pauses = queued(kind="money.paid"), []
    for _ in range(7):
        cache.clear()
        later(made, seconds=1)
        begun = timezone.now()
        assert not mail.send(made.pk)
        made.refresh_from_db()
        pauses.append(round((made.next_at - begun).total_seconds() / 60))
    assert pauses == [1, 5, 15, 60, 180, 360, 360]
    assert (made.state, made.attempts) == (MailState.WAITING, 7)
    assert "ConnectionRefusedError" in made.error
    assert SECRET not in caplog.text
    assert "ada@example.org" not in caplog.text
    assert mail.is_slow()
    with mail_server(settings) as again:
        assert again.port != port or again.taken == []
        cache.clear()
        later(made, seconds=1)
        assert mail.retry_mails() == 1
        assert mail.send(made.pk)
        assert len(again.taken) == 1
    assert not mail.is_slow()


def test_while_nobody_answers_other_mails_do_not_wait_for_it(settings: Settings) -> None:
    with mail_server(settings):
        pass
    first, second = queued(), queued()
    assert not mail.send(first.pk)
    assert not mail.send(second.pk)
    second.refresh_from_db()
    assert (second.attempts, second.error) == (0, "")
    assert second.next_at > timezone.now()


def test_a_mail_is_given_up_when_its_time_is_over(settings: Settings) -> None:
    with mail_server(settings):
        pass
    code = queued(keep=timedelta(seconds=30))
    told = queued(kind="money.paid", keep=timedelta(seconds=30))
    for one in (code, told):
        cache.clear()
        assert not mail.send(one.pk)
        one.refresh_from_db()
        assert one.state == MailState.FAILED
    assert (code.text, told.text) == ("", SECRET)
    assert not mail.try_again(code.pk)
    assert mail.try_again(told.pk)
    with mail_server(settings) as server:
        assert mail.send(told.pk)
        assert len(server.taken) == 1


@pytest.mark.parametrize("said", ["450 4.2.0 try later", "451 4.3.0 greylisted", "452 full"])
def test_a_server_that_puts_us_off_is_tried_again(server: Keeper, said: str) -> None:
    server.says = [said]
    made = queued()
    assert not mail.send(made.pk)
    made.refresh_from_db()
    assert (made.state, made.error) == (MailState.WAITING, said)
    later(made, seconds=1)
    assert mail.send(made.pk)


def test_a_refused_receiver_or_content_is_given_up_at_once(server: Keeper) -> None:
    server.receivers_refused = {"gone@example.org": "550 5.1.1 no such user"}
    server.says = ["554 5.7.1 looks like spam"]
    gone, spam, fine = queued(to="gone@example.org"), queued(), queued()
    assert [mail.send(one.pk) for one in (gone, spam, fine)] == [False, False, True]
    for one, said in ((gone, "550 5.1.1 no such user"), (spam, "554 5.7.1 looks like spam")):
        one.refresh_from_db()
        assert (one.state, one.error, one.text) == (MailState.FAILED, said, "")


def test_a_receiver_who_may_come_back_is_tried_again(server: Keeper) -> None:
    server.receivers_refused = {"ada@example.org": "450 4.2.1 mailbox busy"}
    made = queued()
    assert not mail.send(made.pk)
    made.refresh_from_db()
    assert made.state == MailState.WAITING


def test_a_server_that_never_answers_is_left(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use(settings, silent.getsockname()[1], EMAIL_TIMEOUT=0.2)
        made = queued()
        assert not mail.send(made.pk)
    made.refresh_from_db()
    assert made.state == MailState.WAITING
    assert mail.is_slow()


def test_who_is_killed_between_the_servers_yes_and_our_note_sends_it_again_recognisably(
    server: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within the lease nobody sends it again; after it, it has the Message-ID it had before."""
    made = queued()

    class Killed(BaseException):
        pass

    real = EmailMultiAlternatives.send

    def sent_and_killed(message: Any, *args: Any) -> int:
        real(message, *args)
        raise Killed

    monkeypatch.setattr(EmailMultiAlternatives, "send", sent_and_killed)
    with pytest.raises(Killed):
        mail.send(made.pk)
    monkeypatch.undo()
    assert not mail.send(made.pk)
    assert mail.retry_mails() == 0
    later(made, seconds=1)
    assert mail.retry_mails() == 1
    assert mail.send(made.pk)
    assert len(server.taken) == 2
    assert len({message["Message-ID"] for message in server.taken}) == 1
    assert mail.send(queued().pk)
    assert server.taken[2]["Message-ID"] != server.taken[0]["Message-ID"]


@pytest.mark.parametrize("bad", ["Hello\r\nBcc: all@example.org", "Hello\nX: y", "\u2028 Hello"])
def test_a_line_break_in_a_subject_makes_no_header(server: Keeper, bad: str) -> None:
    assert mail.send(queued(subject=bad).pk)
    (message,) = server.taken
    assert message["Bcc"] is None
    assert message["X"] is None
    assert message["Subject"].startswith("Hello")


def test_a_receiver_with_a_line_break_is_never_sent_to(server: Keeper) -> None:
    made = queued(to="ada@example.org\nBcc: all@example.org")
    assert not mail.send(made.pk)
    made.refresh_from_db()
    assert made.state == MailState.FAILED
    assert server.taken == []


def test_mails_of_long_ago_are_forgotten_but_none_that_waits(server: Keeper) -> None:
    sent, waits = queued(), queued()
    mail.send(sent.pk)
    Mail.objects.update(created_at=timezone.now() - timedelta(days=91))
    assert mail.forget_mails() == 1
    assert Mail.objects.get() == waits


def test_nothing_of_a_mail_is_logged(server: Keeper, caplog: pytest.LogCaptureFixture) -> None:
    server.says = ["451 later"]
    with caplog.at_level(logging.DEBUG, "fairhand"):
        made = queued()
        mail.send(made.pk)
        later(made, seconds=1)
        deliver()
    assert len(server.taken) == 1
    assert "482915" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_of_fifty_who_send_one_mail_at_once_one_does(
    committed_world: World, settings: Settings
) -> None:
    with mail_server(settings) as server:
        for _ in range(3):
            server.taken.clear()
            made = queued()
            with Team(50) as team:
                answers = team.race(*[lambda pk=made.pk: mail.send(pk)] * 50)
            assert wins(answers) == 1
            assert len(server.taken) == 1
            made.refresh_from_db()
            assert (made.state, made.attempts) == (MailState.SENT, 1)
