"""Decisions about links: whether two records tell of one incident, in TOML, with who says so and why.

    [[link]]
    left = "jira INC-7"                # the tool, a space, the record as that tool calls it
    right = "slack #incident-2026-10-14-7"
    same = true                        # false: they are different, whatever else speaks for it
    why = "the channel was opened for the ticket; its name has the wrong number"
    by = "carol"
    stated_at = 2026-10-15T09:00:00Z

A decision is an event of kind `stated`: subject and `was` name the two records, value says `same` or `different`. It
outweighs every other evidence. `podanalytics links --review` lists what waits for one, and writes such tables.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, Kind, Told
from podanalytics.sources import Source
from podanalytics.sources._handwritten import EXAMPLE, moment_in, text_in, toml, written
from podanalytics.sources._read import each, head, members

NAME = "decisions"
KEYS = ("left", "right", "same", "why", "by", "stated_at")
_TABLE = re.compile(r"^[ \t]*(?:\[\[[ \t]*link[ \t]*\]\]|link[ \t]*=)", re.MULTILINE)


def owns(path: Path) -> bool:
    """TOML with `[[link]]` (looked for as text, so that a broken file is reported by its owner)."""
    start = head(path)
    return not start.lstrip().startswith(("{", "<")) and bool(_TABLE.search(start))


def parse(path: Path) -> Iterator[Told]:
    """One `stated` event for each `[[link]]` table; subject is the record on the left."""
    yield from each(NAME, [(path.name, path)], _document)


def _document(path: Path, origin: str) -> Iterator[Told]:
    document = toml(written(path))
    tables = document.get("link")
    if not isinstance(tables, list):
        raise ValueError("write each decision as a table of its own: [[link]]")
    for name in sorted(set(document) - {"link"}):
        yield Fault(NAME, origin, f"unknown key {name!r} at the top; known: [[link]]")
    said: set[str] = set()
    for told in each(NAME, members(origin, "/link", tables), _decision, _left):
        if isinstance(told, Event) and told.key.rpartition("/")[0] in said:
            told = Fault(
                NAME,
                told.origin,
                f"{told.subject} and {told.was} are decided twice at one moment: keep one of the two",
                told.subject,
            )
        elif isinstance(told, Event):
            said.add(told.key.rpartition("/")[0])
        yield told


def _left(table: Any) -> Any:
    return table.get("left") if isinstance(table, dict) else None


def _decision(table: Any, origin: str) -> Iterator[Told]:
    if not isinstance(table, dict):
        raise ValueError("write each decision as a table of its own: [[link]]")
    for name in sorted(set(table) - set(KEYS)):
        near = difflib.get_close_matches(name, KEYS, n=1)
        raise ValueError(f"unknown key {name!r}; {f'did you mean {near[0]}?' if near else 'known: ' + ', '.join(KEYS)}")
    left, right = _record(table, "left", "jira INC-7"), _record(table, "right", "slack #incident-2026-10-14-7")
    if left == right:
        raise ValueError(f"left and right are both {left}: name two records")
    same = table.get("same")
    if not isinstance(same, bool):
        raise ValueError("write same = true where they are one incident, same = false where they are different ones")
    why, by = text_in(table, "why", "the channel was opened for the ticket"), text_in(table, "by", "carol")
    stated_at = moment_in(table.get("stated_at"), "stated_at", f"write when this was decided: stated_at = {EXAMPLE}")
    first, second = sorted((left, right))
    value = "same" if same else "different"
    yield Event(
        occurred_at=stated_at,
        kind=Kind.STATED,
        source=NAME,
        subject=left,
        key=f"{first}/{second}/{stated_at.isoformat().replace('+00:00', 'Z')}/{value}",
        origin=origin,
        actor=by,
        text=why,
        was=right,
        value=value,
    )


def _record(table: dict[str, Any], key: str, example: str) -> str:
    source, _, subject = text_in(table, key, example).partition(" ")
    if not subject.strip():
        raise ValueError(f'{key} names no record: write the tool, a space and its record, {key} = "{example}"')
    return f"{source} {subject.strip()}"


source = Source(
    title="Decisions about links (TOML)",
    manual="https://toml.io/en/v1.0.0#array-of-tables",
    owns=owns,
    parse=parse,
    group="by hand",
    takes="TOML by hand, or by `podanalytics links`",
    known_by="`[[link]]`",
)
