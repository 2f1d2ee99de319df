"""Opsgenie's alert log and notes: prose with a time and an owner. What a line tells is recognised by its words; a line
that is not recognised is kept as it is. Owners of lines are user names, which are e-mail addresses, or integrations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from podanalytics.model import Event, Kind, Person, Told
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._read import digest, text_of

NAME = "opsgenie"
SYSTEM = "system"  # what Opsgenie calls itself
_OF = r"^(?:(?:alert|incident)(?:\W+(?:is|was|has been))?\W+)?"
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PRIORITY = re.compile(r"\bP[1-5]\b")
_VIA = re.compile(r"\bvia \[?([\w ]+?)\]?(?: by\b|\W*$)")
_STATE = re.compile(rf"(?i){_OF}(closed|resolved|reopened|snoozed)\b")
# In this order: the first that fits says what a line tells.
_LINES = (
    (re.compile(rf"(?i){_OF}un-?acknowledged\b"), Kind.UNACKNOWLEDGED),
    (re.compile(rf"(?i){_OF}acknowledged\b"), Kind.ACKNOWLEDGED),
    (_STATE, Kind.STATUS),
    (re.compile(r"(?i)\bpriority\b.*\bP[1-5]\b"), Kind.SEVERITY),
    (re.compile(r"(?i)\bnotified\b|\bnotification\b.*\bsent\b|\bsent\b.*\b(?:notification|e-?mail|sms|push|call)"),
     Kind.NOTIFIED),
    (re.compile(rf"(?i){_OF}escalated\b|^escalat"), Kind.ESCALATED),
    (re.compile(rf"(?i){_OF}assigned\b|\bownership\b.*\btaken\b"), Kind.ASSIGNED),
)  # fmt: skip


def kind_of(line: Any) -> Kind:
    """What a line of the log tells."""
    text = line.get("log") if isinstance(line, dict) else None
    return next((kind for pattern, kind in _LINES if isinstance(text, str) and pattern.search(text)), Kind.OTHER)


def line(record: dict[str, Any], alert: str, origin: str) -> Iterator[Told]:
    """What one line of an alert's log tells."""
    text, kind, owner = text_of(record["log"]), kind_of(record), text_of(record.get("owner"))
    more: dict[str, Any] = {"text": text, "value": _value(record, kind, text, owner)}
    if kind == Kind.SEVERITY:
        words = _PRIORITY.findall(text)
        more |= {"value": words[-1], "was": words[0] if len(words) > 1 else None}
    word = "acknowledged" if kind == Kind.ACKNOWLEDGED else more["value"]
    in_report = kind == Kind.ACKNOWLEDGED or (kind == Kind.STATUS and word == "closed")
    place = at_second(word, iso(record["createdAt"])) if in_report else f"log/{_place(record, text)}"
    key = f"{alert}/{place}"
    yield _event(record, kind, alert, key, None if kind == Kind.NOTIFIED else owner, origin, more)
    yield from person(owner)


def note(record: dict[str, Any], alert: str, origin: str) -> Iterator[Told]:
    """What somebody noted on an alert."""
    text, owner = text_of(record["note"]), text_of(record.get("owner"))
    key = f"{alert}/note/{_place(record, text)}"
    yield _event(record, Kind.MESSAGE, alert, key, owner, origin, {"text": text})
    yield from person(owner)


def at_second(word: str, moment: datetime) -> str:
    """The key of what the log and the report both tell, each with its own milliseconds."""
    return f"{word}@{moment:%Y-%m-%dT%H:%M:%S}"


def actor(owner: str) -> str | None:
    """Who acts; None for Opsgenie itself."""
    return owner if owner and owner.lower() != SYSTEM else None


def person(owner: str) -> Iterator[Person]:
    """Somebody, or an integration: no user's name lacks an @."""
    if found := actor(owner):
        is_user = "@" in found
        yield Person(NAME, found, email=found if is_user else None, bot=not is_user)


def _value(record: dict[str, Any], kind: Kind, text: str, owner: str) -> str | None:
    if kind == Kind.OTHER:
        return text_of(record.get("type")) or "log"
    if kind == Kind.STATUS and (state := _STATE.search(text)):
        return state[1].lower()
    named = _ADDRESS.search(text)
    if kind in (Kind.NOTIFIED, Kind.ASSIGNED, Kind.ESCALATED):
        return named[0] if named else actor(owner) or ("somebody" if kind == Kind.NOTIFIED else None)
    via = _VIA.search(text)
    return via[1] if via else None


def _place(record: dict[str, Any], text: str) -> str:
    """What tells this line from the others: its place in the log, which stays."""
    return text_of(record.get("offset")) or f"{digest(text)}@{iso(record['createdAt']).isoformat()}"


def _event(
    record: dict[str, Any], kind: Kind, alert: str, key: str, owner: str | None, origin: str, more: dict[str, Any]
) -> Event:
    return Event(
        kind=kind,
        source=NAME,
        subject=alert,
        key=key,
        occurred_at=iso(record["createdAt"]),
        precision=iso_precision(record["createdAt"]),
        origin=origin,
        actor=actor(owner or ""),
        **more,
    )
