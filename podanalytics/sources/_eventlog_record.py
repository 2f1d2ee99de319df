"""What an event log tells of one record, once its rows are together and in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from podanalytics.model import Event, Fault, Kind, Precision, Told
from podanalytics.sources._eventlog_mapping import RECORDS, EventLog
from podanalytics.sources._eventlog_rows import Clock, When


class Row(NamedTuple):
    """One row: its moment, its number among the record's rows, its file, where it stands, the mapped columns' cells."""

    when: When
    version: tuple[int, str]
    file: int
    origin: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Track:
    """What is followed from row to row: what it is told as, its name, the places of its cells.

    `before` stands before the first row; `may_empty`: that its cell became empty is told, too; `named`: the text says
    which column it is, because another one is told as the same kind.
    """

    kind: Kind
    name: str
    places: tuple[int, ...]
    before: str = ""
    may_empty: bool = False
    named: bool = False


def _tracks(log: EventLog, places: dict[str, int]) -> Iterator[Track]:
    columns = log.columns
    for kind, key in ((Kind.STATUS, "state"), (Kind.SEVERITY, "severity")):  # one thing each, in however many columns
        if columns[key]:
            yield Track(kind, "+".join(columns[key]), tuple(places[c] for c in columns[key]))
    for column in columns["assignee"]:
        several = len(columns["assignee"]) > 1
        yield Track(Kind.ASSIGNED, column, (places[column],), may_empty=True, named=several)
    for column in columns["links"]:
        yield Track(Kind.LINKED, column, (places[column],), named=True)
    for column in columns["counts"]:
        yield Track(Kind.OTHER, column, (places[column],), before="0")
    for column in columns["other"]:
        yield Track(Kind.OTHER, column, (places[column],), may_empty=True)


def joined(cells: Sequence[str], places: tuple[int, ...], between: str) -> str:
    """What stands in these cells, without the empty ones."""
    if len(places) == 1:
        return cells[places[0]]
    return between.join(cells[p] for p in places if cells[p])


class Teller:
    """Tells of the records of one log."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._log, self._clock = log, clock
        self._place = {column: place for place, column in enumerate(log.wanted)}
        self._at = {key: tuple(self._place[c] for c in columns) for key, columns in log.columns.items()}
        self._tracks = tuple(_tracks(log, self._place))

    def told(self, id: str, rows: Sequence[Row]) -> Iterator[Told]:
        """Its opening, its changes row by row, then its final values, which stand in its last row."""
        opened = self._opened(id, rows) if self._at["opened"] else rows[0].when
        known = None if isinstance(opened, Fault) else opened
        yield opened if isinstance(opened, Fault) else self._declared(id, rows, opened)
        yield from self._changes(id, rows, known)
        yield from self._last(id, rows[-1])

    def _opened(self, id: str, rows: Sequence[Row]) -> When | Fault:
        places = self._at["opened"]
        row = next((row for row in reversed(rows) if joined(row.cells, places, " ")), rows[-1])
        found = self._moment(id, row, " ".join(self._log.columns["opened"]), joined(row.cells, places, " "))
        if isinstance(found, Fault):
            return Fault(found.source, found.origin, f"{found.reason}; so when it was opened is not told", id)
        return found

    def _moment(self, id: str, row: Row, name: str, text: str) -> When | Fault:
        """What a cell says that is no row's own time; a Fault in its place costs the record nothing else."""
        try:
            found = self._clock.when(text) if text else None
        except ValueError as error:
            return Fault(self._log.source, row.origin, f"{name}: {error}", id)
        if found is None:
            wrong = f": time {text!r} has no zone" if text else " is empty"
            return Fault(self._log.source, row.origin, f"{name}{wrong}", id)
        return found

    def _declared(self, id: str, rows: Sequence[Row], opened: When) -> Event:
        last, places = rows[-1], self._at["title"]
        titles = (joined(row.cells, places, ", ") for row in reversed(rows))
        return self._event(
            id,
            last if self._at["opened"] else rows[0],
            Kind.DECLARED,
            "opened",
            opened,
            value=self._log.record,
            text=next(filter(None, titles), "") if places else "",
            actor=self._who(last, "reporter"),
            recorded_at=last.when[0] if last.when[0] > opened[0] else None,  # the title is the one it had then
        )

    def _changes(self, id: str, rows: Sequence[Row], opened: When | None) -> Iterator[Event]:
        stands = [track.before for track in self._tracks]
        keys: Counter[str] = Counter()
        for row in rows:
            for number, track in enumerate(self._tracks):
                value = joined(row.cells, track.places, "/")
                if value != stands[number] and (value or track.may_empty):
                    yield self._change(id, row, track, value, stands[number], opened, keys)
                    stands[number] = value

    def _change(
        self, id: str, row: Row, track: Track, value: str, was: str, opened: When | None, keys: Counter[str]
    ) -> Event:
        # A record that is told as it is now does not say since when; its severity it has from the beginning, like one
        # in Jira that has no change of it in its log.
        begins = self._log.rows == RECORDS and track.kind is Kind.SEVERITY and opened is not None and row.when > opened
        when = opened if begins and opened else row.when
        # Keys sort as the rows do, for that is how what happened within one minute is put in order further on.
        stamp = when[0].strftime("%Y-%m-%dT%H:%M:%S.%fZ") if when[0].microsecond else f"{when[0]:%Y-%m-%dT%H:%M:%SZ}"
        number, word = row.version
        place = f"{track.name}@{stamp}" + (f"#{number:06}" if number >= 0 else f"#{word}" if word else "")
        keys[place] += 1
        again = f"~{keys[place]}" if keys[place] > 1 else ""
        more: dict[str, Any] = {"value": value or None, "text": track.name if track.named else ""}
        if track.kind is Kind.OTHER:
            more = {"value": track.name, "text": value}
        return self._event(
            id,
            row,
            track.kind,
            f"{place}{again}/{value}",
            when,
            was=was or None,
            actor=self._who(row, "actor"),
            **more,
        )

    def _last(self, id: str, row: Row) -> Iterator[Event | Fault]:
        for column in self._log.last_times:
            if text := row.cells[self._place[column]]:
                when = self._moment(id, row, column, text)
                if isinstance(when, Fault):
                    yield when
                else:
                    key = f"{column}/{when[0].isoformat()}"
                    yield self._event(id, row, Kind.OTHER, key, when, value=column, text=text)
        for column in self._log.last_values:
            if text := row.cells[self._place[column]]:
                # Known as of that row: of two exports, what the later one says stands.
                yield self._event(
                    id, row, Kind.OTHER, column, row.when, value=column, text=text, recorded_at=row.when[0]
                )

    def _who(self, row: Row, key: str) -> str | None:
        """Who did it; nobody where the tool itself did."""
        found = row.cells[self._at[key][0]] if self._at[key] else ""
        return None if not found or found in self._log.automation else found

    def _event(self, id: str, row: Row, kind: Kind, key: str, when: tuple[datetime, Precision], **more: Any) -> Event:
        return Event(
            occurred_at=when[0],
            precision=when[1],
            kind=kind,
            source=self._log.source,
            subject=id,
            key=f"{id}/{key}",
            origin=row.origin,
            **more,
        )
