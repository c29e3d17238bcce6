"""AZ-5: every kind of job that is enqueued says in whose name it acts, and what is asked then.

A new job fails here until it is listed: for nobody (the house's own work, or telling somebody what
concerns them), or for a person, with the test that takes their right away before it runs.
"""

import importlib

from procrastinate.contrib.django import app

from fairhand.jobs import tasks

FOR_A_PERSON = {
    "import_media": "tests.media.test_importing:TestWhoseRights",
    "export": "tests.privacy.test_pages:"
    "test_an_archive_is_asked_for_made_and_downloaded_by_its_owner_alone",
}
# Whatever the clock starts is the house's own; of what is deferred, this is:
FOR_NOBODY = {
    "compute_results": "aggregates a batch that has closed, as its launch promised",
    "mail": "gives a written mail to the mail server",
    "push": "tells a device of a notice",
}


def deferred() -> set[str]:
    """The jobs of ours that somebody's action enqueues, not the clock."""
    assert tasks.sweep  # importing it has declared them
    periodic = {found.task.name for found in app.periodic_registry.periodic_tasks.values()}
    ours = {name for name in app.tasks if name.startswith("fairhand.")}
    return {name.removeprefix("fairhand.") for name in ours - periodic}


def test_every_deferred_job_says_in_whose_name_it_acts() -> None:
    assert deferred() - FOR_A_PERSON.keys() - FOR_NOBODY.keys() == set()
    assert FOR_A_PERSON.keys() <= deferred()
    assert FOR_NOBODY.keys() <= deferred()


def test_every_job_for_a_person_has_a_test_of_its_rights() -> None:
    for place in FOR_A_PERSON.values():
        module, name = place.split(":")
        assert hasattr(importlib.import_module(module), name)
