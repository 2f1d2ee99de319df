"""Finding what can be read: files, and folders that are one export. Whatever else lies there is told, never dropped.

Only regular files are opened: a pipe would keep its reader waiting for ever, and a symbolic link may lead anywhere.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from podanalytics.sources import owners

LINK = "a symbolic link, which is not followed: put the file itself here, or name it to `podanalytics load`"
NO_FILE = "not a file but a pipe, a socket or a device: not read"


@dataclass(frozen=True, slots=True)
class Found:
    """Something in a folder: whose it is, why it cannot be read (`refused`), or that it is hidden and left out."""

    path: Path
    owners: tuple[str, ...] = ()
    refused: str = ""
    hidden: bool = False


def walk(path: Path, shelf: bool = False) -> Iterator[Found]:
    """What lies at and below `path`, in order: files, recognised folders as one, and what cannot be read.

    A `shelf` is a folder that exports are put into: it is one itself only where nothing on it is another tool's.
    """
    waiting = [path]
    while waiting:
        here = waiting.pop()
        if here is not path and here.name.startswith("."):
            yield Found(here, hidden=True)
            continue
        found = _look(here)
        if shelf and here is path and found.owners and _shared(here, found.owners):
            found = Found(here)
        if found.refused or found.owners or not here.is_dir():
            yield found
            continue
        try:
            waiting += sorted(here.iterdir(), reverse=True)
        except OSError as error:  # it was there a moment ago
            yield Found(here, refused=f"cannot be read: {error.strerror or error}")


def _shared(shelf: Path, owners: tuple[str, ...]) -> bool:
    below = (found for place in sorted(shelf.iterdir()) if not place.name.startswith(".") for found in walk(place))
    return any(set(found.owners) - set(owners) for found in below)


def _look(path: Path) -> Found:
    if reason := unreadable(path):
        return Found(path, refused=reason)
    try:
        return Found(path, tuple(owners(path)))
    except Exception as error:
        if os.environ.get("PODANALYTICS_STRICT"):
            raise
        return Found(path, refused=f"looking at it failed: {type(error).__name__}: {error}")


def unreadable(path: Path) -> str:
    """Why a file or folder cannot be read; empty when it can."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            os.scandir(path).close()
        elif stat.S_ISREG(mode):
            path.open("rb").close()
        else:
            return _odd(mode)
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    return ""


def _odd(mode: int) -> str:
    return LINK if stat.S_ISLNK(mode) else NO_FILE


def files_below(folder: Path) -> tuple[list[Path], list[tuple[Path, str]]]:
    """(every regular file below a folder, what else lies there with the reason why it is not read), hidden included."""
    files: list[Path] = []
    refused: list[tuple[Path, str]] = []
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    mode = entry.stat(follow_symlinks=False).st_mode
                    if stat.S_ISDIR(mode):
                        waiting.append(Path(entry.path))
                    elif stat.S_ISREG(mode):
                        files.append(Path(entry.path))
                    else:
                        refused.append((Path(entry.path), _odd(mode)))
        except OSError as error:
            refused.append((here, f"cannot be read: {error.strerror or error}"))
    return sorted(files), sorted(refused)
