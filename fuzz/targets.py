"""What is damaged: every file of every golden case; and what must hold of whatever comes of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from podanalytics.model import Event, Fault, Person, Skipped, Told
from podanalytics.sources import all_sources, owners

CASES = Path(__file__).resolve().parent.parent / "tests" / "sources"


@dataclass(frozen=True, slots=True)
class Target:
    """One file of a golden case: `member` is its name in the case's folder, empty where the case is the file."""

    tool: str
    case: Path
    member: str = ""

    @property
    def file(self) -> Path:
        """The file itself."""
        return self.case / self.member if self.member else self.case

    def __str__(self) -> str:
        return self.file.relative_to(CASES).as_posix()


def targets(tool: str = "") -> list[Target]:
    """Every file of every golden case, or of one tool's."""
    return [target for name in sorted(all_sources()) if not tool or name == tool for target in _of(CASES / name)]


def _of(folder: Path) -> Iterator[Target]:
    for case in sorted(folder.iterdir()) if folder.is_dir() else ():
        if case.is_dir():
            found = (path for path in sorted(case.rglob("*")) if path.is_file())
            yield from (Target(folder.name, case, path.relative_to(case).as_posix()) for path in found)
        elif not case.name.endswith(".expected.jsonl"):
            yield Target(folder.name, case)


def split(given: bytes, found: Sequence[Target]) -> tuple[Target, bytes]:
    """An input of the guided fuzzer, taken apart: its first two bytes say which golden file it was made of."""
    return found[int.from_bytes(given[:2], "big") % len(found)], given[2:]


class Bench:
    """A folder in which cases lie with one of their files damaged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._laid: dict[Target, Path] = {}

    def lay(self, target: Target, data: bytes) -> Path:
        """The case with this file damaged, as it would be given to its reader."""
        if target not in self._laid:
            place = self._folder / str(len(self._laid)) / target.case.name
            place.parent.mkdir(parents=True)
            if target.member:
                shutil.copytree(target.case, place)
            self._laid[target] = place
        unit = self._laid[target]
        (unit / target.member if target.member else unit).write_bytes(data)
        return unit


def examined(unit: Path, tool: str) -> list[Told]:
    """What a reader tells of a file, recognised or not. Raises AssertionError where that could not be stored."""
    owners(unit)
    told = list(all_sources()[tool].parse(unit))
    assert_sound(told, unit.name)
    return told


def assert_sound(told: Iterable[Told], name: str) -> None:
    """Makes sure that what is told is of the four kinds, can be stored, and says where it was read."""
    for entry in told:
        assert isinstance(entry, Event | Fault | Skipped | Person), f"{entry!r} is nothing that a source tells"
        for field in fields(entry):
            value = getattr(entry, field.name)
            if isinstance(value, datetime):
                assert value.tzinfo is UTC, f"{value!r} is not in UTC"
            else:
                str(value).encode()
        if not isinstance(entry, Person):
            assert entry.origin.startswith(name), f"{entry.origin!r} does not begin with {name!r}"
        assert not isinstance(entry, Fault) or len(entry.reason) < 2_000, "nobody reads a reason as long as that"
