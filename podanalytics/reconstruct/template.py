"""Reading the internal update's template:

`**INCIDENT UPDATE [HH:MM]**` and its fields, tolerant of case, bold, bullets and order.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from podanalytics.policy import Updates

_CLOCK = re.compile(r"\b(\d{1,2})[:.](\d{2})\b(?:\s*(UTC|Z)\b)?")
_SPAN = re.compile(r"(?i)\b(\d{1,3})\s*(min(?:ute)?s?|h(?:ou)?rs?|h)\b")


def parse_update(text: str, updates: Updates) -> dict[str, str]:
    """The template's fields found in a text, by their names in the policy; absent or empty ones are left out.

    >>> from podanalytics.policy import load_policy
    >>> parse_update("*INCIDENT UPDATE [14:15]*\\n- *status*: fixing\\nETA: tbd", load_policy("pod-protocol").updates)
    {'Status': 'fixing', 'ETA': 'tbd'}
    """
    found: dict[str, str] = {}
    field: str | None = None
    for line in text.splitlines():
        bare = line.strip().lstrip("-•*_> ").replace("*", "").replace("_", " ")
        name = next((f for f in updates.fields if re.match(rf"(?i){re.escape(f)}\s*:", bare)), None)
        if name:
            field, bare = name, bare.split(":", 1)[1]
        if field and (value := bare.strip()):
            found[field] = f"{found[field]} {value}" if field in found else value
    return found


def promised(text: str, posted_at: datetime) -> datetime | None:
    """The resolution time an ETA promises: a clock time (UTC unless the text says otherwise) or a span from the post;
    None if neither.

    A clock time earlier than the post means the next day.

    >>> from datetime import UTC
    >>> promised("15:00 UTC", datetime(2026, 10, 14, 14, 15, tzinfo=UTC)).isoformat()
    '2026-10-14T15:00:00+00:00'
    """
    if hit := _CLOCK.search(text):
        hour, minute = int(hit[1]), int(hit[2])
        if hour > 23 or minute > 59:
            return None
        there = posted_at.astimezone(ZoneInfo("UTC")).replace(hour=hour, minute=minute, second=0, microsecond=0)
        return there if there >= posted_at - timedelta(hours=1) else there + timedelta(days=1)
    if hit := _SPAN.search(text):
        return posted_at + (
            timedelta(minutes=int(hit[1])) if hit[2].lower().startswith("m") else timedelta(hours=int(hit[1]))
        )
    return None
