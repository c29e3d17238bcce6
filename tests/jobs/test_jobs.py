"""Background work: enqueued with the transaction, done by a real worker, never twice in effect."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob

from fairhand.jobs import tasks
from fairhand.kit.defer import defer
from fairhand.people.models import Session, SignInLink
from fairhand.work.models import Assignment, Result
from fairhand.work.opening import close_batch
from tests.world import World, caller, make_world, turn, work_through


def run_waiting_jobs() -> None:
    """Let a real worker do what is due, and stop."""
    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


@pytest.fixture(autouse=True)
def _no_jobs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Flushing leaves procrastinate's own tables alone, so that other tests' jobs may wait."""
    marker = request.node.get_closest_marker("django_db")
    committing = marker is not None and bool(marker.kwargs.get("transaction"))
    if committing:
        request.getfixturevalue("transactional_db")
        forget_jobs()
    yield
    if committing:
        forget_jobs()


def forget_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("truncate procrastinate_jobs cascade")


def waiting(name: str) -> int:
    return ProcrastinateJob.objects.filter(task_name=f"fairhand.{name}", status="todo").count()


@pytest.mark.django_db(transaction=True)
def test_a_job_deferred_in_a_transaction_that_fails_does_not_exist() -> None:
    with transaction.atomic():
        defer("sweep", timestamp=1)
        transaction.set_rollback(True)
    assert waiting("sweep") == 0


@pytest.mark.django_db(transaction=True)
def test_a_job_asked_for_once_waits_once() -> None:
    defer("compute_results", once="results-1", batch=1)
    defer("compute_results", once="results-1", batch=1)
    assert waiting("compute_results") == 1


@pytest.mark.django_db(transaction=True)
def test_asking_again_in_a_transaction_leaves_the_rest_of_it_whole() -> None:
    defer("compute_results", once="results-1", batch=1)
    with transaction.atomic():
        defer("compute_results", once="results-1", batch=1)
        defer("compute_results", once="results-2", batch=2)
    assert waiting("compute_results") == 2


@pytest.mark.django_db(transaction=True)
def test_closing_a_batch_has_its_results_computed() -> None:
    world = make_world()
    batch = world.batch(tasks=10, page_size=5, overlap=1)
    work_through(caller(world.ada), batch)
    assert close_batch(batch, world.rita.ref, "enough")
    run_waiting_jobs()
    assert Result.objects.filter(batch=batch).count() == 10


def test_what_is_over_is_forgotten_and_nothing_else(world: World) -> None:
    now = timezone.now()
    for minutes in (-1, 1):
        when = now + timedelta(minutes=minutes)
        Session.objects.create(session_key=f"key{minutes}", session_data="", expire_date=when)
        SignInLink.objects.create(account=world.rita, digest=f"d{minutes}", expires_at=when)
    cache.set("over", 1, 1)
    cache.set("on", 1, 60)
    with connection.cursor() as cursor:
        past = "update kit_cache set expires = now() - interval '1 s' where cache_key like %s"
        cursor.execute(past, ["%over%"])
    tasks.forget_expired(timestamp=0)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["key1"]
    assert list(SignInLink.objects.values_list("digest", flat=True)) == ["d1"]
    with connection.cursor() as cursor:
        cursor.execute("select cache_key from kit_cache")
        assert [key.rpartition(":")[2] for (key,) in cursor.fetchall()] == ["on"]


def test_the_sweep_expires_a_page_whose_time_is_over(world: World) -> None:
    batch = world.batch(tasks=10, page_size=5, overlap=1, deadline_seconds=10)
    turn(caller(world.ada), batch)
    _let_time_pass(batch.pk)
    tasks.sweep(timestamp=int(time.time()))
    assert not turn(caller(world.ben), batch).refusal


def _let_time_pass(batch: int) -> None:
    for page in Assignment.objects.filter(batch_id=batch):
        Assignment.objects.filter(pk=page.pk).update(deadline=page.claimed_at)
