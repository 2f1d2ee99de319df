"""What one unit tells, on its way into the store: each thing once, and some thousands at a time.

Of two tellings of one thing inside a unit the one told last stays, as of two files that tell it: an event that is
already written gives way when a later one stands before it. So a unit of a million events needs no more memory than
their ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter
from typing import Any

from podanalytics.model import Event, Fault, Person, Skipped, Told
from podanalytics.store import Writing
from podanalytics.tables import EVENTS, FAULTS, PEOPLE, Table

AT_ONCE = 20_000  # events in memory: written in the order of their ids, many of them fall on one page of the index


class Telling:
    """Takes what a unit tells and writes it; `finish` writes what is left. Counts what has been taken."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._waiting: dict[str, Event] = {}
        self._written: set[str] = set()
        self._people: dict[tuple[str, str], Person] = {}
        self._faults: dict[tuple[str, str], Fault] = {}
        self._skipped: Counter[str] = Counter()

    @property
    def counts(self) -> dict[str, int]:
        """How many events, faults and people it has told."""
        events = len(self._written | self._waiting.keys()) if self._waiting else len(self._written)
        return {"events": events, "faults": len(self._faults), "people": len(self._people)}

    @property
    def skipped(self) -> dict[str, int]:
        """How many records were read and deliberately not kept, by reason."""
        return dict(sorted(self._skipped.items()))

    def take(self, all_told: Iterable[Told]) -> None:
        """Takes all that is told."""
        waiting = self._waiting
        for told in all_told:
            if isinstance(told, Event):
                known = waiting.get(told.id)
                waiting[told.id] = told if known is None else min(known, told, key=_standing)
                if len(waiting) >= AT_ONCE:
                    self._write()
            else:
                self._take_other(told)

    def _take_other(self, told: Fault | Person | Skipped) -> None:
        if isinstance(told, Person):
            known = self._people.get((told.source, told.key))
            self._people[told.source, told.key] = told if known is None else max(known, told, key=_fullness)
        elif isinstance(told, Skipped):
            self._skipped[told.reason] += told.count
        else:
            self._faults[told.origin, told.reason] = told

    def finish(self) -> None:
        """Writes what is still in memory."""
        self._write()
        self._writing.add(PEOPLE, _columns(PEOPLE, list(self._people.values())))
        self._writing.add(FAULTS, _columns(FAULTS, list(self._faults.values())))

    def _write(self) -> None:
        if again := sorted(self._written.intersection(self._waiting)):
            self._settle(again)
        self._writing.add(EVENTS, _columns(EVENTS, [self._waiting[id] for id in sorted(self._waiting)]))
        self._written.update(self._waiting)
        self._waiting.clear()

    def _settle(self, again: list[str]) -> None:
        """Of those that are written already, and are told again: takes out what stands second."""
        known = {id: rest for id, *rest in self._writing.known(EVENTS, again, "id", *STANDING)}
        beaten = [id for id in again if _rank(*known[id]) > _standing(self._waiting[id])]
        self._writing.take_out(EVENTS, beaten)
        for id in known.keys() - set(beaten):
            del self._waiting[id]


STANDING = ("recorded_at", "occurred_at", "origin")


def _rank(recorded_at: datetime | None, occurred_at: datetime, origin: str) -> tuple[float, datetime, str]:
    """Sorts the telling that stands first: latest recorded, then earliest occurred, then first origin (as the store
    does).
    """
    return (-(recorded_at.timestamp()) if recorded_at else 0.0, occurred_at, origin)


def _standing(event: Event) -> tuple[float, datetime, str]:
    return _rank(event.recorded_at, event.occurred_at, event.origin)


def _fullness(person: Person) -> int:
    return sum(1 for value in (person.name, person.handle, person.email, person.zone) if value)


def _columns(table: Table, told: list[Any]) -> dict[str, Iterable[Any]]:
    """The table's columns but the file, which all have in common."""
    return {name: map(attrgetter(name), told) for name in table.names if name != "file"}
