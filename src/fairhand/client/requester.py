"""A requester's program: projects, batches, uploads, results."""

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self, TypeVar

import httpx2
import msgspec

from fairhand.client import files
from fairhand.client.models import (
    Accepted,
    Answer,
    Answered,
    Balance,
    Batch,
    Computed,
    Me,
    Money,
    Project,
    Result,
    Task,
    Uploaded,
)
from fairhand.client.transport import Caller, Patience, Pool

PAGE = 1000
SECONDS = 300.0  # aggregating a large batch takes its time
What = Literal["answers", "results"]
Model = TypeVar("Model", bound=Answered)


class Client:
    """What an organisation's key can do. Safe to share between threads; close it in the end.

    patience: how long a request is tried again while the server or the way to it is down.
    language: that of refusals, such as `de`.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        language: str | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._pool = Pool(base_url, seconds=SECONDS)
        self._caller = Caller(self._pool, key, language, patience or Patience())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shut()

    def shut(self) -> None:
        """Close the connections. (`close` ends a batch.)"""
        self._pool.close()

    def me(self) -> Me:
        """Whose key this is and what it may do."""
        return Me.model_validate_json(self._get("me").content)

    def balance(self, currency: str = "EUR") -> Money:
        """What the organisation can still reserve for batches."""
        answer = self._get("balance", currency=currency)
        return Balance.model_validate_json(answer.content).available

    def create_project(
        self,
        *,
        name: str,
        interface: Mapping[str, Any],
        instructions: Iterable[Mapping[str, str]] = (),
    ) -> Project:
        """Make a project: what is asked."""
        body = {"name": name, "interface": interface, "instructions": list(instructions)}
        return self._post("projects", body, Project)

    def project(self, ref: str) -> Project:
        return Project.model_validate_json(self._get(f"projects/{ref}").content)

    def projects(self) -> Iterator[Project]:
        """All projects, newest first."""
        return self._walk("projects", Project)

    def create_batch(self, project: str, *, name: str, price_micros: int, **terms: Any) -> Batch:
        """Make a draft. Further terms: overlap, page_size, gold_permille, bar_permille, ..."""
        body = {"project": project, "name": name, "price_micros": price_micros, **terms}
        return self._post("batches", body, Batch)

    def batch(self, ref: str) -> Batch:
        """A batch with its progress and money."""
        return Batch.model_validate_json(self._get(f"batches/{ref}").content)

    def batches(self, project: str | None = None) -> Iterator[Batch]:
        """All batches, or those of one project, newest first."""
        return self._walk("batches", Batch, **({} if project is None else {"project": project}))

    def upload(
        self, ref: str, source: str | os.PathLike[str] | Iterable[Mapping[str, Any]]
    ) -> Uploaded:
        """Add tasks to a draft, from a .csv or .jsonl file or from rows; all of them or none.

        A row is {"key", "data", "gold", "reserved_for"}, or the data itself.
        Raises Problem with the lines that are malformed.
        """
        with ExitStack() as stack:
            file: BinaryIO
            if isinstance(source, str | os.PathLike):
                kind = files.kind_of(Path(source))
                file = stack.enter_context(Path(source).open("rb"))
            else:
                kind = files.JSONL
                file = stack.enter_context(TemporaryFile())
                encode = msgspec.json.Encoder().encode
                file.writelines(encode(row) + b"\n" for row in source)

            def again() -> BinaryIO:
                file.seek(0)
                return file

            headers = {"Content-Type": kind, "Idempotency-Key": _new_key()}
            sent = self._caller.send("POST", f"batches/{ref}/tasks", content=again, headers=headers)
        return Uploaded.model_validate_json(sent.content)

    def tasks(self, ref: str) -> Iterator[Task]:
        """The tasks of a batch in the order of upload."""
        return self._walk(f"batches/{ref}/tasks", Task)

    def open(self, ref: str) -> Batch:
        """Reserve all of a batch's money and let workers in."""
        return self._post(f"batches/{ref}/open", None, Batch)

    def pause(self, ref: str) -> Batch:
        """Hand out no more pages for now."""
        return self._post(f"batches/{ref}/pause", None, Batch)

    def resume(self, ref: str) -> Batch:
        """Hand out pages again."""
        return self._post(f"batches/{ref}/resume", None, Batch)

    def close(self, ref: str) -> Batch:
        """End a batch; what is not spent comes back."""
        return self._post(f"batches/{ref}/close", None, Batch)

    def accept(self, ref: str) -> int:
        """Accept all pages that await review; returns how many."""
        return self._post(f"batches/{ref}/accept", None, Accepted).accepted

    def compute_results(self, ref: str, *, method: str = "dawid-skene") -> Computed:
        """Find the crowd's answer to each task."""
        return self._post(f"batches/{ref}/results", {"method": method}, Computed)

    def results(self, ref: str) -> Iterator[Result]:
        """The crowd's answers, in the order of the tasks."""
        return self._walk(f"batches/{ref}/results", Result)

    def answers(self, ref: str) -> Iterator[Answer]:
        """Every answer with its evidence, in the order of the tasks."""
        return self._walk(f"batches/{ref}/answers", Answer)

    def download(
        self, ref: str, what: What, path: str | os.PathLike[str], form: files.Form = "jsonl"
    ) -> int:
        """Save answers or results as a file of this form; returns how many records it has.

        The file appears under its name only when all of it is there.
        """
        target = Path(path)
        part = target.with_name(target.name + ".part")
        rows = 0

        def attempt() -> httpx2.Response:
            nonlocal rows
            with self._caller.stream(f"batches/{ref}/{what}", {"format": form}) as response:
                if response.is_success:
                    rows = files.save(response, part, form)
                return response

        try:
            self._caller.insist(attempt)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return rows

    def _get(self, path: str, **params: Any) -> httpx2.Response:
        return self._caller.send("GET", path, params=params)

    def _post(self, path: str, body: Any, model: type[Model]) -> Model:
        headers = {"Content-Type": "application/json", "Idempotency-Key": _new_key()}
        raw = b"" if body is None else msgspec.json.encode(body)
        answer = self._caller.send("POST", path, content=lambda: raw, headers=headers)
        return model.model_validate_json(answer.content)

    def _walk(self, path: str, model: type[Model], **params: Any) -> Iterator[Model]:
        cursor: dict[str, str] = {}
        while True:
            page = self._get(path, limit=PAGE, **params, **cursor).json()
            for item in page["items"]:
                yield model.model_validate(item)
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}


def _new_key() -> str:
    return secrets.token_urlsafe(18)
