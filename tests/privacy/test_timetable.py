"""What is forgotten when: each line of the timetable with the clock just before and just after."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django import app

from fairhand.jobs import tasks
from fairhand.kit.defer import defer
from fairhand.kit.lifecycle import record
from fairhand.kit.models import History
from fairhand.pay.models import PayoutItem, PayoutRun
from fairhand.people.audit import coming_from, note
from fairhand.people.models import (
    Appeal,
    Consent,
    Deletion,
    Device,
    Event,
    IdentityCheck,
    Invitation,
    PortalInvitation,
    Proof,
    SameCase,
    Signal,
    Signature,
)
from fairhand.people.privacy import forgetting
from fairhand.people.standing import close_standing
from fairhand.work.privacy import deletion, timetable
from fairhand.work.privacy.timetable import OWN, TIMETABLE
from tests.privacy.planting import Planted, plant
from tests.world import World, count

THEN = datetime(2025, 6, 15, 12, tzinfo=UTC)  # when it happened
DAY = timedelta(days=1)
Rows = Callable[[], int]


def line(what: str) -> timetable.Line:
    return next(each for each in TIMETABLE if each.what == what)


def goes_at(what: str, end: datetime, left: Rows) -> None:
    """It is there the day before, gone the day after, and looking again changes nothing."""
    before = left()
    assert before, "nothing to forget"
    assert line(what).verb(end - DAY) == 0
    assert left() == before
    assert line(what).verb(end + DAY) >= 1
    assert left() == 0
    assert line(what).verb(end + DAY) == 0


@pytest.fixture
def ada(world: World) -> Planted:
    return plant(world, world.ada, world.oscar, "ZqAd", operator=False)


def past(end: int) -> datetime:
    """The end of that year."""
    return datetime(end, 12, 31, 23, 59, tzinfo=UTC)


def test_pictures_of_an_appeal_go_after_ninety_days_and_the_appeal_after_three_years(
    ada: Planted,
) -> None:
    appeal = Appeal.objects.get(account=ada.account)
    Appeal.objects.update(decided_at=THEN)
    Proof.objects.update(appeal=appeal, check_of=None)
    goes_at("pictures shown for an appeal", THEN + 90 * DAY, Proof.objects.count)
    goes_at("appeals", past(2028), Appeal.objects.count)


def test_an_open_appeal_is_never_forgotten(ada: Planted) -> None:
    Appeal.objects.update(state="open", decided_at=None, opened_at=THEN, deadline=THEN)
    Proof.objects.update(appeal=Appeal.objects.get(), check_of=None)
    now = datetime(2060, 1, 1, tzinfo=UTC)
    assert line("appeals").verb(now) == line("pictures shown for an appeal").verb(now) == 0


def test_a_check_that_counts_no_more_goes_and_one_that_counts_stays(ada: Planted) -> None:
    del ada
    checks = IdentityCheck.objects.all()
    checks.update(decided_at=THEN, started_at=THEN)
    for state in ("verified", "pending", "started"):
        checks.update(state=state)
        assert line("identity checks that count no more").verb(past(2050)) == 0
    checks.update(state="rejected")
    goes_at("identity checks that count no more", past(2028), checks.count)


def test_a_withdrawn_consent_goes_and_one_that_holds_stays(ada: Planted) -> None:
    del ada
    Consent.objects.update(withdrawn_at=None, given_at=THEN)
    assert line("withdrawn consents").verb(past(2050)) == 0
    Consent.objects.update(withdrawn_at=THEN)
    goes_at("withdrawn consents", past(2028), Consent.objects.count)


def test_signatures_go_three_years_after_the_account_and_not_before(ada: Planted) -> None:
    assert line("signatures").verb(past(2090)) == 0, "the account is still here"
    assert deletion.ask(ada.account)
    assert deletion.finish(Deletion.objects.get(state="waiting").pk)
    Deletion.objects.filter(state="done").update(ended_at=THEN)
    goes_at("signatures", past(2028), Signature.objects.count)


def test_nobody_else_can_forget_a_signature_or_an_event(ada: Planted) -> None:
    for rows in (Signature.objects, Event.objects, History.objects):
        before = rows.count()
        assert before
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.all().delete()
        assert rows.count() == before
    assert forgetting.signatures(timezone.now()) == 0
    del ada


def as_the_timetable(statement: str) -> None:
    """Do it as the timetable does, whom the triggers let pass further than others."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(forgetting.RETENTION)
        cursor.execute(statement)


def test_not_even_the_timetable_rewrites_what_was_done(world: World) -> None:
    note("phone.changed", actor=world.rita, account=world.rita, after={"phone": "+39"})
    record("standing", world.rita.ref, "active", "closed", actor="x", why="y")
    changes = ("action = 'sign_in'", "actor = 'x'", "at = now()", "subject = 'x'")
    for statement in (
        *(f"update people_event set {change}" for change in changes),
        "update kit_history set why = 'z'",
        "truncate people_event",
        "truncate kit_history",
        "truncate people_signature",
    ):
        with pytest.raises(DatabaseError):
            as_the_timetable(statement)


def test_traces_of_the_excluded_go_three_years_after_their_account(
    ada: Planted, world: World
) -> None:
    assert close_standing(ada.account, world.olga, "Two accounts.")
    assert deletion.ask(ada.account)
    assert deletion.finish(Deletion.objects.get(state="waiting").pk)
    Deletion.objects.filter(state="done").update(ended_at=THEN)

    def left() -> int:
        known = IdentityCheck.objects.exclude(document_digest="").count()
        return Signal.objects.count() + SameCase.objects.count() + known

    assert left() == 3
    goes_at("traces of whoever was excluded", past(2028), left)


def test_names_in_payouts_go_after_eight_years_but_what_was_paid_stays(ada: Planted) -> None:
    del ada
    PayoutRun.objects.update(created_at=THEN, file=b"<xml/>")

    def named() -> int:
        return PayoutItem.objects.exclude(holder="").count()

    PayoutRun.objects.update(state="sent")
    assert line("names and account numbers in payouts, and the banks' files").verb(past(2050)) == 0
    PayoutRun.objects.update(state="done")
    goes_at("names and account numbers in payouts, and the banks' files", past(2033), named)
    assert PayoutItem.objects.get().amount_micros == 7
    assert bytes(PayoutRun.objects.get().file) == b""


def test_where_things_came_from_goes_after_four_hundred_days(world: World) -> None:
    with coming_from(ip="192.0.2.7", agent="Test/1", key="ab12"):
        note("phone.changed", actor=world.rita, account=world.rita, after={"phone": "+39"})
    event = Event.objects.get(action="phone.changed")
    goes_at(
        "addresses and browsers in the audit trail",
        event.at + 400 * DAY,
        Event.objects.filter(origin__has_key="ip").count,
    )
    assert Event.objects.get(pk=event.pk).origin == {"key": "ab12"}


def test_the_trail_goes_after_ten_full_years(world: World) -> None:
    note("phone.changed", actor=world.rita, account=world.rita, after={"phone": "+39"})
    record("standing", world.rita.ref, "active", "closed", actor="x", why="y")
    end = past(timezone.now().year + 10)
    goes_at("audit trail and history", end, lambda: count("people_event") + count("kit_history"))


def test_a_device_goes_that_was_not_seen_for_long(ada: Planted) -> None:
    del ada
    Device.objects.update(first_at=THEN, last_at=THEN)
    goes_at("devices", THEN + 400 * DAY, Device.objects.count)


def test_invitations_go_three_months_after_they_ended(world: World, ada: Planted) -> None:
    far = datetime(2100, 1, 1, tzinfo=UTC)
    PortalInvitation.objects.create(
        portal=ada.things[PortalInvitation.portal.field.related_model],
        digest="d",
        label="l",
        made_by=world.olga,
        expires_at=THEN,
    )
    Invitation.objects.update(expires_at=far, used_at=None, withdrawn_at=None)
    assert forgetting.invitations(THEN) == 0
    Invitation.objects.update(withdrawn_at=THEN)
    goes_at(
        "invitations",
        THEN + 90 * DAY,
        lambda: Invitation.objects.count() + PortalInvitation.objects.count(),
    )


def test_background_work_that_ended_goes_and_what_waits_stays(world: World) -> None:
    del world
    defer("sweep", timestamp=1)
    defer("fold", timestamp=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "update procrastinate_jobs set status = 'succeeded' where task_name = 'fairhand.sweep'"
        )

    def ended() -> int:
        return count("procrastinate_jobs where status = 'succeeded'")

    goes_at("ended background jobs", timezone.now() + 30 * DAY, ended)
    assert count("procrastinate_jobs where status = 'todo'") >= 1


def test_a_line_that_fails_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    del world
    done: list[str] = []

    def fails(_now: datetime) -> int:
        raise RuntimeError("a table is away")

    def works(_now: datetime) -> int:
        done.append("yes")
        return 1

    lines = [timetable.Line(n, "", "", OWN, verb) for n, verb in (("a", fails), ("b", works))]
    monkeypatch.setattr(timetable, "TIMETABLE", lines)
    with pytest.raises(RuntimeError):
        timetable.run(timezone.now())
    assert done == ["yes"]


def test_every_line_belongs_to_a_job_that_there_is() -> None:
    names = {name.removeprefix("fairhand.") for name in app.tasks}
    assert {each.job for each in TIMETABLE} <= names


@pytest.mark.django_db
def test_the_jobs_of_the_timetable_run(world: World) -> None:
    assert deletion.ask(world.ada.account)
    Deletion.objects.update(due_at=THEN)
    tasks.keep_privacy(timestamp=0)
    assert Deletion.objects.get().state == "done"
    tasks.retention(timestamp=0)


def test_a_large_table_is_forgotten_some_rows_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    for n in range(5):
        Device.objects.create(account=world.rita, digest=str(n), kind="phone", last_at=THEN)
    with CaptureQueriesContext(connection) as asked:
        assert forgetting.devices(timezone.now()) == 5
    assert Device.objects.count() == 0
    assert sum(each["sql"].startswith("DELETE") for each in asked.captured_queries) == 3
