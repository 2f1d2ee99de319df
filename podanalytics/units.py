"""A unit of loading, a file or a folder that is one export, and what its source tells of it.

Light to import, and pure: a process of its own may read a unit while another one writes (see `apart`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from podanalytics.keepable import storable
from podanalytics.model import Event, Fault, FaultRule, Person, Skipped, Told
from podanalytics.sources import all_sources
from podanalytics.sources._hint import hint
from podanalytics.sources._read import reason_of

NOBODY = "-"


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing to load: a file, or a folder that is one export.

    `file` is its name in the workspace, the start of every origin; `refused` is why it cannot be read; `followed` says
    that the next page of it lies there, too: `incidents_2.json` beside `incidents_1.json`.
    """

    path: Path
    file: str
    owners: tuple[str, ...]
    refused: str = ""
    followed: bool = False


def told_of(unit: Unit, source: str) -> Iterator[Told]:
    """What the unit's source tells, with origins that start with the unit's name in the workspace."""
    if source == NOBODY:
        yield Fault(NOBODY, unit.file, _unowned(unit), rule=FaultRule.NOT_RECOGNISED)
        return
    own, file, put = storable(unit.path.name), unit.file, object.__setattr__
    try:
        for told in all_sources()[source].parse(unit.path):
            if isinstance(told, Event):
                # replace() would compute id and checks again for nothing; only the place changes.
                put(told, "origin", file + told.origin.removeprefix(own))
                yield told
                continue
            if isinstance(told, Fault) and told.rule is FaultRule.CAPPED and unit.followed:
                continue  # what it says is missing lies beside it
            yield told if isinstance(told, Person) else _placed(told, own, unit.file)
    except Exception as error:
        if os.environ.get("PODANALYTICS_STRICT"):
            raise
        yield Fault(source, unit.file, f"reading stopped here: {reason_of(error)}", rule=FaultRule.CUT_SHORT)


def _placed(told: Fault | Skipped, own: str, file: str) -> Fault | Skipped:
    """With an origin that starts with the unit's name in the workspace, not with its own."""
    return replace(told, origin=file + told.origin.removeprefix(own))


def _unowned(unit: Unit) -> str:
    if unit.refused:
        return unit.refused
    if unit.owners:
        return f"several sources recognise it ({', '.join(unit.owners)}), so none read it"
    found = hint(unit.path)
    return f"no source recognises it{': ' if found else ''}{found}; `podanalytics sources` lists what is known"
