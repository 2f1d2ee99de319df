"""IRC: plain logs of irssi, WeeChat, ZNC and others. Their clock is a wall somewhere: its zone must be declared.

Declared in the log's first line, `# zone: Europe/Berlin`, or for a whole folder in a TOML file beside the logs with a
table `[irc]`. A line has no id: it is known by channel, moment and words, and by its number among equal ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from podanalytics.model import Event, Fault, Kind, Precision, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._chat import People
from podanalytics.sources._clock import iso
from podanalytics.sources._handwritten import written
from podanalytics.sources._irc_line import IrcLine, day_line, is_day_line, looks_like_irc, read_line
from podanalytics.sources._irc_settings import Declared, is_settings, read_settings, settings_in
from podanalytics.sources._read import digest, each, head, lines
from podanalytics.sources._walk import files_below
from podanalytics.sources._wallclock import WallClock

NAME = "irc"
FIRST_LINES = 60
BACK = timedelta(hours=12)  # by which a time of day must lie before the last one to be of the next day
_NO_ZONE = (
    "{count} of this log's lines, this one first, have times without a zone, such as {time!r}: write the zone of the "
    "logger's clock as the file's first line, '# zone: Europe/Berlin' or '# zone: UTC', or lay a file irc.toml beside "
    'the logs that says [irc] and zone = "Europe/Berlin", in a folder of their own'
)
_NO_DAY = (
    "{count} of this log's lines, this one first, have a time of day, such as {time!r}, and nothing tells the date: "
    "name the file by its day, as in 2026-10-03.log, or write '# date: 2026-10-03' as its first line"
)


def owns(path: Path) -> bool:
    """A log of which most first lines are IRC's; the TOML that declares its zone; a folder with that TOML."""
    if path.is_dir():
        return bool(settings_in(path))
    return is_settings(path) or looks_like_irc(head(path).splitlines()[:FIRST_LINES])


def parse(path: Path) -> Iterator[Told]:
    """Every line in order; subject is `#channel`, by the line itself, what is declared, or the file's name."""
    if path.is_dir():
        yield from _folder(path)
    elif is_settings(path):
        yield Fault(NAME, path.name, "a declaration alone: put it into one folder with its logs, and load the folder")
    else:
        yield from _Log(path, path.name, Declared(), People(NAME)).told()


def _folder(path: Path) -> Iterator[Told]:
    settings = settings_in(path)
    if not settings:
        yield Fault(NAME, path.name, "it holds no declaration: no TOML file with a table [irc]")
        return
    found, *others = settings
    origin = f"{path.name}/{found.name}"
    if others:
        names = ", ".join(p.name for p in (found, *others))
        yield Fault(NAME, path.name, f"it holds several declarations ({names}): keep one")
        return
    yield from each(NAME, [(origin, found)], lambda file, _: _logs(path, file))


def _logs(folder: Path, settings: Path) -> Iterator[Told]:
    declared, people = read_settings(written(settings)), People(NAME)
    files, refused = files_below(folder)
    yield from (Fault(NAME, f"{folder.name}/{p.relative_to(folder).as_posix()}", why) for p, why in refused)
    for path in files:
        name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        if path == settings:
            continue
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield Skipped(name, "hidden file")
        elif looks_like_irc(head(path).splitlines()[:FIRST_LINES]):
            yield from _Log(path, name, declared, people).told()
        else:
            yield Fault(NAME, name, "it lies in a folder of IRC logs and is none: put it elsewhere")


class _Log:
    """One log being read, line by line."""

    def __init__(self, path: Path, name: str, declared: Declared, people: People) -> None:
        self._path, self._name, self._people = path, name, people
        self._declared = declared
        self._head = True  # before the first line with a time
        self._day: date | None = None
        self._last: time | None = None
        self._rolled = False
        self._wall: WallClock | None = None
        self._first: dict[str, str] = {}  # the nick under which each renamed one was first seen
        self._seen: Counter[str] = Counter()
        self._skipped: Counter[str] = Counter()
        self._lost: dict[str, list[str]] = {}  # what is missing → first place, its time, every place

    def told(self) -> Iterator[Told]:
        """Everything that the log tells."""
        yield from each(NAME, lines(self._path, NAME, self._name), self._line)
        for reason, found in self._lost.items():
            yield Fault(NAME, found[0], reason.format(count=len(found) - 2, time=found[1]))
        for reason, count in sorted(self._skipped.items()):
            yield Skipped(self._name, reason, count)

    def _line(self, line: str, origin: str) -> Iterator[Told]:
        if not line.strip():
            return
        if self._head and (declared := self._declared.told(line)):
            self._declared = declared
            self._skipped["line that declares something"] += 1
        elif is_day_line(line):
            day = day_line(line)
            if day is None:
                raise ValueError("the logger's line tells a date that cannot be read")
            self._begin()
            self._day, self._last, self._rolled = day, None, False
            self._skipped["line of the logger: a day begins, a log opens or closes"] += 1
        elif (read := read_line(line)) and read.clock:
            self._begin()
            yield from self._timed(read, origin)
        else:
            self._skipped["line without a time of its own"] += 1

    def _begin(self) -> None:
        """Takes what was declared into force, at the first line that has a time."""
        if self._head:
            self._head = False
            self._declared = self._declared.of_file(self._path)
            self._day = self._declared.day
            self._wall = WallClock(self._declared.zone) if self._declared.zone else None

    def _timed(self, line: IrcLine, origin: str) -> Iterator[Told]:
        at = self._moment(line, origin)
        if at is None:
            return
        subject = f"#{line.place.removeprefix('#') if line.place else self._declared.channel}"
        key = f"{subject}/{at:%Y-%m-%dT%H:%M:%S}/{digest(line.content)}"
        self._seen[key] += 1
        told = Event(
            occurred_at=at,
            kind=line.kind,
            source=NAME,
            subject=subject,
            key=key if self._seen[key] == 1 else f"{key}~{self._seen[key]}",
            origin=origin,
            precision=_precision(str(line.clock)),
            actor=self._who(line),
            text=line.text,
            value=line.value,
        )
        for nick in filter(None, (told.actor, line.nick)):
            yield from self._people.tell(nick, handle=nick, bot=nick in self._declared.bots)
        yield told

    def _who(self, line: IrcLine) -> str | None:
        """The nick under which the log first knew who this is: somebody who takes another one is no second person."""
        if line.nick is None:
            return None
        first = self._first.get(line.nick, line.nick)
        if line.value == "nick" and line.renamed:
            self._first[line.renamed] = first
        elif line.kind is Kind.LEFT:
            self._first.pop(line.nick, None)
        return first

    def _moment(self, line: IrcLine, origin: str) -> datetime | None:
        """The line's moment; None where zone or date is missing, which is told once for the whole log."""
        written = str(line.clock)
        clock = time.fromisoformat(f"0{written}" if written[1] == ":" else written)
        day = date.fromisoformat(line.day) if line.day else self._today(clock)
        if line.zone and day:
            return iso(f"{day}T{clock}{line.zone}")
        missing = _NO_ZONE if self._wall is None else _NO_DAY if day is None else None
        if missing:
            self._lost.setdefault(missing, [origin, f"{line.day or ''} {written}".strip()]).append(origin)
            return None
        assert self._wall is not None and day is not None
        return self._wall.utc(datetime.combine(day, clock))

    def _today(self, clock: time) -> date | None:
        """The day of a line that tells its time only. Raises ValueError where the clock tells of a second new day."""
        if (
            self._day
            and self._last
            and datetime.combine(self._day, self._last) - BACK > datetime.combine(self._day, clock)
        ):
            if self._rolled:
                raise ValueError("a new day begins again, and no line tells which: split the log by days")
            self._day, self._rolled = self._day + timedelta(days=1), True
        self._last = clock
        return self._day


def _precision(clock: str) -> Precision:
    if "." in clock:
        return Precision.MILLISECOND
    return Precision.SECOND if clock.count(":") == 2 else Precision.MINUTE


source = Source(
    title="IRC log (plain text)",
    manual="https://weechat.org/files/doc/weechat/stable/weechat_user.en.html",
    owns=owns,
    parse=parse,
    group="chat",
    takes="logs of irssi, WeeChat, ZNC and the like, alone or a folder with a TOML file that declares their zone",
    known_by="lines with a time and `<nick>`, joins and parts",
)
