"""The store: the ledger's tables in a SQL database (a SQLite file by default), made from the declarations in `tables`.

It keeps what was told and who told it, nothing derived is needed to make anything again. A load is one transaction a
file: the old state or the new one, never half.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from podanalytics.errors import StoreError
from podanalytics.model import FINENESS
from podanalytics.tables import ALL, EVENTS, FAULTS, LOADS, PEOPLE, Table, Type
from podanalytics.tellings import with_edits

if TYPE_CHECKING:
    import polars as pl

SCHEMA_VERSION = "2"
TOLD = (EVENTS, PEOPLE, FAULTS)
CHUNK = 5_000  # rows written at once
ASKED = 500  # keys asked for at once: databases take a statement of some thousand values at most
PACKAGES = {"psycopg": "'psycopg[binary]'", "psycopg2": "psycopg2-binary", "MySQLdb": "mysqlclient"}  # by module


class UTCTime(sa.TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out, on every database:

    SQLite drops zones silently, so it is given naive UTC and asked for the same.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuses a naive time: ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value.isoformat()}: attach a zone")
        return value.astimezone(UTC)

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[datetime | None], Any] | None:
        """What is written for a time; for SQLite the text that its DateTime would write, which costs a third so."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """The same way back."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The same instant, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _as_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"naive time {value.isoformat()}: attach a zone")
    return value.astimezone(UTC).isoformat(" ", "microseconds").removesuffix("+00:00")


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


_TYPES: Mapping[Type, Any] = {
    Type.TEXT: sa.Text,
    Type.TIME: UTCTime,
    Type.REAL: sa.Float,
    Type.INTEGER: sa.BigInteger,
    Type.BOOLEAN: sa.Boolean,
}


def _declared(metadata: sa.MetaData) -> dict[str, sa.Table]:
    """SQLAlchemy's twin of every declared table.

    The file comes first in its key, so that what a file told is found, and taken out, by the key alone. There is no
    other index: the ledger is read whole, and each index would cost a large load a quarter of its time.
    """
    return {
        t.name: sa.Table(
            t.name,
            metadata,
            *(sa.Column(c.name, _TYPES[c.type], nullable=c.nullable, comment=c.meaning) for c in t.columns),
            sa.PrimaryKeyConstraint(*sorted((c.name for c in t.columns if c.key), key=lambda name: name != "file")),
        )
        for t in ALL
    }


def _with_room(connection: Any, _: Any) -> None:
    """Lets SQLite keep 64 MB of pages: ids are hashes, so a large load touches pages all over its indexes."""
    connection.execute("PRAGMA cache_size = -65536")


class Writing:
    """A transaction that puts in what one file tells."""

    def __init__(self, connection: sa.Connection, tables: Mapping[str, sa.Table], file: str = "") -> None:
        self._connection, self._tables, self._file = connection, tables, file

    def add(self, table: Table, columns: Mapping[str, Iterable[Any]]) -> None:
        """Adds rows, given column by column; each row is of this file."""
        insert = _insert(self._tables[table.name], self._connection.dialect)
        insert.run(self._connection, {"file": repeat(self._file), **columns})

    def add_rows(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """Adds rows, each taken once and not kept."""
        waiting = iter(rows)
        while chunk := list(islice(waiting, CHUNK)):
            self.add(table, {name: [row[name] for row in chunk] for name in table.names})

    def known(self, table: Table, ids: Sequence[str], *names: str) -> Iterator[tuple[Any, ...]]:
        """These columns of the file's rows that have one of the ids."""
        there = self._tables[table.name].c
        for some in _some(ids):
            mine = sa.select(*(there[name] for name in names)).where(there.file == self._file, there.id.in_(some))
            yield from map(tuple, self._connection.execute(mine))

    def take_out(self, table: Table, ids: Sequence[str]) -> None:
        """Takes out the file's rows that have one of the ids."""
        there = self._tables[table.name]
        for some in _some(ids):
            self._connection.execute(there.delete().where(there.c.file == self._file, there.c.id.in_(some)))


def _some(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + ASKED] for start in range(0, len(ids), ASKED))


class _Insert:
    """One table's INSERT as the database's driver takes it. SQLAlchemy's own way looks at every value of every row by
    itself, which takes longer than writing them.
    """

    def __init__(self, table: sa.Table, dialect: sa.Dialect) -> None:
        self._sql = str(table.insert().compile(dialect=dialect))
        self._named = not dialect.positional
        self._written = {c.name: c.type.dialect_impl(dialect).bind_processor(dialect) for c in table.columns}

    def run(self, connection: sa.Connection, columns: Mapping[str, Iterable[Any]]) -> None:
        """Writes rows, given column by column."""
        written = [map(f, columns[name]) if f else columns[name] for name, f in self._written.items()]
        rows: list[Any] = list(zip(*written, strict=False))  # the file's name repeats for ever
        if self._named:
            rows = [dict(zip(self._written, row, strict=True)) for row in rows]
        if rows:
            connection.exec_driver_sql(self._sql, rows)


@lru_cache(maxsize=100)
def _insert(table: sa.Table, dialect: sa.Dialect) -> _Insert:
    """Made once: a load of many small files would make it anew for each."""
    return _Insert(table, dialect)


class Store:
    """The ledger's database. Every failure of the database is a StoreError in one sentence."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._metadata = sa.MetaData()
        self._tables = _declared(self._metadata)
        self._meta = sa.Table(
            "meta", self._metadata, sa.Column("key", sa.Text, primary_key=True), sa.Column("value", sa.Text)
        )
        with self._explained("open"):
            self._engine = self._made(url)
            with self._engine.begin() as connection:
                self._check_version(connection)
                self._metadata.create_all(connection)
                if connection.scalar(sa.select(self._meta.c.value).where(self._meta.c.key == "schema")) is None:
                    connection.execute(self._meta.insert().values(key="schema", value=SCHEMA_VERSION))

    def _made(self, url: str) -> sa.Engine:
        try:
            engine = sa.create_engine(url)
            if engine.dialect.name == "sqlite":
                sa.event.listen(engine, "connect", _with_room)
            return engine
        except ImportError as error:
            raise StoreError(
                f"the database {self._shown()} needs the Python package {error.name}, which is not installed here: "
                f"pip install {PACKAGES.get(error.name or '', error.name)}"
            ) from None
        except ValueError as error:
            raise StoreError(f"{self._shown()} is no address of a database: {error}") from None

    def _check_version(self, connection: sa.Connection) -> None:
        if not sa.inspect(connection).has_table("meta"):
            return
        found = connection.scalar(sa.select(self._meta.c.value).where(self._meta.c.key == "schema"))
        if found != SCHEMA_VERSION:
            raise StoreError(
                f"{self._shown()} has schema version {found}, this podanalytics knows {SCHEMA_VERSION}: "
                "use the podanalytics that wrote it, or move the file away and load again"
            )

    def _shown(self) -> str:
        try:
            return sa.engine.make_url(self.url).render_as_string(hide_password=True)
        except (SQLAlchemyError, ValueError):
            return re.sub(r"://.*@", "://***@", self.url)

    @contextmanager
    def _explained(self, doing: str) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            cause = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise StoreError(
                f"cannot {doing} the database {self._shown()}: {cause}. Is it podanalytics' own, writable, and not "
                "locked by another program?"
            ) from error

    def close(self) -> None:
        """Gives the file back."""
        self._engine.dispose()

    @contextmanager
    def replacing(self, file: str) -> Iterator[Writing]:
        """For putting in what one file tells, instead of whatever it told before, in one transaction."""
        with self._explained("write"), self._engine.begin() as connection:
            self._forget(connection, file)
            yield Writing(connection, self._tables, file)

    def replace_file(self, load: Mapping[str, Any], told: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        """The same for rows that are there already: `load` is a LOADS row, `told` holds rows by table name."""
        with self.replacing(str(load["file"])) as writing:
            for table in TOLD:
                writing.add_rows(table, told.get(table.name, ()))
            writing.add_rows(LOADS, [load])

    def forget_file(self, file: str) -> None:
        """Takes out all that one file told."""
        with self._explained("write"), self._engine.begin() as connection:
            self._forget(connection, file)

    def _forget(self, connection: sa.Connection, file: str) -> None:
        for table in (*TOLD, LOADS):
            there = self._tables[table.name]
            connection.execute(there.delete().where(there.c.file == file))

    def replace_table(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """Writes a derived table anew, in one transaction."""
        with self._explained("write"), self._engine.begin() as connection:
            connection.execute(self._tables[table.name].delete())
            Writing(connection, self._tables).add_rows(table, rows)

    def read(self, table: Table) -> pl.DataFrame:
        """A whole table as a frame, in its order."""
        from podanalytics.packed import Packed

        there, packed = self._tables[table.name], Packed(table)
        with self._explained("read"), self._engine.connect() as connection:
            asked = sa.select(*(there.c[n] for n in table.names)).execution_options(yield_per=CHUNK)
            for row in connection.execute(asked):
                packed.add(tuple(row))
        return packed.frame()

    def events(self) -> pl.DataFrame:
        """Every event once: EVENTS columns. Of several tellings of one thing the one told last wins.

        "Told last" is the latest `recorded_at`; then the most finely stamped, the earliest `occurred_at`, the first
        origin, so that the order in which files were loaded never matters. What the others said is told as an edit.
        """
        import polars as pl

        told = self.read(EVENTS)
        fineness = pl.col("precision").replace_strict(FINENESS, return_dtype=pl.Int8)
        best = told.sort(
            "id",
            "recorded_at",
            fineness,
            "occurred_at",
            "origin",
            descending=[False, True, False, False, False],
            nulls_last=True,
        )
        once = best.unique("id", keep="first", maintain_order=True)
        return with_edits(told, once).sort(EVENTS.order)

    def people(self) -> pl.DataFrame:
        """Every directory entry once: PEOPLE columns. The fullest telling wins."""
        import polars as pl

        told = self.read(PEOPLE)
        fullness = pl.sum_horizontal(pl.col("name", "handle", "email", "zone").is_not_null().cast(pl.Int8))
        best = told.with_columns(fullness.alias("full")).sort(
            "source", "key", "full", "file", descending=[False, False, True, False]
        )
        return best.unique(["source", "key"], keep="first", maintain_order=True).drop("full")
