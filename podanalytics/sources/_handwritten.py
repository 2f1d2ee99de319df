"""What people write into TOML by hand, looked at the same way everywhere: texts, and times with a zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from podanalytics.model import in_calendar

EXAMPLE = "2026-10-03T14:31:00Z or 2026-10-03T16:31:00+02:00"


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
