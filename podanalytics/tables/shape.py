"""The shape of a tidy table: its columns, their types and meanings, and the frames made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


class Type(StrEnum):
    """The few types a tidy column has. TIME is aware UTC, microseconds."""

    TEXT = "text"
    TIME = "time"
    REAL = "real"
    INTEGER = "integer"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, type and meaning; `among` are the only values it may hold."""

    name: str
    type: Type
    meaning: str
    key: bool = False
    nullable: bool = False
    among: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One tidy table. `order` are the columns its rows are sorted by wherever it is shown or written."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(c.name for c in self.columns)

    def schema(self) -> dict[str, Any]:
        """The polars schema."""
        import polars as pl

        types: Mapping[Type, Any] = {
            Type.TEXT: pl.String,
            Type.TIME: pl.Datetime("us", "UTC"),
            Type.REAL: pl.Float64,
            Type.INTEGER: pl.Int64,
            Type.BOOLEAN: pl.Boolean,
        }
        return {c.name: types[c.type] for c in self.columns}

    def frame(self, rows: Iterable[Mapping[str, Any]] = ()) -> pl.DataFrame:
        """A polars frame of exactly these columns and types, sorted by `order`."""
        from podanalytics.packed import Packed

        names, packed = self.names, Packed(self)
        for row in rows:
            packed.add(tuple(map(row.get, names)))
        return packed.frame()


def text(name: str, meaning: str, **more: Any) -> Column:
    """A column of texts."""
    return Column(name, Type.TEXT, meaning, **more)


def time(name: str, meaning: str, **more: Any) -> Column:
    """A column of times: aware UTC, microseconds."""
    return Column(name, Type.TIME, meaning, **more)
