"""Why a packet says something else than the one before: rows that came, went or changed, and what turned a verdict.

Both sides are JSON forms, and where there are any their records: nothing is judged here, only compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podanalytics.records import Record
from podanalytics.show.words import plural

SHOWN = 3  # of each sort, the first; the rest is counted
Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Rows:
    """How the timeline's rows differ: those that are new, those that are gone, and pairs told otherwise than before."""

    came: Sequence[Row]
    went: Sequence[Row]
    changed: Sequence[tuple[Row, Row]]

    @property
    def new_numbers(self) -> set[str]:
        """The numbers, in the new packet, of what is new or told otherwise."""
        return {str(row["row"]) for row in [*self.came, *(now for _, now in self.changed)]}

    @property
    def old_numbers(self) -> set[str]:
        """The numbers, in the former packet, of what is gone or told otherwise."""
        return {str(row["row"]) for row in [*self.went, *(was for was, _ in self.changed)]}


def rows_between(old: Tables, new: Tables) -> Rows:
    """Compares two timelines. The same thing told at another place of a file, or numbered anew, is no change."""
    was, now = _by(old.get("timeline", ()), _content), _by(new.get("timeline", ()), _content)
    went = [row for key, rows in was.items() for row in rows[len(now.get(key, ())) :]]
    came = [row for key, rows in now.items() for row in rows[len(was.get(key, ())) :]]
    places = _by(went, _place)
    pairs = []
    for row in list(came):
        if former := places.get(_place(row)):
            pairs.append((former.pop(0), row))
            came.remove(row)
            went.remove(pairs[-1][0])
    return Rows(came, went, pairs)


def _by(rows: Sequence[Row], key: Any) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _content(row: Row) -> str:
    return repr([row[name] for name in ("at", "source", "kind", "what")])


def _place(row: Row) -> str:
    return repr([row[name] for name in ("source", "kind", "origin")])


def row_lines(rows: Rows) -> Iterator[str]:
    """The rows in lines: how many, and the first few by number, source and the way back to the raw line."""
    changed = [now for _, now in rows.changed]
    for told, word in ((rows.came, "new"), (rows.went, "gone"), (changed, "told otherwise")):
        if told:
            first = "; ".join(f"{row['row']} ({row['source']}, {row['origin']})" for row in told[:SHOWN])
            more = f"; and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
            numbered = " numbered as before" if word == "gone" else ""
            yield f"{plural(len(told), 'timeline row')} {word}{numbered}: {first}{more}"


@dataclass(frozen=True)
class Side:
    """One of two packets: what it says of policy and moment, its tables, and its record where it has one."""

    as_of: str
    policy: str
    tables: Tables
    record: Record | None

    def of(self, clause: str) -> Row:
        """A clause's row of the scorecard; empty where there is none."""
        return next((row for row in self.tables.get("scorecard", ()) if row["clause"] == clause), {})


def reasons(clause: str, old: Side, new: Side, rows: Rows) -> list[str]:
    """Why a clause's verdict turned, as far as the two packets tell, in phrases; its own words at least."""
    was, now = old.of(clause), new.of(clause)
    found = [*_evidence(was, now, rows), *_moments(was, now, old.tables, new.tables)]
    if old.policy != new.policy:
        found.append(f"judged by {new.policy}, before by {old.policy}")
    elif old.record and new.record and old.record.policies != new.record.policies:
        found.append("the policy's text changed")
    verdict = was.get("verdict")
    waited = isinstance(verdict, dict) and verdict.get("verdict") == "pending"
    if old.as_of != new.as_of and (waited or not found):
        found.append("the moment it is judged as of moved on")
    if not found and old.record and new.record:
        found += _inputs(old.record, new.record)
    if now.get("because"):
        found.append(f"it now says: {now['because']}")
    return found


def _evidence(was: Row, now: Row, rows: Rows) -> Iterator[str]:
    for numbers, word in ((_links(now) & rows.new_numbers, "new or told otherwise"),
                          (_links(was) & rows.old_numbers, "of the former packet gone or told otherwise")):  # fmt: skip
        if numbers:
            many = ", ".join(sorted(numbers, key=int)[:SHOWN])
            yield f"its evidence: {'row' if len(numbers) == 1 else 'rows'} {many} {word}"


def _links(row: Row) -> set[str]:
    cell = row.get("rows")
    return {str(link[0]) for link in cell.get("links", ())} if isinstance(cell, dict) else set()


def _moments(was: Row, now: Row, old: Tables, new: Tables) -> Iterator[str]:
    """The moments that moved and that the clause speaks of, in its evidence or by their time."""
    before = {row["moment"]: row for row in old.get("milestones", ())}
    corrected = {row["moment"] for row in new.get("corrections", ())}
    after = {row["moment"]: row for row in new.get("milestones", ())}
    for name in dict.fromkeys([*after, *before]):
        former, latter = before.get(name, {}), after.get(name, {})
        if former.get("at") == latter.get("at"):
            continue
        if _speaks(was, former) or _speaks(now, latter):
            yield f"{name} was corrected" if name in corrected and name in after else f"{name} moved"


def _speaks(clause: Row, moment: Row) -> bool:
    at = moment.get("at")
    clock = str(at.get("time", ""))[11:19] if isinstance(at, dict) else ""
    return bool(_links(clause) & _links(moment)) or bool(clock and clock in str(clause.get("because", "")))


def _inputs(old: Record, new: Record) -> Iterator[str]:
    both = old.inputs.keys() & new.inputs.keys()
    sorts = {
        "loaded since": new.inputs.keys() - both,
        "no longer loaded": old.inputs.keys() - both,
        "changed": {name for name in both if old.inputs[name] != new.inputs[name]},
    }
    yield from (f"{word}: {', '.join(sorted(names)[:SHOWN])}" for word, names in sorts.items() if names)
    if old.program != new.program:
        yield "podanalytics itself changed"
