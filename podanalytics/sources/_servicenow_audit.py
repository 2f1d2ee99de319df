"""ServiceNow's history: rows of the table `sys_audit`, one for each field that was changed, and of
`sys_journal_field`, one for each comment or work note. They name their record by its sys_id.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podanalytics.model import Event, Kind, Skipped, Told
from podanalytics.sources._read import digest
from podanalytics.sources._servicenow_row import NAME, Row, person

AUDIT = {"documentkey", "fieldname", "newvalue"}
JOURNAL = {"element_id", "element", "value"}
KINDS = {
    "state": Kind.STATUS,
    "incident_state": Kind.STATUS,  # the older name of the same field, changed along with it
    "priority": Kind.SEVERITY,
    "assigned_to": Kind.ASSIGNED,
    "assignment_group": Kind.ASSIGNED,
    "short_description": Kind.RENAMED,
    "comments": Kind.MESSAGE,
    "work_notes": Kind.MESSAGE,
    "parent": Kind.LINKED,
    "parent_incident": Kind.LINKED,
    "problem_id": Kind.LINKED,
    "rfc": Kind.LINKED,
    "caused_by": Kind.LINKED,
}
# Changes that say nothing of an incident: clocks that the tool keeps for itself.
NOISE = ("sys_", "calendar_", "business_stc", "business_duration", "activity_due", "time_worked", "reassignment_count")


def change(row: Row, origin: str) -> Iterator[Told]:
    """What one row of the audit history tells."""
    table, field = row.get("tablename"), row.get("fieldname")
    if table and "incident" not in table:
        yield Skipped(origin, f"history of the table {table}")
        return
    if field.startswith(NOISE):
        yield Skipped(origin, f"change of {field}")
        return
    was, value, by = row.get("oldvalue"), row.get("newvalue"), row.get("user") or row.get("sys_created_by")
    kind = KINDS.get(field, Kind.OTHER)
    if kind == Kind.LINKED and not value:  # a link that was taken away links nothing
        kind = Kind.OTHER
    if kind == Kind.MESSAGE:
        yield _written(row, row.get("documentkey"), field, value, by, origin)
    elif kind == Kind.OTHER:
        yield _event(row, kind, f"{field}/{digest(value)}", by, origin, value=field, was=was or None, text=value)
    elif value or kind == Kind.ASSIGNED:
        key = "state" if kind == Kind.STATUS else f"{field}/{digest(value)}"
        text = "" if kind == Kind.STATUS else f"{field} changed"
        yield _event(row, kind, key, by, origin, value=value or None, was=was or None, text=text)
    else:
        yield Skipped(origin, f"{field} emptied")
    if by:
        yield person(by)


def entry(row: Row, origin: str) -> Iterator[Told]:
    """A comment or a work note: the same thing that the audit history tells where both are loaded."""
    by = row.get("sys_created_by")
    if (table := row.get("name")) and table not in ("task", "sc_task") and "incident" not in table:
        yield Skipped(origin, f"journal of the table {table}")
        return
    yield _written(row, row.get("element_id"), row.get("element"), row.get("value"), by, origin)
    if by:
        yield person(by)


def _written(row: Row, record: str, field: str, text: str, by: str, origin: str) -> Event:
    return _event(row, Kind.MESSAGE, f"{field}/{digest(text)}", by, origin, record=record, text=text)


def _event(row: Row, kind: Kind, key: str, by: str, origin: str, record: str = "", **more: Any) -> Event:
    """An event of a record at the row's moment, which is in its key: what one update changed, it changed at once."""
    found = row.when("sys_created_on")
    subject = record or row.get("documentkey")
    if not found or not subject:
        raise ValueError("the row does not say when it was (sys_created_on), or of which record it is")
    at, precision = found
    return Event(
        kind=kind,
        source=NAME,
        subject=subject,
        key=f"{subject}/{key}@{at.isoformat()}",
        occurred_at=at,
        origin=origin,
        precision=precision,
        actor=by or None,
        **more,
    )
