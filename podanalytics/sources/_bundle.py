"""A folder or a ZIP of many files, read the same way: names below its root, and the bytes of one.

Nothing is unpacked to disk. A ZIP entry that points outside, or that declares an absurd size, is refused.
"""

from __future__ import annotations

import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from podanalytics.sources._read import MAX_DOCUMENT, reason_of, whole
from podanalytics.sources._walk import files_below

MAX_MEMBER = MAX_DOCUMENT  # bytes that one ZIP entry may declare, and that are read of any file
MAX_RATIO = 1_000  # times its packed size that an entry may grow to, once it is larger than FREE_SIZE
FREE_SIZE = 64 << 20
# What a damaged or odd archive raises: besides its own errors, of a password, of a newer version, of a wrong offset.
UNPACKABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, NotImplementedError, EOFError, ValueError,
              struct.error, OverflowError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of a folder or an open ZIP; `name` is the unit's own name, with which its origins start."""

    name: str
    folder: Path | None = None
    archive: zipfile.ZipFile | None = None
    entries: Mapping[str, zipfile.ZipInfo] = field(default_factory=dict)
    refused: tuple[tuple[str, str], ...] = ()  # (origin, reason) of entries that must not be read

    def names(self) -> list[str]:
        """Every file's name with forward slashes, sorted; without a folder that wraps everything."""
        if self.folder is None:
            return sorted(self.entries)
        return sorted(path.relative_to(self.folder).as_posix() for path in files_below(self.folder)[0])

    def origin(self, name: str) -> str:
        """Where a file stands, starting with the unit's name."""
        return f"{self.name}/{self.entries[name].filename if name in self.entries else name}"

    def read(self, name: str, size: int = -1) -> bytes:
        """The file's bytes (the first `size`). Raises ValueError for a damaged or encrypted entry."""
        try:
            if self.archive is None:
                return self._read_file((self.folder or Path()).joinpath(name), size)
            with self.archive.open(self.entries[name]) as packed:
                return packed.read(size)  # never more than it declared
        except UNPACKABLE as error:
            raise ValueError(f"cannot be unpacked: {error}") from None

    def _read_file(self, path: Path, size: int) -> bytes:
        if size < 0:
            return whole(path)
        with path.open("rb") as file:
            return file.read(size)


@contextmanager
def bundle(path: Path) -> Iterator[Bundle]:
    """The folder or ZIP at `path`. Raises ValueError when it is neither, or a damaged ZIP."""
    if path.is_dir():
        odd = tuple((f"{path.name}/{p.relative_to(path).as_posix()}", why) for p, why in files_below(path)[1])
        yield Bundle(path.name, folder=path, refused=odd)
        return
    try:
        archive = zipfile.ZipFile(path)
    except (*UNPACKABLE, OSError) as error:
        raise ValueError(f"not a folder and not a readable ZIP: {reason_of(error)}") from None
    with archive:
        files = [entry for entry in archive.infolist() if not entry.is_dir()]
        last = {entry.filename: entry for entry in files}
        why = [(entry, _refused(entry, last)) for entry in files]
        declared = sum(entry.file_size for entry, reason in why if not reason)
        if declared > max(FREE_SIZE, path.stat().st_size * MAX_RATIO):  # entries that share their bytes can claim that
            raise ValueError(f"not read: its entries declare {declared} bytes unpacked, more than it can hold")
        root = _wrapping(entry.filename for entry, reason in why if not reason)
        refused = tuple((f"{path.name}/{entry.filename}", reason) for entry, reason in why if reason)
        entries = {entry.filename.removeprefix(root): entry for entry, reason in why if not reason}
        yield Bundle(path.name, archive=archive, entries=entries, refused=refused)


def _refused(entry: zipfile.ZipInfo, last: Mapping[str, zipfile.ZipInfo]) -> str | None:
    name = entry.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or ":" in name[:2]:
        return "refused: the entry's name points outside the archive"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "refused: the entry is a symbolic link"
    if last[entry.filename] is not entry:
        return "refused: a later entry has the same name"
    size, packed = entry.file_size, entry.compress_size
    if size > MAX_MEMBER or size > max(FREE_SIZE, packed * MAX_RATIO):
        return f"refused: the entry declares {size} bytes unpacked from {packed}"
    return None


def _wrapping(names: Iterable[str]) -> str:
    """The folder that holds everything, when the archive was made of a folder (a Mac's own entries set aside)."""
    own = [name for name in names if not name.startswith("__MACOSX/")]
    tops = {name.partition("/")[0] for name in own}
    return f"{tops.pop()}/" if len(tops) == 1 and all("/" in name for name in own) else ""
