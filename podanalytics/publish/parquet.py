"""The typed twin of a table, for whoever reckons on with it: Parquet, with instants in UTC and numbers as numbers."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import polars as pl

from podanalytics.model import Verdict
from podanalytics.narrative import Page
from podanalytics.publish.twins import tables_of
from podanalytics.show.blocks import Column, Table
from podanalytics.show.cells import Cell, Link, Links, Marked
from podanalytics.show.table import extra_of

TYPES = {"time": pl.Datetime("us", "UTC"), "number": pl.Float64()}


def parquet_forms(page: Page) -> dict[str, bytes]:
    """File name to Parquet of every table that has rows."""
    return {f"{name}.parquet": _written(frame_of(table)) for name, table in tables_of(page).items() if table.rows}


def frame_of(table: Table) -> pl.DataFrame:
    """The table as a frame: a column each, of a time, a number or text; what is not known is null.

    Links are their labels, with the address in `<name>_url`; a correction is what holds, with `<name>_was` beside it.
    Unlike the CSV no text is guarded against spreadsheets: Parquet holds text as text.
    """
    series: list[pl.Series] = []
    for place, column in enumerate(table.columns):
        cells = [row[place] for row in table.rows]
        series.append(_series(column.name, (_plain(cell) for cell in cells), _type(column, cells)))
        for extra in table.extras(place):
            told = (extra_of(cell, extra) for cell in cells)
            series.append(_series(f"{column.name}_{extra}", told, pl.String()))
    return pl.DataFrame(series)


def _series(name: str, values: Iterable[Any], type: pl.DataType) -> pl.Series:
    text = isinstance(type, pl.String)
    return pl.Series(name, [_text(v) if text else v for v in values], dtype=type)


def _type(column: Column, cells: list[Cell]) -> pl.DataType:
    """A column's type: what it is declared as, where every cell is that; else text."""
    wanted = TYPES.get(column.kind)
    fits = (datetime,) if column.kind == "time" else (int, float)
    told = [plain for cell in cells if (plain := _plain(cell)) is not None]
    if wanted is None or not all(isinstance(value, fits) and not isinstance(value, bool) for value in told):
        return pl.String()
    return pl.Int64() if column.kind == "number" and all(isinstance(value, int) for value in told) else wanted


def _plain(cell: Cell) -> Any:
    if isinstance(cell, Verdict):
        return cell.value
    if isinstance(cell, Links):
        return " ".join(link.label for link in cell.links)
    if isinstance(cell, Link):
        return cell.label
    return cell.text if isinstance(cell, Marked) else cell


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _written(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out, compression="zstd")
    return out.getvalue()
