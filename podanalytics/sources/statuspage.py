"""Statuspage's public API v2: `incidents.json`, `summary.json` polls, and the same objects one a line.

A poll is a snapshot. What it shows of an incident (impact, status) is told as known at the incident's `updated_at`;
that an incident is missing from a later poll means nothing, because summary.json lists unresolved ones only.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from podanalytics.model import LISTED, Event, Fault, Kind, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import (
    Item,
    Part,
    each,
    first_json,
    pointed,
    whole_json,
    with_parts,
)

NAME = "statuspage"
LISTS = ("incidents", "scheduled_maintenances")
# The page writes `started_at` some milliseconds before `created_at` of itself; earlier than this, a person set it back.
BACKDATED = timedelta(minutes=1)
PART = "/incident_updates"


def owns(path: Path) -> bool:
    """A page of incidents or a summary (even an empty one), or lines of observed objects."""
    if not path.is_file():
        return False
    document = first_json(path)
    if isinstance(document, dict) and isinstance(document.get("page"), dict) and "time_zone" in document["page"]:
        return True
    found = sample(path, *LISTS)
    found = found.get("object") if found and "observed_at" in found else found
    return isinstance(found, dict) and "incident_updates" in found and "impact" in found


def parse(path: Path) -> Iterator[Told]:
    """Incidents with their updates; a page's list of components is counted, not kept."""
    quiet, components = _around(path)
    if not quiet:
        yield from each(NAME, with_parts(_objects(path), PART), _record, _id)
    if components:
        yield Skipped(f"{path.name}#/components", "component as it was at the poll", components)


def _around(path: Path) -> tuple[bool, int]:
    """Whether the file is a poll of a quiet time, and how many components it lists."""
    begun = first_json(path)
    if not isinstance(begun, dict) or not ("page" in begun or "components" in begun):
        return False, 0
    page = whole_json(path)
    if not isinstance(page, dict):
        return False, 0
    components = page.get("components")
    quiet = isinstance(page.get("page"), dict) and not any(map(page.get, LISTS))
    return quiet, len(components) if isinstance(components, list) else 0


def _objects(path: Path) -> Iterator[Item | Fault]:
    """Incidents and maintenances, out of whatever observed them."""
    for given in records(path, NAME, *LISTS):
        if not isinstance(given, Fault) and "object" in given[1] and "observed_at" in given[1]:
            origin, observed = given
            yield pointed(origin, "/object"), observed["object"]
        else:
            yield given


def _id(item: Any) -> Any:
    return item.record.get("id") if isinstance(item, Part) else item.get("id")


def _record(item: Any, origin: str) -> Iterator[Told]:
    return _update(item.record, item.owner, origin) if isinstance(item, Part) else _incident(item, origin)


def _incident(item: dict[str, Any], origin: str) -> Iterator[Told]:
    id, made, stamp = item["id"], item["created_at"], item.get("updated_at") or item["created_at"]
    base: dict[str, Any] = {"source": NAME, "subject": id, "origin": origin, "url": item.get("shortlink")}
    first = {**base, "occurred_at": iso(made), "precision": iso_precision(made)}
    maintenance = item["impact"] == "maintenance" or item.get("scheduled_for") is not None
    yield Event(
        kind=Kind.DECLARED,
        key=f"{id}/created",
        recorded_at=iso(stamp),
        value="maintenance" if maintenance else "status_incident",
        text=item["name"],
        **first,
    )
    if (began := item.get("started_at")) and iso(began) <= iso(made) - BACKDATED:
        yield Event(
            kind=Kind.OTHER,
            key=f"{id}/started_at/{began}",
            occurred_at=iso(began),
            recorded_at=iso(made),
            precision=iso_precision(began),
            value="started_at",
            text="impact began, by the status page",
            **base,
        )
    for name in ("scheduled_for", "scheduled_until"):
        if plan := item.get(name):
            iso(plan)  # a plan that is no time is refused here, with its record
            yield Event(kind=Kind.OTHER, key=f"{id}/{name}/{plan}", value=name, text=plan, **first)
    yield from _listing(item, iso(stamp), base)
    if (out := item.get("postmortem_published_at")) and not item.get("postmortem_ignored"):
        published = {**base, "occurred_at": iso(out), "precision": iso_precision(out)}
        yield Event(kind=Kind.STATUS, key=f"{id}/postmortem_published_at", value="postmortem", **published)
    for kind, word in ((Kind.SEVERITY, item["impact"]), (Kind.STATUS, item["status"])):
        if word:
            yield Event(
                kind=kind,
                key=f"{id}/{kind}/{word}@{stamp}",
                occurred_at=iso(stamp),
                precision=iso_precision(stamp),
                value=word,
                **base,
            )


def _listing(item: dict[str, Any], at: datetime, base: dict[str, Any]) -> Iterator[Event]:
    """Which posts there were: an incident always comes with all of its own, so one that is gone was deleted."""
    updates = item.get("incident_updates")
    if isinstance(updates, list) and all(isinstance(update, dict) and update.get("id") for update in updates):
        ids = " ".join(sorted(str(update["id"]) for update in updates))
        key = f"{item['id']}/{LISTED}@{at.isoformat()}"
        yield Event(kind=Kind.OTHER, key=key, value=LISTED, text=ids, occurred_at=at, **base)


def _update(update: dict[str, Any], incident: dict[str, Any], origin: str) -> Iterator[Event]:
    shown = update.get("display_at") or update["created_at"]
    told: dict[str, Any] = {
        "source": NAME,
        "subject": incident["id"],
        "origin": origin,
        "url": incident.get("shortlink"),
        "occurred_at": iso(shown),
        "precision": iso_precision(shown),
        "recorded_at": max(iso(shown), iso(update.get("updated_at") or shown)),
    }
    yield Event(kind=Kind.NOTICE, key=update["id"], value=update["status"], text=update.get("body") or "", **told)
    if update["status"] == "resolved":
        yield Event(kind=Kind.STATUS, key=f"{update['id']}/status", value=update["status"], **told)
    for component in update.get("affected_components") or []:
        if component.get("old_status") != component["new_status"]:
            yield Event(
                kind=Kind.COMPONENT,
                key=f"{update['id']}/{component.get('code') or component['name']}",
                value=component["new_status"],
                was=component.get("old_status"),
                text=component["name"],
                **told,
            )


source = Source(
    title="Statuspage API",
    manual="https://support.atlassian.com/statuspage/docs/use-the-statuspage-apis/",
    owns=owns,
    parse=parse,
    group="status page",
    takes="public API v2, polled, and the Manage API",
    known_by="a page with its time zone, or incidents with updates and impact",
)
