"""CSV from strangers: encodings, byte order marks, NUL bytes, endless lines, broken quotes. Rows come as a stream."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from typing import Final

from ingest.connector import Rejected, Row
from ingest.inputs import InputFile

LONGEST_LINE: Final = 1_000_000
CHUNK: Final = 1 << 16
# Tab and newline stay; everything else below the space, and half surrogates, cannot be stored.
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

Cells = dict[str, str]


def clean(text: str) -> str:
    """Text without control characters and without spaces around; a line ends with `\\n` alone."""
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def encoding_of(file: InputFile) -> str:
    """By byte order mark, else UTF-8 where the whole file is UTF-8, else Windows-1252, in which every byte is a character."""
    with file.path.open("rb") as stream:
        head = stream.read(4)
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if head.startswith(mark):
            return name
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with file.path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                decoder.decode(chunk)
    except UnicodeDecodeError:
        return "cp1252"
    # A file cut in the middle of a letter is still UTF-8.
    return "utf-8"


def table(file: InputFile, *, required: Sequence[str] = (), delimiter: str = ",") -> Iterator[Row[Cells] | Rejected]:
    """Rows as dictionaries by the header's names, trimmed and cleaned. Several spellings of a column: `required=("Country|Economy",)`.

    A row with more cells than the header, or in a line of more than a million characters, is rejected; a missing column ends the file.
    """
    lines = _Lines(file)
    reader = csv.reader(lines, delimiter=delimiter)
    csv.field_size_limit(LONGEST_LINE)
    try:
        header = [clean(name) for name in next(reader, [])]
    except csv.Error as error:
        yield Rejected(1, "", "", f"breaks the CSV format ({error})", broken=True)
        return
    missing = [name for name in required if not any(choice in header for choice in name.split("|"))]
    if missing:
        yield Rejected(
            1,
            missing[0],
            ", ".join(header)[:200],
            "is the header of another file",
            tuple(n.replace("|", " or ") for n in required),
            broken=True,
        )
        return
    while True:
        line = lines.number + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Rejected(line, "", "", f"breaks the CSV format ({error})")
            continue
        if cells is None:
            return
        if lines.cut:
            lines.cut = False
            yield Rejected(line, "", f"{LONGEST_LINE} characters and more", "is longer than a line may be")
        elif len(cells) > len(header) and any(clean(cell) for cell in cells[len(header) :]):
            yield Rejected(line, "", f"{len(cells)} cells", "has more cells than the header", (f"{len(header)} cells",))
        elif any(cells):
            yield Row(line, {name: clean(cell) for name, cell in zip(header, cells, strict=False) if name})


class _Lines:
    """Lines of a file of unknown encoding. `number` counts them, `cut` says that one since the last look was too long and is shortened."""

    def __init__(self, file: InputFile) -> None:
        self.number = 0
        self.cut = False
        self._lines = self._read(file)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        return line

    def _read(self, file: InputFile) -> Iterator[str]:
        encoding = encoding_of(file)
        with TextIOWrapper(file.open(), encoding=encoding, errors="replace", newline="") as stream:
            pending = stream.readline(LONGEST_LINE)
            while pending:
                if len(pending) == LONGEST_LINE and not pending.endswith("\n"):
                    self.cut = True
                    while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                        pass
                    pending = pending[:100].replace('"', "") + "\n"
                yield pending.replace("\0", "")
                pending = stream.readline(LONGEST_LINE)
