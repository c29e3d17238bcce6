"""A bar on standard error while a crowd works; on anything but a terminal a line at both ends."""

import sys
import threading
import time
from types import TracebackType
from typing import Self

from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

PER_SECOND = 4  # redraws


class Bar:
    """Counts answers towards what is wanted at most."""

    def __init__(self, text: str, wanted: int) -> None:
        self.text, self.wanted, self.done = text, wanted, 0
        self.console = Console(stderr=True)
        self.progress: Progress | None = None
        self.task = TaskID(0)
        self.began = 0.0
        self.lock = threading.Lock()

    def __enter__(self) -> Self:
        self.began = time.perf_counter()
        if self.console.is_terminal:
            self.progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn(_("answers")),
                TimeElapsedColumn(),
                console=self.console,
                refresh_per_second=PER_SECOND,
            )
            self.task = self.progress.add_task(self.text, total=self.wanted)
            self.progress.start()
        else:
            print(f"{self.text} …", file=sys.stderr, flush=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.progress is not None:
            self.progress.stop()
        elif kind is None:
            seconds = f"{time.perf_counter() - self.began:.1f}"
            line = _("%(text)s: %(count)s answers in %(seconds)s s") % {
                "text": self.text,
                "count": f"{self.done:,}",
                "seconds": seconds,
            }
            print(line, file=sys.stderr, flush=True)

    def advance(self, answers: int) -> None:
        """Count more answers; may be called from any thread."""
        with self.lock:
            self.done += answers
        if self.progress is not None:
            self.progress.advance(self.task, answers)
