"""The manifest that `podanalytics pull` writes beside raw pages: which address a page came from.

Some answers do not say what they are of (a timeline does not name its issue), and the address does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from podanalytics.sources._read import NOT_JSON, bounded

MANIFEST = ".manifest.jsonl"
BESIDE = (
    ".cursor.json",
    ".lock",
)  # what `pull` keeps beside the pages and the manifest, and what they do not depend on
_ABOVE = 4  # folders in which the manifest of a file is looked for


def address_of(path: Path) -> str:
    """The address a pulled page came from, by the nearest manifest above it; empty for any other file."""
    for folder in list(path.parents)[:_ABOVE]:
        manifest = folder / MANIFEST
        try:
            state = manifest.stat()
        except OSError:
            continue
        found = _addresses(manifest, state.st_mtime_ns, state.st_size)
        return found.get(path.relative_to(folder).as_posix(), "")
    return ""


@lru_cache(maxsize=8)
def _addresses(manifest: Path, changed: int, size: int) -> dict[str, str]:
    return {str(line["file"]): str(line["url"]) for line in manifest_lines(manifest) if line.get("file")}


def manifest_lines(manifest: Path) -> Iterator[dict[str, Any]]:
    """Every whole line: `file`, `url`, `at`, `sha256` ... One that was cut by a crash is left out."""
    try:
        with manifest.open("rb") as file:
            for line in bounded(file):
                try:
                    found = json.loads(line)
                except NOT_JSON:
                    continue
                if isinstance(found, dict) and "url" in found:
                    yield found
    except OSError:  # it is not there, or lies deeper than a path may be long
        return
