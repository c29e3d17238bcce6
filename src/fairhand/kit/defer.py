"""Put off work: enqueue a named job in the caller's transaction.

The job exists when the transaction commits and not otherwise. Which verb a name stands for is bound
in `fairhand.jobs`; whoever defers need not know. Jobs run at least once: verbs bear repetition.
"""

from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def defer(name: str, /, *, once: str | None = None, **arguments: Any) -> None:
    """Enqueue the job `name`. With `once`, a job that still waits under that word is enough."""
    task = app.configure_task(f"fairhand.{name}", allow_unknown=True, queueing_lock=once)
    try:
        with transaction.atomic():  # a refused row must not spoil what the caller does
            task.defer(**arguments)
    except AlreadyEnqueued:
        return
