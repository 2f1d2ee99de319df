"""What one unit tells, on its way into the store: each thing once, and some thousands at a time.

Of two tellings of one thing inside a unit the one told last stays, as of two files that tell it: an event that is
already written gives way when a later one stands before it. So a unit of a million events needs no more memory than
their ids, and their edits: those wait for the end, because what else the unit tells may say what stood there before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from podanalytics.model import FINENESS, Event, Fault, Kind, Person, Precision, Skipped, Told
from podanalytics.tables import EVENTS, FAULTS, PEOPLE, Table
from podanalytics.tellings import TEXTS, edits, which_edit

if TYPE_CHECKING:
    from podanalytics.store import Writing

AT_ONCE = 20_000  # events in memory: written in the order of their ids, many of them fall on one page of the index


class Telling:
    """Takes what a unit tells and writes it; `finish` writes what is left. Counts what has been taken."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._waiting: dict[str, Event] = {}
        self._written: set[str] = set()
        self._edits: dict[str, Event] = {}
        self._renamed: set[str] = set()  # subjects whose tool logs their renames itself
        self._versions: dict[str, list[dict[str, Any]]] = {}  # of texts that are told several times
        self._people: dict[tuple[str, str], Person] = {}
        self._faults: dict[tuple[str, str], Fault] = {}
        self._skipped: Counter[str] = Counter()

    @property
    def counts(self) -> dict[str, int]:
        """How many events, faults and people it has told."""
        events = len(self._written | self._waiting.keys()) if self._waiting else len(self._written)
        return {"events": events + len(self._edits), "faults": len(self._faults), "people": len(self._people)}

    @property
    def skipped(self) -> dict[str, int]:
        """How many records were read and deliberately not kept, by reason."""
        return dict(sorted(self._skipped.items()))

    def take(self, all_told: Iterable[Told]) -> None:
        """Takes all that is told."""
        waiting = self._waiting
        for told in all_told:
            if isinstance(told, Event):
                if told.kind is Kind.EDITED:
                    self._keep(self._edits, told)
                    continue
                if told.kind is Kind.RENAMED:
                    self._renamed.add(told.subject)
                self._keep(waiting, told)
                if len(waiting) >= AT_ONCE:
                    self._write()
            else:
                self._take_other(told)

    def _keep(self, among: dict[str, Event], told: Event) -> None:
        known = among.get(told.id)
        if known is None:
            among[told.id] = told
            return
        self._remember(told.id, _words(known), _words(told))
        among[told.id] = min(known, told, key=_standing)

    def _remember(self, id: str, *tellings: dict[str, Any]) -> None:
        """Keeps the tellings of a text that is told again: they may differ."""
        if tellings[0]["kind"] in TEXTS:
            found = self._versions.setdefault(id, [])
            found += [telling for telling in tellings if telling not in found]

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
        self._complete()
        self._waiting, self._edits = {**self._waiting, **self._edits}, {}
        self._write()
        self._writing.add(PEOPLE, _columns(PEOPLE, list(self._people.values())))
        self._writing.add(FAULTS, _columns(FAULTS, list(self._faults.values())))

    def _complete(self) -> None:
        """Adds the edits that the unit's own tellings of one thing show: the poll before and the poll after."""
        own = {which_edit(event): id for id, event in self._edits.items()}
        for tellings in self._versions.values():
            for edit, _ in edits(tellings):
                if edit.kind is Kind.RENAMED:
                    if edit.subject not in self._renamed:
                        self._waiting.setdefault(edit.id, edit)
                    continue
                id = own.get(which_edit(edit), edit.id)
                known = self._edits.get(id)
                self._edits[id] = replace(known, was=known.was or edit.was) if known else edit

    def _write(self) -> None:
        if again := sorted(self._written.intersection(self._waiting)):
            self._settle(again)
        self._writing.add(EVENTS, _columns(EVENTS, [self._waiting[id] for id in sorted(self._waiting)]))
        self._written.update(self._waiting)
        self._waiting.clear()

    def _settle(self, again: list[str]) -> None:
        """Of those that are written already, and are told again: takes out what stands second."""
        texts = [id for id in again if self._waiting[id].kind in TEXTS]
        for id, *words in self._writing.known(EVENTS, texts, "id", *WORDS):
            self._remember(id, dict(zip(WORDS, words, strict=True)), _words(self._waiting[id]))
        known = {id: rest for id, *rest in self._writing.known(EVENTS, again, "id", *STANDING)}
        beaten = [id for id in again if _rank(*known[id]) > _standing(self._waiting[id])]
        self._writing.take_out(EVENTS, beaten)
        for id in known.keys() - set(beaten):
            del self._waiting[id]


STANDING = ("recorded_at", "precision", "occurred_at", "origin")
WORDS = ("kind", "source", "subject", "key", "origin", "url", "occurred_at", "recorded_at", "text")


def _rank(
    recorded_at: datetime | None, precision: str, occurred_at: datetime, origin: str
) -> tuple[float, int, datetime, str]:
    """Sorts the telling that stands first: latest recorded, then most finely stamped, earliest occurred, first origin
    (as the store does).
    """
    recorded = -(recorded_at.timestamp()) if recorded_at else 0.0
    return recorded, FINENESS[Precision(precision)], occurred_at, origin


def _standing(event: Event) -> tuple[float, int, datetime, str]:
    return _rank(event.recorded_at, event.precision, event.occurred_at, event.origin)


def _words(event: Event) -> dict[str, Any]:
    """What edits are told by."""
    return {name: getattr(event, name) for name in WORDS}


def _fullness(person: Person) -> int:
    return sum(1 for value in (person.name, person.handle, person.email, person.zone) if value)


# A word of a closed vocabulary as plain text: SQLite's driver looks twice at everything else that it is given.
_VALUES = {name: f"{name}._value_" for name in ("kind", "precision", "rule")}


def _columns(table: Table, told: list[Any]) -> dict[str, Iterable[Any]]:
    """The table's columns but the file, which all have in common."""
    return {name: map(attrgetter(_VALUES.get(name, name)), told) for name in table.names if name != "file"}
