"""Grafana OnCall and IRM: alert groups (pages) of the one's HTTP API, incidents and activity of the other's RPC API.

An alert group knows its present alone: when it was acknowledged last, not how often. An incident knows who has which
role and how severe it is, not since when, so these are told as of its last change. Sources: OnCall's *Alert groups HTTP
API*, the *Grafana Incident API reference*, and answers of a real stack in the tests of Apache DevLake's plugin.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, FaultRule, Kind, Person, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import each, id_of, text_of, whole_json

PAGER, TRACKER = "grafana_oncall", "grafana_irm"
LISTS = ("results", "incidents", "incidentPreviews", "activityItems")
_USER = {"id", "username", "role", "slack"}


def owns(path: Path) -> bool:
    """Alert groups or users of OnCall, incidents or activity of IRM, in a page or one by one."""
    found = sample(path, *LISTS)
    inner = _opened(found) if found else {}
    return _is_group(inner) or _is_incident(inner) or "activityItemID" in inner or set(inner) >= _USER


def _opened(record: dict[str, Any]) -> dict[str, Any]:
    """The incident that an answer wraps by name, or the record itself."""
    inner = record.get("incident")
    return inner if isinstance(inner, dict) and "incidentID" in inner else record


def _is_group(record: dict[str, Any]) -> bool:
    return {"alerts_count", "integration_id", "created_at"} <= set(record)


def _is_incident(record: dict[str, Any]) -> bool:
    return {"incidentID", "title", "createdTime"} <= set(record)


def parse(path: Path) -> Iterator[Told]:
    """Alert groups, incidents, activity and users, in the file's order."""
    yield from each(PAGER, records(path, PAGER, *LISTS), _record, lambda r: r.get("id") or r.get("incidentID"))
    page = whole_json(path)
    if isinstance(page, dict) and page.get("next") and isinstance(page.get("results"), list):
        why = "this page says that more follow (`next`): unless another file holds them, ask the tool for all pages"
        yield Fault(PAGER, path.name, why, rule=FaultRule.CAPPED)


def _record(record: dict[str, Any], origin: str) -> Iterator[Told]:
    found = _opened(record)
    if _is_group(found):
        return _group(found, origin)
    if "activityItemID" in found:
        return _activity(found, origin)
    if set(found) >= _USER:
        return iter([Person(PAGER, id_of(found), handle=text_of(found["username"]), email=found.get("email"))])
    if "incidentID" in found:
        return _incident(found, origin)
    raise ValueError("neither an alert group nor a user of OnCall, an incident nor an activity of IRM")


# --- OnCall -----------------------------------------------------------------------------------------------------------


def _group(group: dict[str, Any], origin: str) -> Iterator[Told]:
    id, links = id_of(group), group.get("permalinks") or {}
    base: dict[str, Any] = {"source": PAGER, "subject": id, "origin": origin, "url": links.get("web")}
    first = {**base, **_at(group["created_at"])}
    title, how = text_of(group.get("title")), text_of(group.get("integration_id")) or None
    yield Event(kind=Kind.DECLARED, key=f"{id}/created", value="alert_group", text=title, **first)
    yield Event(kind=Kind.ALERTED, key=f"{id}/fired", value=how, text=title, **first)
    for name, address in sorted(links.items()):
        if address and name != "web":
            yield Event(kind=Kind.LINKED, key=f"{id}/{name}", value=address, text=f"permalink {name}", **first)
    for mark in _fingerprints(group):
        yield Event(kind=Kind.LINKED, key=f"{id}/fingerprint/{mark}", value=mark, text="fingerprint", **first)
    if since := group.get("acknowledged_at"):
        by = group.get("acknowledged_by")
        yield Event(kind=Kind.ACKNOWLEDGED, key=f"{id}/acknowledged/{since}", actor=by, **base, **_at(since))
    for state, by in (("silenced", None), ("resolved", group.get("resolved_by"))):
        if since := group.get(f"{state}_at"):
            yield Event(kind=Kind.STATUS, key=f"{id}/{state}/{since}", value=state, actor=by, **base, **_at(since))


def _fingerprints(group: dict[str, Any]) -> list[str]:
    """By what Alertmanager knows the alerts of the last body that came in."""
    payload = (group.get("last_alert") or {}).get("payload") or {}
    alerts = payload.get("alerts") if isinstance(payload, dict) else None
    told = [alert.get("fingerprint") for alert in alerts or [] if isinstance(alert, dict)]
    return sorted({text_of(mark) for mark in told if mark})


def _at(text: str) -> dict[str, Any]:
    return {"occurred_at": iso(text), "precision": iso_precision(text)}


# --- IRM --------------------------------------------------------------------------------------------------------------


def _subject(incident: Any) -> str:
    """IRM counts its incidents from 1 on: a number alone would be nobody's name."""
    if id := text_of(incident):
        return f"irm-{id}"
    raise ValueError("the record has no incidentID")


def _incident(item: dict[str, Any], origin: str) -> Iterator[Told]:
    id, made, address = _subject(item["incidentID"]), item["createdTime"], text_of(item.get("overviewURL"))
    seen = text_of(item.get("modifiedTime")) or made
    url = address if address.startswith("http") else None
    base: dict[str, Any] = {"source": TRACKER, "subject": id, "origin": origin, "url": url}
    first, known = {**base, **_at(made)}, {**base, **_at(seen)}
    maker = item.get("createdByUser") or {}
    by = maker.get("userID") or None
    title = text_of(item.get("title"))
    yield Event(
        kind=Kind.DECLARED, key=f"{id}/created", value="incident", text=title, actor=by, recorded_at=iso(seen), **first
    )
    yield Event(kind=Kind.STATUS, key=f"{id}/active", value="active", actor=by, **first)
    if item.get("isDrill") is True:
        yield Event(kind=Kind.LABELLED, key=f"{id}/drill", value="drill", text="isDrill", **first)
    start = text_of(item.get("incidentStart"))
    if start and (iso(made) - iso(start)).total_seconds() >= 1:
        key = f"{id}/started/{start}"
        yield Event(kind=Kind.OTHER, key=key, value="started_at", recorded_at=iso(made), **base, **_at(start))
    if word := text_of(item.get("severity") or item.get("severityLabel")):
        yield Event(kind=Kind.SEVERITY, key=f"{id}/severity/{word}@{seen}", value=word, text="severity", **known)
    for label in item.get("labels") or []:
        name = ":".join(filter(None, (text_of(label.get("key")), text_of(label.get("label")))))
        yield Event(kind=Kind.LABELLED, key=f"{id}/label/{name}", value=name, **known)
    ended = text_of(item.get("incidentEnd")) or text_of(item.get("closedTime"))
    if item.get("status") == "resolved" and ended:
        yield Event(kind=Kind.STATUS, key=f"{id}/resolved/{ended}", value="resolved", **base, **_at(ended))
    yield from _roles(item, id, seen, known)
    yield from _people(maker)


def _roles(item: dict[str, Any], id: str, seen: str, known: dict[str, Any]) -> Iterator[Told]:
    """Who has a role; most of the list are places that nobody has taken."""
    for given in (item.get("incidentMembership") or {}).get("assignments") or []:
        user, role = given.get("user") or {}, text_of((given.get("role") or {}).get("name"))
        if not (user.get("userID") and role):
            continue
        key = f"{id}/role/{role}/{user['userID']}"
        text = f"since {seen} at the latest"
        yield Event(kind=Kind.ROLE, key=key, value=role, text=text, **{**known, "actor": user["userID"]})
        yield from _people(user)


def _activity(item: dict[str, Any], origin: str) -> Iterator[Told]:
    made, user = item["createdTime"], item.get("user") or {}
    when = text_of(item.get("eventTime")) or made
    word = text_of(item.get("activityKind"))
    note = word == "userNote"
    yield Event(
        kind=Kind.MESSAGE if note else Kind.OTHER,
        source=TRACKER,
        subject=_subject(item["incidentID"]),
        key=text_of(item["activityItemID"]),
        origin=origin,
        recorded_at=iso(made),
        actor=user.get("userID") or None,
        value=None if note else word or "activity",
        text=text_of(item.get("body")),
        url=text_of(item.get("url")) or None,
        **_at(when),
    )
    yield from _people(user)


def _people(user: dict[str, Any]) -> Iterator[Person]:
    if id := user.get("userID"):
        name = text_of(user.get("name")) or None
        yield Person(TRACKER, id, name, bot=bool(name and name.startswith("Service Account:")))


source = Source(
    title="Grafana OnCall and IRM",
    manual="https://grafana.com/docs/oncall/latest/oncall-api-reference/alertgroups/",
    owns=owns,
    parse=parse,
    group="pager",
    takes="alert groups and users of OnCall's API; incidents and activity of IRM's",
    known_by="groups with `alerts_count` and `integration_id`, `incidentID`, `activityItemID`",
)
