"""The command itself, on a platform of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_quick_bench_measures_and_nobody_is_refused(tmp_path: Path) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("FAIRHAND_")
    }
    done = subprocess.run(
        [sys.executable, "-m", "fairhand.cli", "bench", "claim", "--quick", "--json"],
        env={**environment, "PYTHONPATH": str(SOURCE)},
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["refused"] == 0
    assert figures["surplus"] == 0
    assert figures["ratio_page_1"] > 0
    assert figures["ratio_page_10"] > 0
    assert figures["p95_ms_10k"] > 0
    assert figures["p95_ms_1m"] > 0
    assert "work_turn" in figures["script"]
