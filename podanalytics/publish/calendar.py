"""The calendar form: what is still owed of the table `deadlines`, as an iCalendar file (RFC 5545).

A clause's deadline is a moment with a reminder; an action item's is a day. They are events, since many calendars show
no to-dos. Tools' texts stand in TEXT values alone, where RFC 5545 section 3.3.11 says what is escaped.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from podanalytics.narrative import Page
from podanalytics.show.blocks import Table
from podanalytics.show.escape import visible
from podanalytics.show.words import stamp

TABLE = "deadlines"
LINE = 75  # octets of a content line without its end (RFC 5545 section 3.1)
REMINDER = 4  # one quarter of the time that was given for it before it is due
_ESCAPED = re.compile(r"([\\;,])")


def calendar_forms(page: Page) -> dict[str, str]:
    """`deadlines.ics`, where something is owed; else nothing."""
    text = calendar_form(page)
    return {"deadlines.ics": text} if text else {}


def calendar_form(page: Page) -> str:
    """The calendar of what is still owed; empty where nothing is.

    The time stamp is the page's `as_of`, or else when the item's clock started: never the moment of writing. An item
    keeps its UID from packet to packet, so that a later calendar replaces what an earlier one said.
    """
    tables = [item for part in page.parts for item in part.content if isinstance(item, Table) and item.name == TABLE]
    owed = [row for table in tables for row in table.named() if not _over(row)]
    if not owed:
        return ""
    events = [line for row in owed for line in _event(page, row)]
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//podanalytics//deadlines//EN", "CALSCALE:GREGORIAN"]
    return "".join(_folded(line) for line in [*head, *events, "END:VCALENDAR"])


def _over(row: dict[str, Any]) -> bool:
    """Done, even where nothing tells when."""
    return row["done"] is not None or getattr(row["state"], "tone", "") == "good"


def _event(page: Page, row: dict[str, Any]) -> Iterator[str]:
    due, day = row["due"], row["day"]
    about = f"{page.about}: {row['what']}" if page.about else str(row["what"])
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(page.about, row['item'], bool(day))}"
    yield f"DTSTAMP:{_utc(_as_of(page) or row['since'])}"
    yield f"DTSTART;VALUE=DATE:{date.fromisoformat(day):%Y%m%d}" if day else f"DTSTART:{_utc(due)}"
    yield f"SUMMARY:{_text(f'Due: {about}')}"
    yield f"DESCRIPTION:{_text(_description(page, row))}"
    yield "TRANSP:TRANSPARENT"  # a deadline blocks nobody's hour
    if not day:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_text(f'Due soon: {about}')}")
        yield f"TRIGGER:-PT{max(1, int((due - row['since']).total_seconds() / 60 / REMINDER))}M"
        yield "END:VALARM"
    yield "END:VEVENT"


def _description(page: Page, row: dict[str, Any]) -> str:
    state = row["state"] if isinstance(row["state"], str) else row["state"].text
    as_of = _as_of(page)
    return f"{row['item']}: {state}" + (f" (as of {stamp(as_of)})" if as_of else "")


def _uid(*names: object) -> str:
    """The same for the same item of the same incident, whatever else is known of it."""
    return hashlib.sha256(visible("\x1f".join(map(str, names))).encode()).hexdigest()[:32] + "@podanalytics.invalid"


def _as_of(page: Page) -> datetime | None:
    """The moment that the page judges at, where it was given one with its zone."""
    try:
        told = datetime.fromisoformat(str(page.parameters.get("as_of") or ""))
    except ValueError:
        return None
    return told if told.tzinfo else None


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """A TEXT value: nothing in it ends the line, the value or a list."""
    return _ESCAPED.sub(r"\\\1", visible(text)).replace("\n", "\\n").replace("\t", " ")


def _folded(line: str) -> str:
    """A content line as octets allow it: longer ones go on after a line break and a blank, no character torn."""
    return "\r\n ".join(_pieces(line)) + "\r\n"


def _pieces(line: str) -> Iterable[str]:
    pieces, room = [""], LINE
    for char in line:
        size = len(char.encode())
        if size > room:
            pieces.append("")
            room = LINE - 1  # the blank it begins with counts
        pieces[-1] += char
        room -= size
    return pieces
