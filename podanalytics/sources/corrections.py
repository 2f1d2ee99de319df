"""Corrections: what a person states against the record, in TOML, with who says so and why.

    incident = "INC-1042"

    [[correct]]
    milestone = "mitigated"            # or field = "severity"
    value = 2026-10-03T14:31:00Z       # with a zone; text for a field
    why = "the graph shows recovery at 14:31; the ticket was set an hour later"
    by = "carol"
    stated_at = 2026-10-05T09:00:00Z   # optional beside a time

A correction is an event of kind `stated`: it wins over rules, and is shown with its author and reason.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, Kind, Milestone, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import iso
from podanalytics.sources._handwritten import EXAMPLE, moment_in, text_in, toml, written
from podanalytics.sources._read import each, head, members

NAME = "corrections"
KEYS = frozenset({"milestone", "field", "value", "why", "by", "stated_at"})
FIELDS = ("severity",)
_TABLE = re.compile(r"^[ \t]*(?:\[\[[ \t]*correct[ \t]*\]\]|correct[ \t]*=)", re.MULTILINE)
_INCIDENT = re.compile(r"^[ \t]*incident[ \t]*=", re.MULTILINE)


def owns(path: Path) -> bool:
    """TOML with `incident` and `[[correct]]` (looked for as text, so that a broken file is reported by its owner)."""
    start = head(path)
    if start.lstrip().startswith(("{", "<")):
        return False
    return bool(_TABLE.search(start)) and bool(_INCIDENT.search(start))


def parse(path: Path) -> Iterator[Told]:
    """One `stated` event for each `[[correct]]` table; subject is the incident."""
    yield from each(NAME, [(path.name, path)], _document)


def _document(path: Path, origin: str) -> Iterator[Told]:
    document = toml(written(path))
    incident, tables = document.get("incident"), document.get("correct")
    if not isinstance(incident, str) or not incident:
        raise ValueError('write the incident\'s id as text at the top: incident = "INC-1042"')
    if not isinstance(tables, list):
        raise ValueError("write each correction as a table of its own: [[correct]]")
    for name in sorted(set(document) - {"incident", "correct"}):
        yield Fault(NAME, origin, f"unknown key {name!r} at the top; known: incident, [[correct]]", incident)
    said: set[str] = set()
    for told in each(
        NAME, members(origin, "/correct", tables), lambda t, o: correction(t, o, incident), lambda _: incident
    ):
        if isinstance(told, Event) and told.key in said:
            told = Fault(
                NAME, told.origin, f"{told.was} is corrected twice at one moment: keep one of the two", incident
            )
        elif isinstance(told, Event):
            said.add(told.key)
        yield told


def correction(table: Any, origin: str, incident: str) -> Iterator[Event]:
    """The `stated` event of one `[[correct]]` table. Raises ValueError with what is wrong with it."""
    if not isinstance(table, dict):
        raise ValueError("write each correction as a table of its own: [[correct]]")
    if unknown := sorted(set(table) - KEYS):
        raise ValueError(f"unknown key {unknown[0]!r}; known: {', '.join(sorted(KEYS))}")
    what = _what(table)
    why, by = text_in(table, "why", "the graph shows recovery at 14:31"), text_in(table, "by", "carol")
    value = _milestone_time(table) if "milestone" in table else _value(table)
    stated_at = moment_in(table["stated_at"], "stated_at") if "stated_at" in table else None
    happened = stated_at or (value if isinstance(value, datetime) else None)
    if happened is None:
        raise ValueError(f"write when this was stated: stated_at = {EXAMPLE}")
    yield Event(
        occurred_at=happened,
        kind=Kind.STATED,
        source=NAME,
        subject=incident,
        # Not its place in the file: two files may each have a first correction of one milestone.
        key=f"{incident}/{what}/{_iso(stated_at or happened)}",
        origin=origin,
        actor=by,
        text=why,
        was=what,
        value=_iso(value) if isinstance(value, datetime) else value,
    )


def _what(table: dict[str, Any]) -> str:
    if ("milestone" in table) == ("field" in table):
        raise ValueError('write what is corrected, one of: milestone = "mitigated" or field = "severity"')
    if "field" in table:
        field = text_in(table, "field", "severity")
        if field not in FIELDS:
            raise ValueError(f'unknown field "{field}"; known: {", ".join(FIELDS)}, or correct a milestone')
        return field
    name = text_in(table, "milestone", "mitigated")
    if name not in set(Milestone):
        near = difflib.get_close_matches(name, list(Milestone), n=1)
        hint = f'did you mean "{near[0]!s}"?' if near else f"known: {', '.join(Milestone)}"
        raise ValueError(f'unknown milestone "{name}"; {hint}')
    return name


def _milestone_time(table: dict[str, Any]) -> datetime:
    value = table.get("value")
    if isinstance(value, str):
        try:
            value = iso(value)
        except ValueError:
            raise ValueError(f"a milestone's value is a time with a zone: value = {EXAMPLE}") from None
    return moment_in(value, "value")


def _value(table: dict[str, Any]) -> datetime | str:
    value = table.get("value")
    return moment_in(value, "value") if isinstance(value, datetime) else text_in(table, "value", "P2")


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


source = Source(
    title="Corrections by hand (TOML)",
    manual="https://toml.io/en/v1.0.0",
    owns=owns,
    parse=parse,
    group="by hand",
    takes="TOML by hand",
    known_by="`incident` and `[[correct]]`",
)
