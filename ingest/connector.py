"""What a connector is: how it knows its files, reads them as a stream, and turns a row into records.

This is the whole interface; `docs/connectors.md` shows how to write one. Must not know the engine or the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, runtime_checkable

from graph.records import Record
from ingest.inputs import InputFile
from ingest.resolution import Resolver

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row(Generic[T]):
    """One row as the file has it. `line` is what a person would look for: the line, or the number of the element."""

    line: int
    cells: T


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be taken: the sentence “`value` `reason`” says why, `allowed` what would do.

    `record` is the id the row would have had, where that much can be read: it is then not taken for one that the source dropped.
    `broken` says that the file cannot be read any further.
    """

    line: int
    field: str
    value: str
    reason: str
    allowed: tuple[str, ...] = ()
    record: str | None = None
    broken: bool = False
    also: tuple[Rejected, ...] = ()
    """What else is wrong with the same row, so that a person can mend all of it at once."""


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """A row that no scope would load: a group of countries among countries, a total. `record` as in `Rejected`."""

    reason: str
    record: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What relevance is judged by. Records without it are always in scope."""

    title: str
    text: str = ""
    codes: tuple[str, ...] = ()
    """OECD DAC purpose codes."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The records that one row states, without `sources`: the engine adds them. The first is what the row is about.

    `row` is the row's own identifier in the source, `url` its public address. With `about`, the engine judges the topics and the
    scope and gives its topics to every record that may have some and has none. `as_of` is the ISO date of this version of the row; an older one never replaces a newer.
    """

    records: Sequence[Record]
    row: str
    url: str | None = None
    about: About | None = None
    as_of: str | None = None
    source: Record | None = None
    """Where the row's source is another than the file's."""
    finish: Callable[[Record], Record] | None = None
    """Completes the first record, called for rows that are loaded only. Look organisations up here: none is then made for a row out of scope."""
    set_aside: Sequence[Rejected] = ()
    """Fields that cannot be taken while the rest of the row can: the row is loaded, the fields go to quarantine."""
    follows: bool = False
    """Whether the row is loaded, though relevance says no, once the first record is in the graph: by hand, or from another source or version."""
    if_known: Sequence[Record] = ()
    """What the row says of further records, each loaded where the graph has it: the need that a project met. A source that makes no such
    records may leave out required fields. Where there is one, the row is loaded whatever relevance says."""
    yielding: AbstractSet[str] = frozenset()
    """Fields that are said for want of better, such as a working title: another source that gives one goes before, whatever the ranks."""


class Connector(Protocol[T]):
    """One source. `version` grows whenever the same file would give other records; then every file is read again.

    `rank` settles conflicts: 50 is usual, a publisher's own data may take 60, a copy of somebody else's 40, records kept by hand have 100.
    """

    name: str
    version: int
    rank: int
    title: str
    refresh: str
    """How often to read it: `daily`, `weekly`, `monthly` or `yearly`."""

    def recognises(self, file: InputFile) -> bool:
        """Whether this is one of the source's files, by its name and its first bytes (`file.head()`). Never raises."""

    def source(self, file: InputFile) -> Record:
        """The Source that this file's rows come from. Written once; a Source that is there already stays as it is."""

    def dataset(self, file: InputFile) -> str:
        """The name under which the file's versions follow each other, usually `file.stem`: what a version leaves out is withdrawn."""

    def as_of(self, file: InputFile) -> str | None:
        """ISO date of this version of the file, where it says one. Files are read in this order."""

    def rows(self, file: InputFile) -> Iterator[Row[T] | Rejected]:
        """The file's rows as a stream; what cannot be read comes as `Rejected`. Never the whole file in memory, never an exception."""

    def read(self, row: Row[T], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        """What a row states. Looks countries and organisations up with `resolver`. Never an exception for what a file may hold."""


@runtime_checkable
class Gathers(Protocol):
    """A connector whose records are spread over several files: it may have this method besides."""

    def gather(self, files: Sequence[InputFile]) -> Sequence[InputFile]:
        """The same files, those that are one data set together as one (`ingest.inputs.together`)."""
