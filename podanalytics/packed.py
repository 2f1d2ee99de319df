"""Rows on their way into a frame, packed as they come: a million of them never lie about as Python values."""

from __future__ import annotations

from typing import Any

import polars as pl

from podanalytics.tables import Table

AT_ONCE = 5_000


class Packed:
    """Rows of a table: tuples of its columns, in their order, some thousands at a time in a frame."""

    def __init__(self, table: Table) -> None:
        self._schema, self._order = table.schema(), table.order
        self._rows: list[tuple[Any, ...]] = []
        self._frames: list[pl.DataFrame] = []

    def add(self, row: tuple[Any, ...]) -> None:
        """Takes one row: a value for each column."""
        self._rows.append(row)
        if len(self._rows) >= AT_ONCE:
            self._pack()

    def frame(self) -> pl.DataFrame:
        """What was added, sorted by the table's order. Raises TypeError for a value that its column cannot hold."""
        if self._rows or not self._frames:
            self._pack()
        return pl.concat(self._frames).sort(self._order, nulls_last=True)

    def _pack(self) -> None:
        columns = zip(*self._rows, strict=True) if self._rows else ((),) * len(self._schema)
        typed = zip(self._schema.items(), columns, strict=True)
        self._frames.append(pl.DataFrame([pl.Series(name, values, dtype=type) for (name, type), values in typed]))
        self._rows.clear()
