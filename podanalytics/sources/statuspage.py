"""Statuspage's public API v2: `incidents.json`, `summary.json` polls, and the same objects one a line.

A poll is a snapshot. What it shows of an incident (impact, status) is told as known at the incident's `updated_at`;
that an incident is missing from a later poll means nothing, because summary.json lists unresolved ones only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Kind, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import Item, each, first_json, members

NAME = "statuspage"
LISTS = ("incidents", "scheduled_maintenances")


def owns(path: Path) -> bool:
    """A page of incidents or a summary (even an empty one), or lines of observed objects."""
    if not path.is_file():
        return False
    document = first_json(path)
    if isinstance(document, dict) and isinstance(document.get("page"), dict) and "time_zone" in document["page"]:
        return True
    found = sample(path, *LISTS)
    found = found.get("object", found) if found and "observed_at" in found else found
    return bool(found) and "incident_updates" in found and "impact" in found  # type: ignore[operator]


def parse(path: Path) -> Iterator[Told]:
    """Incidents with their updates; a page's list of components is counted, not kept."""
    document = first_json(path)
    if isinstance(document, dict) and isinstance(document.get("page"), dict):
        yield from _page(document, path.name)
        return
    yield from each(NAME, records(path, NAME, *LISTS), _observed, _id)


def _page(document: dict[str, Any], origin: str) -> Iterator[Told]:
    for name in LISTS:
        yield from each(NAME, members(origin, f"/{name}", document.get(name) or []), _incident, _id)
    if components := document.get("components"):
        yield Skipped(f"{origin}#/components", "component as it was at the poll", len(components))


def _id(item: Any) -> Any:
    return item.get("object", item).get("id")


def _observed(item: dict[str, Any], origin: str) -> Iterator[Told]:
    if "object" in item and "observed_at" in item:
        return _incident(item["object"], f"{origin}#/object")
    return _incident(item, origin)


def _incident(item: dict[str, Any], origin: str) -> Iterator[Told]:
    id, url = item["id"], item.get("shortlink")
    known = iso(item["updated_at"] or item["created_at"])
    base = {"source": NAME, "subject": id, "origin": origin, "url": url}
    made = iso(item["created_at"])
    maintenance = item["impact"] == "maintenance" or item.get("scheduled_for") is not None
    yield Event(
        kind=Kind.DECLARED,
        key=f"{id}/created",
        occurred_at=made,
        precision=iso_precision(item["created_at"]),
        recorded_at=known,
        value="maintenance" if maintenance else "status_incident",
        text=item["name"],
        **base,
    )
    if item.get("started_at") and iso(item["started_at"]) < made:
        yield Event(
            kind=Kind.OTHER,
            key=f"{id}/started_at/{item['started_at']}",
            occurred_at=iso(item["started_at"]),
            recorded_at=made,
            precision=iso_precision(item["started_at"]),
            value="started_at",
            text="impact began, by the status page",
            **base,
        )
    stamp = item["updated_at"] or item["created_at"]
    for kind, word in ((Kind.SEVERITY, item["impact"]), (Kind.STATUS, item["status"])):
        if word:
            yield Event(
                kind=kind,
                key=f"{id}/{kind}/{word}@{stamp}",
                occurred_at=known,
                precision=iso_precision(stamp),
                value=word,
                **base,
            )
    for place, update in _updates(item, origin):
        yield from _update(update, place, base)


def _updates(item: dict[str, Any], origin: str) -> Iterator[Item]:
    # The API gives the newest first; told oldest first, so that a reader of the events sees them in order.
    yield from reversed(list(members(origin, "/incident_updates", item.get("incident_updates") or [])))


def _update(update: dict[str, Any], origin: str, base: dict[str, Any]) -> Iterator[Event]:
    shown = update.get("display_at") or update["created_at"]
    told = {
        **base,
        "origin": origin,
        "occurred_at": iso(shown),
        "precision": iso_precision(shown),
        "recorded_at": iso(update.get("updated_at") or shown),
    }
    yield Event(kind=Kind.NOTICE, key=update["id"], value=update["status"], text=update.get("body") or "", **told)
    if update["status"] == "resolved":
        yield Event(kind=Kind.STATUS, key=f"{update['id']}/status", value=update["status"], **told)
    for component in update.get("affected_components") or []:
        if component["old_status"] != component["new_status"]:
            yield Event(
                kind=Kind.COMPONENT,
                key=f"{update['id']}/{component['code']}",
                value=component["new_status"],
                was=component["old_status"],
                text=component["name"],
                **told,
            )


source = Source("Statuspage API", "https://support.atlassian.com/statuspage/docs/use-the-statuspage-apis/", owns, parse)
