"""What tests of real exports ask of a file: what its one owner tells, and the events among that."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from podanalytics.model import Event, Kind, Told
from podanalytics.sources import all_sources, owners


def told_by(path: Path, tool: str) -> list[Told]:
    """What the file's one owner tells of it."""
    assert owners(path) == [tool]
    return list(all_sources()[tool].parse(path))


def events(told: Iterable[Told], *kinds: Kind) -> list[Event]:
    """The events of these kinds; of all kinds where none is named."""
    return [t for t in told if isinstance(t, Event) and (t.kind in kinds or not kinds)]
