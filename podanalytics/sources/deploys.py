"""A plain list of deployments: CSV with a header, or JSON records, under names that people give such columns.

Ours to define, so any script that deploys can write it. COLUMNS has every name; case, blanks and dashes do not matter.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, Kind, Person, Precision, Told
from podanalytics.places import place
from podanalytics.sources import Source
from podanalytics.sources._clock import epoch, iso, iso_as_written, iso_precision
from podanalytics.sources._deployed import outcome, version_of
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import Item, each, head, lines, text_of
from podanalytics.sources._wallclock import both, declared_zone

NAME = "deploys"
LISTS = ("deployments", "deploys")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "deployment_id", "deploy_id"),
    "started": ("started_at", "begun_at"),
    "time": ("deployed_at", "finished_at", "completed_at", "time", "timestamp", "date"),
    "zone": ("zone", "timezone", "time_zone", "tz"),
    "service": ("service", "app", "application", "component"),
    "environment": ("environment", "env"),
    "version": ("version", "tag", "release"),
    "sha": ("sha", "commit", "commit_sha", "revision"),
    "was": ("previous_version", "from_version", "was"),
    "status": ("status", "state", "result", "outcome"),
    "actor": ("actor", "deployed_by", "user", "author"),
    "kind": ("kind", "type", "action"),
    "text": ("description", "note", "comment"),
    "url": ("url", "link"),
}
_MEANING = {name: meaning for meaning, names in COLUMNS.items() for name in names}
_OF_LOGS = {"message", "msg", "level", "lvl", "severity"}  # a line of a log names its service and version, too
_NUMBER = re.compile(r"\d{9,16}(?:\.\d+)?$")
_NO_ZONE = "time {0!r} has no zone: write it with its offset, or add a column `zone` such as Europe/Berlin"
Row = dict[str, str]  # what each meaning's cell holds


def owns(path: Path) -> bool:
    """A header, or a first record, of a time, a service, a version, and something that only deployments have."""
    found = sample(path, *LISTS)
    names = [_plain(name) for name in (found if found is not None else _header(path)[0])]
    told = {_MEANING[name] for name in names if name in _MEANING}
    certain = bool({"environment", "status", "kind", "started"} & told) or "deployed_at" in names
    is_list = {"service"} <= told and {"time", "started"} & told and {"version", "sha"} & told
    return bool(is_list) and certain and not _OF_LOGS & set(names)


def parse(path: Path) -> Iterator[Told]:
    """Deployments and what became of them, in the file's order."""
    if sample(path, *LISTS) is not None:
        yield from each(NAME, records(path, NAME, *LISTS), lambda item, o: _told(_row(item), o), _record)
        return
    yield from each(NAME, _cells(path), lambda item, o: _told(_row(item), o), _record)


def _record(item: Any) -> str | None:
    return _row(item).get("id") or None


def _plain(name: Any) -> str:
    return re.sub(r"[\s-]+", "_", str(name).strip().lower())


def _header(path: Path) -> tuple[list[str], str]:
    """The cells of the first line and the delimiter that parts them, whichever gives the most."""
    first = next((line for line in head(path).splitlines() if line.strip()), "")
    if first.lstrip()[:1] in ("{", "["):
        return [], ","
    parts = [(next(csv.reader([first], delimiter=sign), []), sign) for sign in (",", ";", "\t")]
    return max(parts, key=lambda part: len(part[0]))


def _cells(path: Path) -> Iterator[Item | Fault]:
    """Each row of the CSV as a record by its header's names."""
    header, delimiter = _header(path)
    cut: list[Fault] = []
    reader = csv.reader(_text(path, cut), delimiter=delimiter, strict=True)
    is_header = True
    while True:
        origin = f"{path.name}:{reader.line_num + 1}"
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            yield Fault(NAME, origin, f"not CSV: {error}")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if is_header:
            is_header = False
        elif len(cells) != len(header):
            yield Fault(NAME, origin, f"the row has {len(cells)} cells, the header has {len(header)}")
        else:
            yield origin, dict(zip(header, cells, strict=True))
    yield from cut


def _text(path: Path, cut: list[Fault]) -> Iterator[str]:
    for given in lines(path, NAME):
        if isinstance(given, Fault):
            cut.append(given)
        else:
            yield given[1] + "\n"


def _row(item: Mapping[str, Any]) -> Row:
    """The cells by what they mean; of several columns with one meaning the first of COLUMNS that says something."""
    given = {_plain(name): value for name, value in item.items()}
    found: Row = {}
    for meaning, names in COLUMNS.items():
        said = (text_of(given.get(name)).strip() for name in names)
        found[meaning] = next((text for text in said if text), "")
    return found


def _told(row: Row, origin: str) -> Iterator[Told]:
    service = row["service"]
    if not service:
        raise ValueError("it names no service")
    version = row["version"] or version_of(None, row["sha"])
    if not version:
        raise ValueError("it names neither a version nor a commit")
    written = row["started"] or row["time"]
    began, fine = _moment(written, row["zone"])
    own = row["id"] or f"{began.isoformat()}/{version}"
    words = f"{row['kind'] or 'deploy'} of {version}"
    base: dict[str, Any] = {
        "source": NAME,
        "subject": place(service, row["environment"]),
        "origin": origin,
        "actor": row["actor"] or None,
        "url": row["url"] or None,
    }
    key = f"{base['subject']}/{own}"
    yield Event(
        kind=Kind.CHANGE,
        key=key,
        value=version,
        was=row["was"] or None,
        text=f"{words}: {row['text']}" if row["text"] else words,
        occurred_at=began,
        precision=fine,
        **base,
    )
    if row["status"]:
        ended, fine = _moment(row["time"] or written, row["zone"])
        yield outcome(key, row["status"], ended, fine, base)
    if row["actor"]:
        mail = row["actor"] if "@" in row["actor"] else None
        yield Person(NAME, row["actor"], None, row["actor"], mail, row["actor"].endswith("[bot]"))


def _moment(written: str, zone: str) -> tuple[datetime, Precision]:
    """The moment of a time, and how fine it is written. Raises ValueError for one that nobody could place."""
    if _NUMBER.fullmatch(written):
        whole = written.partition(".")[0]
        thousandth = len(whole) > 11  # milliseconds, as JavaScript counts
        return epoch(f"{whole[:-3]}.{whole[-3:]}" if thousandth else written), _fine(thousandth)
    wall = iso_as_written(written)
    if wall.tzinfo is not None:
        return iso(written), iso_precision(written)
    if not zone:
        raise ValueError(_NO_ZONE.format(written))
    first, second = both(wall, declared_zone(zone))
    return first, iso_precision(written) if first == second else Precision.HOUR


def _fine(thousandth: bool) -> Precision:
    return Precision.MILLISECOND if thousandth else Precision.SECOND


source = Source(
    title="Lists of deployments",
    manual="https://www.rfc-editor.org/rfc/rfc4180",
    owns=owns,
    parse=parse,
    group="change history",
    takes="CSV, JSON lines or a JSON list, a deployment a row",
    known_by="columns of a time, a service, a version, and an environment, a status, a kind or `deployed_at`",
)
