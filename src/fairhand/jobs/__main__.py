"""The process that does background work: `python -m fairhand.jobs`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fairhand.settings")
django.setup()

from procrastinate.contrib.django import app  # noqa: E402 - needs the settings
from procrastinate.contrib.django.django_connector import DjangoConnector  # noqa: E402

CONCURRENCY = 2


def main() -> None:
    """Work until told to stop; then finish what is being done."""
    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(
            name="fairhand",
            concurrency=CONCURRENCY,
            delete_jobs="successful",
            fetch_job_polling_interval=5.0,
        )


main()
