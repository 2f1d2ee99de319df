"""The look that `owns` takes at a file: its start, read once however many sources look, and never more than that.

What every source asks of a file is asked of the same bytes. Of a JSON document that is longer than the look, what
stands whole in it is seen as a document of its own.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

LOOK = 1 << 20  # bytes that are looked at
LONGER = 16 << 20  # and as many where the first record does not end in them
DEEPEST = 40  # levels of a document that breaks off which are looked into
NOT_JSON = (ValueError, RecursionError)  # what text that is no JSON, or nested to no end, raises
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)  # what a cut or broken gzip file raises
_BETWEEN = re.compile(r"[\s,:]*")
_DECODER = json.JSONDecoder()


def open_bytes(path: Path) -> BinaryIO:
    """The file's bytes, unpacked if it is gzip (by its first two bytes, not its name)."""
    raw = path.open("rb")
    magic = raw.read(2)
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if magic == b"\x1f\x8b" else raw  # type: ignore[return-value]


def start_of(path: Path, size: int, strict: bool = False) -> bytes:
    """The first bytes, or those before the place where a packed file is damaged. Raises OSError.

    `strict`: such damage is raised, too.
    """
    found = []
    with open_bytes(path) as file:
        # Little by little: room is made for as much as is asked for, and of a damaged file all of a step is lost.
        step = 1024 if isinstance(file, gzip.GzipFile) and not strict else LOOK
        try:
            while size > 0 and (more := file.read(min(step, size))):
                found.append(more)
                size -= len(more)
        except DAMAGED:
            if strict:
                raise
    return b"".join(found)


class Look:
    """The start of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def start(self) -> bytes:
        """Its first LOOK bytes; none of a folder or of what cannot be opened."""
        return self._first(LOOK)

    @cached_property
    def document(self) -> Any:
        """Its JSON document, as far as it is looked at, or the first of its lines of JSON; None where it is neither."""
        if self.start[:1000].decode("utf-8-sig", "replace").lstrip()[:1] not in ("{", "["):
            return None
        if len(self.start) < LOOK:
            return _whole(self.start)
        begun = begun_json(self.start.decode("utf-8-sig", "replace"))
        if not begun.sufficient:
            begun = begun_json(self._first(LONGER).decode("utf-8-sig", "replace"))
        return begun.document

    def _first(self, size: int) -> bytes:
        if not self._path.is_file():
            return b""
        try:
            return start_of(self._path, size)
        except OSError:
            return b""


def _whole(data: bytes) -> Any:
    for text in (data.partition(b"\n")[0], data):
        try:
            return json.loads(text.decode("utf-8-sig"))
        except NOT_JSON:
            continue
    return None


_SCOPE: ContextVar[dict[Path, Look] | None] = ContextVar("looked at", default=None)


@contextmanager
def looking_once() -> Iterator[None]:
    """Inside, each file is looked at once: whatever is asked of its start later is answered from memory."""
    token = _SCOPE.set({})
    try:
        yield
    finally:
        _SCOPE.reset(token)


def look(path: Path) -> Look:
    """The look at a file: the one that was taken, inside `looking_once`; else a new one."""
    scope = _SCOPE.get()
    return Look(path) if scope is None else scope.setdefault(path, Look(path))


def head(path: Path, size: int) -> str:
    """The first `size` bytes as text (undecodable bytes replaced); empty for a folder or an unreadable file."""
    if _SCOPE.get() is not None and size <= LOOK:
        return look(path).start[:size].decode("utf-8-sig", errors="replace")
    try:
        return start_of(path, size).decode("utf-8-sig", errors="replace") if path.is_file() else ""
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class Begun:
    """A document as far as it goes. `sufficient`: it, or a list right below its top, has an entry that stands whole."""

    document: Any
    sufficient: bool


def begun_json(text: str) -> Begun:
    """What stands whole in the text of a document that goes on behind it, or of the first of several.

    >>> begun_json('{"page": {"id": 1}, "list": [{"a": 1}, {"a": 2, "b": "cu')
    Begun(document={'page': {'id': 1}, 'list': [{'a': 1}]}, sufficient=True)
    """
    try:
        document, end, sufficient = _begun(text, 0, DEEPEST)
    except NOT_JSON:
        return Begun(None, True)
    return Begun(document, sufficient or end is not None)


def _begun(text: str, place: int, levels: int) -> tuple[Any, int | None, bool]:
    """(the value at a place, where it ends or None, whether it has a list with a whole entry). Raises ValueError."""
    place = after(text, place)
    try:
        return (*_DECODER.raw_decode(text, place), False)
    except NOT_JSON:
        if not levels or text[place : place + 1] not in ("{", "["):
            raise
    if text[place] == "{":
        return _begun_object(text, place + 1, levels - 1)
    return _begun_list(text, place + 1, levels - 1)


def _begun_object(text: str, place: int, levels: int) -> tuple[Any, int | None, bool]:
    found: dict[str, Any] = {}
    while True:
        try:
            name, place = _DECODER.raw_decode(text, after(text, place))
            value, end, sufficient = _begun(text, place, levels)
        except NOT_JSON:
            return found, None, False
        found[str(name)] = value
        if end is None:  # a list further below is of parts, and says nothing of the record around it
            return found, None, sufficient and levels == DEEPEST - 1
        place = end


def _begun_list(text: str, place: int, levels: int) -> tuple[Any, int | None, bool]:
    found: list[Any] = []
    while True:
        try:
            value, end, _ = _begun(text, place, levels)
        except NOT_JSON:
            return found, None, bool(found)
        if end is None:  # half an entry shows what a list is of only where there is no whole one
            return found or [value], None, bool(found)
        found.append(value)
        place = end


def after(text: str, place: int) -> int:
    """The place of what comes after white space, commas and colons."""
    found = _BETWEEN.match(text, place)
    return found.end() if found else place
