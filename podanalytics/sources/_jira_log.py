"""Jira's changelog: what a field was at first, and what each change of it tells.

The first value is in no field: it is the `fromString` of the first change, or the present value where nothing changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from podanalytics.model import Event, Kind
from podanalytics.sources._clock import iso_or_refused
from podanalytics.sources._read import text_of

Change = dict[str, Any]  # one item of an entry: field, from, fromString, to, toString
ROLE_WORDS = (
    "incident commander",
    "technical lead",
    "tech lead",
    "devops engineer",
    "product manager",
    "customer success",
    "commander",
    "scribe",
    "communications lead",
)
# Changes that say nothing of an incident: counted, not kept.
NOISE = {
    "RemoteIssueLink",
    "Rank",
    "Sprint",
    "Workflow",
    "timeestimate",
    "timeoriginalestimate",
    "timespent",
    "WorklogId",
    "WorklogTimeSpent",
    "Epic Link",
    "Epic Child",
    "IssueParentAssociation",
    "Attachment",
    "Story Points",
}


@dataclass(frozen=True, slots=True)
class Log:
    """An issue's changes, oldest first. What cannot be read, or was left out of the export, is not among them: then the
    log is not whole, and what a field was at first is the oldest value known.
    """

    changes: tuple[Change, ...]
    whole: bool

    @classmethod
    def of(cls, issue: dict[str, Any]) -> Log:
        """The changelog that an issue carries."""
        log = issue.get("changelog") or {"total": 1}  # it was not asked for: something is missing
        given = log.get("histories") or []
        entries = [e for e in given if isinstance(e, dict) and isinstance(e.get("items"), list)]
        dated = [(at, len(id := str(e.get("id"))), id, e) for e in entries if (at := iso_or_refused(e.get("created")))]
        told = (c for *_, entry in sorted(dated, key=lambda d: d[:3]) for c in entry["items"])
        whole = len(dated) >= max(len(given), int(log.get("total") or 0))
        return cls(tuple(c for c in told if isinstance(c, dict) and c.get("field")), whole)

    def changed(self, field: str) -> bool:
        """Whether the field was ever changed."""
        return any(c["field"].lower() == field for c in self.changes)

    def before(self, field: str, side: str = "fromString") -> str | None:
        """What the first change of the field changed it from; `side` is `from` for an id instead of a name."""
        return next((c.get(side) for c in self.changes if c["field"].lower() == field), None)

    def at_first(self, field: str, now: Any, side: str = "fromString") -> str | None:
        """The field's value when the issue was made; None where it was made empty and filled later."""
        found = self.before(field, side) if self.changed(field) else now
        return text_of(found) or None


def told_by(change: Change, key: str, base: dict[str, Any]) -> Iterator[Event]:
    """What one change tells."""
    field, was, value = change["field"].lower(), change.get("fromString"), change.get("toString")
    if field in ("status", "priority", "severity") and value:
        yield Event(kind=Kind.STATUS if field == "status" else Kind.SEVERITY, key=key, was=was, value=value, **base)
    elif field == "summary" and value:
        yield Event(kind=Kind.RENAMED, key=key, was=was, value=value, **base)
    elif field == "assignee":
        yield Event(kind=Kind.ASSIGNED, key=key, was=change.get("from"), value=change.get("to"), **base)
    elif field == "labels":
        yield from _labels(was, value, key, base)
    elif field == "link" and change.get("to"):  # a link that was taken away links nothing
        yield Event(kind=Kind.LINKED, key=key, was=change.get("from"), value=change["to"], text=value or "", **base)
    elif field in ROLE_WORDS and change.get("to"):
        taken = {**base, "actor": change["to"]}
        yield Event(kind=Kind.ROLE, key=key, was=change.get("from"), value=change["field"], **taken)
    else:
        yield Event(kind=Kind.OTHER, key=key, was=was, value=change["field"], text=value or "", **base)


def _labels(was: str | None, value: str | None, key: str, base: dict[str, Any]) -> Iterator[Event]:
    before, after = set((was or "").split()), set((value or "").split())
    for label in sorted(after - before):
        yield Event(kind=Kind.LABELLED, key=f"{key}/{label}", value=label, **base)
    for label in sorted(before - after):
        yield Event(kind=Kind.LABELLED, key=f"{key}/-{label}", was=label, **base)
