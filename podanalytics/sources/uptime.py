"""Uptime checks: the history of probes, of which the turns are told: where up became down, and where it came back.

A probe that says what the one before said is counted. A time without probes is told as such: what is not known is not
up. Each outage is a container of its own, named by the monitor and the first probe that failed.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from podanalytics.model import Event, Fault, Kind, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._pages import sample
from podanalytics.sources._probes import LISTS, CsvRows, Probe, first_rows, flat, is_probe, json_rows, probe
from podanalytics.sources._read import each, head

NAME = "uptime"
ENOUGH = 5  # intervals between probes that say what is usual
GAP = 3  # times the usual interval: a longer one is a gap
KEPT = 500  # pauses of a monitor that are kept, the longest ones
QUIET = "probe that tells no turn"
NEITHER = "probe that says neither up nor down"


def owns(path: Path) -> bool:
    """Rows or records with a time, what was probed, and a word or a code that says whether it was up."""
    if head(path, 1_000).lstrip()[:1] in ("{", "["):
        found = sample(path, *LISTS)
        try:
            return found is not None and is_probe(flat({**_around(path), **found}))
        except ValueError:  # what stands in its place is no name
            return False
    return any(map(is_probe, first_rows(path)))


def _around(path: Path) -> dict[str, Any]:
    """What stands around the results of an endpoint (Gatus), under the name by which records know it."""
    found = sample(path)
    if found and isinstance(found.get("results"), list) and "name" in found:
        return {"_envelope": {name: found[name] for name in ("name", "group") if name in found}}
    return {}


def parse(path: Path) -> Iterator[Told]:
    """The turns of every monitor, in the order in which the file first names them."""
    reader = _Reader(path.name)
    if head(path, 1_000).lstrip()[:1] in ("{", "["):
        yield from each(NAME, json_rows(path, NAME), reader.read)
    else:
        rows = CsvRows(path, NAME)
        yield from each(NAME, rows, lambda row, origin: reader.read(row, origin, rows))
    yield from reader.rest()


_Seen = tuple[datetime, Probe, str]  # a probe's moment, the probe, where it stands


@dataclass(frozen=True, slots=True)
class _Run:
    """Probes in a row that said the same, without a gap between them."""

    up: bool
    first: _Seen
    last: _Seen
    gap: bool = False  # whether the time before it was not probed


class _Monitor:
    """One monitor's runs, in the file's order, and its longest pauses: no more is kept than what turned."""

    def __init__(self) -> None:
        self.runs: list[_Run] = []
        self._backwards: bool | None = None
        self._steps: Counter[int] = Counter()  # seconds between two probes that said the same → how often
        self._pauses: list[tuple[float, datetime, _Seen, _Seen]] = []

    def add(self, here: _Seen) -> bool:
        """Takes one probe in; False for one that stands out of order, or contradicts another of its moment."""
        up = bool(here[1].up)
        if not self.runs:
            self.runs.append(_Run(up, here, here))
            return True
        run = self.runs[-1]
        there = run.first if self._backwards else run.last
        step = (here[0] - there[0]).total_seconds()
        if step == 0:
            return up == run.up
        if self._backwards is None:
            self._backwards = step < 0
        if (step < 0) != self._backwards:
            return False
        early, late = (here, there) if self._backwards else (there, here)
        self._note(abs(step), early, late, up == run.up)
        if up != run.up:
            self.runs.append(_Run(up, here, here))
        else:
            self.runs[-1] = replace(run, first=here) if self._backwards else replace(run, last=here)
        return True

    def _note(self, seconds: float, early: _Seen, late: _Seen, same: bool) -> None:
        if same and (len(self._steps) < KEPT or round(seconds) in self._steps):
            self._steps[round(seconds)] += 1
        pause = (seconds, early[0], early, late)
        if len(self._pauses) < KEPT:
            heapq.heappush(self._pauses, pause)
        elif seconds > self._pauses[0][0]:
            heapq.heapreplace(self._pauses, pause)

    def _gaps(self) -> list[tuple[_Seen, _Seen]]:
        """The pauses that are far longer than usual; none where too few probes tell what is usual, as in a list that
        holds the turns alone.
        """
        if self._steps.total() < ENOUGH:
            return []
        limit = GAP * max(1.0, median(self._steps.elements()))
        return [(early, late) for seconds, _, early, late in sorted(self._pauses, key=_begin) if seconds > limit]

    def in_time(self) -> Iterator[_Run]:
        """The runs as they followed each other, parted where nobody probed."""
        gaps = self._gaps()
        begins, ends = [early[0] for early, _ in gaps], {late[0] for _, late in gaps}
        for run in reversed(self.runs) if self._backwards else self.runs:
            rest = replace(run, gap=run.first[0] in ends)
            for early, late in gaps[bisect_left(begins, run.first[0]) : bisect_left(begins, run.last[0])]:
                yield replace(rest, last=early)
                rest = replace(rest, first=late, gap=True)
            yield rest


def _begin(pause: tuple[float, datetime, _Seen, _Seen]) -> datetime:
    return pause[1]


class _Reader:
    """Reads one file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._monitors: dict[str, _Monitor] = {}
        self._read = self._neither = 0
        self._zoneless: list[str] = []  # where the first one stands; how many there are is counted beside it
        self._strays: list[str] = []
        self._counts = {"zone": 0, "order": 0}

    def read(self, row: dict[str, Any], origin: str, rows: CsvRows | None = None) -> Iterator[Told]:
        found = probe(row, rows.zone if rows else None)
        if found.up is None:
            self._neither += 1
        elif found.at is None:
            self._counts["zone"] += 1
            self._zoneless = self._zoneless or [origin]
        elif self._monitors.setdefault(found.target, _Monitor()).add((found.at, found, origin)):
            self._read += 1
        else:
            self._counts["order"] += 1
            self._strays = self._strays or [origin]
        return iter(())

    def rest(self) -> Iterator[Told]:
        """What the file told, and what of it could not be used."""
        told: set[str] = set()
        for target, monitor in self._monitors.items():
            for event in _turns(target, list(monitor.in_time())):
                told.add(event.origin)
                yield event
        if quiet := self._read - len(told):
            yield Skipped(self._name, QUIET, quiet)
        if self._neither:
            yield Skipped(self._name, NEITHER, self._neither)
        for origin in self._zoneless:
            why = (
                f"{self._counts['zone']} probes, this one first, have a time without a zone: write one above the header"
            )
            yield Fault(NAME, origin, f'{why}, `# zone: UTC`, or into the records of JSON, `"zone": "UTC"`')
        for origin in self._strays:
            why = f"{self._counts['order']} probes, this one first, are out of order in their monitor's history"
            yield Fault(
                NAME, origin, f"{why} or contradict another of that moment, and are not read: sort them by time"
            )


def _turns(target: str, runs: list[_Run]) -> Iterator[Event]:
    outage = ""  # the container of what is down, if its begin is known
    before: _Run | None = None
    for number, run in enumerate(runs):
        at, found, _ = run.first
        unseen = f"; not probed since {_stamp(before.last[0])}" if before and run.gap else ""
        if before is None:
            if not run.up:
                yield _at_first(target, run, runs[number + 1] if len(runs) > 1 else None)
        elif before.up == run.up:
            yield _gap(outage or target, target, before, run)
        elif not run.up:
            outage = f"{target}@{_stamp(at)}"
            text = f"{target} is down{f': {found.said}' if found.said else ''}{unseen}"
            yield _event(Kind.ALERTED, outage, f"{target}/down@{_stamp(at)}", run.first, found.word, text)
        else:
            if outage:
                text = f"{target} is up again{unseen}"
                yield _event(Kind.STATUS, outage, f"{target}/up@{_stamp(at)}", run.first, "recovered", text)
            outage = ""
        before = run


def _gap(subject: str, target: str, before: _Run, run: _Run) -> Event:
    since = before.last[0]
    text = f"{target} was not probed until {_stamp(run.first[0])}: what it was in between is not known"
    return _event(Kind.OTHER, subject, f"{target}/gap@{_stamp(since)}", before.last, "not probed", text)


def _at_first(target: str, run: _Run, after: _Run | None) -> Event:
    """A history that begins in the middle of an outage: when it went down, another file may know."""
    until = f", until {_stamp(after.first[0])}" if after else ""
    text = f"{target} is down at the first probe of this history{until}; since when is not known"
    return _event(Kind.OTHER, target, f"{target}/first@{_stamp(run.first[0])}", run.first, "down at first", text)


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds" if at.microsecond else "seconds").replace("+00:00", "Z")


def _event(kind: Kind, subject: str, key: str, probe: _Seen, value: str, text: str) -> Event:
    at, found, origin = probe
    url = found.target.partition(" from ")[0] if found.target.startswith(("http://", "https://")) else None
    return Event(
        kind=kind, source=NAME, subject=subject, key=key, occurred_at=at, origin=origin, precision=found.precision,
        value=value, text=text, url=url,
    )  # fmt: skip


source = Source(
    title="Uptime checks (history of probes)",
    manual="https://github.com/TwiN/gatus#api",
    owns=owns,
    parse=parse,
    group="alerts",
    takes="CSV, JSON or JSON lines, a probe a row",
    known_by="a time, a monitor, and a word or a code for up or down",
)
