"""Run beside a test, on a database of its own: `set` a scene for workers, or `audit` the ledger."""

import json
import sys

import django

django.setup()

from fairhand.kit.ids import new_ref  # noqa: E402
from fairhand.ledger.audit import audit  # noqa: E402 - models can be imported only now
from fairhand.people.accounts import make_worker  # noqa: E402
from fairhand.people.keys import issue_key  # noqa: E402
from tests.world import make_world  # noqa: E402


def set_scene(workers: int) -> dict[str, object]:
    """An open batch and so many workers with keys."""
    world = make_world()
    batch = world.batch(
        tasks=12_000, gold=1000, page_size=5, overlap=1, gold_permille=100, price_micros=1000
    )
    keys = []
    for _ in range(workers):
        worker = make_worker(f"{new_ref('crash')}@example.org")
        keys.append((worker.pk, issue_key(worker.account, name="crash", scopes=["work"])[1]))
    return {"batch": batch.ref, "workers": keys}


if __name__ == "__main__":
    found = audit().faults if sys.argv[1] == "audit" else set_scene(int(sys.argv[2]))
    sys.stdout.write(json.dumps(found))
