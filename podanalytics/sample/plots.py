"""The plots: each incident is a play, a small text file of `plays/` that says what happened, when, and who said what.

A play has a head of `name: value` lines, a line `--`, and beats: `minute verb who [!milestone] [^label] text`. Minutes
count from the head's `starts` (`90`, `26h` and `3d` are all fine) and never go back; a beat's text may go on in
indented lines. `!milestone` says that the beat *is* that moment; `^label` names a message for later beats. A verb may
name a room: `say@ops`. What each verb means is in `tell/`, one file a tool, and in `truth.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from itertools import pairwise

from podanalytics.errors import PodError

SPANS = {"h": 60.0, "d": 1440.0}
_BEAT = re.compile(
    r"(?P<minute>-?[\d.]+)(?P<span>[hd]?)\s+(?P<verb>[a-z-]+)(?:@(?P<room>[\w-]+))?\s+(?P<who>\S+)(?:\s+(?P<rest>.*))?$"
)
_MARK = re.compile(r"^(?:!(?P<mark>\w+)|\^(?P<label>\w+))(?:\s+|$)")

VERBS = frozenset(
    """
    impact fact alert page ack botack unack escalate pdnote resolve autoresolve merge declare severity status comment
    retitle action move channel join role say reply broadcast edit delete react update notice edit-notice backdate poll
    deploy rollback burst assign label unlabel
    """.split()  # noqa: SIM905 (a list of words reads better than a list of strings)
)


@dataclass(frozen=True, slots=True)
class Beat:
    """One thing that happens in a play: `minute` after its start, done by `who` (`-` is nobody, a machine)."""

    minute: float
    verb: str
    who: str
    text: str = ""
    room: str | None = None
    marks: tuple[str, ...] = ()
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """One incident's play. `head` keeps every line of the head: name to values, in order."""

    id: str
    starts: datetime
    head: dict[str, list[str]]
    beats: tuple[Beat, ...]

    def one(self, name: str, default: str = "") -> str:
        """The head's value of `name`, or the default."""
        return self.head.get(name, [default])[0]

    def has(self, verb: str) -> bool:
        """Whether any beat has this verb."""
        return any(beat.verb == verb for beat in self.beats)

    @property
    def severity(self) -> str:
        """The severity first set."""
        return self.one("severity")

    @property
    def service(self) -> str:
        """The service it is about."""
        return self.one("service")

    @property
    def title(self) -> str:
        """The title it was declared with."""
        return self.one("title")

    @property
    def number(self) -> int:
        """The number at the end of its id."""
        return int(re.split(r"[-#]", self.id)[-1])


def all_plots() -> tuple[Plot, ...]:
    """Every play of `plays/`, by start. Raises PodError naming the line that cannot be read."""
    folder = files("podanalytics.sample") / "plays"
    plays = [entry for entry in folder.iterdir() if entry.name.endswith(".play")]
    read = (read_play(entry.name, entry.read_text(encoding="utf-8")) for entry in plays)
    return tuple(sorted(read, key=lambda plot: plot.starts))


def read_play(name: str, text: str) -> Plot:
    """One play from its text."""
    above, _, below = text.partition("\n--\n")
    head: dict[str, list[str]] = {}
    for line in above.splitlines():
        key, _, value = line.partition(": ")
        head.setdefault(key.strip(), []).append(value.strip())
    beats = tuple(_beat(name, line) for line in _joined(below.splitlines()))
    for one, next_one in pairwise(beats):
        if next_one.minute < one.minute:
            raise PodError(
                f"{name}: the beat at minute {next_one.minute} comes after minute {one.minute}; put it in order"
            )
    starts = datetime.fromisoformat(head["starts"][0]).astimezone(UTC)
    return Plot(head["id"][0], starts, head, beats)


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Beats as single texts: indented lines go on from the line above."""
    current: list[str] = []
    for line in lines:
        if line.startswith("  ") and current:
            current.append(line.strip())
        elif line.strip():
            if current:
                yield "\n".join(current)
            current = [line]
    if current:
        yield "\n".join(current)


def _beat(name: str, text: str) -> Beat:
    first, _, more = text.partition("\n")
    found = _BEAT.match(first)
    if not found or found["verb"] not in VERBS:
        raise PodError(f"{name}: cannot read the beat {first!r}; write it as: minute verb who text")
    rest, marks, label = found["rest"] or "", [], None
    while tag := _MARK.match(rest):
        marks += [tag["mark"]] if tag["mark"] else []
        label = tag["label"] or label
        rest = rest[tag.end() :]
    body = f"{rest}\n{more}" if more else rest
    minute = float(found["minute"]) * SPANS.get(found["span"], 1.0)
    return Beat(minute, found["verb"], found["who"], body.strip(), found["room"], tuple(marks), label)
