"""Which log lines become events: a log tells thousands of lines an hour, a reviewer reads the few that mark a turn.

Notable are the first line of an error template and of each new burst of it, the last line of a burst with its count,
starts and stops of a service, marks of a version, and changes of a health check's result. One pass, bounded memory.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from podanalytics.model import Event, Kind, Precision, Skipped, Told
from podanalytics.sources._logfile import is_error

QUIET = timedelta(minutes=10)  # a template silent for this long starts a new burst
MARKS_PER_BURST = 20  # a service that restarts in a loop is told this often, then by its last line
MAX_TEMPLATES = 2_000  # bursts remembered at a time; beyond it the longest unseen one is closed
MAX_TEXT = 2_000
SAME_SPAN = 500  # characters looked at by the patterns
BELOW = "log line below notable"

_MASK = re.compile(
    r"\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)"  # quoted parts
    r"|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"  # uuid
    r"|\b[0-9a-fA-F:]*:[0-9a-fA-F]*:[0-9a-fA-F:]+\b|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"  # ip
    r"|\b0x[0-9a-fA-F]+\b|\b[0-9a-fA-F]{8,}\b"  # hex
    # ids that need not hold a digit: req-tapkl, trace=abcdef, message_id: xyzzy
    r"|(?i:\b(?:req|request|trace|span|correlation|(?:\w+[_-])?id)[-_=:#] ?[\w-]{3,})"
    r"|(?<![\w.])[\w.]*\d[\w.]*"  # any word that holds a digit
)
_VERSION = r"\bv?\d+(?:\.\d+)+"
_MARK = re.compile(
    # "Started Session 4 of user root" is a login, not a service
    r"(?:^|[\]:|>-] +|\b(?:INFO|NOTICE) +)(?:Started|Stopped|Restarted|Restarting)\b(?! [Ss]ession \d)"
    r"|(?i:\bmain process exited\b|\blistening (?:on|at)\b|\bscheduled restart job\b|\breceived sig(?:term|kill|int)\b"
    r"|\b(?:server|service|application|worker|container|process) (?:is |was |has )?"
    r"(?:started|starting|stopped|stopping|restarted|restarting|shutting down|killed)\b"
    r"|\bout of memory\b|\boom-kill"
    rf"|\b(?:deploy(?:ing|ed|ment)?|releas(?:e|ed|ing)|upgrad(?:ed|ing)|promot(?:ed|ing))\b.{{0,60}}?{_VERSION}"
    rf"|\broll(?:ed|ing)?[ -]?back\b.{{0,60}}?{_VERSION}"
    r"|\b(?:deploy(?:ment)?|rollback)(?: \w+)? (?:started|finished|completed?|failed|succeeded)\b)"
    # a process that dies without a word of level
    r"|(?:^|[\]:|>-] +)(?:panic: |fatal error: |Traceback \(most recent call last\):"
    r"|Unhandled exception|Segmentation fault)"
)
# One of these stands in every mark. Looked for first, for that is five times as fast and most lines end here.
_MARK_WORDS = tuple(
    [
        "start",
        "stop",
        "killed",
        "shutting",
        "listen",
        "exited",
        "sig",
        "memory",
        "oom-",
        "deploy",
        "releas",
        "upgrad",
        "promot",
        "roll",
        "panic: ",
        "fatal error",
        "traceback",
        "unhandled",
        "segmentation",
    ]
)
_TRANSACTION = re.compile(r"\btransactions?\b", re.IGNORECASE)  # "rollback completed" of a database is daily bread
_ROLLBACK_WORD = re.compile(r"\broll(?:ed|ing)?[ -]?back\b", re.IGNORECASE)
_HEALTH = re.compile(r"health[ _-]?check|/healthz?\b|\bhealthz\b", re.IGNORECASE)
_SICK = re.compile(
    r"\b(?:unhealthy|(?<!\b0 )fail(?:ed|ing|s|ure)|timed out|timeout|refused|unreachable)\b"
    r"|\b(?:status|code|healthz?\"?(?: HTTP/[\d.]+)?\"?)[\"=: ]+5\d\d\b",
    re.IGNORECASE,
)
_WELL = re.compile(
    r"\b(?:healthy|ok|pass(?:ed|ing|es)?|succe(?:ss|eded|ssful))\b"
    r"|\b(?:status|code|healthz?\"?(?: HTTP/[\d.]+)?\"?)[\"=: ]+2\d\d\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One log record: `text` is what it says (lines of a stack trace joined to it), `level` its own word."""

    occurred_at: datetime
    level: str
    text: str
    subject: str
    origin: str
    precision: Precision = Precision.MICROSECOND


@dataclass(slots=True)
class _Burst:
    """Lines of one template with less than `QUIET` between them."""

    first: datetime
    last: LogLine
    count: int = 0
    last_told: bool = False

    def goes_on(self, moment: datetime) -> bool:
        return self.first - QUIET < moment < self.last.occurred_at + QUIET

    def add(self, line: LogLine, keep: int, told: bool) -> bool:
        """Count the line; True when it is to be told."""
        self.count += 1
        told = told or self.count <= keep
        if line.occurred_at >= self.last.occurred_at:  # files hold lines out of order: the last is the latest
            self.last, self.last_told = line, told
        return told


def template(text: str) -> str:
    """A line's first line with what varies masked: quoted parts, ids, addresses, numbers.

    >>> template("pool 7 exhausted after 1500 ms for 'carol'") == template("pool 9 exhausted after 80 ms for 'dave'")
    True
    """
    return _MASK.sub("#", text.split("\n", 1)[0][:SAME_SPAN])


def is_mark(text: str) -> bool:
    """Whether a line tells a start, a stop, a crash, or a version going out or back, at whatever level."""
    start = text.split("\n", 1)[0][:SAME_SPAN]
    lower = start.lower()
    if not any(word in lower for word in _MARK_WORDS):
        return False
    return bool(_MARK.search(start)) and not (_ROLLBACK_WORD.search(start) and _TRANSACTION.search(start))


def health(text: str) -> str | None:
    """`well` or `sick` as a health check's line has it; None for any other line.

    >>> health("GET /healthz 503"), health("health check passed in 512 ms"), health("disk ok")
    ('sick', 'well', None)
    """
    start = text[:SAME_SPAN]
    if "health" not in start.lower() or not _HEALTH.search(start):
        return None
    return "sick" if _SICK.search(start) else "well" if _WELL.search(start) else None


class Notable:
    """One file's notable lines: `tell` each line in file order, then `rest` closes the bursts and counts the others."""

    def __init__(self, source: str, name: str) -> None:
        self.source, self.name = source, name
        self._lines = self._told = 0
        self._bursts: dict[tuple[str, str], _Burst] = {}
        self._health: dict[str, str] = {}

    def tell(self, line: LogLine) -> Iterator[Told]:
        """The events that this line makes known: itself, or the end of a burst before it."""
        self._lines += 1
        told = self._health_changed(line)
        keep = MARKS_PER_BURST if is_mark(line.text) else int(is_error(line.level))
        if keep:
            place = (line.subject, template(line.text))
            burst = self._bursts.pop(place, None)
            if burst and not burst.goes_on(line.occurred_at):
                yield from self._end(burst)
                burst = None
            burst = burst or _Burst(line.occurred_at, line)
            told = burst.add(line, keep, told)
            self._bursts[place] = burst  # put in anew: the dict's order is the order of last sight
            if len(self._bursts) > MAX_TEMPLATES:
                yield from self._end(self._bursts.pop(next(iter(self._bursts))))
        if told:
            yield self._event(line, line.text)

    def rest(self) -> Iterator[Told]:
        """The ends of the bursts still open at the file's end, and how many lines were not told."""
        for burst in self._bursts.values():
            yield from self._end(burst)
        self._bursts.clear()
        if self._lines > self._told:
            yield Skipped(self.name, BELOW, self._lines - self._told)

    def _health_changed(self, line: LogLine) -> bool:
        result = health(line.text)
        if result is None or self._health.get(line.subject) == result:
            return False
        self._health[line.subject] = result
        return True

    def _end(self, burst: _Burst) -> Iterator[Told]:
        if burst.count > 1 and not burst.last_told:
            first_line = burst.last.text.split("\n", 1)[0][:MAX_TEXT]
            span = _span(burst.last.occurred_at - burst.first)
            yield self._event(burst.last, f"{first_line} (last of {burst.count} in {span})")

    def _event(self, line: LogLine, text: str) -> Event:
        self._told += 1
        moment = line.occurred_at.isoformat(timespec="microseconds")
        digest = hashlib.sha256(line.text.encode("utf-8", "replace")).hexdigest()[:8]
        return Event(
            occurred_at=line.occurred_at,
            kind=Kind.LOG,
            source=self.source,
            subject=line.subject,
            key=f"{line.subject}/{moment}/{digest}",
            origin=line.origin,
            precision=line.precision,
            text=text[: MAX_TEXT + 50],
            value=line.level,
        )


def _span(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    return f"{seconds} s" if seconds < 60 else f"{round(seconds / 60)} min"
