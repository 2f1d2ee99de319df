"""One line of an IRC log, as irssi, WeeChat, ZNC and plain loggers write it: when, who, and what it is.

Source: the log formats that irssi, WeeChat and ZNC document. `[14:05] <nick> text`, `14:05 -!- nick [u@h] has joined`,
`2026-10-03 14:05:11<tab>nick<tab>text`, `[14:05:11] *** Joins: nick (u@h)`, and the like with an ISO date before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from podanalytics.model import Kind

_LINE = re.compile(
    r"(?:(?P<place>#*[\w.+-]+) (?=\d{4}-\d{2}-\d{2} (?:\[|===)))?"
    r"\[?(?:(?P<day>\d{4}-\d{2}-\d{2})[T ]?)?"
    r"(?:\[?(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?P<zone> ?Z| ?[+-]\d{2}:?\d{2})?\]?)?"
    r"(?:[\t ](?P<rest>.*))?$",
    re.DOTALL,
)
_SAID = re.compile(r" ?<[@+%&~!* ]?(?P<nick>[^\s<>]+)>[\t ]?(?P<text>.*)", re.DOTALL)
_ACTION = re.compile(r" ?\*\s?(?P<nick>[^\s*]\S*)\s+(?P<text>.*)", re.DOTALL)
_NOTICE = re.compile(r"-(?P<nick>[^\s-][^\s]*)- (?P<text>.*)", re.DOTALL)
_ABOUT = re.compile(r"(?:-!-|\*\*\*|===|-->|<--|--)[\t ]+(?P<text>.*)", re.DOTALL)
_COLUMN = re.compile(r"(?P<mark>[@+%&~!]?)(?P<nick>[^\s<>*=-][^\s]*|\s\*)\t(?P<text>.*)", re.DOTALL)  # WeeChat's
_COLUMN_ABOUT = ("-->\t", "<--\t", "--\t")
_HOST = r"(?: +[\[(][^\])]*[\])])?"
_SENTENCES = (
    (Kind.JOINED, re.compile(rf"(?:Joins: (?P<nick>\S+)|(?P<who>\S+){_HOST} +has joined\b)")),
    (Kind.LEFT, re.compile(r"(?P<nick>\S+) was kicked\b|\S+ has kicked (?P<who>\S+)")),
    (Kind.LEFT, re.compile(rf"(?:(?:Parts|Quits): (?P<nick>\S+)|(?P<who>\S+){_HOST} +has (?:left|quit)\b)")),
    (Kind.OTHER, re.compile(r"(?P<nick>\S+) is now known as (?P<who>\S+)")),
    (Kind.CHANNEL, re.compile(
        r"(?P<nick>\S+) (?:changed the topic of \S+ to: |changes topic to '|has changed topic for \S+ (?:from \".*\" )?"
        r"to \")(?P<topic>.*?)['\"]?$", re.DOTALL)),
)  # fmt: skip
_DAY = re.compile(r"--- (?:Log (?:opened|closed)|Day changed) (?P<date>.+)")
_DATES = ("%a %b %d %Y", "%a %b %d %H:%M:%S %Y")
_CODES = re.compile(r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|[\x02\x0f\x11\x16\x1d\x1e\x1f]")
_LEVELS = re.compile(r"(?i)trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|alert|emerg(?:ency)?")
SPOKEN, TOLD, UNKNOWN = "spoken", "told", "unknown"


@dataclass(frozen=True, slots=True)
class IrcLine:
    """A line with its time as written. `shape` says how sure it is that IRC wrote it; `content` what follows the time.

    `nick` is who spoke, came, went or was renamed; `value` the channel's property, or what else the line is.
    """

    place: str | None
    day: str | None
    clock: str | None
    zone: str | None
    shape: str
    kind: Kind
    nick: str | None
    text: str
    value: str | None
    content: str

    @property
    def renamed(self) -> str | None:
        """The nick that is taken, in a line of a change of nick."""
        return self.text.rpartition(" ")[2] if self.value == "nick" else None


def read_line(line: str) -> IrcLine | None:
    """The parts of a line; None for one without a date and a time of day (and for the logger's own lines)."""
    found = _LINE.match(line)
    if found is None or not (found["clock"] or found["day"]):
        return None
    content = _CODES.sub("", found["rest"] or "").rstrip()
    shape, kind, nick, text, value = _content(content)
    zone = (found["zone"] or "").strip() or None
    return IrcLine(found["place"], found["day"], found["clock"], zone, shape, kind, nick, text, value, content)


def _content(content: str) -> tuple[str, Kind, str | None, str, str | None]:
    """(shape, kind, nick, text, value) of what follows the time."""
    if (said := _SAID.match(content)) and not _LEVELS.fullmatch(said["nick"]):
        return SPOKEN, Kind.MESSAGE, said["nick"], said["text"].strip(), None
    if about := _ABOUT.match(content):
        return _about(about["text"])
    if acted := _ACTION.match(content):
        return SPOKEN, Kind.MESSAGE, acted["nick"], acted["text"].strip(), None
    if (column := _COLUMN.match(content)) and not _LEVELS.fullmatch(column["nick"]):
        nick, text = column["nick"], column["text"]
        if nick.strip() == "*":
            nick, _, text = text.partition(" ")
        return UNKNOWN, Kind.MESSAGE, nick, text.strip(), None
    if noticed := _NOTICE.match(content):
        return UNKNOWN, Kind.OTHER, noticed["nick"], noticed["text"].strip(), "notice"
    return UNKNOWN, Kind.OTHER, None, content.strip(), "line"


def _about(text: str) -> tuple[str, Kind, str | None, str, str | None]:
    for kind, sentence in _SENTENCES:
        if found := sentence.match(text):
            parts = found.groupdict()
            if kind is Kind.CHANNEL:
                return TOLD, kind, parts["nick"], parts["topic"], "topic"
            if kind is Kind.OTHER:
                return TOLD, kind, parts["nick"], text.strip(), "nick"
            return TOLD, kind, parts["nick"] or parts["who"], text.strip(), None
    return UNKNOWN, Kind.OTHER, None, text.strip(), "line"


def day_line(line: str) -> date | None:
    """The date that the logger itself writes: `--- Day changed Sun Oct 04 2026`. None for any other line."""
    found = _DAY.match(line)
    for form in _DATES if found else ():
        try:
            return datetime.strptime(found["date"].strip(), form).date()  # type: ignore[index]  # noqa: DTZ007
        except ValueError:
            continue
    return None


def is_day_line(line: str) -> bool:
    """Whether a line is the logger's own, about its log or the day."""
    return bool(_DAY.match(line))


def looks_like_irc(lines: Iterable[str]) -> bool:
    """Whether these first lines of a file are a log of IRC: at least half of them, and one beyond doubt."""
    given = [line for line in lines if line.strip() and not line.startswith("# ")]
    read = list(_read(given))
    sure = sum(line.shape in (SPOKEN, TOLD) for line in read)
    columns = any(line.content.startswith(_COLUMN_ABOUT) for line in read)
    fit = sum(line.shape != UNKNOWN or (columns and "\t" in line.content) for line in read)
    fit += sum(line.startswith("=== ") or is_day_line(line) for line in given)
    return sure > 0 and 2 * fit >= len(given)


def _read(lines: Iterable[str]) -> Iterator[IrcLine]:
    for line in lines:
        if found := read_line(line):
            yield found
