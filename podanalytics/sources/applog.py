"""Plain application logs: a time, a level, a message, and lines that belong to the one before (stack traces).

Reads `2026-10-03T14:02:11.123Z ERROR pod-api [req-1] message`, `2026-10-03 14:02:11,123 [ERROR] logger: message` and
what lies between the two. A time without a zone needs one declared in the file's first line, `# zone: Europe/Berlin`:
UTC is never assumed. Notable lines become events (see `_notable`), the others are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from podanalytics.model import Fault, Precision, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import iso
from podanalytics.sources._irc_line import looks_like_irc
from podanalytics.sources._logfile import UNSTATED, plain, stated_level, stem
from podanalytics.sources._notable import LogLine, Notable
from podanalytics.sources._read import each, head, lines
from podanalytics.sources._wallclock import WallClock, declared_zone

NAME = "applog"
MAX_JOINED = 2_000  # characters kept of one record with its continuation lines
_ZONE_LINE = re.compile(r"#\s*(?:time)?zone\s*[:=]\s*(\S+)", re.IGNORECASE)
_HEADER = re.compile(
    r"\[?(?P<day>\d{4}[-/]\d{2}[-/]\d{2})[T ](?P<clock>\d{2}:\d{2}:\d{2}(?:[.,]\d+)?)"
    r" ?(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?(?=[\s\]|:-]|$)\]?[\s|:-]*(?P<rest>.*)",
    re.DOTALL,
)
_LEVEL_FIRST = re.compile(r"[\[(<|]?(?P<level>[A-Za-z]+)[\])>|]?[\s:|-]+")
_NO_ZONE = (
    "{count} lines have times without a zone, such as {time!r}: declare it in the file's first line, "
    "for example '# zone: Europe/Berlin' or '# zone: UTC'"
)


def owns(path: Path) -> bool:
    """Text whose first dated line states a level; comments and the tail of a cut-off record may come before it."""
    first = [line for line in head(path).splitlines()[:40] if line.strip() and not line.startswith("#")]
    if not first or first[0].startswith("{") or looks_like_irc(first):
        return False
    dated = next((found for line in first if (found := _HEADER.match(plain(line)))), None)
    return dated is not None and stated_level(dated["rest"]) is not None


def parse(path: Path) -> Iterator[Told]:
    """The log's notable lines; subject is the file's stem (`pod-api` of `pod-api.log.1`)."""
    reader = _Reader(path)
    yield from each(NAME, lines(path, NAME), reader.read)
    yield from reader.rest()


class _Reader:
    """Joins continuation lines to their record and hands whole records on."""

    def __init__(self, path: Path) -> None:
        self._name, self._subject = path.name, stem(path.name)
        self._notable = Notable(NAME, path.name)
        self._clock: WallClock | None = None
        self._open: LogLine | None = None
        self._refused = False  # the last header could not be read: its continuation goes with it
        self._homeless = self._naive = 0
        self._first_naive = ("", "")

    def read(self, line: str, origin: str) -> Iterator[Told]:
        line = plain(line.removeprefix("\ufeff"))
        header = _HEADER.match(line)
        if header:
            self._refused = True  # until the header has been read; the record before stays open until then
            begun = self._begin(header, origin)
            yield from self._close()
            self._open, self._refused = begun, begun is None
        elif line.startswith("#") and self._open is None:
            if zone := _ZONE_LINE.match(line):
                self._clock = WallClock(declared_zone(zone[1]))
        elif line.strip():
            self._join(line)

    def rest(self) -> Iterator[Told]:
        """The last record, the bursts' ends, and what could not be placed or dated."""
        yield from self._close()
        yield from self._notable.rest()
        if self._homeless:
            yield Skipped(self._name, "continuation line without its record", self._homeless)
        if self._naive:
            origin, time = self._first_naive
            yield Fault(NAME, origin, _NO_ZONE.format(count=self._naive, time=time))

    def _begin(self, header: re.Match[str], origin: str) -> LogLine | None:
        written = f"{header['day'].replace('/', '-')}T{header['clock'].replace(',', '.')}"
        zone = (header["zone"] or "").replace("UTC", "Z")
        moment = iso(written + zone) if zone else None
        if moment is None:
            wall = iso(written + "Z").replace(tzinfo=None)
            if self._clock is None:
                self._first_naive = self._first_naive if self._naive else (origin, f"{header['day']} {header['clock']}")
                self._naive += 1
                return None
            moment = self._clock.utc(wall)
        level, text = _level(header["rest"])
        return LogLine(moment, level, text, self._subject, origin, _precision(header["clock"]))

    def _join(self, line: str) -> None:
        if self._refused:
            return
        if self._open is None:
            self._homeless += 1
        elif len(self._open.text) < MAX_JOINED:
            self._open = replace(self._open, text=f"{self._open.text}\n{line}")

    def _close(self) -> Iterator[Told]:
        if self._open is not None:
            yield from self._notable.tell(self._open)
            self._open = None


def _level(rest: str) -> tuple[str, str]:
    """The level as written, and the message without it where it stands first."""
    level = stated_level(rest)
    if level is None:
        return UNSTATED, rest
    first = _LEVEL_FIRST.match(rest)
    return level, rest[first.end() :] if first and first["level"] == level else rest


def _precision(clock: str) -> Precision:
    digits = len(clock) - len("00:00:00.")
    return Precision.SECOND if digits < 1 else Precision.MILLISECOND if digits <= 3 else Precision.MICROSECOND


source = Source(
    title="Application log (plain text)",
    manual="https://docs.python.org/3/library/logging.html#formatter-objects",
    owns=owns,
    parse=parse,
    group="logs",
    takes="plain text logs",
    known_by="a dated line that states a level",
)
