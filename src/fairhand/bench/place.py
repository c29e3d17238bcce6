"""Where the measured platform is: what `python -m fairhand.bench` is told by the command."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

from fairhand.host.server import Platform


@dataclass(frozen=True)
class Place:
    """Addresses, PostgreSQL's programs, and the processes whose CPU time is counted."""

    url: str
    database_url: str
    admin_url: str
    programs: str  # the folder of pgbench
    postgres: int  # the process of which all other PostgreSQL's are children
    server: tuple[int, ...]  # the site and the background jobs

    @classmethod
    def of(cls, platform: Platform) -> Self:
        """Describe a platform whose PostgreSQL was started with it."""
        cluster = platform.cluster
        assert cluster is not None
        assert cluster.process is not None
        children = platform.supervisor.children
        return cls(
            url=platform.url,
            database_url=platform.database_url,
            admin_url=cluster.admin_url(),
            programs=str(cluster.program("pgbench").parent),
            postgres=cluster.process.pid,
            server=tuple(child.process.pid for child in children if child.process),
        )

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `written` wrote."""
        told = json.loads(text)
        return cls(**{**told, "server": tuple(told["server"])})

    def written(self) -> str:
        """Write the place as JSON, for another process."""
        return json.dumps(asdict(self))

    @property
    def socket(self) -> Path:
        """The folder of PostgreSQL's socket."""
        return Path(parse_qs(urlsplit(self.database_url).query)["host"][0])

    def program(self, name: str) -> Path:
        """One of PostgreSQL's programs."""
        return Path(self.programs, name)
