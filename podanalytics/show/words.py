"""Plain words for times, spans, counts and quotations."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

Zone = str | ZoneInfo

FEW = 10  # below so many a share or a rate says more than is known, and the counts stay (statistics.md section 6, B)

# How a role is written in a pseudonym: `IC-4`. A role that is not here is written in full.
ABBREVIATIONS = {
    "Incident Commander": "IC",
    "Technical Lead": "TL",
    "DevOps Engineer": "DevOps",
    "Product Manager": "PM",
    "Customer Success": "CS",
}
NO_ROLE = "Responder"  # what a pseudonym begins with where somebody held no role


def prefixes(roles: Iterable[str]) -> tuple[str, ...]:
    """What pseudonyms begin with, where these are the roles: an abbreviation, or the role itself; sorted.

    >>> prefixes(["Incident Commander", "Scribe"])
    ('IC', 'Responder', 'Scribe')
    """
    return tuple(sorted({NO_ROLE, *(ABBREVIATIONS.get(role, role) for role in roles)}))


def zone_of(zone: Zone) -> ZoneInfo:
    """The zone itself, from its name or as it is."""
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)


def duration(minutes: float | None) -> str:
    """A span, from minutes: seconds below an hour, minutes above, days where there are any.

    >>> duration(125), duration(0.75), duration(14.5), duration(1500), duration(None)
    ('2 h 05 min', '45 s', '14 min 30 s', '1 d 01 h', 'unknown')
    """
    if minutes is None or not math.isfinite(minutes):
        return "unknown"
    sign, seconds = ("−" if minutes < 0 else ""), round(abs(minutes) * 60)
    if seconds == 0:
        return "0 s" if minutes == 0 else "under 1 s"
    if seconds < 3600:
        parts = [f"{seconds // 60} min"] if seconds >= 60 else []
        return sign + " ".join(parts + ([f"{seconds % 60} s"] if seconds % 60 else []))
    whole = round(seconds / 60)
    if whole < 24 * 60:
        return f"{sign}{whole // 60} h {whole % 60:02d} min"
    hours = round(seconds / 3600)
    return f"{sign}{hours // 24} d {hours % 24:02d} h"


def between(start: datetime | None, end: datetime | None) -> str:
    """The span from start to end in words; unknown where either is.

    >>> between(datetime(2026, 10, 3, 14, tzinfo=UTC), datetime(2026, 10, 3, 14, 7, tzinfo=UTC))
    '7 min'
    """
    return "unknown" if start is None or end is None else duration((end - start).total_seconds() / 60)


def clock(moment: datetime | None, zone: Zone = "UTC") -> str:
    """The time of day with seconds, milliseconds only where there are any.

    >>> clock(datetime(2026, 10, 3, 14, 2, 7, tzinfo=UTC), "Europe/Berlin")
    '16:02:07'
    """
    if moment is None:
        return "unknown"
    local = moment.astimezone(zone_of(zone))
    return f"{local:%H:%M:%S}" + (f".{local.microsecond // 1000:03d}" if local.microsecond >= 1000 else "")


def zone_name(moment: datetime, zone: Zone = "UTC") -> str:
    """What the zone is called at that moment: CEST, UTC, or an offset such as +05:45 where it has no name.

    >>> zone_name(datetime(2026, 10, 3, tzinfo=UTC), "Asia/Kathmandu")
    '+05:45'
    """
    local = moment.astimezone(zone_of(zone))
    name = local.tzname() or ""
    return name if name[:1].isalpha() else f"{local:%z}"[:3] + ":" + f"{local:%z}"[3:5]


def stamp(moment: datetime | None, zone: Zone = "UTC") -> str:
    """Date, hour and minute with the zone's name.

    >>> stamp(datetime(2026, 10, 14, 14, 2, tzinfo=UTC))
    '2026-10-14 14:02 UTC'
    """
    if moment is None:
        return "unknown"
    return f"{moment.astimezone(zone_of(zone)):%Y-%m-%d %H:%M} {zone_name(moment, zone)}"


def day(moment: datetime | None, zone: Zone = "UTC") -> str:
    """The date alone.

    >>> day(datetime(2026, 10, 14, 23, 2, tzinfo=UTC), "Europe/Berlin")
    '2026-10-15'
    """
    return "unknown" if moment is None else f"{moment.astimezone(zone_of(zone)):%Y-%m-%d}"


def iso(moment: datetime) -> str:
    """The moment as ISO text in UTC, with a Z.

    >>> iso(datetime(2026, 10, 14, 14, 2, tzinfo=UTC))
    '2026-10-14T14:02:00Z'
    """
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plural(count: int | None, noun: str, many: str = "") -> str:
    """A count with its noun.

    >>> plural(1, "update"), plural(3, "update"), plural(2, "reply", "replies"), plural(0, "fault")
    ('1 update', '3 updates', '2 replies', 'no faults')
    """
    if count is None:
        return f"unknown {many or noun + 's'}"
    return f"{count:,} {noun}" if count == 1 else f"{f'{count:,}' if count else 'no'} {many or noun + 's'}"


def number(value: float | None) -> str:
    """A number for reading: thousands apart, at most two decimals, three digits where it is small.

    >>> number(12345), number(3.14159), number(2.0), number(0.00123), number(None)
    ('12,345', '3.14', '2', '0.00123', 'unknown')
    """
    if value is None or not math.isfinite(value):
        return "unknown"
    if isinstance(value, int):
        return f"{value:,}"
    if value and abs(value) < 0.01:
        return f"{value:.3g}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def percent(share: float | None) -> str:
    """A share of one as a percentage.

    >>> percent(0.375), percent(None)
    ('38 %', 'unknown')
    """
    return "unknown" if share is None or not math.isfinite(share) else f"{share * 100:.0f} %"


def shortened(text: str, limit: int = 140) -> str:
    """Text on one line, cut at a word if longer than `limit` characters, with an ellipsis.

    >>> shortened("the quick brown fox", 12)
    'the quick…'
    """
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    cut = flat[: limit - 1]
    whole = flat[limit - 1] == " " or " " not in cut[limit // 2 :]
    return (cut if whole else cut.rsplit(" ", 1)[0]).rstrip(" ,;:.-") + "…"


def quote(text: str, limit: int = 140) -> str:
    """Somebody's words in quotation marks, on one line, cut at `limit` characters.

    >>> quote("we are  rolling back")
    '“we are rolling back”'
    """
    return f"“{shortened(text, limit)}”"


def listed(words: list[str] | tuple[str, ...], last: str = "and") -> str:
    """Words as a list in a sentence.

    >>> listed(["Slack", "Jira", "PagerDuty"]), listed([])
    ('Slack, Jira and PagerDuty', 'none')
    """
    if not words:
        return "none"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def audience_name(audience: str | None) -> str:
    """Who an audience is, in a sentence.

    >>> audience_name("internal"), audience_name("customers")
    ('the team', 'customers')
    """
    return "the team" if audience == "internal" else audience or "the audience"


_UNITS = {"us": "microsecond", "ms": "millisecond", "s": "second", "min": "minute", "h": "hour"}


def precision_name(precision: str) -> str:
    """How fine a clock writes, as a unit.

    >>> precision_name("us"), precision_name("day")
    ('microsecond', 'day')
    """
    return _UNITS.get(precision, precision)


def plain_name(name: str) -> str:
    """A name from code, as words.

    >>> plain_name("first_notice"), plain_name("not_applicable")
    ('first notice', 'not applicable')
    """
    return name.replace("_", " ")
