"""cState: a status page that Hugo makes from one Markdown file an issue, with front matter in YAML or TOML.

The front matter says what the page shows: title, begin (`date`), severity, what is affected, and whether and when it
was resolved. Below it stands prose; an entry that ends in `{{< track "2018-04-13 16:50:00" >}}` has a time of its own,
and what has none was posted at the issue's date. Times without a zone need one declared in the front matter,
`# zone: Europe/Berlin`: UTC is never assumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Kind, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._handwritten import toml, written
from podanalytics.sources._read import digest, each, head, text_of
from podanalytics.sources._wallclock import WallClock, declared_zone

NAME = "cstate"
TRUE, FALSE = frozenset(["true", "yes", "on", "y"]), frozenset(["false", "no", "off", "n", ""])
_FRONT = re.compile(r"\A\s*(?P<mark>---|\+\+\+)[ \t]*\n(?P<front>.*?)\n(?P=mark)[ \t]*(?:\n|\Z)", re.DOTALL)
_KEY = r"^[\"']?{0}[\"']?\s*[:=]"
_ZONE = re.compile(r"^[ \t]*#[ \t]*(?:time)?zone[ \t]*[:=][ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_TRACK = re.compile(r"\{\{[<%]\s*track\s+[\"']?(?P<time>[^\"'>%}]{1,80}?)[\"']?\s*[>%]\}\}")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_WORD = re.compile(r"(?:\*\*|__|\*|_)(?P<word>[^*_\n]{1,60}?)(?:\*\*|__|\*|_)\s*[-–—:]*\s*")
_MARKED = re.compile(r"(?:\*\*|__|\*|_)[^*_\n]{1,60}?(?:[:–—-]\s*(?:\*\*|__|\*|_)|(?:\*\*|__|\*|_)\s*[:–—-])")
# A timestamp as YAML 1.1 has it: one digit may do for month, day and hour, and the zone may stand apart.
_TIME = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:(?:[Tt]|[ \t]+)(?P<hour>\d{1,2}):(?P<rest>\d{2}(?::\d{2}(?:\.\d+)?)?)"
    r"[ \t]*(?P<zone>[Zz]|[+-]\d{2}:?\d{2})?)?"
)


def owns(path: Path) -> bool:
    """Markdown whose front matter has a date, whether it is resolved, and a severity or what is affected.

    A file whose front matter lacks its first line is recognised too, so that it is reported by its owner.
    """
    start = head(path, 4096).replace("\r\n", "\n").lstrip()
    if not start.startswith(("---", "+++")) and not re.match(_KEY.format("title"), start):
        return False
    front = re.split(r"^(?:---|\+\+\+)[ \t]*$", start.removeprefix("---").removeprefix("+++"), maxsplit=1, flags=re.M)
    has = {key for key in ("date", "resolved", "severity", "affected", "affectedsystems") if _line(front[0], key)}
    return len(front) == 2 and {"date", "resolved"} < has


def parse(path: Path) -> Iterator[Told]:
    """The issue, its resolution and its dated entries; subject is the site's folder and the file's name."""
    yield from each(NAME, [(path.name, path)], _file, subject_of)


def subject_of(path: Path) -> str:
    """The issue as its page calls it, below the site it belongs to: files of two sites may have one name.

    >>> subject_of(Path("status/content/issues/2020-12-08-login.md")), subject_of(Path("2020-12-08-login.md"))
    ('status/2020-12-08-login', '2020-12-08-login')
    """
    folders = [name for name in path.parts[:-1] if name not in ("content", "/")]
    site = folders[-2] if folders[-1:] == ["issues"] and len(folders) > 1 else ""
    return f"{site}/{path.stem}" if site else path.stem


@dataclass(frozen=True)
class _Page:
    """A file taken apart: its fields, its prose, and on which lines they stand."""

    name: str
    subject: str
    text: str
    front: dict[str, Any]
    start: int  # the character at which the prose begins

    @property
    def prose(self) -> str:
        return self.text[self.start :]

    @property
    def clock(self) -> WallClock | None:
        """Of the zone that is declared. A new one each time, for the newest entry stands first."""
        zone = _ZONE.search(self.text[: self.start])
        return WallClock(declared_zone(zone[1])) if zone else None

    def line(self, key: str) -> str:
        """The place of a field."""
        at = _line(self.text[: self.start], key)
        return self.place(at.start() if at else 0)

    def place(self, character: int) -> str:
        return f"{self.name}:{self.text.count(chr(10), 0, character) + 1}"

    def word(self, key: str) -> str:
        """A field's text, without the spaces that quotes kept."""
        value = self.front.get(key)
        return str(value).lower() if isinstance(value, bool) else text_of(value).strip()


def _line(text: str, key: str) -> re.Match[str] | None:
    return re.search(_KEY.format(key), text, re.MULTILINE)


def _file(path: Path, origin: str) -> Iterator[Told]:
    text = written(path).replace("\r\n", "\n")
    found = _FRONT.match(text)
    if found is None:
        raise ValueError(
            "it has no front matter: its first line must be ---, or +++ for TOML, as must the one below it"
        )
    front = toml(found["front"]) if found["mark"] == "+++" else _yaml(found["front"])
    page = _Page(path.name, subject_of(path), text, front, found.end())
    fields = [(page.line("date"), _issue), (page.line("resolved"), _resolution)]
    yield from each(NAME, fields, lambda tell, place: tell(page, place), lambda _: page.subject)
    yield from each(NAME, _entries(page), lambda entry, place: _entry(page, place, entry), lambda _: page.subject)


def _yaml(text: str) -> dict[str, Any]:
    import yaml

    try:
        # Every scalar as it is written: what yes, 2020-12-08 and "true " mean is told here, not guessed there.
        found = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise ValueError(f"its front matter is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(found, dict):
        raise ValueError("its front matter is no list of fields")
    return found


def _moment(page: _Page, written: Any) -> dict[str, Any]:
    """occurred_at and precision of a time as it is written. Raises ValueError."""
    text = _text(written).strip()
    if not text:
        raise ValueError("a time is missing where the record must have one")
    hit = _TIME.fullmatch(text)
    if hit is None:
        raise ValueError(f"time {text!r} is not ISO 8601")
    plain = f"{hit['year']}-{int(hit['month']):02}-{int(hit['day']):02}"
    if hit["hour"]:
        plain += f"T{int(hit['hour']):02}:{hit['rest']}"
    if hit["zone"]:
        return {"occurred_at": iso(plain + hit["zone"].upper()), "precision": iso_precision(plain)}
    if page.clock is None:
        raise ValueError(
            f"time {text!r} has no zone: declare it in the front matter, for example '# zone: Europe/Berlin' or "
            "'# zone: UTC'"
        )
    wall = datetime.fromisoformat(plain)
    return {"occurred_at": page.clock.utc(wall), "precision": iso_precision(plain)}


def _text(written: Any) -> str:
    if isinstance(written, datetime):  # TOML has read it already
        return written.isoformat(
            timespec="auto" if written.microsecond % 1000 or not written.microsecond else "milliseconds"
        )
    return written.isoformat() if isinstance(written, date) else text_of(written)


def _issue(page: _Page, origin: str) -> Iterator[Told]:
    title, severity = page.word("title"), page.word("severity")
    if not title:
        raise ValueError("it has no title")
    base = _base(page, origin) | _moment(page, page.front.get("date"))
    told = f"{page.subject}/{base['occurred_at'].isoformat()}"
    kind = "informational" if page.word("informational").lower() in TRUE else page.word("section") or "issue"
    yield Event(kind=Kind.DECLARED, key=f"{page.subject}/created", value=kind, text=title, **base)
    if severity:
        yield Event(kind=Kind.SEVERITY, key=f"{told}/severity/{severity}", value=severity, **base)
    for component in _affected(page):
        key = f"{told}/{component}/{severity}"
        yield Event(kind=Kind.COMPONENT, key=key, value=severity or "affected", text=component, **base)
    if prose := _COMMENT.sub("", page.prose).strip():
        key = f"{page.subject}/description/{digest(prose)}"
        yield Event(kind=Kind.OTHER, key=key, value="description", text=prose, **base)
    yield from _posted(page, base)


def _posted(page: _Page, base: dict[str, Any]) -> Iterator[Event]:
    """The words that carry no time of their own, which the page shows under the issue's date: what was posted first."""
    place, words = _undated(page)
    if words:
        # Prose may begin with a name in bold: without a colon or a dash behind it, it is no status.
        value, text = _stated(words, "posted") if _MARKED.match(words) else ("posted", words)
        told = base | {"origin": page.place(place)}
        yield Event(kind=Kind.NOTICE, key=f"{page.subject}/posted/{digest(words)}", value=value, text=text, **told)


def _affected(page: _Page) -> list[str]:
    """What is affected, each once: a list, or one name alone."""
    listed = page.front.get("affected") or page.front.get("affectedsystems") or []
    names = [text_of(name).strip() for name in (listed if isinstance(listed, list) else [listed])]
    return list(dict.fromkeys(name for name in names if name))


def _resolution(page: _Page, origin: str) -> Iterator[Told]:
    word, when = page.word("resolved"), page.front.get("resolvedWhen")
    if word.lower() not in TRUE | FALSE:
        raise ValueError(f"resolved is {word!r}: write true or false")
    if word.lower() in FALSE:
        if when:
            yield Skipped(origin, "resolvedWhen of an issue that is not resolved")
        return
    base = _base(page, page.line("resolvedWhen") if when else origin)
    if when:
        moment = _moment(page, when)
        key = f"{page.subject}/resolved/{moment['occurred_at'].isoformat()}"
        yield Event(kind=Kind.STATUS, key=key, value="resolved", **base, **moment)
    else:
        yield Skipped(origin, "resolved without resolvedWhen: nobody can know when")


def _seen(page: _Page) -> str:
    """The prose without what stands in comments, every character at its place."""
    return _COMMENT.sub(lambda hit: "".join(c if c == "\n" else " " for c in hit[0]), page.prose)


def _words(prose: str) -> str:
    return re.sub(r"^-{3,}[ \t]*$", "", prose, flags=re.MULTILINE).strip()


def _entries(page: _Page) -> Iterator[tuple[str, tuple[str, str]]]:
    """(place, (time, words)) of each dated entry: what stands between the time before it and its own."""
    prose, begin = _seen(page), 0
    for hit in _TRACK.finditer(prose):
        yield page.place(page.start + hit.start()), (hit["time"], _words(prose[begin : hit.start()]))
        begin = hit.end()


def _undated(page: _Page) -> tuple[int, str]:
    """(where it begins, words) of what stands below the last dated entry, or of all where there is none."""
    prose = _seen(page)
    begin = max((hit.end() for hit in _TRACK.finditer(prose)), default=0)
    first = re.search(r"[^\s-]", prose[begin:])
    return page.start + begin + (first.start() if first else 0), _words(prose[begin:])


def _stated(words: str, otherwise: str) -> tuple[str, str]:
    """(status word, what follows it) of an entry that begins with one: `*Resolved* - All is well.`"""
    hit = _WORD.match(words)
    word = hit["word"].strip(" :") if hit else ""
    return (word, words[hit.end() :].strip()) if hit and word else (otherwise, words)


def _entry(page: _Page, origin: str, entry: tuple[str, str]) -> Iterator[Told]:
    time, words = entry
    moment = _moment(page, time)
    key = f"{page.subject}/{moment['occurred_at'].isoformat()}/{digest(words)}"
    value, text = _stated(words, "update")
    yield Event(kind=Kind.NOTICE, key=key, value=value, text=text, **_base(page, origin), **moment)


def _base(page: _Page, origin: str) -> dict[str, Any]:
    return {"source": NAME, "subject": page.subject, "origin": origin}


source = Source(
    title="cState issues (Markdown)",
    manual="https://github.com/cstate/cstate/wiki/Usage",
    owns=owns,
    parse=parse,
    group="status page",
    takes="a Markdown file an issue",
    known_by="front matter with a date, whether it is resolved, and a severity or what is affected",
)
