"""The mapping of an event log: what its columns mean and how its times are written, in TOML, checked as it is read.

[event_log]
source = "servicenow"
times = ["%d/%m/%Y %H:%M"]
zone = "UTC"

[event_log.columns]
id = "number"
time = "sys_updated_at"
state = "incident_state"
"""

from __future__ import annotations

import codecs
import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from podanalytics.model import Precision
from podanalytics.sources._handwritten import toml
from podanalytics.sources._wallclock import declared_zone

ISO = "iso"
EPOCHS = {"epoch": 0, "epoch_ms": 3, "epoch_us": 6}  # since 1970: decimal places from its unit to seconds
NO_PATTERN = (ISO, *EPOCHS)  # the forms of time that are none
FILES = ("*.csv*", "*.jsonl*", "*.ndjson*", "*.parquet")
CHANGES, RECORDS = "changes", "records"  # a row is what a record became, or what it is now
TEXTS = ("source", "delimiter", "encoding", "zone", "precision", "record", "rows")
LISTS = ("files", "missing", "times", "automation")
SETTINGS = (*TEXTS, *LISTS, "columns", "last")
ONE_COLUMN = ("id", "version", "actor", "reporter")
COLUMNS = (*ONE_COLUMN, "time", "opened", "title", "state", "severity", "assignee", "links", "counts", "other")
LAST = ("times", "values")
PRECISIONS = {
    "microsecond": Precision.MICROSECOND,
    "millisecond": Precision.MILLISECOND,
    "second": Precision.SECOND,
    "minute": Precision.MINUTE,
    "hour": Precision.HOUR,
    "day": Precision.DAY,
}
_TABLE = re.compile(r"^[ \t]*(?:\[[ \t]*event_log[ \t]*[.\]]|event_log[ \t]*[.=])", re.MULTILINE)
_TRIED = datetime(2026, 10, 14, 13, 5, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class EventLog:
    """A mapping. Every field of `columns` and `last` holds the names of columns, in the order in which they are read.

    `state`, `severity`, `title`, `time` and `opened` are one thing each, written in one column or in several.
    """

    source: str
    files: tuple[str, ...]
    delimiter: str
    encoding: str
    missing: frozenset[str]
    times: tuple[str, ...]
    zone: ZoneInfo | None
    precision: Precision | None
    record: str
    rows: str
    automation: frozenset[str]
    columns: dict[str, tuple[str, ...]]
    last_times: tuple[str, ...]
    last_values: tuple[str, ...]

    @property
    def wanted(self) -> dict[str, str]:
        """Every column that is mapped, with what it is mapped as."""
        named = [(column, key) for key, columns in self.columns.items() for column in columns]
        last = [(column, "last") for column in (*self.last_times, *self.last_values)]
        return {column: key for column, key in reversed([*named, *last])}


def holds_mapping(text: str) -> bool:
    """Whether a text is such a mapping: looked for as text, so that a broken one is reported by its owner."""
    return bool(_TABLE.search(text))


def read_mapping(text: str) -> EventLog:
    """The mapping that a TOML text holds. Raises ValueError that says what to write instead."""
    document = toml(text)
    _known(document, ("event_log",), "at the top")
    table = _Table("[event_log]", document.get("event_log"), SETTINGS)
    columns = _Table("[event_log.columns]", table.given.get("columns"), COLUMNS)
    last = _Table("[event_log.last]", table.given.get("last", {}), LAST)
    zone = table.text("zone")
    found = EventLog(
        source=table.needed("source", "servicenow"),
        files=table.names("files") or FILES,
        delimiter=_delimiter(table.text("delimiter") or ","),
        encoding=_encoding(table.text("encoding") or "utf-8"),
        missing=frozenset(table.names("missing")) | {""},
        times=tuple(_times(table.names("times") or (ISO,))),
        zone=declared_zone(zone) if zone else None,
        precision=_one_of(PRECISIONS, table.text("precision"), "precision"),
        record=table.text("record") or "incident",
        rows=_one_of({CHANGES: CHANGES, RECORDS: RECORDS}, table.text("rows") or CHANGES, "rows") or CHANGES,
        automation=frozenset(table.names("automation")),
        columns={key: columns.names(key) for key in COLUMNS},
        last_times=last.names("times"),
        last_values=last.names("values"),
    )
    for key, example in (("id", "number"), ("time", "sys_updated_at")):
        columns.needed_names(key, example)
    for complaint in _complaints(found):
        raise ValueError(complaint)
    return found


def _complaints(log: EventLog) -> Iterator[str]:
    naive = [form for form in log.times if form not in NO_PATTERN and "%z" not in form]
    if naive and log.zone is None:
        yield (
            f"times written as {naive[0]!r} have no zone: nobody can know which moments they are; write the zone of "
            'the tool\'s clock, such as zone = "UTC" or zone = "Europe/Berlin"'
        )
    for key in ONE_COLUMN:
        if len(log.columns[key]) > 1:
            yield f"{key} is one column, not {len(log.columns[key])}"
    if log.rows == RECORDS and log.columns["actor"]:
        yield 'who wrote a row last did not do all that it tells: with rows = "records" leave actor out'
    if log.rows == RECORDS and log.columns["severity"] and not log.columns["opened"]:
        yield 'a record\'s severity is told as of its opening: with rows = "records" map opened, too'


class _Table:
    """A table of the mapping: what is asked of it is there and of the right type, or a ValueError says so."""

    def __init__(self, where: str, given: Any, known: Iterable[str]) -> None:
        if not isinstance(given, dict):
            raise ValueError(f"write {where} as a table")
        _known(given, known, f"in {where}")
        self.where, self.given = where, given

    def text(self, key: str) -> str | None:
        """The text of a key; None where it is not written."""
        value = self.given.get(key)
        if value is None or (isinstance(value, str) and value):
            return value
        raise ValueError(f"{key} in {self.where} is text, not {value!r}")

    def needed(self, key: str, example: str) -> str:
        """The text of a key that must be there."""
        if found := self.text(key):
            return found
        raise ValueError(f'write {key} in {self.where}: {key} = "{example}"')

    def names(self, key: str) -> tuple[str, ...]:
        """The texts of a key, written as one text or as a list."""
        value = self.given.get(key, [])
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
            raise ValueError(f"{key} in {self.where} is text or a list of texts, not {value!r}")
        return tuple(found)

    def needed_names(self, key: str, example: str) -> None:
        """Makes sure that a key names something."""
        if not all(self.names(key)) or not self.names(key):
            raise ValueError(f'write {key} in {self.where}: {key} = "{example}"')


def near(name: str, known: Iterable[str]) -> str:
    """The known names that a wrong one may have meant, as the end of a sentence; empty where none is near.

    >>> near("incident_sate", ["number", "incident_state"])
    '; did you mean "incident_state"?'
    """
    found = difflib.get_close_matches(name, list(known), n=2)
    quoted = [f'"{name}"' for name in found]
    return f"; did you mean {' or '.join(quoted)}?" if found else ""


def _known(given: Iterable[str], known: Iterable[str], where: str) -> None:
    if unknown := sorted(set(given) - set(known)):
        raise ValueError(
            f"unknown key {unknown[0]!r} {where}{near(unknown[0], known) or ';'} known: {', '.join(known)}"
        )


def _one_of(words: dict[str, Any], given: str | None, key: str) -> Any:
    if given is not None and given not in words:
        raise ValueError(f"unknown {key} {given!r}; known: {', '.join(words)}")
    return None if given is None else words[given]


def _delimiter(text: str) -> str:
    if len(text) != 1 or text in '"\r\n':
        raise ValueError(f'delimiter is one character such as ";" or "\\t", not {text!r}')
    return text


def _encoding(name: str) -> str:
    """Python's name of an encoding in which line ends and commas are what they are in ASCII."""
    try:
        found = codecs.lookup(name).name
        if "\n,".encode(found) == b"\n,":
            return found
    except (LookupError, ValueError):
        pass
    raise ValueError(f"encoding {name!r} cannot be read: name one such as cp1252, or save the file as UTF-8")


def _times(forms: Iterable[str]) -> Iterator[str]:
    for form in forms:
        if form not in NO_PATTERN:
            try:
                read = datetime.strptime(_TRIED.strftime(form), form)  # noqa: DTZ007 - only its date is looked at
            except ValueError as error:
                raise ValueError(f"times: {form!r} is no form of time: {error}") from None
            if (read.year, read.month, read.day) != (_TRIED.year, _TRIED.month, _TRIED.day):
                raise ValueError(
                    f"times: {form!r} does not tell the date; write {', '.join(map(repr, NO_PATTERN))} or a form "
                    "such as '%d/%m/%Y %H:%M'"
                )
        yield form
