"""Where the next page is, in the ways vendors say it. Pure: an answer in, a place out."""

from __future__ import annotations

import re
from typing import Any

from podanalytics.pull import Answer

_LINK = re.compile(r"<([^>]*)>([^<]*)")
_NEXT = re.compile(r'(?i)\brel\s*=\s*"?(?:[^",;]*\s)?next\b')


def linked(answer: Answer) -> str | None:
    """The address in the `Link` header with rel="next" (RFC 8288); None at the last page."""
    for address, rest in _LINK.findall(answer.headers.get("link", "")):
        if _NEXT.search(rest):
            return str(address)
    return None


def rows(answer: Answer, name: str = "") -> list[dict[str, Any]]:
    """The records of a page: the list that it is, or that it holds under `name`. Raises ValueError."""
    found = answer.data.get(name) if name and isinstance(answer.data, dict) else answer.data
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise ValueError(f"it is no list of records{f' under {name}' if name else ''}")
    return found
