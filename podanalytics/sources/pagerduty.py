"""PagerDuty: pages of incidents, with or without their log entries, pages of log entries, and what webhooks sent.

The present is stored, the past is in the log: an incident's status, urgency and priority are what they are now, its log
says what they were. Only users act; a service or an integration in `agent` is automation, and so is no agent at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, Kind, Told
from podanalytics.sources import Source
from podanalytics.sources._bodies import bodies, unwrapped
from podanalytics.sources._clock import iso, iso_or_refused, iso_precision
from podanalytics.sources._pagerduty_webhooks import (
    is_body,
    is_event,
    is_message,
    people,
    read_event,
    read_message,
    resolved_key,
)
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import (
    Item,
    Part,
    digest,
    each,
    first_json,
    id_of,
    members,
    pointed,
    text_of,
    with_parts,
)

NAME = "pagerduty"
LISTS = ("incidents", "log_entries", "messages")
ONE = {"incident"}  # what the answer to GET /incidents/{id} has
# What a log entry's type tells (without its suffix). Everything else is kept as OTHER.
KINDS = {
    "trigger": Kind.ALERTED,
    "notify": Kind.NOTIFIED,
    "acknowledge": Kind.ACKNOWLEDGED,
    "unacknowledge": Kind.UNACKNOWLEDGED,
    "assign": Kind.ASSIGNED,
    "delegate": Kind.ASSIGNED,
    "escalate": Kind.ESCALATED,
    "repeat_escalation_path": Kind.ESCALATED,
    "exhaust_escalation_path": Kind.ESCALATED,
    "annotate": Kind.MESSAGE,
    "snooze": Kind.STATUS,
    "resolve": Kind.STATUS,
    "urgency_change": Kind.SEVERITY,
    "priority_change": Kind.SEVERITY,
}
STATUS = {"snooze": "snoozed", "resolve": "resolved"}
_CHANGED = re.compile(r"(?:\bfrom \"?(?P<was>[^\"]+?)\"? )?\bto \"?(?P<value>[^\"]+?)\"?(?: by\b| through\b|\.?$)")


def owns(path: Path) -> bool:
    """Incidents (with a service and an urgency), log entries or an empty page of either, or bodies of webhooks."""
    found = sample(path, *LISTS)
    if _is_sent(found) or _is_sent(sample(path)):
        return True
    found = _alone(found)
    if found is None:
        document = first_json(path)
        return isinstance(document, dict) and (
            document.get("log_entries") == []
            or (document.get("incidents") == [] and bool({"more", "limit"} & set(document)))
        )
    if str(found.get("type", "")).endswith(("_log_entry", "_log_entry_reference")):
        return True
    return {"incident_number", "service", "urgency"} <= set(found) or {"escalation_policy", "urgency", "status"} <= set(
        found
    )


def _alone(record: Any) -> Any:
    """The incident that an answer wraps, for one was asked for; else the record itself."""
    wraps = isinstance(record, dict) and set(record) == ONE and isinstance(record["incident"], dict)
    return record["incident"] if wraps else record


def _is_sent(found: dict[str, Any] | None) -> bool:
    """Whether a record is what a webhook of PagerDuty sent, or holds it."""
    if not found:
        return False
    try:
        inner = unwrapped("", found, is_body)[1]
    except ValueError:
        return False
    messages = inner.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else inner
    return isinstance(first, dict) and (is_event(first) or is_message(first))


def parse(path: Path) -> Iterator[Told]:
    """Incidents, log entries and webhooks' bodies, in the file's order."""
    yield from each(NAME, with_parts(_messages(_unwrapped(records(path, NAME, *LISTS))), "/log_entries"), _record, _id)


def _unwrapped(items: Iterator[Item | Fault]) -> Iterator[Item | Fault]:
    for given in items:
        alone = given if isinstance(given, Fault) else _alone(given[1])
        yield given if isinstance(given, Fault) or alone is given[1] else (pointed(given[0], "/incident"), alone)


def _messages(items: Iterator[Item | Fault]) -> Iterator[Item | Fault]:
    """The bodies out of a receiver's records, and the messages out of those bodies that hold a list of them."""
    for given in bodies(items, NAME, is_body):
        if isinstance(given, Fault) or not isinstance(given[1].get("messages"), list):
            yield given
        else:
            yield from members(given[0], "/messages", given[1]["messages"])


def _id(item: Any) -> Any:
    if isinstance(item, Part):
        return item.record.get("id")
    return item["event"].get("id") if is_event(item) else item.get("id")


def _record(item: Any, origin: str) -> Iterator[Told]:
    if isinstance(item, Part):
        owner = item.owner["incident"] if is_message(item.owner) else item.owner
        return _entry(item.record, owner["id"], origin)
    if is_event(item):
        return read_event(item, origin)
    if is_message(item):
        return _message(item, origin)
    if str(item.get("type", "")).endswith("_log_entry"):
        return _entry(item, item["incident"]["id"], origin)
    return _incident(item, origin)


def _message(item: dict[str, Any], origin: str) -> Iterator[Told]:
    yield from read_message(item, origin)
    yield from _incident(item["incident"], pointed(origin, "/incident"))


def _incident(item: dict[str, Any], origin: str) -> Iterator[Told]:
    id, made = item["id"], item["created_at"]
    seen = _last_touched(item)
    base: dict[str, Any] = {"source": NAME, "subject": id, "origin": origin, "url": item.get("html_url")}
    first = {**base, "occurred_at": iso(made), "precision": iso_precision(made)}
    title = item.get("title") or item.get("summary") or ""
    yield Event(kind=Kind.DECLARED, key=f"{id}/created", value="incident", text=title, recorded_at=seen, **first)
    if item.get("incident_key"):
        yield Event(
            kind=Kind.LINKED, key=f"{id}/incident_key", value=item["incident_key"], text="incident_key", **first
        )
    about = item.get("description")
    if about and about != item.get("title"):
        key = f"{id}/description/{digest(about)}"
        yield Event(kind=Kind.OTHER, key=key, value="description", text=about, **first)
    # What they were before is in the log; here it is only known what they were when the incident was last touched.
    priority = (item.get("priority") or {}).get("summary")
    known = {**base, "occurred_at": seen, "precision": iso_precision(made)}
    for name, word in (("priority", priority), ("urgency", item.get("urgency"))):
        if word:
            yield Event(
                kind=Kind.SEVERITY, key=f"{id}/{name}/{word}@{seen.isoformat()}", value=word, text=name, **known
            )
    yield from _settled(item, base)
    assigned = (a.get("assignee") for a in item.get("assignments") or [])
    yield from people(item.get("service"), item.get("last_status_change_by"), *assigned)


def _last_touched(item: dict[str, Any]) -> datetime:
    """When the incident was touched last, as far as it tells: not every page has `updated_at`."""
    entries = [e for e in item.get("log_entries") or [] if isinstance(e, dict)]
    stamps = [item.get("updated_at"), item.get("last_status_change_at"), *(e.get("created_at") for e in entries)]
    return max([iso(item["created_at"]), *(at for s in stamps if (at := iso_or_refused(s)))])


def _settled(item: dict[str, Any], base: dict[str, Any]) -> Iterator[Event]:
    """How the incident ended: its status says since when, and whether it went into another one."""
    if item.get("status") != "resolved":
        return
    since = item.get("resolved_at") or item.get("last_status_change_at")
    when = since or item["created_at"]
    told = {**base, "occurred_at": iso(when), "precision": iso_precision(when)}
    if since:
        by = (item.get("last_status_change_by") or {}).get("id")
        yield Event(kind=Kind.STATUS, key=resolved_key(item["id"], iso(when)), value="resolved", actor=by, **told)
    reason = item.get("resolve_reason") or {}
    target = (reason.get("incident") or {}).get("id")
    if reason.get("type") == "merge_resolve_reason" and target:
        yield Event(kind=Kind.MERGED, key=f"{item['id']}/merged", value=target, **told)


def _entry(entry: dict[str, Any], incident: str, origin: str) -> Iterator[Told]:
    word = entry["type"].removesuffix("_log_entry")
    agent = entry.get("agent") or {}
    of_priority = word == "field_value_change" and entry.get("priority")
    kind = Kind.SEVERITY if of_priority else KINDS.get(word, Kind.OTHER)
    was, value = _changed(entry, word) if kind == Kind.SEVERITY else (None, _value(entry, word, kind))
    yield Event(
        kind=kind,
        source=NAME,
        subject=incident,
        key=entry["id"],
        occurred_at=iso(entry["created_at"]),
        origin=origin,
        precision=iso_precision(entry["created_at"]),
        actor=agent.get("id"),
        text=_text(entry, word),
        value=value,
        was=was,
        url=entry.get("html_url"),
    )
    yield from people(agent, entry.get("user"), *(entry.get("assignees") or []))


def _text(entry: dict[str, Any], word: str) -> str:
    channel = entry.get("channel") or {}
    if word == "annotate":
        return text_of(channel.get("summary") or channel.get("content") or entry.get("summary"))
    return text_of(entry.get("summary"))


def _value(entry: dict[str, Any], word: str, kind: Kind) -> str | None:
    if word in STATUS:
        return STATUS[word]
    channel = (entry.get("channel") or {}).get("type")
    named = entry.get("user") or next(iter(entry.get("assignees") or []), None)
    if kind in (Kind.NOTIFIED, Kind.ASSIGNED, Kind.ESCALATED):
        # Older entries name whom they told in the summary only.
        return id_of(named) if named else text_of(entry.get("summary") or channel or "somebody")
    return word if kind == Kind.OTHER else None if kind == Kind.MESSAGE else channel


def _changed(entry: dict[str, Any], word: str) -> tuple[str | None, str]:
    """(was, value) of a priority or urgency: from the channel's fields where it has them, else from the summary."""
    channel, name = entry.get("channel") or {}, "urgency" if word == "urgency_change" else "priority"
    was, value = (_word(channel.get(f"{side}_{name}")) for side in ("old", "new"))
    said = _CHANGED.search(text_of(entry.get("summary")))
    if not value and said:
        was, value = said["was"], said["value"]
    return was, value or _word(entry.get(name)) or text_of(entry.get("summary") or "changed")


def _word(value: Any) -> str | None:
    return value.get("summary") or value.get("name") if isinstance(value, dict) else value


source = Source(
    title="PagerDuty REST API and webhooks",
    manual="https://developer.pagerduty.com/api-reference/",
    owns=owns,
    parse=parse,
    group="pager",
    takes="REST API: incidents and log entries; webhooks v3 and v2",
    known_by="an incident's service and urgency, a log entry's type, or an event's type",
)
