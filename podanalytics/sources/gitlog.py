"""git: commits with a tag, and those whose subject speaks of a deployment, a rollback or a release, as changes.

Read from a repository itself (`_gitrepo`), or from a log that was written. Source: the text of `git log --decorate` in
its default, medium or fuller form, dates in default, iso, iso-strict, rfc, raw or unix form (git-log, section Commit
Formatting). A first line `# repository: pod-api` names the repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from podanalytics.model import Event, Fault, Kind, Person, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import epoch, iso
from podanalytics.sources._deployed import SHORT, SPOKEN
from podanalytics.sources._gitrepo import home_of, log_lines
from podanalytics.sources._logfile import plain, stem
from podanalytics.sources._read import Item, each, head, lines
from podanalytics.sources._walk import files_below

NAME = "git"
_COMMIT = re.compile(r"commit (?:[<>^=-] )?(?P<hash>[0-9a-f]{7,64})(?: [0-9a-f]{7,64})*(?: \((?P<names>.*)\))?\s*$")
_START = re.compile(r"^commit [0-9a-f]{7,64}\b.*\n(?:Merge: .*\n)?Author: ", re.MULTILINE)
_REPOSITORY = re.compile(r"#\s*repository\s*[:=]\s*(\S+)", re.IGNORECASE)
_FIELD = re.compile(r"(Author|AuthorDate|Commit|CommitDate|Date|Merge): +(.*)")
_PERSON = re.compile(r"(?P<name>.*?)\s*<(?P<email>[^<>]*)>$")
_RAW_DATE = re.compile(r"(\d{9,11})(?: [+-]\d{4})?$")
_DEFAULT_DATE = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2} \d{4}(?P<zone> [+-]\d{4})?$")
_ISO_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}) ?(Z|[+-]\d{2}:?\d{2})?$")
_NO_ZONE = "date {0!r} has no zone: write the log with --date=iso-strict (never --date=local or a format without zone)"


@dataclass(slots=True)
class _Commit:
    """One block of the log, unread: its first line and the header fields below it."""

    line: str
    fields: dict[str, str] = field(default_factory=dict)
    subject: str = ""


def owns(path: Path) -> bool:
    """A repository, bare or with its files, or text with a `commit <hash>` line and its author below it."""
    if path.is_dir():
        return home_of(path) is not None
    start = head(path)
    first = next((line for line in start.splitlines() if line.strip() and not line.startswith("#")), "")
    return first.startswith("commit ") and bool(_START.search(plain(start).replace("\r\n", "\n")))


def parse(path: Path) -> Iterator[Told]:
    """Changes in time order; subject is the repository. Commits that are no change are counted."""
    events: list[Event] = []
    people: set[str] = set()
    untold = 0
    repository = _repository(path)
    for told in each(
        NAME, _commits(_lines(path)), lambda commit, origin: _read(commit, origin, repository), lambda c: c.line
    ):
        if isinstance(told, Event):
            events.append(told)
        elif isinstance(told, Skipped):
            untold += told.count
        elif not isinstance(told, Person):
            yield told
        elif told.key not in people:
            people.add(told.key)
            yield told
    yield from _with_former(events)
    if untold:
        yield Skipped(path.name, "commit without a tag", untold)
    if beside := _beside(path):
        yield Skipped(path.name, "file of a repository's checkout, not looked at", beside)


def _beside(path: Path) -> int:
    """How many files lie in a checkout beside its `.git`."""
    home = home_of(path) if path.is_dir() else None
    if home is None or home == path:
        return 0
    return sum(home not in file.parents for file in files_below(path)[0])


def _repository(path: Path) -> str:
    if path.is_dir():
        return path.name.removesuffix(".git") or path.resolve().name
    first = head(path, 1_000).split("\n", 1)[0]
    named = _REPOSITORY.match(first)
    return named[1] if named else stem(path.name)


def _lines(path: Path) -> Iterator[tuple[str, str] | Fault]:
    """(origin, line) of the log: of a file its line, of a repository the commit that the line belongs to."""
    home = home_of(path) if path.is_dir() else None
    if home is None:
        yield from lines(path, NAME)
        return
    origin = path.name
    for line in log_lines(home, path.name, NAME):
        if isinstance(line, Fault):
            yield line
            continue
        if found := _COMMIT.match(line):
            origin = f"{path.name}#{found['hash']}"
        yield origin, line


def _commits(given_lines: Iterable[tuple[str, str] | Fault]) -> Iterator[Item | Fault]:
    place, commit = "", _Commit("")
    for given in given_lines:
        if isinstance(given, Fault):
            yield given
            continue
        origin, line = given[0], plain(given[1])
        if line.startswith("commit "):
            if place:
                yield place, commit
            place, commit = origin, _Commit(line)
        elif found := _FIELD.match(line):
            commit.fields.setdefault(found[1], found[2].strip())
        elif line.startswith("    ") and line.strip() and not commit.subject:
            commit.subject = line.strip()
    if place:
        yield place, commit


def _read(commit: _Commit, origin: str, repository: str) -> Iterator[Told]:
    head_line = _COMMIT.match(commit.line)
    if head_line is None:
        raise ValueError(f"{commit.line[:80]!r} is not a commit line of git log")
    moment = _date(commit.fields)
    person = _person(commit.fields)
    if person:
        yield person
    digest = head_line["hash"]
    tags = [name.removeprefix("tag: ").removeprefix("refs/tags/") for name in (head_line["names"] or "").split(", ")
            if name.startswith("tag: ")]  # fmt: skip
    versions = tags or ([digest[:SHORT]] if SPOKEN.search(commit.subject) else [])
    if not versions:
        yield Skipped(origin, "commit without a tag")
    for version in versions:
        yield Event(
            occurred_at=moment,
            kind=Kind.CHANGE,
            source=NAME,
            subject=repository,
            key=f"{digest}/{version}" if tags else digest,
            origin=origin,
            actor=person.key if person else None,
            text=commit.subject,
            value=version,
        )


def _date(fields: dict[str, str]) -> datetime:
    """When the commit was made as it stands (fuller form), else the author's date."""
    text = fields.get("CommitDate") or fields.get("Date") or fields.get("AuthorDate")
    if not text:
        raise ValueError("the commit has no date: write the log with --format=fuller, or in git's default format")
    if raw := _RAW_DATE.match(text):
        return epoch(raw[1])
    if found := _ISO_DATE.match(text):
        if not found[3]:
            raise ValueError(_NO_ZONE.format(text))
        return iso(f"{found[1]}T{found[2]}{found[3]}")
    if default := _DEFAULT_DATE.match(text):
        if not default["zone"]:
            raise ValueError(_NO_ZONE.format(text))
        return datetime.strptime(text, "%a %b %d %H:%M:%S %Y %z")
    return _rfc(text)


def _rfc(text: str) -> datetime:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        raise ValueError(f"date {text!r} is in no form known here: write the log with --date=iso-strict") from None
    if moment.tzinfo is None:
        raise ValueError(_NO_ZONE.format(text))
    return moment


def _person(fields: dict[str, str]) -> Person | None:
    author = fields.get("Author", "")
    if found := _PERSON.match(author[:500]):
        return Person(NAME, found["email"] or found["name"], found["name"] or None, email=found["email"] or None)
    return Person(NAME, author, author) if author else None


def _with_former(events: Iterable[Event]) -> Iterator[Event]:
    """Events in time order; a tag's `was` is the tag before it, of its own pattern where a commit has several."""
    former: list[str] = []
    tags: list[str] = []
    commit = ""
    for event in sorted(events, key=lambda e: (e.occurred_at, e.key)):
        digest, _, tag = event.key.partition("/")
        if not tag:
            yield event
            continue
        if digest != commit:
            former, commit, tags = tags or former, digest, []
        tags.append(tag)
        same = [name for name in former if _pattern(name) == _pattern(tag)]
        yield replace(event, was=next(iter(same or former), None))


def _pattern(tag: str) -> str:
    return re.sub(r"\d+", "#", tag)


source = Source(
    title="git repositories and logs",
    manual="https://git-scm.com/docs/git-log",
    owns=owns,
    parse=parse,
    group="change history",
    takes="a repository, bare or not, or what `git log --decorate` prints",
    known_by="a folder with `HEAD`, `objects` and `refs`, itself or as `.git`; `commit <hash>` with an author below it",
)
