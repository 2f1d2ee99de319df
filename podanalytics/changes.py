"""What changed since the packet or the report that lay there before: of two JSON forms, as `publish` writes them.

Late data is the rule, so a second run says what it restates. The packet itself does not: its bytes hang on what is
loaded and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from podanalytics.publish import FORMAT
from podanalytics.records import Record
from podanalytics.show.words import plural
from podanalytics.why import Rows, Side, Tables, reasons, row_lines, rows_between

NOT_TOLD = "not told"
Key = str | tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """What of a packet or a report is compared; a part that it does not have is None."""

    form: str
    about: str
    as_of: str
    facts: Mapping[str, str] = field(default_factory=dict)
    verdicts: Mapping[str, str] | None = None
    moments: Mapping[str, str] | None = None
    faults: Mapping[tuple[str, ...], str] | None = None
    attainment: Mapping[str, str] | None = None
    tables: Tables = field(default_factory=dict)


def summary(document: Any) -> Summary | None:
    """The summary of a JSON form; None for whatever is none, or is another version's."""
    try:
        if document["packet"] != FORMAT:
            return None
        parameters = document["parameters"]
        blocks = [block for section in document["sections"] for block in section["content"]]
        facts = dict(pair for block in blocks if block["block"] == "facts" for pair in block["rows"])
        tables = {block["name"]: block for block in blocks if block["block"] == "table"}
        return Summary(
            form="packet" if "incident" in parameters else "report",
            about=str(parameters.get("incident") or parameters["month"]),
            as_of=str(parameters["as_of"]),
            facts={name: str(facts[name]) for name in FACTS if name in facts},
            verdicts=_by(tables, "scorecard", ("clause",), lambda row: _text(row["verdict"])),
            moments=_by(tables, "milestones", ("moment",), lambda row: _text(row["at"])),
            faults=_by(tables, "faults", ("origin", "record", "reason"), lambda row: str(row["reason"])),
            attainment=_by(tables, "attainment", ("clause",), _attained),
            tables={name: _rows(tables[name]) for name in READ if name in tables},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


READ = ("timeline", "scorecard", "milestones", "corrections")  # the tables whose rows are compared one by one
FACTS = {"Policy": "policy", "Definitions": "definitions", "Judged by": "judged by"}
"""The facts that are compared, by their label, and what they are called in a line."""


def _by(tables: Mapping[str, Any], name: str, keys: tuple[str, ...], tell: Callable[[Any], str]) -> Any:
    """What a table's rows tell, by the text of their key columns; None where there is no such table."""
    if name not in tables:
        return None
    return {_key(row, keys): tell(row) for row in _rows(tables[name])}


def _rows(table: Any) -> list[dict[str, Any]]:
    columns = [column["name"] for column in table["columns"]]
    return [dict(zip(columns, row, strict=True)) for row in table["rows"]]


def _key(row: Mapping[str, Any], keys: tuple[str, ...]) -> Key:
    told = tuple(str(row[key]) for key in keys)
    return told[0] if len(told) == 1 else told


def _text(cell: Any) -> str:
    """A cell in words, from its JSON."""
    told = cell.get("verdict") or cell["time"] if isinstance(cell, dict) else cell
    return str(told).replace("_", " ")


def _attained(row: Mapping[str, Any]) -> str:
    counts = f"{row['met']} of {row['of']}"
    return counts if row["share"] == counts else f"{counts}, {row['share']}"


def changes(before: Any, after: Any, was: Record | None = None, now: Record | None = None) -> list[str]:
    """What changed between two JSON forms of one packet or report, one line each.

    `before` may be anything that lay in the folder: what cannot be compared is said in a line, and is no error. The
    records, where there are any, help to say why a verdict turned.
    """
    old, new = summary(before), summary(after)
    if new is None:
        return []
    if old is None or old.about != new.about:
        told = "is none of this version's" if old is None else f"is about {old.about}"
        return [f"what lay here before {told}: changes cannot be told"]
    found = list(_lines(old, new, was, now))
    if not found:
        if before == after:
            return [f"nothing changed since the {new.form} of {old.as_of}"]
        return [f"no verdict, moment or record changed since the {new.form} of {old.as_of}; some of the text did"]
    return [f"changed since the {new.form} of {old.as_of}:", *(f"  {line}" for line in found)]


def _lines(old: Summary, new: Summary, was_record: Record | None, now_record: Record | None) -> Iterator[str]:
    if old.as_of != new.as_of:
        yield f"data as of {old.as_of} → {new.as_of}"
    for name, told in FACTS.items():
        was, now = old.facts.get(name), new.facts.get(name)
        if was and now and was != now:
            yield f"{told} {was} → {now}"
    rows = rows_between(old.tables, new.tables) if {"timeline"} <= old.tables.keys() & new.tables.keys() else None
    yield from row_lines(rows) if rows else ()
    sides = _side(old, was_record), _side(new, now_record)
    for clause, line in _moved("verdicts", old.verdicts, new.verdicts):
        yield line
        if clause:
            yield from (f"  {reason}" for reason in reasons(clause, *sides, rows or Rows((), (), ())))
    yield from (line for _, line in _moved("moments", old.moments, new.moments))
    yield from (line for _, line in _moved("shares", old.attainment, new.attainment, " restated"))
    if old.faults is not None and new.faults is not None:
        came, went = len(new.faults.keys() - old.faults.keys()), len(old.faults.keys() - new.faults.keys())
        if came:
            yield plural(came, "new unreadable record")
        if went:
            yield f"{plural(went, 'record')} readable now, or gone"


def _moved(
    what: str, old: Mapping[str, str] | None, new: Mapping[str, str] | None, word: str = ""
) -> Iterator[tuple[str, str]]:
    """The name and `name: was → now` of each that moved, in the new order, those that are gone last."""
    if old is None or new is None:
        if old is not new:
            yield "", f"{what} are not compared: one of the two has no table of them"
        return
    for name in (*new, *(name for name in old if name not in new)):
        was, now = old.get(name, NOT_TOLD), new.get(name, NOT_TOLD)
        if was != now:
            yield name, f"{name}{word}: {was} → {now}"


def _side(one: Summary, record: Record | None) -> Side:
    return Side(one.as_of, one.facts.get("Policy", ""), one.tables, record)
