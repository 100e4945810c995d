"""The empty sheet that a country fills in: XLSX with drop-downs and hints in six languages, or CSV. Must not know how it is read."""

from __future__ import annotations

import csv
import io
from secrets import token_hex
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from graph.cells import safe_cell
from graph.model import Kind
from graph.vocabulary import UN_LANGUAGES
from ingest.sheet_columns import TOPICS, Column, Layout, SheetKind, layout

ROWS: Final = 200
LANGUAGES: Final = ("English", "العربية", "Español", "Français", "Русский", "中文")
LONG: Final = {"description", "summary", "problem", "approach", "results", "lessons", "what_failed"}
# A message beside a cell holds 255 characters, its title 32.
LONGEST_PROMPT: Final = 250


def as_csv(kind: SheetKind, *, mark: str | None = None) -> str:
    """The header, and rows that have their keys only."""
    names = layout(kind).names
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in names])
    writer.writerows([[safe_cell(key), *[""] * (len(names) - 1)] for key in _keys(mark)])
    return out.getvalue()


def as_xlsx(kind: SheetKind, *, mark: str | None = None) -> bytes:
    """A workbook of three sheets: the rows to fill in, the hints, and the hidden lists behind the drop-downs."""
    chosen = layout(kind)
    book = Workbook()
    rows = book.active
    rows.title = kind.value
    hints, lists = book.create_sheet("hints"), book.create_sheet("lists")
    lists.sheet_state = "hidden"
    _fill_rows(rows, chosen, mark)
    _fill_hints(hints, chosen)
    for number, column in enumerate(chosen.columns, 1):
        if column.allowed:
            letter = _listed(lists, number, column)
            source = f"lists!${letter}$2:${letter}${len(column.allowed) + 1}"
            _validate(rows, chosen, number, DataValidation(type="list", formula1=source, allow_blank=True), strict=column.closed)
        else:
            _validate(rows, chosen, number, _typed(chosen, column), strict=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _keys(mark: str | None) -> list[str]:
    """Keys of the rows. The mark is another for each template, so that two sheets of a country never claim one record."""
    mark = mark or token_hex(4)
    return [f"{mark}-{number}" for number in range(1, ROWS + 1)]


def _fill_rows(sheet: Any, chosen: Layout, mark: str | None) -> None:
    for number, column in enumerate(chosen.columns, 1):
        cell = sheet.cell(1, number, safe_cell(column.name))
        cell.font = Font(bold=True)
        if column.required:
            cell.fill = PatternFill("solid", fgColor="FFF2CC")
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = 60 if column.name in LONG else 24
        is_date = column.field and chosen.property_of(column).kind is Kind.DATE
        for row in range(2, ROWS + 2):
            sheet.cell(row, number).number_format = "yyyy-mm-dd" if is_date else "@" if _is_text(chosen, column) else "General"
    for row, key in enumerate(_keys(mark), 2):
        sheet.cell(row, 1, safe_cell(key))
    sheet.freeze_panes = "B2"


def _is_text(chosen: Layout, column: Column) -> bool:
    return not column.field or chosen.property_of(column).kind in {Kind.STRING, Kind.STRINGS}


def _fill_hints(sheet: Any, chosen: Layout) -> None:
    sheet.append(["column", "required", "allowed", *LANGUAGES])
    for column in chosen.columns:
        hints = chosen.hints(column)
        sheet.append(
            [
                safe_cell(cell)
                for cell in (column.name, _required(column), _allowed(chosen, column), *(hints[lang] for lang in UN_LANGUAGES))
            ]
        )
    for row in sheet.iter_rows():
        for cell in row:
            # Reading order 2 is from right to left.
            right = cell.row > 1 and cell.column == len(row) - len(UN_LANGUAGES) + 1 + UN_LANGUAGES.index("ar")
            cell.alignment = Alignment(wrap_text=True, vertical="top", readingOrder=2 if right else 0)
            cell.font = Font(bold=cell.row == 1 or cell.column == 1)
    for number in range(1, sheet.max_column + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 18 if number < 3 else 42
    sheet.freeze_panes = "B2"


def _required(column: Column) -> str:
    return "yes" if column.required else "no"


def _allowed(chosen: Layout, column: Column) -> str:
    """What a cell may hold, in a form that is the same in every language."""
    if column.name == "country":
        return "Kenya; KEN; Кения; 肯尼亚; …"
    if column.name in TOPICS or len(column.allowed) > 20:
        return f"{'; '.join(column.allowed[:3])}; … ({len(column.allowed)})"
    if column.allowed:
        return "; ".join(column.allowed)
    kind = chosen.property_of(column).kind if column.field else Kind.STRING
    return {Kind.DATE: "2026-03-31", Kind.INTEGER: "0, 1, 2, …", Kind.FLOAT: "1500000.50"}.get(
        kind, "EUR; KES; USD; …" if column.name == "currency" else ""
    )


def _listed(sheet: Any, number: int, column: Column) -> str:
    sheet.cell(1, number, safe_cell(column.name))
    for row, value in enumerate(column.allowed, 2):
        sheet.cell(row, number, safe_cell(value))
    return str(get_column_letter(number))


def _typed(chosen: Layout, column: Column) -> DataValidation:
    """A check of what is typed: a date, a number, else nothing but the message beside the cell."""
    kind = chosen.property_of(column).kind if column.field else Kind.STRING
    if kind is Kind.DATE:
        return DataValidation(type="date", operator="greaterThanOrEqual", formula1="DATE(1900,1,1)", allow_blank=True)
    if kind in {Kind.INTEGER, Kind.FLOAT}:
        number = "whole" if kind is Kind.INTEGER else "decimal"
        return DataValidation(type=number, operator="greaterThanOrEqual", formula1="0", allow_blank=True)
    if column.name == "currency":
        return DataValidation(type="textLength", operator="equal", formula1="3", allow_blank=True)
    return DataValidation(allow_blank=True)


def _validate(sheet: Any, chosen: Layout, number: int, rule: DataValidation, *, strict: bool) -> None:
    column = chosen.columns[number - 1]
    rule.promptTitle = column.name[:32]
    rule.prompt = chosen.hints(column)["en"][:LONGEST_PROMPT]
    rule.showInputMessage = True
    rule.showErrorMessage = strict
    rule.errorTitle = column.name[:32]
    rule.error = f"Allowed: {_allowed(chosen, column)}"[:LONGEST_PROMPT]
    letter = get_column_letter(number)
    rule.add(f"{letter}2:{letter}{ROWS + 1}")
    sheet.add_data_validation(rule)
