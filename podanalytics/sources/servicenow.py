"""ServiceNow's Table API and its CSV: incidents, their audit history, journal entries and users.

An incident holds the present; what was before is in the audit history, whose rows name the incident by its sys_id only.
Each incident tells its sys_id, so that the ledger takes the two for one. Numbers of states stay numbers: what they
mean is the policy's business. https://www.servicenow.com/docs/csh?topicname=c_TableAPI.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Kind, Person, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources import _csv as csv_file
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import digest, each, first_json, head
from podanalytics.sources._servicenow_audit import AUDIT, JOURNAL, change, entry
from podanalytics.sources._servicenow_row import NAME, Row, When, person

LISTS = ("result", "records")
SEEN = "so it stood when the record was last updated"
LATEST = f"at the latest: {SEEN}"
# Since when a state holds is in a field of its own; by number, and as it is shown.
SINCE = {
    "6": ("resolved_at", "resolved_by"),
    "7": ("closed_at", "closed_by"),
    "Resolved": ("resolved_at", "resolved_by"),
    "Closed": ("closed_at", "closed_by"),
}
ASSIGNEES = ("assigned_to", "assignment_group")
POINTERS = ("parent", "parent_incident", "problem_id", "rfc", "caused_by")
# What else is told of an incident as it is now.
OTHERS = (
    "description",
    "severity",
    "impact",
    "urgency",
    "category",
    "subcategory",
    "contact_type",
    "business_service",
    "cmdb_ci",
    "hold_reason",
    "close_code",
    "close_notes",
    "made_sla",
    "reopen_count",
)
JOURNALS = ("comments", "work_notes", "comments_and_work_notes")
IN_JOURNAL = "comments or work notes inside a record, whose times name no zone: export sys_journal_field"


def owns(path: Path) -> bool:
    """Incidents, audit rows, journal entries or users of the Table API, or a CSV file with their columns."""
    found = sample(path, *LISTS)
    if found is None:
        return first_json(path) == {"result": []} or _told_of(set(csv_file.header(path)), "sys_id")
    return _told_of(set(found), "")


def _told_of(names: set[str], needed: str) -> bool:
    if needed and needed not in names:
        return False
    return (
        ("number" in names and bool({"incident_state", "opened_at", "sys_updated_on", "sys_created_on"} & names))
        or names >= AUDIT
        or names >= JOURNAL
        or names >= {"user_name", "sys_id"}
    )


def parse(path: Path) -> Iterator[Told]:
    """Everything in the file, in its order."""
    is_json = head(path, 1_000).lstrip()[:1] in ("{", "[", "")
    rows = records(path, NAME, *LISTS) if is_json else csv_file.table(path, NAME)
    yield from each(NAME, rows, _record, lambda item: Row(item).get("number") or Row(item).get("sys_id"))


def _record(item: dict[str, Any], origin: str) -> Iterator[Told]:
    names = set(item)
    if names >= AUDIT:
        return change(Row(item), origin)
    if names >= JOURNAL:
        return entry(Row(item), origin)
    if "user_name" in names:
        return _user(Row(item))
    return _Incident(Row(item), origin).told()


def _user(row: Row) -> Iterator[Person]:
    """A user has two names: incidents refer to the sys_id, the history to the user name."""
    handle, bot = row.get("user_name"), person(row.get("user_name")).bot
    for key in (row.get("sys_id"), handle):
        yield Person(NAME, key, row.get("name") or None, handle or None, row.get("email") or None, bot)


@dataclass(frozen=True)
class _Incident:
    row: Row
    origin: str

    @cached_property
    def id(self) -> str:
        if found := self.row.get("sys_id") or self.row.get("number"):
            return found
        raise ValueError("the record has neither sys_id nor number")

    @cached_property
    def opened(self) -> When:
        if found := self.row.when("opened_at") or self.row.when("sys_created_on"):
            return found
        raise ValueError("the record has neither opened_at nor sys_created_on: export one of them with it")

    @cached_property
    def seen(self) -> When:
        """As of when its present values are known."""
        return self.row.when("sys_updated_on") or self.opened

    @property
    def as_of(self) -> str:
        """The same, for keys."""
        return self.seen[0].isoformat()

    @cached_property
    def unchanged(self) -> bool:
        """Whether nothing was changed since it was made, so that its values are its first ones."""
        made, updated = self.row.when("sys_created_on"), self.row.when("sys_updated_on")
        return self.row.get("sys_mod_count") == "0" or made == updated

    def event(self, kind: Kind, key: str, at: When | None = None, **more: Any) -> Event:
        """An event of this incident, at the moment when it was last updated unless said otherwise."""
        moment, precision = at or (self.opened if self.unchanged else self.seen)
        address = f"{self.row.page}/nav_to.do?uri=incident.do?sys_id={self.id}" if self.row.page else None
        return Event(
            kind=kind,
            source=NAME,
            subject=self.row.get("number") or self.id,
            key=f"{self.id}/{key}",
            occurred_at=moment,
            origin=self.origin,
            precision=precision,
            url=address,
            **more,
        )

    def told(self) -> Iterator[Told]:
        row, at = self.row, self.opened
        by, kind = row.get("opened_by") or None, row.get("sys_class_name") or "incident"
        title = row.get("short_description")
        yield self.event(Kind.DECLARED, "opened", at, value=kind, text=title, actor=by, recorded_at=self.seen[0])
        if row.get("number") and row.get("sys_id"):
            yield self.event(Kind.ALIAS, "sys_id", at, value=self.id)
        if (made := row.when("sys_created_on")) and made != at:
            yield self.event(Kind.OTHER, "sys_created_on", made, value="sys_created_on", actor=by)
        yield from self._states()
        yield from self._present()
        if inside := sum(bool(row.get(name) or row.shown(name)) for name in JOURNALS):
            yield Skipped(self.origin, IN_JOURNAL, inside)
        yield from row.people("opened_by", "caller_id", "assigned_to", "resolved_by", "closed_by", "reopened_by")

    def _present(self) -> Iterator[Event]:
        """What it is now; what it was before is in the history."""
        row = self.row
        if word := row.get("priority"):
            text = "priority" if self.unchanged else f"priority: {SEEN}"
            key = f"priority/{word}" if self.unchanged else f"priority/{word}@{self.as_of}"
            yield self.event(Kind.SEVERITY, key, value=word, text=text)
        for name in ASSIGNEES:
            if holder := row.get(name):
                yield self.event(Kind.ASSIGNED, f"{name}/{holder}@{self.as_of}", value=holder, text=name)
        for name in POINTERS:
            if target := row.get(name):
                yield self.event(Kind.LINKED, f"{name}/{target}", value=target, text=name, recorded_at=self.seen[0])
        for name in OTHERS:
            if text := row.get(name):
                key = f"{name}/{digest(text)}"
                yield self.event(Kind.OTHER, key, value=name, text=text, recorded_at=self.seen[0])

    def _states(self) -> Iterator[Event]:
        """The state it is in, since when where a field says so; else as of the last update, and by nobody known."""
        row, word = self.row, self.row.get("state") or self.row.get("incident_state")
        since, by = SINCE.get(word, ("", ""))
        if word and since and (at := row.when(since)):
            yield self.event(Kind.STATUS, f"state@{at[0].isoformat()}", at, value=word, actor=row.get(by) or None)
        elif word:
            text = "" if self.unchanged else LATEST
            yield self.event(Kind.STATUS, f"state/seen@{self.as_of}", value=word, text=text)
        for name, by in (("resolved_at", "resolved_by"), ("closed_at", "closed_by"), ("reopened_time", "reopened_by")):
            at = None if name == since else row.when(name)
            if at:
                # What an incident is no more, it was: a time of resolution outlives a reopening.
                holds = name == "reopened_time" or (name == "resolved_at" and since == "closed_at")
                value = name if holds else f"former {name}"
                key = f"{name}@{at[0].isoformat()}"
                yield self.event(Kind.OTHER, key, at, value=value, actor=row.get(by) or None)


source = Source(
    title="ServiceNow Table API",
    manual="https://www.servicenow.com/docs/csh?topicname=c_TableAPI.html",
    owns=owns,
    parse=parse,
    group="tracker",
    takes="Table API and its CSV: `incident`, `sys_audit`, `sys_journal_field`, `sys_user`",
    known_by="`number` with ServiceNow's times, `documentkey`, or `element_id`",
)
