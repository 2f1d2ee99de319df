"""Evidence: the walk back from a verdict to its rule, its events and the raw line each came from."""

from __future__ import annotations

import json
import re
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from podanalytics.business import promised
from podanalytics.errors import UnknownIncidentError
from podanalytics.intake import real_path
from podanalytics.ledger import Ledger
from podanalytics.model import Milestone
from podanalytics.review import reading_of
from podanalytics.sources._eventlog_parquet import MAGIC, row_text
from podanalytics.sources._read import DAMAGED, MAX_DOCUMENT, bounded, open_bytes

SHOWN = 600
_PLACE = re.compile(r"(?::(?P<line>\d+))?(?:#(?P<pointer>.*))?", re.DOTALL)
_ENTRY = re.compile(r"<entry\b.*?</entry>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Proof:
    """One event behind a verdict, with the raw text it was read from."""

    id: str
    occurred_at: datetime
    source: str
    kind: str
    text: str
    origin: str
    raw: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A clause's verdict with all that it rests on."""

    incident: str
    clause: str
    text: str
    reading: dict[str, Any]
    rules: tuple[tuple[str, str, str], ...]
    proofs: tuple[Proof, ...]
    promised: str | None = None


def explain(ledger: Ledger, name: str, clause: str) -> Explanation:
    """What a verdict rests on. Raises UnknownIncidentError for an incident or a clause that is not known."""
    incident = ledger.resolve(name)
    policy = ledger.policy_of(incident)
    if not policy.has_clause(clause):
        known = ", ".join(c.id for c in policy.clauses)
        raise UnknownIncidentError(
            f"{incident} is judged by {policy.label}, which has no clause {clause!r}; its clauses: {known}"
        )
    written = policy.clause(clause)
    reading = ledger.readings.row(
        by_predicate=(pl.col("incident") == incident) & (pl.col("measure") == clause), named=True
    )
    wanted = [m for m in (*written.start, written.stop) if m]
    return Explanation(
        incident,
        clause,
        written.text,
        reading,
        tuple(_rules(ledger, incident, wanted)),
        tuple(_proofs(ledger, reading)),
        promised(policy, reading_of(reading)),
    )


def _rules(ledger: Ledger, incident: str, wanted: list[Milestone]) -> Iterator[tuple[str, str, str]]:
    """(milestone, when, by which rule) of the milestones a clause's clock hangs on."""
    found = ledger.found.milestones.filter(pl.col("incident") == incident)
    for milestone in wanted:
        for row in found.filter(pl.col("milestone") == milestone.value).iter_rows(named=True):
            yield milestone.value, _told(row["occurred_at"]), row["rule"]
            for rule, at, _event, source in json.loads(row["alternatives"]):
                yield "", _told(datetime.fromisoformat(at)), f"lost: {rule} ({source})"
        if found.filter(pl.col("milestone") == milestone.value).is_empty():
            yield milestone.value, "-", "nothing tells of it"


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _proofs(ledger: Ledger, reading: dict[str, Any]) -> Iterator[Proof]:
    paths = {row["file"]: real_path(row["path"]) for row in ledger.loads.iter_rows(named=True)}
    for id in reading["evidence"].split():
        for row in ledger.events.filter(pl.col("id") == id).iter_rows(named=True):
            raw = raw_text(paths, row["origin"])
            words = row["text"] or row["value"] or ""
            yield Proof(id, row["occurred_at"], row["source"], row["kind"], words, row["origin"], raw)


def raw_text(paths: dict[str, Path], origin: str) -> str:
    """The raw text an origin names (`file:line`, `file#/json/pointer`); says why where it cannot be read any more."""
    begins = (f for f in paths if origin.startswith(f) and origin[len(f) : len(f) + 1] in ("", ":", "#", "/"))
    file = max(begins, key=len, default="")
    if not file:
        return "(its file is not in the ledger any more)"
    try:
        return _read(paths[file], origin.removeprefix(file))[:SHOWN]
    except (OSError, ValueError, LookupError, TypeError, RecursionError, *DAMAGED, zipfile.BadZipFile) as error:
        return f"(cannot be read again: {error})"


def _read(path: Path, inside: str) -> str:
    member = _member(path, inside) if inside.startswith("/") else ""
    place = _PLACE.fullmatch(inside[len(member) + 1 :] if member else inside)
    if place is None:
        raise ValueError(f"{inside} is no place in it")
    if place["line"]:
        text = _line(path, member, int(place["line"]))
    else:
        text = _bytes(path, member).decode("utf-8-sig", errors="replace")
    if not (pointer := place["pointer"]):
        return text
    if text.startswith(MAGIC.decode()):
        return row_text(path / member, int(pointer.strip("/")))
    if text.lstrip().startswith("<"):
        return str(_ENTRY.findall(text)[int(pointer.rpartition("/")[2])])
    document = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    return json.dumps(_at(document, pointer), ensure_ascii=False, default=str)


def _member(path: Path, inside: str) -> str:
    """The file of a folder or ZIP that a place in it begins with: the longest, for a name may hold `#` and `:` too."""
    ends = [len(inside), *(place for place in range(len(inside) - 1, 0, -1) if inside[place] in "#:")]
    names = (inside[1:end] for end in ends)
    if path.is_dir():
        return next(name for name in (*names, "") if not name or (path / name).is_file())
    with zipfile.ZipFile(path) as archive:
        known = set(archive.namelist())
    return next((name for name in names if name in known), "")


def _line(path: Path, member: str, number: int) -> str:
    """One line, counted from 1, without the rest of what may be a large file. Raises LookupError."""
    with _opened(path, member) as file:
        found = next(islice(bounded(file), number - 1, None), None)
    if found is None:
        raise LookupError(f"it has no line {number} any more")
    return found.decode("utf-8-sig", errors="replace").rstrip("\r\n")


def _bytes(path: Path, member: str) -> bytes:
    """A file's bytes, or those of a member of a folder or a zip."""
    with _opened(path, member) as file:
        return file.read(MAX_DOCUMENT)


def _opened(path: Path, member: str) -> BinaryIO:
    """A file, or a member of a folder or a zip; unpacked where it is gzip."""
    if member and path.is_dir():
        return open_bytes(path / member)
    if member and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return BytesIO(archive.read(member))
    return open_bytes(path)


def _at(document: Any, pointer: str) -> Any:
    """What a JSON pointer (RFC 6901) names."""
    for part in pointer.strip("/").split("/") if pointer.strip("/") else ():
        key = part.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document
