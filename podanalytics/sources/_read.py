"""Reading files the same way everywhere: items with their place, and the one `try` of all sources.

A source writes no try, no counter and no origin: it gives `each` its items and a function from one item to events,
and a failing item becomes one `Fault` while the rest goes on.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from podanalytics.model import Event, Fault, FaultRule, Told

HEAD_BYTES = 65_536
Item = tuple[str, Any]  # (origin, the record)
_POINTER = re.compile(r"#(?:/(?:[A-Za-z_]+|\d+))+$")  # a file's name may hold a # too
NOT_JSON = (ValueError, RecursionError)  # what text that is no JSON, or nested to no end, raises
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)  # what a cut or broken gzip file raises


def open_bytes(path: Path) -> BinaryIO:
    """The file's bytes, unpacked if it is gzip (by its first two bytes, not its name)."""
    raw = path.open("rb")
    magic = raw.read(2)
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if magic == b"\x1f\x8b" else raw  # type: ignore[return-value]


def head(path: Path, size: int = HEAD_BYTES) -> str:
    """The first `size` bytes as text (undecodable bytes replaced); empty for a folder or an unreadable file."""
    if not path.is_file():
        return ""
    try:
        with open_bytes(path) as file:
            return _first(file, size).decode("utf-8-sig", errors="replace")
    except OSError:
        return ""


def _first(file: BinaryIO, size: int) -> bytes:
    """The first bytes, or those before the place where a packed file is damaged."""
    found = b""
    try:
        while len(found) < size and (more := file.read(min(1024, size - len(found)))):
            found += more
    except DAMAGED:
        pass
    return found


def first_json(path: Path) -> Any:
    """The whole JSON document, or the first line of JSON lines; None when it is neither. For `owns`."""
    if head(path, 1_000).lstrip()[:1] not in ("{", "["):
        return None
    try:
        with open_bytes(path) as file:
            line = file.readline()
            try:
                return json.loads(line)
            except ValueError:
                return json.loads(line + file.read())
    except (*NOT_JSON, OSError, *DAMAGED):
        return None


def json_document(path: Path) -> Any:
    """The file as one JSON document. Raises ValueError with the position of the damage."""
    with open_bytes(path) as file:
        return json.loads(file.read().decode("utf-8-sig"))


def text_lines(path: Path, name: str = "", encoding: str = "utf-8") -> Iterator[tuple[str, str]]:
    """(origin `name:line`, the line without its end), lines counted from 1; undecodable bytes are replaced.

    `name` is how origins call the file, if not by its own name: one in a folder that is one export.
    """
    name = name or path.name
    with open_bytes(path) as file:
        for number, line in enumerate(file, 1):
            reads = "utf-8-sig" if number == 1 and encoding == "utf-8" else encoding
            yield f"{name}:{number}", line.decode(reads, errors="replace").rstrip("\r\n")


def lines(path: Path, source: str, name: str = "", encoding: str = "utf-8") -> Iterator[Item | Fault]:
    """Like `text_lines`; a gzip file that breaks off ends in a Fault, and the lines before it count."""
    place = name or path.name
    try:
        for origin, line in text_lines(path, name, encoding):
            place = origin
            yield origin, line
    except DAMAGED as error:
        why = f"the packed file is damaged after this line: {error}"
        yield Fault(source, place, why, rule=FaultRule.CUT_SHORT)


def json_lines(path: Path, source: str) -> Iterator[Item | Fault]:
    """(origin `name:line`, record) of each line of JSON lines; a broken line is a Fault, a blank one nothing."""
    for given in lines(path, source):
        if isinstance(given, Fault):
            yield given
            continue
        origin, line = given
        if not line.strip():
            continue
        try:
            yield origin, json.loads(line)
        except NOT_JSON as error:
            yield Fault(source, origin, f"not JSON: {reason_of(error)}")


def members(origin: str, pointer: str, items: Iterable[Any]) -> Iterator[Item]:
    """(origin with JSON pointer, item) of a list inside a JSON document: `incidents.json#/incidents/3`."""
    start = pointed(origin, f"{pointer}/")
    for number, item in enumerate(items):
        yield f"{start}{number}", item


def pointed(origin: str, pointer: str) -> str:
    """The origin of what a JSON pointer names inside a file, a line of one, or a record that has a pointer itself.

    >>> pointed("a#b.json", "/incidents/3"), pointed("a.json#/incidents/3", "/log_entries/0")
    ('a#b.json#/incidents/3', 'a.json#/incidents/3/log_entries/0')
    """
    return f"{origin}{'' if _POINTER.search(origin) else '#'}{pointer}"


@dataclass(frozen=True, slots=True)
class Part:
    """A record that stands inside another one: an entry of an incident's log, a comment of an issue."""

    owner: dict[str, Any]
    record: Any


def with_parts(items: Iterable[Item | Fault], *pointers: str) -> Iterator[Item | Fault]:
    """Every item, and behind it the records nested in it as items of their own: one that is broken costs only itself.

    `pointers` are JSON pointers of lists in the item (`/fields/comment/comments`); what is no list has no parts.
    """
    for given in items:
        yield given
        if isinstance(given, Fault):
            continue
        origin, owner = given
        for pointer in pointers:
            for place, record in members(origin, pointer, _listed(owner, pointer)):
                yield place, Part(owner, record)


def _listed(record: Any, pointer: str) -> list[Any]:
    for name in pointer.split("/")[1:]:
        record = record.get(name) if isinstance(record, dict) else None
    return record if isinstance(record, list) else []


def each(
    source: str,
    items: Iterable[Item | Fault],
    read_item: Callable[[Any, str], Iterable[Told]],
    record: Callable[[Any], Any] | None = None,
) -> Iterator[Told]:
    """What `read_item(item, origin)` tells of each item; an item it fails on becomes one Fault with origin, record,
    reason.

    An item's events are kept or refused together: half an item is never told. `record` gives the record's own id for
    the Fault. With `PODANALYTICS_STRICT` set the first failure flies with its traceback.
    """
    for given in items:
        if isinstance(given, Fault):
            yield given
            continue
        origin, item = given
        try:
            if isinstance(item, Part) and not isinstance(item.record, dict):
                raise ValueError("not a record but a bare value")
            told = list(read_item(item, origin))
        except Exception as error:
            if os.environ.get("PODANALYTICS_STRICT"):
                raise
            told = [Fault(source, origin, reason_of(error), _record(record, item))]
        yield from told


def _record(record: Callable[[Any], Any] | None, item: Any) -> str | None:
    try:
        found = record(item) if record else item.get("id")
    except Exception:
        return None
    return None if found is None else str(found)


def reason_of(error: Exception) -> str:
    """What went wrong with a record, in words."""
    if isinstance(error, KeyError):
        return f"field {error} is missing"
    if isinstance(error, AttributeError | TypeError):
        return f"a field has an unexpected type: {error}"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error) or type(error).__name__


def text_of(value: Any) -> str:
    """What stands in a field of text: a number is written out, null is empty. Raises ValueError for anything else."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"{json.dumps(value, default=repr)[:80]} stands where text is wanted")


def id_of(record: Any) -> str:
    """The record's own id, for keys. Raises ValueError where it has none."""
    if found := text_of(record["id"]):
        return found
    raise ValueError("the record has no id")


def digest(text: str) -> str:
    """Eight characters that stand for a text's words, however they are spaced: for keys of what a tool gives none."""
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "replace")).hexdigest()[:8]


def backdated(event: Event, recorded_at: datetime) -> Event:
    """The same event, marked as learned of at `recorded_at` where that differs from when it happened."""
    return event if recorded_at == event.occurred_at else replace(event, recorded_at=recorded_at)
