"""The timetable, and what each job's name stands for: one verb each, which bears repetition."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from fairhand.kit import idempotency
from fairhand.kit.remembered import forget_what_passed
from fairhand.pay.books import fold
from fairhand.people import approvals, push, standing
from fairhand.people import mail as outbox
from fairhand.people.expired import forget_what_expired
from fairhand.people.identity import checks, outcome, proofs
from fairhand.people.notices import digest, reading
from fairhand.projects import importing, media
from fairhand.projects.models import Batch
from fairhand.work import appeals, deadlines, results
from fairhand.work.privacy import archive, deletion, timetable

STALLED_AFTER = 30  # seconds without a sign of life from the process that holds a job


@app.periodic(cron="* * * * * */10")  # the seconds stand last
@app.task(name="fairhand.sweep", queueing_lock="sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Expire pages, end review periods, close and settle batches."""
    deadlines.sweep()


@app.periodic(cron="* * * * * */30")
@app.task(name="fairhand.fold", queueing_lock="fold")
def fold_balances(timestamp: int) -> None:
    """Fold the ledger's tail into the balances, so that reading one stays quick."""
    fold()


@app.periodic(cron="* * * * * */20")
@app.task(name="fairhand.retry_stalled", queueing_lock="retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """Take up the jobs whose process died; procrastinate leaves that to its user."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        await app.job_manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(name="fairhand.forget_keys", queueing_lock="forget_keys")
def forget_keys(timestamp: int) -> None:
    """Forget the stored answers to writes that nobody retries any more."""
    idempotency.forget()


@app.periodic(cron="23 * * * *")
@app.task(name="fairhand.expire_approvals", queueing_lock="expire_approvals")
def expire_approvals(timestamp: int) -> None:
    """End what no second operator decided on within a week."""
    approvals.expire()


@app.periodic(cron="*/5 * * * *")
@app.task(name="fairhand.end_suspensions", queueing_lock="end_suspensions")
def end_suspensions(timestamp: int) -> None:
    """Note the suspensions whose time is over, and say so."""
    standing.end_suspensions()


@app.periodic(cron="*/5 * * * *")
@app.task(name="fairhand.lapse_appeals", queueing_lock="lapse_appeals")
def lapse_appeals(timestamp: int) -> None:
    """Decide for the person what nobody answered in time."""
    appeals.lapse()


@app.periodic(cron="47 * * * *")
@app.task(name="fairhand.forget_expired", queueing_lock="forget_expired")
def forget_expired(timestamp: int) -> None:
    """Forget sessions, links and counted attempts that are over."""
    forget_what_expired()
    forget_what_passed()


@app.periodic(cron="11 * * * *")
@app.task(name="fairhand.keep_identity", queueing_lock="keep_identity")
def keep_identity(timestamp: int) -> None:
    """End proofs of identity, tell of those that end soon, delete what was shown long ago."""
    outcome.expire()
    checks.remind()
    proofs.purge()


@app.periodic(cron="5 4 1 * *")
@app.task(name="fairhand.rotate_vault", queueing_lock="rotate_vault")
def rotate_vault(timestamp: int) -> None:
    """Seal what almost nobody may see with a new key, each month."""
    proofs.change_keys()


@app.task(name="fairhand.export")
def make_export(export: int) -> None:
    """Make the archive of somebody's data."""
    archive.make(export)


@app.periodic(cron="37 * * * *")
@app.task(name="fairhand.privacy", queueing_lock="privacy")
def keep_privacy(timestamp: int) -> None:
    """Make archives that are late, delete old ones, and delete accounts whose time has come."""
    archive.make_overdue()
    archive.forget_archives(timezone.now())
    deletion.finish_due(timezone.now())


@app.periodic(cron="19 4 * * *")
@app.task(name="fairhand.retention", queueing_lock="retention")
def retention(timestamp: int) -> None:
    """Forget what no law asks to keep any more."""
    timetable.run(timezone.now())


@app.task(name="fairhand.compute_results")
def compute_results(batch: int) -> None:
    """Aggregate the answers of a batch that has closed."""
    results.compute_results(Batch.objects.get(pk=batch))


@app.task(name="fairhand.mail")
def send_mail(mail: int) -> None:
    """Give one mail to the mail server; one that cannot be sent waits for `retry_mails`."""
    outbox.send(mail)


@app.periodic(cron="* * * * * */15")
@app.task(name="fairhand.retry_mails", queueing_lock="retry_mails")
def retry_mails(timestamp: int) -> None:
    """Take up the mails whose pause is over, or whose process died while it sent them."""
    outbox.retry_mails()


@app.periodic(cron="0 7 * * *")
@app.task(name="fairhand.digests", queueing_lock="digests")
def send_digests(timestamp: int) -> None:
    """Queue the daily letters."""
    digest.send_digests()


@app.periodic(cron="41 3 * * *")
@app.task(name="fairhand.forget_told", queueing_lock="forget_told")
def forget_told(timestamp: int) -> None:
    """Forget mails and notices of long ago."""
    outbox.forget_mails()
    reading.forget_notices()


@app.task(
    name="fairhand.push",
    retry=RetryStrategy(max_attempts=6, exponential_wait=6, retry_exceptions=[push.TryLater]),
)
def push_notice(notice: int, device: int) -> None:
    """Tell one device of one notice; its server may ask to be asked later."""
    push.push(notice, device)


@app.task(name="fairhand.import_media", retry=RetryStrategy(max_attempts=4, exponential_wait=10))
def import_media(number: int) -> None:
    """Fetch the pictures of one import, with the rights of whoever asked for it."""
    importing.run(number)


@app.periodic(cron="31 4 * * *")
@app.task(name="fairhand.sweep_media", queueing_lock="sweep_media")
def sweep_media(timestamp: int) -> None:
    """Delete stored pictures that no project refers to any more."""
    media.sweep()
