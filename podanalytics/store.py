"""The store: the ledger's tables in a SQL database (a SQLite file by default), made from the declarations in `tables`.

It keeps what was told and who told it, nothing derived is needed to make anything again. A load is one transaction a
file: the old state or the new one, never half.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
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
CHUNK = 5_000
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
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The same instant, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_TYPES: Mapping[Type, Any] = {
    Type.TEXT: sa.Text,
    Type.TIME: UTCTime,
    Type.REAL: sa.Float,
    Type.INTEGER: sa.BigInteger,
    Type.BOOLEAN: sa.Boolean,
}


def _declared(metadata: sa.MetaData) -> dict[str, sa.Table]:
    """SQLAlchemy's twin of every declared table, with indexes for the ways the ledger is asked."""
    made = {
        t.name: sa.Table(
            t.name,
            metadata,
            *(
                sa.Column(c.name, _TYPES[c.type], primary_key=c.key, nullable=c.nullable, comment=c.meaning)
                for c in t.columns
            ),
        )
        for t in ALL
    }
    events = made["events"].c
    sa.Index("events_by_subject", events.source, events.subject)
    sa.Index("events_by_time", events.occurred_at)
    sa.Index("events_by_kind", events.kind, events.occurred_at)
    sa.Index("events_by_file", events.file)
    return made


def _with_room(connection: Any, _: Any) -> None:
    """Lets SQLite keep 64 MB of pages: ids are hashes, so a large load touches pages all over its indexes."""
    connection.execute("PRAGMA cache_size = -65536")


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

    def replace_file(self, load: Mapping[str, Any], told: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        """Puts in what one file tells, instead of whatever it told before, in one transaction.

        `load`: a LOADS row; `told`: rows by table name (events, people, faults), each taken once and not kept.
        """
        with self._explained("write"), self._engine.begin() as connection:
            self._forget(connection, str(load["file"]))
            for table in TOLD:
                self._insert(connection, table, told.get(table.name, ()))
            connection.execute(self._tables["loads"].insert(), dict(load))

    def forget_file(self, file: str) -> None:
        """Takes out all that one file told."""
        with self._explained("write"), self._engine.begin() as connection:
            self._forget(connection, file)

    def _forget(self, connection: sa.Connection, file: str) -> None:
        for table in (*TOLD, LOADS):
            there = self._tables[table.name]
            connection.execute(there.delete().where(there.c.file == file))

    def _insert(self, connection: sa.Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        waiting = iter(rows)
        while chunk := list(islice(waiting, CHUNK)):
            connection.execute(self._tables[table.name].insert(), chunk)

    def replace_table(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """Writes a derived table anew, in one transaction."""
        with self._explained("write"), self._engine.begin() as connection:
            connection.execute(self._tables[table.name].delete())
            self._insert(connection, table, rows)

    def read(self, table: Table) -> pl.DataFrame:
        """A whole table as a frame, in its order."""
        import polars as pl

        there = self._tables[table.name]
        with self._explained("read"), self._engine.connect() as connection:
            found = connection.execute(sa.select(*(there.c[n] for n in table.names))).all()
        return pl.DataFrame([tuple(r) for r in found], schema=table.schema(), orient="row").sort(
            table.order, nulls_last=True
        )

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
