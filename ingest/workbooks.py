"""Spreadsheets from strangers: the cells of their sheets as text. Formulas give the value that was last worked out; macros, links to other
workbooks, pictures and formats are not read. What the archive may hold is checked in `ingest.inputs` before. Must not know what the cells mean.
"""

from __future__ import annotations

import warnings
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from ingest.connector import Row
from ingest.inputs import InputFile
from ingest.textfiles import Cells, clean

MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 100
MOST_SHEETS: Final = 20
# What a damaged workbook makes its reader raise; lxml's errors of syntax are SyntaxErrors.
DAMAGED: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: its title, the cells of its first row, and the rows below by the names in the first."""

    title: str
    header: tuple[str, ...]
    rows: tuple[Row[Cells], ...]


def grids(file: InputFile, *, most_rows: int = MOST_ROWS) -> list[Grid]:
    """The sheets of a workbook. Raises `ValueError` with a reason that ends the sentence “the file …”."""
    from openpyxl import load_workbook  # noqa: PLC0415 - loads only where there is a spreadsheet
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415 - as above

    try:
        with warnings.catch_warnings():
            # What openpyxl leaves out of a workbook it warns of; cells are all that is wanted.
            warnings.simplefilter("ignore")
            book = load_workbook(file.path, read_only=True, data_only=True, keep_links=False, keep_vba=False)
            try:
                return [_grid(sheet, most_rows) for sheet in book.worksheets[:MOST_SHEETS]]
            finally:
                book.close()
    except (*DAMAGED, InvalidFileException) as error:
        raise ValueError(f"cannot be read as a spreadsheet ({type(error).__name__}: {str(error)[:120]})") from None


def _grid(sheet: object, most_rows: int) -> Grid:
    # The size that a sheet claims may be a lie of a million columns.
    sheet.reset_dimensions()  # type: ignore[attr-defined]  # the stubs know no read-only sheets
    lines = sheet.iter_rows(max_col=MOST_COLUMNS, max_row=most_rows + 1, values_only=True)  # type: ignore[attr-defined]  # the stubs know no read-only sheets
    header = tuple(clean(text(value)) for value in next(lines, ()))
    rows = []
    for number, values in enumerate(lines, 2):
        cells = dict(zip(header, (clean(text(value)) for value in values), strict=False))
        cells.pop("", None)
        if any(cells.values()):
            rows.append(Row(number, cells))
    return Grid(str(sheet.title), tuple(name for name in header if name), tuple(rows))  # type: ignore[attr-defined]  # the stubs know no read-only sheets


def text(value: object) -> str:
    """A cell's value as a person would write it into a CSV file."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)
