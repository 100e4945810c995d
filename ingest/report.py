"""What a run did, in numbers: read = new + changed + unchanged + out of scope + rejected, for every file and for the whole."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields


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
