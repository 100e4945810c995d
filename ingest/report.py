"""What a run did, in numbers: read = new + changed + unchanged + out of scope + rejected, for every file and for the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace

from graph.writer import Outcome
from ingest.connector import Rejected
from ingest.preparation import Fate, Prepared


@dataclass(slots=True)
class Counts:
    """Rows by what became of them. `withdrawn` counts records, not rows of the file."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    out_of_scope: int = 0
    withdrawn: int = 0
    rejected: int = 0

    def add(self, other: Counts) -> None:
        for item in fields(self):
            setattr(self, item.name, getattr(self, item.name) + getattr(other, item.name))

    def as_dict(self) -> dict[str, int]:
        return asdict(self)

    @property
    def balanced(self) -> bool:
        """Whether no row is unaccounted for."""
        return self.read == self.new + self.changed + self.unchanged + self.out_of_scope + self.rejected

    def again(self) -> Counts:
        """The counts of a second reading of the same file: what was loaded is unchanged now."""
        return Counts(self.read, 0, 0, self.new + self.changed + self.unchanged, self.out_of_scope, 0, self.rejected)


@dataclass(slots=True)
class FileReport:
    """One file. `note` says what was special: read before, broken at a place, stopped."""

    address: str
    dataset: str
    counts: Counts = field(default_factory=Counts)
    note: str | None = None


@dataclass(slots=True)
class RunReport:
    """One run of one connector."""

    connector: str
    scope: str
    run: str
    files: list[FileReport] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def counts(self) -> Counts:
        total = Counts()
        for file in self.files:
            total.add(file.counts)
        return total

    def as_dict(self) -> dict[str, object]:
        """What `--json` prints: the counts, the seconds, and the same counts file by file."""
        files = [
            {"file": f.address, "dataset": f.dataset, **f.counts.as_dict(), **({"note": f.note} if f.note else {})} for f in self.files
        ]
        return {
            "source": self.connector,
            "scope": self.scope,
            **self.counts.as_dict(),
            "seconds": round(self.seconds, 2),
            "run": self.run,
            "files": files,
        }


def foreseen(counts: Counts, rows: Sequence[Prepared]) -> Counts:
    """The counts of rows read and rejected as they will be at least, once these rows are written."""
    bad = sum(row.fate is Fate.REJECTED for row in rows)
    return replace(counts, read=counts.read + len(rows), rejected=counts.rejected + bad)


def counted(before: Counts, rows: Sequence[Prepared], outcome: Outcome) -> tuple[Counts, list[Rejected]]:
    """The counts after a batch, and the rows that the writer refused."""
    counts = replace(before)
    problems = {refusal.record.id: refusal.problems for refusal in outcome.refused}
    refused: list[Rejected] = []
    for row in rows:
        counts.read += 1
        ids = {record.id for record in row.records}
        if row.fate is Fate.REJECTED:
            counts.rejected += 1
        elif row.fate is Fate.OUT_OF_SCOPE:
            counts.out_of_scope += 1
        elif bad := ids & problems.keys():
            counts.rejected += 1
            refused += [Rejected(row.line, p.field, p.value, p.reason, p.allowed, i) for i in sorted(bad) for p in problems[i]]
        elif ids & outcome.created:
            counts.new += 1
        elif ids & outcome.changed:
            counts.changed += 1
        else:
            counts.unchanged += 1
    return counts, refused
