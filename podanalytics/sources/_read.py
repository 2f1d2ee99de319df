"""Reading files the same way everywhere: items with their place, and the one `try` of all sources.

A source writes no try, no counter and no origin: it gives `each` its items and a function from one item to events,
and a failing item becomes one `Fault` while the rest goes on.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from podanalytics.errors import shown
from podanalytics.model import Event, Fault, FaultRule, Told
from podanalytics.sources import _look
from podanalytics.sources._look import DAMAGED, NOT_JSON, open_bytes

__all__ = ["DAMAGED", "NOT_JSON", "open_bytes"]  # are had from here as well
HEAD_BYTES = 65_536
MAX_LINE = 16 << 20  # bytes of one line
MAX_DOCUMENT = 256 << 20  # bytes of one document that is read whole: Python makes of them up to ten times as many
MAX_RATIO = 200  # times its packed size that a file may grow to, once it is larger than FREE_SIZE
FREE_SIZE = 256 << 20
Item = tuple[str, Any]  # (origin, the record)
_POINTER = re.compile(r"#(?:/(?:[A-Za-z_]+|\d+))+$")  # a file's name may hold a # too


class TooLargeError(ValueError):
    """A document that is not read whole because of its size."""


def head(path: Path, size: int = HEAD_BYTES) -> str:
    """The first `size` bytes as text (undecodable bytes replaced); empty for a folder or an unreadable file."""
    return _look.head(path, size)


def first_json(path: Path) -> Any:
    """The JSON document, or the first line of JSON lines; None when it is neither. For `owns` only.

    Of a document longer than the look at it (LOOK) there is what stands whole in its start: `whole_json` has all.
    """
    return _look.look(path).document


def whole(path: Path, limit: int = 0) -> bytes:
    """All of a file's bytes, unpacked. Raises TooLargeError for more than `limit`, without which it is MAX_DOCUMENT."""
    limit = limit or MAX_DOCUMENT
    data = _look.start_of(path, limit + 1, strict=True)
    if len(data) > limit:
        raise TooLargeError(f"larger than {limit >> 20} MB, which is too large to be read as one document")
    return data


def json_document(path: Path) -> Any:
    """The file as one JSON document. Raises ValueError with the position of the damage, or TooLargeError."""
    return json.loads(whole(path).decode("utf-8-sig"))


def whole_json(path: Path) -> Any:
    """The file as one JSON document, None where it is none that can be read. For `parse`."""
    try:
        return json_document(path)
    except (*NOT_JSON, *DAMAGED, OSError):
        return None


def bounded(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file with their ends; one longer than MAX_LINE is cut to one byte more than that."""
    while line := file.readline(MAX_LINE + 1):
        more = line if len(line) > MAX_LINE else b"\n"
        while more and not more.endswith(b"\n"):
            more = file.readline(MAX_LINE)
        yield line


def lines(path: Path, source: str, name: str = "", encoding: str = "utf-8") -> Iterator[Item | Fault]:
    """(origin `name:line`, the line without its end), lines counted from 1; undecodable bytes are replaced.

    `name` is how origins call the file, if not by its own name: one in a folder that is one export. A line that is too
    long is a Fault. A gzip file that breaks off, or grows beyond all measure, ends in one, and the lines before count.
    """
    name = place = name or path.name
    try:
        with open_bytes(path) as file:
            left = max(FREE_SIZE, path.stat().st_size * MAX_RATIO)
            for number, line in enumerate(bounded(file), 1):
                place = f"{name}:{number}"
                left -= len(line)
                if len(line) > MAX_LINE:
                    yield Fault(source, place, f"a line longer than {MAX_LINE >> 20} MB: not read")
                elif left < 0:
                    raise zlib.error(f"it grows to more than {MAX_RATIO} times its size")
                else:
                    reads = "utf-8-sig" if number == 1 and encoding == "utf-8" else encoding
                    yield place, line.decode(reads, errors="replace").rstrip("\r\n")
    except DAMAGED as error:
        why = f"the packed file is damaged after this line: {error}"
        yield Fault(source, place, why, rule=FaultRule.CUT_SHORT)
    except OSError as error:
        yield Fault(source, place, reason_of(error), rule=FaultRule.CUT_SHORT)


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
    the Fault. Where no further item can be had (the file vanished, say), that is a Fault at the last one's place. With
    `PODANALYTICS_STRICT` set the first failure flies with its traceback.
    """
    for given in _had(source, items):
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


def _had(source: str, items: Iterable[Item | Fault]) -> Iterator[Item | Fault]:
    """The items, and a Fault where getting them fails."""
    place = ""
    try:
        for given in items:
            place = given.origin if isinstance(given, Fault) else given[0]
            yield given
    except Exception as error:
        if os.environ.get("PODANALYTICS_STRICT"):
            raise
        yield Fault(source, place, f"reading stopped here: {reason_of(error)}", rule=FaultRule.CUT_SHORT)


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
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"  # without the path, which is this machine's own
    return str(error) or type(error).__name__


def text_of(value: Any) -> str:
    """What stands in a field of text: a number is written out, null is empty. Raises ValueError for anything else."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return str(value)
    raise ValueError(f"{shown(value)} stands where text is wanted")


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
