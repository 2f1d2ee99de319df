"""Reading the internal update's template:

`**INCIDENT UPDATE [HH:MM]**` and its fields, tolerant of case, bold, bullets and order.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from podanalytics.policy import Updates

# A clock time with what says where it holds. Any zone but UTC or an offset is no promise that could be compared.
_CLOCK = re.compile(
    r"(?i)(?<![\d:.])(\d{1,2}):(\d{2})(?![\d:])\s*([ap]\.?m\b\.?)?\s*([+-]\d{2}:?(?:\d{2})?|[A-Z]{1,5}\b)?"
)
_SPAN = re.compile(r"(?i)(?<![\d.,:])(\d{1,3}(?:\.\d+)?)\s*(m|mins?|minutes?|h|hrs?|hours?)\b")
_UTC = ("", "UTC", "Z", "GMT")


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
    """The resolution time an ETA promises: a clock time (UTC, or with an offset), a span from the post, or None.

    A clock time earlier than the post means the next day. A named zone other than UTC promises nothing that could be
    compared: which of its offsets holds is anybody's guess.

    >>> from datetime import UTC
    >>> promised("15:00 UTC", datetime(2026, 10, 14, 14, 15, tzinfo=UTC)).isoformat()
    '2026-10-14T15:00:00+00:00'
    """
    if hit := _CLOCK.search(text):
        return _at_clock(hit, posted_at)
    if hit := _SPAN.search(text):
        amount = float(hit[1])
        return posted_at + (timedelta(minutes=amount) if hit[2].lower().startswith("m") else timedelta(hours=amount))
    return None


def _at_clock(hit: re.Match[str], posted_at: datetime) -> datetime | None:
    hour, minute, half, zone = int(hit[1]), int(hit[2]), (hit[3] or "").lower(), (hit[4] or "").upper()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if hour > 23 or minute > 59 or (zone not in _UTC and not zone.startswith(("+", "-"))):
        return None
    offset = _offset(zone) if zone.startswith(("+", "-")) else timedelta(0)
    there = posted_at.astimezone(timezone(offset)).replace(hour=hour, minute=minute, second=0, microsecond=0)
    there = there if there >= posted_at - timedelta(hours=1) else there + timedelta(days=1)
    return there.astimezone(posted_at.tzinfo)


def _offset(text: str) -> timedelta:
    digits = text[1:].replace(":", "").ljust(4, "0")
    span = timedelta(hours=int(digits[:2]) % 24, minutes=int(digits[2:]))
    return -span if text.startswith("-") else span


def bare_status(text: str) -> str:
    """A stated status without decoration: bold, emoji, brackets and what follows them.

    >>> bare_status("🔴 *INVESTIGATING* (still)"), bare_status("Fixing.")
    ('INVESTIGATING', 'Fixing')
    """
    start = re.sub(r"^[\W_]+", "", text)
    return re.split(r"[^\w\s'-]|\s[–—-]\s", start, maxsplit=1)[0].strip() or text.strip()
