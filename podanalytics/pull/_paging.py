"""Where the next page is, in the ways vendors say it. Pure: an answer in, a place out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

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


def slug(text: str) -> str:
    """A text as a part of a file's name: letters and digits alone."""
    return re.sub(r"[^A-Za-z0-9]", "", text)


def folder_of(address: str) -> str:
    """A server's address as the name of a folder."""
    parts = urlsplit(address)
    return re.sub(r"[^A-Za-z0-9.-]+", "-", f"{parts.netloc}{parts.path}").strip("-.").lower()


def answered_at(answer: Answer) -> datetime:
    """The moment of an answer by the vendor's clock, which its own times are of; by ours where it does not say."""
    try:
        return parsedate_to_datetime(answer.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return datetime.now(UTC).replace(microsecond=0)
