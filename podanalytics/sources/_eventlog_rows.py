"""The rows of an event log: records with the place where each begins, and times as the mapping says."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from podanalytics.keepable import in_calendar
from podanalytics.model import Fault, FaultRule, Precision
from podanalytics.sources import _csv
from podanalytics.sources._clock import epoch, iso_as_written, iso_precision
from podanalytics.sources._eventlog_mapping import EPOCHS, ISO, EventLog, near
from podanalytics.sources._eventlog_parquet import MAGIC
from podanalytics.sources._eventlog_typed import json_records, parquet_records
from podanalytics.sources._hint import hint
from podanalytics.sources._look import start_of
from podanalytics.sources._read import reason_of
from podanalytics.sources._wallclock import both

When = tuple[datetime, Precision]
Record = tuple[str, tuple[str, ...]]  # (origin, the cells of the columns that are mapped)
_FRACTION = re.compile(r"[.,](\d+)\D*$")
_UNITS = (("SXTc", Precision.SECOND), ("M", Precision.MINUTE), ("HI", Precision.HOUR))


class Clock:
    """Reads times as a mapping says. The same text is read once."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._read: dict[str, When | None] = {}

    def when(self, text: str) -> When | None:
        """The moment and how finely it is written; None for one without a zone where the mapping declares none.

        Raises ValueError for what is no time, or one that two of the mapping's forms read differently.
        """
        if text not in self._read:
            self._read[text] = self._of(text)
        return self._read[text]

    def _of(self, text: str) -> When | None:
        read = {form: wall for form in self._log.times if (wall := _as_written(text, form)) is not None}
        if not read:
            raise ValueError(f"time {text!r} is written in none of the mapping's forms: {', '.join(self._log.times)}")
        if len(set(read.values())) > 1:
            raise ValueError(f"time {text!r} can be read in two ways, as {' and as '.join(read)}")
        form, wall = next(iter(read.items()))
        precision = self._log.precision or _precision(text, form)
        if wall.tzinfo is not None:
            return in_calendar(wall), precision
        if self._log.zone is None:
            return None
        first, second = both(wall, self._log.zone)
        # In the hour that comes twice nobody knows which of the two is meant: as much as that is said.
        return in_calendar(first), precision if first == second else max(precision, Precision.HOUR, key=_coarseness)


def _coarseness(precision: Precision) -> int:
    return list(Precision).index(precision)


def _as_written(text: str, form: str) -> datetime | None:
    """A time in one form, naive where it is written so; None where it is not in that form."""
    try:
        if form == ISO:
            return iso_as_written(text)
        if form in EPOCHS:
            return epoch(str(Decimal(text).scaleb(-EPOCHS[form])))
        return datetime.strptime(text, form)  # noqa: DTZ007 - the caller knows
    except (ValueError, InvalidOperation):
        return None


def _precision(text: str, form: str) -> Precision:
    """How fine a time is written.

    >>> _precision("29/2/2016 01:16", "%d/%m/%Y %H:%M"), _precision("5.3.2016", "%d.%m.%Y")
    (<Precision.MINUTE: 'min'>, <Precision.DAY: 'day'>)
    """
    if form == ISO:
        return iso_precision(text)
    if EPOCHS.get(form):
        return Precision.MILLISECOND if EPOCHS[form] == 3 else Precision.MICROSECOND
    if form in EPOCHS or "%f" in form:
        fraction = _FRACTION.search(text)
        if fraction:
            return Precision.MILLISECOND if len(fraction[1]) <= 3 else Precision.MICROSECOND
    if form in EPOCHS:
        return Precision.SECOND
    return next((unit for letters, unit in _UNITS if any(f"%{x}" in form for x in letters)), Precision.DAY)


def records(path: Path, name: str, log: EventLog) -> Iterator[Record | Fault]:
    """The records of one file, which is JSON lines, Parquet or CSV by how it begins."""
    try:
        start = start_of(path, 4096)
    except OSError as error:
        return iter([Fault(log.source, name, reason_of(error), rule=FaultRule.CUT_SHORT)])
    if start.startswith(MAGIC):
        return parquet_records(path, name, log)
    if start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return json_records(path, name, log)
    return csv_records(path, name, log)


def csv_records(path: Path, name: str, log: EventLog) -> Iterator[Record | Fault]:
    """The records of one CSV file: the cells of the mapped columns, in the order of `log.wanted`.

    `name` begins their origins. A missing word is an empty cell. A file without the mapped columns is one Fault, a
    record that is no CSV or has too many or too few cells is one each.
    """
    rows = _csv.rows(path, log.source, name, log.delimiter, log.encoding)
    places: list[int] = []
    width = 0
    for given in rows:
        if isinstance(given, Fault):
            yield given
            continue
        origin, cells = given
        if not width:
            width, wanted = len(cells), log.wanted
            if lacking := _lacking([cell.strip() for cell in cells], wanted):
                seems = hint(path)
                yield Fault(log.source, origin, f"{lacking}; none of its rows is read{'; ' if seems else ''}{seems}")
                return
            places = [[cell.strip() for cell in cells].index(column) for column in wanted]
        elif len(cells) != width:
            yield Fault(log.source, origin, f"the row has {len(cells)} cells, the header has {width}")
        else:
            yield origin, tuple(["" if (text := cells[p].strip()) in log.missing else text for p in places])
    if not width:
        yield Fault(log.source, name, "the file has no header, so no rows")


def _lacking(header: list[str], wanted: Mapping[str, str]) -> str:
    """What a file's header lacks for the mapping; empty where it has every column, and each once."""
    absent = [
        f"{column!r} (mapped as {key}{near(column, header)})" for column, key in wanted.items() if column not in header
    ]
    if absent:
        shown = ", ".join(header[:40])
        return f"it has no column {', '.join(absent)}; its columns: {shown[:600]}"
    twice = [repr(column) for column in wanted if header.count(column) > 1]
    return f"more than one of its columns is called {', '.join(twice)}" if twice else ""
