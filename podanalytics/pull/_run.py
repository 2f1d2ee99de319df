"""Driving the streams: each goes on from its cursor, page by page; what one cannot give does not stop the others."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from podanalytics.errors import PullError, WorkspaceError
from podanalytics.pull import MAX_WAIT_MINUTES, OWN, Page, Stream, Vendor, VendorSettings, all_vendors
from podanalytics.pull._http import TIMEOUT, Asking, Line
from podanalytics.pull._raw import Raw, alone
from podanalytics.pull._refusals import Access
from podanalytics.pull._secrets import Scrubber, find


@dataclass
class Pulled:
    """What became of one stream: pages that were new or lay there already, records on them, what the user should know.

    `failed` is why it stopped; empty where it came to its end.
    """

    vendor: str
    stream: str
    pages: int = 0
    new: int = 0
    records: int = 0
    waited: float = 0.0
    notes: list[str] = field(default_factory=list)
    failed: str = ""
    finished: bool = False


Tell = Callable[[Pulled, str], None]


@dataclass(frozen=True)
class Surroundings:
    """What tests replace: the clock, the wait between two requests, the dice of the jitter, the patience."""

    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    dice: random.Random = field(default_factory=random.Random)
    timeout: float = TIMEOUT

    def now(self) -> datetime:
        """The clock's moment, to the second."""
        return datetime.fromtimestamp(int(self.clock()), UTC)


def _silent(done: Pulled, doing: str) -> None:
    return None


def pull(
    raw: Path,
    settings: Mapping[str, Any],
    names: Iterable[str],
    since: datetime,
    explicit: bool = False,
    tell: Tell = _silent,
    around: Surroundings | None = None,
) -> list[Pulled]:
    """Pulls from the vendors of those names, or from all that `settings` (the table [pull], checked) has.

    `since` is where a stream begins that was never pulled; one that was goes on where it stopped, unless `explicit`
    asks for an earlier start. Raises WorkspaceError for a name that is no vendor or has no settings.
    """
    around = around or Surroundings()
    done: list[Pulled] = []
    for name in _wanted(settings, names):
        done += _vendor(raw / name, all_vendors()[name], settings, (since, explicit), tell, around)
    return done


def _wanted(settings: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    there = [name for name in settings if name != OWN]
    for name in (wanted := list(dict.fromkeys(names))):
        if name not in all_vendors():
            raise WorkspaceError(f"{name!r} cannot be pulled from; there are {', '.join(all_vendors())}")
        if name not in there:
            raise WorkspaceError(f"pod.toml has no [pull.{name}]: it says what to pull (docs/pull.md shows how)")
    if not there:
        raise WorkspaceError(
            "pod.toml has no [pull] yet: [pull.github] and the like say what to pull (see docs/pull.md)"
        )
    return wanted or there


def _vendor(
    folder: Path,
    vendor: Vendor,
    settings: Mapping[str, Any],
    start: tuple[datetime, bool],
    tell: Tell,
    around: Surroundings,
) -> Iterator[Pulled]:
    own: VendorSettings = settings[vendor.name]
    begun = [(stream, Pulled(vendor.name, stream.name)) for stream in vendor.streams(own)]
    scrub = Scrubber()
    try:
        access = _access(vendor, own)
        scrub = access.scrub
        budget = 60.0 * settings.get(OWN, MAX_WAIT_MINUTES)
        line = Line(access, budget, own.pace, around.timeout, clock=around.clock, sleep=around.sleep, dice=around.dice)
        with alone(folder), line:
            for stream, done in begun:
                _stream(Raw(folder / stream.name, scrub, around.now), stream, line, start, done, tell)
    except PullError as error:  # nothing more will come of this vendor
        _failed(begun, scrub.text(str(error)))
    except OSError as error:
        _failed(begun, scrub.text(f"cannot write into {folder}: {error.strerror or error}"))
    for _, done in begun:
        yield done


def _failed(begun: list[tuple[Stream, Pulled]], why: str) -> None:
    for _, done in begun:
        if not (done.finished or done.failed):
            done.failed = why


def _access(vendor: Vendor, settings: VendorSettings) -> Access:
    token = find(vendor.token) if vendor.token else None
    if vendor.needs_token and token is None:
        needs = f" It needs {vendor.permission}." if vendor.permission else ""
        raise PullError(f"{vendor.title} wants a token: put one into the environment's {vendor.token}.{needs}", True)
    return Access(
        vendor.title,
        vendor.headers(settings, token),
        Scrubber([token] if token else []),
        vendor.token,
        token is not None,
        vendor.permission,
        vendor.refused,
    )


def _stream(raw: Raw, stream: Stream, line: Line, start: tuple[datetime, bool], done: Pulled, tell: Tell) -> None:
    since, explicit = start
    saved = raw.cursor()
    began = _moment(saved.get("began"))
    if began is None or (explicit and since < began):
        saved, began = {}, since
    before = line.waited
    line.tell = lambda doing: tell(done, doing)
    cursor = saved.get("cursor", {})
    try:
        for page in stream.pull(Asking(line, stream.base_url, raw), cursor, began):
            new = raw.keep(page)
            cursor = page.cursor
            raw.save(cursor, began, finished=False)
            _count(done, page, new)
            tell(done, "")
        raw.save(cursor, began, finished=True)
        done.finished = True
    except PullError as error:
        done.failed = line.access.scrub.text(str(error))
        if error.whole:
            raise
    finally:
        done.waited = line.waited - before
        tell(done, "")


def _count(done: Pulled, page: Page, new: bool) -> None:
    if page.note:
        done.notes.append(page.note)
    if page.answer is not None:
        done.pages += 1
        done.new += new
        done.records += _records(page.answer.data)


def _records(data: Any) -> int:
    """How many records a page holds: its list's, or its longest list's; 1 for a document without one."""
    if isinstance(data, list):
        return len(data)
    lists = [len(value) for value in data.values() if isinstance(value, list)] if isinstance(data, dict) else []
    return max(lists, default=1)


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
