"""Probes of a service as uptime checks write them: a moment, what was probed, and whether it answered.

Rows of CSV and records of JSON are read the same way, by the names of their columns (`TIMES`, `TARGETS`, `STATES`).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from podanalytics.keepable import in_calendar
from podanalytics.model import Fault, Precision
from podanalytics.sources._clock import epoch, iso_as_written, iso_precision
from podanalytics.sources._pages import records
from podanalytics.sources._read import Item, head, lines, text_of
from podanalytics.sources._wallclock import both, declared_zone

TIMES = ("time", "timestamp", "datetime", "date_time", "checked_at", "probed_at", "date", "ts")
TARGETS = ("monitor", "monitor_name", "friendly_name", "target", "endpoint", "check", "check_name", "url", "monitor_id",
           "monitorid")  # fmt: skip
# A word says more than an HTTP status, so those come last.
STATES = ("up", "is_up", "success", "healthy", "available", "ok", "event", "state", "status", "result", "status_code",
          "http_status", "http_code", "code")  # fmt: skip
PLACES = ("location", "region", "probe_location")
WORDS = ("msg", "message", "reason", "error", "detail")
ZONES = ("zone", "timezone", "time_zone")
LISTS = ("heartbeats", "probes", "results", "checks", "data")
UP = frozenset(["up", "true", "1", "ok", "online", "reachable", "healthy", "pass", "passed", "success", "yes"])
DOWN = frozenset(["down", "false", "0", "offline", "unreachable", "unhealthy", "fail", "failed", "failure", "error",
                  "timeout", "no"])  # fmt: skip
NEITHER = frozenset(["2", "3", "pending", "maintenance", "paused", "started", "unknown", ""])  # Uptime Kuma has 2 and 3
_ZONE_LINE = re.compile(r"#\s*(?:time)?zone\s*[:=]\s*(\S+)", re.IGNORECASE)
_MILLISECONDS = 10**11  # as seconds that would be the year 5138


class Probe(NamedTuple):
    """One probe; `at` is None where its time has no zone and none is declared, `up` where it says neither."""

    target: str
    at: datetime | None
    precision: Precision
    up: bool | None
    word: str
    said: str


def column(row: Mapping[str, Any], names: Iterable[str]) -> Any:
    """The first of these columns that the row has a value in; None without one."""
    return next((row[name] for name in names if row.get(name) not in (None, "")), None)


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record by plain column names, with those of the page around it: `Date-Time` is `date_time`."""
    around = record["_envelope"] if isinstance(record.get("_envelope"), dict) else {}
    plain = {_plain(name): value for name, value in {**around, **record}.items() if name != "_envelope"}
    if "name" in around and column(plain, TARGETS) is None:  # Gatus: an endpoint's results stand below its name
        plain["target"] = "/".join(text_of(around[part]) for part in ("group", "name") if around.get(part))
    return plain


def _plain(name: Any) -> str:
    return re.sub(r"[^a-z0-9]+", "_", str(name).lower()).strip("_")


def is_probe(row: Mapping[str, Any]) -> bool:
    """Whether a row has a time, a target, and a state that is one of the words."""
    if column(row, TIMES) is None or column(row, TARGETS) is None or "version" in row:
        return False
    try:
        return column(row, STATES) is not None and _state(row)[1] in UP | DOWN | NEITHER | {"code"}
    except ValueError:
        return False


def _state(row: Mapping[str, Any]) -> tuple[bool | None, str, str]:
    """(up, the kind of word, the word as it stands). Raises ValueError for a word that is in none of the lists."""
    value = column(row, STATES)
    word = str(value).lower() if isinstance(value, bool) else text_of(value).strip()
    low = word.lower()
    if low in UP | DOWN | NEITHER:
        return (None if low in NEITHER else low in UP), low, word
    if re.fullmatch(r"[1-5]\d\d", word):
        return int(word) < 400, "code", word
    raise ValueError(f"{word!r} is none of the words that say up or down; docs/sources.md has them")


def probe(row: Mapping[str, Any], zone: ZoneInfo | None) -> Probe:
    """The probe of a row. Raises ValueError for one without a time, a target or a state."""
    when, target = column(row, TIMES), text_of(column(row, TARGETS))
    if not target:
        raise ValueError(f"it does not say what was probed: none of {', '.join(TARGETS)} is there")
    if place := text_of(column(row, PLACES)):
        target += f" from {place}"
    up, _, word = _state(row)
    at, precision = _moment(when, zone or _declared(row))
    return Probe(target, at, precision, up, word, text_of(column(row, WORDS)))


def _declared(row: Mapping[str, Any]) -> ZoneInfo | None:
    name = column(row, ZONES)
    return declared_zone(text_of(name)) if name else None


def _moment(value: Any, zone: ZoneInfo | None) -> tuple[datetime | None, Precision]:
    if value is None:
        raise ValueError(f"it does not say when: none of {', '.join(TIMES)} is there")
    text = text_of(value).strip()
    if re.fullmatch(r"\d{9,16}(?:\.\d+)?", text):
        fine = float(text) >= _MILLISECONDS
        return epoch(float(text) / 1000 if fine else text), Precision.MILLISECOND if fine else Precision.SECOND
    wall = iso_as_written(text)
    if wall.tzinfo is not None:
        return in_calendar(wall), iso_precision(text)
    return (in_calendar(both(wall, zone)[0]) if zone else None), iso_precision(text)


# --- files ------------------------------------------------------------------------------------------------------------


def first_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The first rows of a file of CSV, as far as its head holds them. For `owns`."""
    text = [line for line in head(path, 8_192).splitlines() if line.strip() and not line.startswith("#")]
    if len(text) < 2 or text[0][0] in "{[":
        return
    try:
        header, *rows = csv.reader(text[:4], delimiter=_delimiter(text[0]))
    except csv.Error:
        return
    yield from (dict(zip(map(_plain, header), row, strict=False)) for row in rows if len(row) == len(header))


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def json_rows(path: Path, source: str) -> Iterator[Item | Fault]:
    """The records of a file of JSON, by plain column names."""
    for given in records(path, source, *LISTS):
        if isinstance(given, Fault):
            yield given
            continue
        try:
            yield given[0], flat(given[1])
        except ValueError as error:
            yield Fault(source, given[0], str(error))


class CsvRows:
    """The rows of a file of CSV, one at a time; `zone` is what a line above the header declares."""

    def __init__(self, path: Path, source: str) -> None:
        self._source, self._name = source, path.name
        self._lines = lines(path, source)
        self._number = 0
        self._broken: list[Fault] = []  # lines that could not be had, since they were last told
        self.zone: ZoneInfo | None = None

    def __iter__(self) -> Iterator[Item | Fault]:
        try:
            header = self._header()
            delimiter = _delimiter(header)
            names = [_plain(name) for name in next(csv.reader([header], delimiter=delimiter))]
        except (ValueError, csv.Error) as error:
            yield from self._broken
            yield Fault(self._source, f"{self._name}:{self._number}", str(error))
            return
        rows = csv.reader(self._text(), delimiter=delimiter, strict=True)
        while True:
            origin = f"{self._name}:{self._number + 1}"
            try:
                cells = next(rows)
                yield from self._broken
                self._broken.clear()
            except StopIteration:
                break
            except csv.Error as error:
                yield Fault(self._source, origin, f"not CSV: {error}")
                continue
            if len(cells) == len(names):
                yield origin, dict(zip(names, cells, strict=True))
            elif cells:
                yield Fault(self._source, origin, f"the row has {len(cells)} cells, the header has {len(names)}")
        yield from self._broken

    def _header(self) -> str:
        for line in self._text():
            if found := _ZONE_LINE.match(line):
                self.zone = declared_zone(found[1])
            if line.strip() and not line.startswith("#"):
                return line.rstrip("\n")
        raise ValueError("the file has no header, so no rows")

    def _text(self) -> Iterator[str]:
        for given in self._lines:
            self._number += 1
            if isinstance(given, Fault):
                self._broken.append(given)
            else:
                yield given[1] + "\n"
