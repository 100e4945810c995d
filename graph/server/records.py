"""What the embedded database tells the rest: where it answers, how far it is, how it stands.

Must not know processes, files or the network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Endpoint:
    """A Neo4j to talk to. The password stays out of `repr`, and so out of logs and tracebacks."""

    uri: str
    user: str
    password: str = field(repr=False)
    database: str
    embedded: bool


@dataclass(frozen=True)
class Progress:
    """One step of something slow. `done` of `total` counts jars for `fetch`, seconds for the other steps (0 = not known)."""

    step: str
    done: int
    total: int
    text: str


Reporter = Callable[[Progress], None]


@dataclass(frozen=True)
class Status:
    """How the database stands. `running` is None for a Neo4j of `GCIO_NEO4J_URI`, which is not asked.

    `users` are the live processes that hold a lease, `memory` is resident bytes, `started` an ISO 8601 time.
    """

    embedded: bool
    running: bool | None = None
    uri: str | None = None
    version: str | None = None
    pid: int | None = None
    started: str | None = None
    kept: bool = False
    users: tuple[int, ...] = ()
    memory: int | None = None
    home: Path | None = None
    log: Path | None = None

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON types."""
        out = asdict(self)
        return out | {"users": list(self.users), "home": str(self.home) if self.home else None, "log": str(self.log) if self.log else None}
