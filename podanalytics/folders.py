"""Folders that change as a whole: what is made anew takes the place of what lay there in one step, or not at all."""

from __future__ import annotations

import ctypes
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_HERE, _SWAP = -100, 2  # Linux: AT_FDCWD and RENAME_EXCHANGE of renameat2(2); macOS: RENAME_SWAP of renamex_np(2)
_LEFT = re.compile(r"\.(?P<name>.+)\.(?P<what>new|old)-(?P<pid>\d+)-[0-9a-f]{8}")


@contextmanager
def replaced(folder: Path, is_ours: Callable[[str], bool]) -> Iterator[Path]:
    """An empty folder to write into; when all goes well it takes the place of `folder`, else `folder` stays as it is.

    Whatever happens, even a `kill -9`, the old one or the new one lies there, whole. What `is_ours` (asked for the path
    inside the folder) does not know was put there by somebody and is taken along.
    """
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    settle(folder)
    made = _beside(folder, "new")
    made.mkdir()
    try:
        yield made
        if folder.is_dir():
            _take_along(folder, made, is_ours)
            shutil.copymode(folder, made)
            _exchange(folder, made)
        else:
            made.replace(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def settle(folder: Path) -> None:
    """Clears away what a process that is no more left beside the folder; what it had taken out is put back."""
    if not folder.parent.is_dir():
        return
    for left in sorted(folder.parent.iterdir()):
        match = _LEFT.fullmatch(left.name)
        if not match or match["name"] != folder.name or _lives(int(match["pid"])):
            continue
        if match["what"] == "old" and not folder.exists():
            left.replace(folder)
        else:
            shutil.rmtree(left, ignore_errors=True)


def _beside(folder: Path, what: str) -> Path:
    return folder.with_name(f".{folder.name}.{what}-{os.getpid()}-{secrets.token_hex(4)}")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _take_along(folder: Path, made: Path, is_ours: Callable[[str], bool]) -> None:
    """Puts into `made` what lies in `folder`, is not ours and has no successor; large files are not copied."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        there = made / inside
        if there.exists() or is_ours(inside.as_posix()) or (path.is_dir() and not path.is_symlink()):
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, there, follow_symlinks=False)
        except OSError:  # a file system without hard links
            shutil.copy2(path, there, follow_symlinks=False)


def _exchange(folder: Path, made: Path) -> None:
    """Both change places: at once where the system can, else by way of a name that `settle` knows."""
    if _exchanged(folder, made):
        return
    old = _beside(folder, "old")
    folder.replace(old)
    made.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return bool(libc.renamex_np(os.fsencode(one), os.fsencode(other), _SWAP) == 0)
        return bool(libc.renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _SWAP) == 0)
    except (OSError, AttributeError):
        return False
