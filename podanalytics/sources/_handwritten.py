"""What people write into TOML by hand, read and looked at the same way everywhere: texts, and times with a zone."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from podanalytics.keepable import in_calendar
from podanalytics.sources._read import whole

EXAMPLE = "2026-10-03T14:31:00Z or 2026-10-03T16:31:00+02:00"

BY_HAND = 1 << 20  # bytes of a file that people write
MAX_DOTS = 100  # on one line


def written(path: Path) -> str:
    """The text of a file that people write. Raises ValueError for one that is no text, or too large for that."""
    return whole(path, BY_HAND).decode("utf-8-sig")


def toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises ValueError for what is no TOML.

    A key of many parts is refused before it is read: what the parser remembers of it grows with their square.
    """
    for number, line in enumerate(text.splitlines(), 1):
        if line.count(".") > MAX_DOTS:
            raise ValueError(f"line {number} has more than {MAX_DOTS} dots: no key has as many parts")
    return tomllib.loads(text)


def text_in(table: dict[str, Any], key: str, example: str) -> str:
    """The text under a key. Raises ValueError with the example for anything else, and for blanks."""
    text = table.get(key)
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f'write {key} as text: {key} = "{example}"')
    return text.strip()


def moment_in(value: Any, key: str, otherwise: str = "") -> datetime:
    """A time with its zone, in UTC. Raises ValueError in a sentence; `otherwise` is the one for what is no time."""
    if not isinstance(value, datetime):
        raise ValueError(otherwise or f"{key} is a time with a zone: {key} = {EXAMPLE}")
    if value.tzinfo is None:
        raise ValueError(f"{key} {value.isoformat()} has no zone: write {key} = {EXAMPLE}")
    return in_calendar(value, key)
