"""The vocabulary: what a tool can tell (Event), what could not be read (Fault), what a reviewer asks for (Milestone,
Reading).

Parsers tell what the tool said, in the tool's own words; what it *means* is the policy's business. Every value here is
frozen, and every time is aware UTC: a naive one is refused at the door, so nowhere else need ask.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from podanalytics.errors import shown
from podanalytics.keepable import EARLIEST, LATEST, in_calendar, storable


class Kind(StrEnum):
    """What a tool can tell. Closed and small; `SHAPES` says what the other fields mean for each."""

    ALERTED = "alerted"
    NOTIFIED = "notified"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    DECLARED = "declared"
    ASSIGNED = "assigned"
    ESCALATED = "escalated"
    SEVERITY = "severity"
    STATUS = "status"
    LABELLED = "labelled"
    RENAMED = "renamed"
    LINKED = "linked"
    MERGED = "merged"
    ALIAS = "alias"
    ROLE = "role"
    JOINED = "joined"
    LEFT = "left"
    CHANNEL = "channel"
    MESSAGE = "message"
    EDITED = "edited"
    DELETED = "deleted"
    REACTED = "reacted"
    NOTICE = "notice"
    COMPONENT = "component"
    CHANGE = "change"
    ACTION = "action"
    LOG = "log"
    STATED = "stated"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Shape:
    """What an event's fields mean for one kind, and which of them it must have."""

    meaning: str
    value: str = "-"
    needs: frozenset[str] = frozenset()


def _shape(meaning: str, value: str = "-", needs: str = "") -> Shape:
    return Shape(meaning, value, frozenset(needs.split()))


# Read by Event.__post_init__, by the checks and by docs/tables.md: the one place that says what a kind carries.
SHAPES: Mapping[Kind, Shape] = {
    Kind.ALERTED: _shape(
        "an alert fired, a page was triggered, or a person reported the problem",
        "how it was raised, in the tool's words: monitor, website, email, api ...",
    ),
    Kind.NOTIFIED: _shape("somebody was paged or told by the tool", "who (the tool's own user id or name)", "value"),
    Kind.ACKNOWLEDGED: _shape(
        "the alert was acknowledged; actor None means automation", "how: website, mobile, api ..."
    ),
    Kind.UNACKNOWLEDGED: _shape("an acknowledgement lapsed or was taken back"),
    Kind.DECLARED: _shape(
        "a record of the incident (ticket, issue, status entry) was created; text is its title",
        "the record's type in the tool's words: Incident, Bug, issue, status_incident ...",
        "value",
    ),
    Kind.ASSIGNED: _shape("the record was assigned; was is the former assignee", "the assignee"),
    Kind.ESCALATED: _shape("the page went on to the next level or person", "to whom"),
    Kind.SEVERITY: _shape(
        "severity, priority, urgency or impact was set; was is the former one", "the tool's own word", "value"
    ),
    Kind.STATUS: _shape("the record's status was set; was is the former one", "the tool's own word", "value"),
    Kind.LABELLED: _shape("a label was put on (value) or taken off (was)", "the label"),
    Kind.RENAMED: _shape("the record's title changed; was is the former one", "the new title", "value"),
    Kind.LINKED: _shape("the record points at another one; text says how", "URL or key of the other", "value"),
    Kind.MERGED: _shape(
        "the record was merged into, or closed as duplicate of, another one", "subject of the survivor", "value"
    ),
    Kind.ALIAS: _shape(
        "the record goes by another name, too: its own number, or what it was called before it moved; subject is the "
        "name it has now",
        "the other name",
        "value",
    ),
    Kind.ROLE: _shape(
        "a role in the response was taken (actor holds it), or left (no actor); was is the former holder",
        "the role's name",
        "value",
    ),
    Kind.JOINED: _shape("actor joined the channel", "-", "actor"),
    Kind.LEFT: _shape("actor left the channel", "-", "actor"),
    Kind.CHANNEL: _shape(
        "the channel itself changed; text is the new content, was the old",
        "which property: created, name, topic, purpose, archived, pinned",
        "value",
    ),
    Kind.MESSAGE: _shape(
        "somebody wrote something: chat message, comment, note", "key of the thread's root if it is a reply"
    ),
    Kind.EDITED: _shape(
        "a text was changed; text is what it reads now, was what it read if known", "key of the edited thing", "value"
    ),
    Kind.DELETED: _shape("a text was deleted", "key of the deleted thing", "value"),
    Kind.REACTED: _shape("actor put an emoji on a message; was is the message's key", "the emoji's name", "value"),
    Kind.NOTICE: _shape("a post to customers; text is its body", "its status in the tool's words", "value"),
    Kind.COMPONENT: _shape(
        "a status-page component changed; text is the component, was its old status", "its new status", "value"
    ),
    Kind.CHANGE: _shape(
        "something was deployed, released, rolled back or configured; text says what, was is the former version",
        "the version",
        "value",
    ),
    Kind.ACTION: _shape(
        "an action item was opened or changed state; text is its title, actor its owner", "its state", "value"
    ),
    Kind.LOG: _shape("a notable log line (first of a new error template, start or end of a burst)", "level", "value"),
    Kind.STATED: _shape(
        "a person corrects the record: subject is the incident, was the milestone or field, actor who, text why; or "
        "decides about two records, named by subject and was",
        "the corrected value (ISO time for a milestone); same or different",
        "value was",
    ),
    Kind.OTHER: _shape("anything else the tool told, kept as it came", "the tool's own name for it", "value"),
}


_ALWAYS = ("source", "subject", "key", "origin")
_NEEDS = {kind: tuple(sorted(shape.needs)) for kind, shape in SHAPES.items()}


class Precision(StrEnum):
    """How fine the source's clock writes: a minute-stamped time is an interval, not a point."""

    MICROSECOND = "us"
    MILLISECOND = "ms"
    SECOND = "s"
    MINUTE = "min"
    HOUR = "h"
    DAY = "day"


# The value of an OTHER event whose text holds the keys of all that its record has now; never of a list that may be cut.
LISTED = "whole list"
FINENESS: Mapping[str, int] = {precision.value: number for number, precision in enumerate(Precision)}  # finest first


class Milestone(StrEnum):
    """What a reviewer asks for: the moments a clock can start or stop at."""

    IMPACT_STARTED = "impact_started"
    ALERT_FIRED = "alert_fired"
    TEAM_NOTIFIED = "team_notified"
    ACKNOWLEDGED = "acknowledged"
    RESPONDED = "responded"
    DECLARED = "declared"
    SEVERITY_SET = "severity_set"
    INVESTIGATED = "investigated"
    TRIAGED = "triaged"
    CHANNEL_OPENED = "channel_opened"
    COMMANDED = "commanded"
    FIRST_UPDATE = "first_update"
    STATUS_PAGE_STARTED = "status_page_started"
    FIRST_NOTICE = "first_notice"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    RESOLUTION_NOTICE = "resolution_notice"
    CLOSED = "closed"
    REVIEWED = "reviewed"
    REPORTED = "reported"


class Verdict(StrEnum):
    """How a clause was kept. Unknown is never folded into either side."""

    MET = "met"
    MISSED = "missed"
    PENDING = "pending"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
    CONTRADICTORY = "contradictory"


def _utc(name: str, moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{name} {moment.isoformat()} has no time zone: the source must declare one")
    return in_calendar(moment, name)


def _words(entry: object, names: Iterable[str], may_lack: Iterable[str] = ()) -> None:
    """Makes sure that these fields hold text that can be stored. Raises ValueError for anything else in them."""
    for name in (*names, *may_lack):
        value = getattr(entry, name)
        if isinstance(value, str):
            if not value.isascii() or "\x00" in value:  # most is neither, and a call for each field would be felt
                object.__setattr__(entry, name, storable(value))
        elif value is not None or name in names:
            raise ValueError(f"its {name} is not text but {shown(value)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, as one source tells it.

    `id` is a hash of source and key, so the same thing told twice is one event. `origin` leads back to the raw line and
    starts with the name of the file or folder that was parsed: `incidents.json#/incidents/3`, `pod-api.log:118`.

    >>> e = Event(occurred_at=datetime(2026, 10, 3, 14, 2, tzinfo=UTC), kind=Kind.ACKNOWLEDGED, source="pagerduty",
    ...           subject="Q1", key="R9", actor="P1", origin="pd.json#/log_entries/0")
    >>> e.id
    'a90fd72ce096de08'
    """

    occurred_at: datetime
    kind: Kind
    source: str
    subject: str
    key: str
    origin: str
    recorded_at: datetime | None = None
    precision: Precision = Precision.SECOND
    actor: str | None = None
    text: str = ""
    was: str | None = None
    value: str | None = None
    url: str | None = None
    id: str = field(init=False)

    def __post_init__(self) -> None:
        put, moment = object.__setattr__, self.occurred_at
        if moment.tzinfo is not UTC or not EARLIEST <= moment < LATEST:
            put(self, "occurred_at", _utc("occurred_at", moment))
        if self.recorded_at is not None:
            put(self, "recorded_at", _utc("recorded_at", self.recorded_at))
        if not self._is_plain():
            _words(self, ("source", "subject", "key", "origin", "text"), ("actor", "was", "value", "url"))
        if not (self.source and self.subject and self.key and self.origin):
            raise ValueError(self._lacking())
        for name in _NEEDS[self.kind]:
            if not getattr(self, name):
                raise ValueError(self._lacking())
        put(self, "id", hashlib.sha256(f"{self.source}\x1f{self.key}".encode()).hexdigest()[:16])

    def _is_plain(self) -> bool:
        """Whether all its fields of text hold such, and nothing that a database refuses: most events do, and looking at
        each field by itself would take a third of the time that an event takes.
        """
        may_lack = [value for value in (self.actor, self.was, self.value, self.url) if value is not None]
        try:
            written = "".join((self.source, self.subject, self.key, self.origin, self.text, *may_lack))
            written.encode()  # fails for half a surrogate pair; much faster than to search for one
        except (TypeError, UnicodeEncodeError):
            return False
        return "\x00" not in written

    def _lacking(self) -> str:
        missing = [name for name in (*_ALWAYS, *_NEEDS[self.kind]) if not getattr(self, name)]
        always = [name for name in missing if name in _ALWAYS]
        return f"an event needs {always[0]}" if always else f"an event of kind {self.kind} needs {', '.join(missing)}"


class FaultRule(StrEnum):
    """What is wrong with an input, by name: the first five are found on reading, the others on making sense of it."""

    UNREADABLE = "unreadable"
    CUT_SHORT = "cut short"
    NOT_RECOGNISED = "not recognised"
    CAPPED = "more follows"
    NO_HISTORY = "no history"
    BEFORE_INCIDENT = "event before its incident"
    NEGATIVE_DURATION = "negative duration"
    STRANGE_STATUS = "status outside the vocabulary"
    STRANGE_SEVERITY = "severity outside the vocabulary"
    STRAY = "correction of a row that is gone"
    SHIFTED_CLOCK = "clock shifted by half hours"


def _short(text: str, length: int) -> str:
    """A text with its middle left out where it is too long: it quotes what was read, and that may be any size."""
    return text if len(text) <= length else f"{text[: length // 2]} ... {text[-length // 2 :]}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Odd input, as data: kept, counted, shown in the packet. `record` is the record's own id, if any.

    `reason` says what is wrong and what to do; `rule` names the kind of it.
    """

    source: str
    origin: str
    reason: str
    record: str | None = None
    rule: FaultRule = FaultRule.UNREADABLE

    def __post_init__(self) -> None:
        _words(self, ("source", "origin", "reason"), ("record",))
        object.__setattr__(self, "reason", _short(self.reason, 1_000))
        if self.record is not None:
            object.__setattr__(self, "record", _short(self.record, 200))


@dataclass(frozen=True, slots=True)
class Skipped:
    """Records read and deliberately not kept as events, so that nothing is dropped in silence: `(reason, count)`.

    For example a pull request in GitHub's issues list, or log lines below the notable ones.
    """

    origin: str
    reason: str
    count: int = 1

    def __post_init__(self) -> None:
        _words(self, ("origin", "reason"))


@dataclass(frozen=True, slots=True)
class Person:
    """A tool's own entry for somebody (or something: bots count). `key` is what events name as actor."""

    source: str
    key: str
    name: str | None = None
    handle: str | None = None
    email: str | None = None
    bot: bool = False
    zone: str | None = None

    def __post_init__(self) -> None:
        _words(self, ("source", "key"), ("name", "handle", "email", "zone"))
        if not self.key:
            raise ValueError("a person needs key")


Told = Event | Fault | Skipped | Person


class Reading(NamedTuple):
    """One clause's number, its judgement and its proof. A named tuple, because a large ledger makes a million.

    `value` and `target` are in `unit`; `margin` is target minus value (positive: time to spare). `evidence` are event
    ids. `because` is one sentence: what was measured, or what would settle an unknown.
    """

    measure: str
    verdict: Verdict
    because: str
    value: float | None = None
    target: float | None = None
    unit: str = "min"
    severity: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    due_at: datetime | None = None
    evidence: tuple[str, ...] = ()

    @property
    def margin(self) -> float | None:
        """Target minus value, in `unit`; None where either is missing."""
        return None if self.value is None or self.target is None else self.target - self.value
