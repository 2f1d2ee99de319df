"""What is written: pages as they came, their manifest, and a cursor to go on from. Whole after a kill at any moment.

The order is: the page under a hidden name, its line in the manifest, the page under its name, then the cursor. So a
page that can be seen has its line, and what the cursor has passed is on disk. What was cut off before is asked for
again and gets the same name, which is made of the place and the content. A page is never overwritten by another
content: a later answer of the same request lies beside the earlier one.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from podanalytics.errors import PullError
from podanalytics.pull import Cursor, Page
from podanalytics.pull._secrets import Scrubber
from podanalytics.sources._manifest import MANIFEST, manifest_lines

CURSOR = ".cursor.json"
LOCK = ".lock"
PART = ".part"
_HEADERS = ("etag", "link")
_EMPTY = (b"", b"[]")  # says nothing, not even whose it is: told in the manifest only


class Raw:
    """The folder of one stream. Raises PullError where it cannot be read or written."""

    def __init__(self, folder: Path, scrub: Scrubber, now: Callable[[], datetime]) -> None:
        self.folder, self._scrub, self._now = folder, scrub, now
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.rglob(f".*{PART}"):
            left.unlink(missing_ok=True)
        self._mend()
        self._last: dict[tuple[str, str], dict[str, Any]] = {}
        for line in manifest_lines(folder / MANIFEST):
            self._remember(line)

    def known(self, url: str) -> tuple[bytes, Mapping[str, str]] | None:
        """The page last kept for an address with its ETag and Link; None where it is not there, or was changed."""
        line = self._last.get((self._scrub.text(url), ""))
        if not line or not line.get("file") or not line.get("etag"):
            return None
        try:
            body = (self.folder / line["file"]).read_bytes()
        except OSError:
            return None
        same = hashlib.sha256(body).hexdigest() == line["sha256"]
        return (body, {name: line[name] for name in _HEADERS if line.get(name)}) if same else None

    def keep(self, page: Page) -> bool:
        """Writes the page's answer, unless that very content lies there for that place; whether it was written."""
        if page.answer is None:
            return False
        body = self._scrub.body(page.answer.body)
        digest = hashlib.sha256(body).hexdigest()
        name = "" if body.strip() in _EMPTY else named(page.place, digest, page.ending)
        path = self.folder / name
        there = not name or _holds(path, digest)
        line = {
            "file": name or None,
            "place": page.place,
            "url": self._scrub.text(page.answer.url),
            "at": self._now().isoformat(),
            "sha256": digest,
            "bytes": len(body),
        }
        told = {n: self._scrub.text(page.answer.headers[n]) for n in _HEADERS if page.answer.headers.get(n)}
        if there:
            self._append({**line, **told})
            return False
        part = path.with_name(f".{path.name}{PART}")
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(part, body)
        self._append({**line, **told})
        part.replace(path)
        return True

    def cursor(self) -> dict[str, Any]:
        """What `save` saved last; empty where nothing was, or where it cannot be read (the pull then begins anew)."""
        try:
            found = json.loads((self.folder / CURSOR).read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) and isinstance(found.get("cursor"), dict) else {}

    def save(self, cursor: Cursor, began: datetime, finished: bool) -> None:
        """Keeps the cursor, in one step."""
        told = {
            "cursor": cursor,
            "began": began.isoformat(),
            "finished": finished,
            "at": self._now().isoformat(),
        }
        part = self.folder / f"{CURSOR}{PART}"
        _write(part, f"{self._scrub.text(json.dumps(told, indent=1))}\n".encode())
        part.replace(self.folder / CURSOR)

    def _append(self, line: dict[str, Any]) -> None:
        """A line of the manifest, unless it would say again what the last one of that request says."""
        known = self._last.get((line["url"], line["place"]))
        if known and all(known.get(name) == line.get(name) for name in ("sha256", "file", *_HEADERS)):
            return
        with (self.folder / MANIFEST).open("ab") as file:
            file.write(f"{json.dumps(line)}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        self._remember(line)

    def _remember(self, line: dict[str, Any]) -> None:
        self._last[(line["url"], line.get("place", ""))] = self._last[(line["url"], "")] = line

    def _mend(self) -> None:
        """Takes a line off the manifest's end that a crash cut."""
        with suppress(FileNotFoundError), (self.folder / MANIFEST).open("r+b") as file:
            content = file.read()
            if content and not content.endswith(b"\n"):
                file.truncate(content.rfind(b"\n") + 1)


def named(place: str, digest: str, ending: str) -> str:
    """A page's file: its place, and digits that stand for its content.

    Digits alone, so that `load` sees the pages of one series as such: names that differ in numbers only.
    """
    parts = place.split("/")
    if not all(part and part[0].isalnum() and all(c.isalnum() or c in "._-" for c in part) for part in parts):
        raise ValueError(f"{place!r} is no place for a page")
    return f"{place}.{int(digest[:12], 16):015d}{ending}"


def _holds(path: Path, digest: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == digest
    except FileNotFoundError:
        return False


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Only one pull at a time writes into a vendor's folder; the system lets go of it, however the process ends."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # a system without it has to be trusted
        yield
        return
    with (folder / LOCK).open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PullError(f"another pull is writing into {folder}: let it finish", whole=True) from None
        yield
