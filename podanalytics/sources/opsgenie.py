"""Opsgenie's REST API: incidents, and alerts with their log and notes.

An alert or incident is told as it is now. When an alert was acknowledged and closed is in its report, as milliseconds
since it was created, and in its log. A log does not name its alert, so the two are put into one record.
Fields: https://github.com/opsgenie/opsgenie-oas
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Kind, Person, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import iso, iso_or_none, iso_precision
from podanalytics.sources._opsgenie_log import NAME, actor, at_second, kind_of, line, note, person
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import Part, backdated, digest, each, first_json, id_of, text_of, with_parts

LISTS = ("data",)
PARTS = ("/logs", "/notes", "/timeline")
SEEN = "so it stood when the record was last updated"
LATEST = f"at the latest: {SEEN}"
_ALERT = re.compile(r"/alerts/([^/?]+)/(?:logs|notes)")


def owns(path: Path) -> bool:
    """Incidents and alerts (which have a `tinyId`), lines of an alert's log or its notes, or an empty page."""
    document = first_json(path)
    if isinstance(document, dict) and document.get("data") == []:
        return {"requestId", "took"} <= set(document)
    found = _inner(sample(path, *LISTS) or {})
    return ("tinyId" in found and bool({"createdAt", "message"} & set(found))) or _is_line(found)


def _inner(item: dict[str, Any]) -> dict[str, Any]:
    """The record of an answer that holds one."""
    data = item.get("data")
    return {**data, "_envelope": item} if isinstance(data, dict) and "id" not in item else item


def _is_line(item: dict[str, Any]) -> bool:
    return {"owner", "offset", "createdAt"} <= set(item) and bool({"log", "note"} & set(item))


def parse(path: Path) -> Iterator[Told]:
    """Alerts and incidents, each followed by its log, notes and timeline, in the file's order."""
    found = ((i if not isinstance(i, tuple) else (i[0], _inner(i[1]))) for i in records(path, NAME, *LISTS))
    yield from each(NAME, with_parts(found, *PARTS), _record, lambda i: (i.owner if isinstance(i, Part) else i)["id"])


def _record(item: Any, origin: str) -> Iterator[Told]:
    if isinstance(item, Part):
        if "eventTime" in item.record:
            return _timeline(item.record, id_of(item.owner), origin)
        return (note if "note" in item.record else line)(item.record, id_of(item.owner), origin)
    if _is_line(item):
        asked = _ALERT.search(text_of((item.get("_envelope") or {}).get("url")))
        if not asked:
            raise ValueError("a line of a log does not say which alert it is of: put the log into its alert, as `logs`")
        return (note if "note" in item else line)(item, asked[1], origin)
    return _Thing(item, origin).told()


def _timeline(entry: dict[str, Any], incident: str, origin: str) -> Iterator[Told]:
    """An entry of an incident's timeline; all of them are kept, none is interpreted."""
    who = entry.get("actor") or {}
    words = [_words(entry.get(name)) for name in ("title", "description")]
    yield Event(
        kind=Kind.OTHER,
        source=NAME,
        subject=incident,
        key=f"{incident}/timeline/{id_of(entry)}",
        occurred_at=iso(entry["eventTime"]),
        precision=iso_precision(entry["eventTime"]),
        origin=origin,
        actor=actor(text_of(who.get("name"))) if who.get("type") == "user" else None,
        value=text_of(entry.get("type")) or "timeline",
        text="\n".join(filter(None, words)),
    )


def _words(given: Any) -> str:
    return text_of(given.get("content") or given.get("name")) if isinstance(given, dict) else text_of(given)


@dataclass(frozen=True)
class _Thing:
    """An alert, or an incident."""

    item: dict[str, Any]
    origin: str

    @cached_property
    def id(self) -> str:
        return id_of(self.item)

    @cached_property
    def made(self) -> datetime:
        return iso(self.item["createdAt"])

    @cached_property
    def seen(self) -> datetime:
        """As of when its present values are known."""
        return iso_or_none(self.item.get("updatedAt")) or self.made

    @property
    def is_incident(self) -> bool:
        return bool({"impactStartDate", "impactedServices", "serviceId"} & set(self.item))

    def event(self, kind: Kind, key: str, at: datetime | None = None, **more: Any) -> Event:
        """An event of this record, at its last update unless said otherwise."""
        links = self.item.get("links") or {}
        return Event(
            kind=kind,
            source=NAME,
            subject=self.id,
            key=f"{self.id}/{key}",
            occurred_at=at or self.seen,
            precision=iso_precision(self.item["createdAt"]),
            origin=self.origin,
            url=text_of(links.get("web")) or None,
            **more,
        )

    def told(self) -> Iterator[Told]:
        item, message = self.item, text_of(self.item.get("message"))
        kind = "incident" if self.is_incident else "alert"
        yield self.event(Kind.DECLARED, "created", self.made, value=kind, text=message, recorded_at=self.seen)
        yield from self._impact() if self.is_incident else self._alert(message)
        yield from self._states()
        if word := text_of(item.get("priority")):
            key = f"priority/{word}@{self.seen.isoformat()}"
            yield self.event(Kind.SEVERITY, key, value=word, text=f"priority: {SEEN}")
        if owner := text_of(item.get("owner")):
            yield self.event(Kind.ASSIGNED, f"owner/{owner}@{self.seen.isoformat()}", value=owner)
            yield from person(owner)
        for label in item.get("tags") or []:
            yield self.event(Kind.LABELLED, f"tag/{label}", value=text_of(label), recorded_at=self.seen)
        for name, text in self._fields():
            key = f"{name}/{digest(text)}"
            yield self.event(Kind.OTHER, key, value=name, text=text, recorded_at=self.seen)
        for responder in item.get("responders") or []:
            if responder.get("type") == "user":
                yield Person(NAME, id_of(responder), responder.get("name"), email=responder.get("username"))

    def _fields(self) -> Iterator[tuple[str, str]]:
        """(name, words) of what else is told of it as it is now."""
        item = self.item
        for name in ("description", "tinyId", "entity", "ownerTeam", "snoozedUntil"):
            if text := text_of(item.get(name)):
                yield name, text
        for service in item.get("impactedServices") or []:
            yield "impactedService", text_of(service)
        for responder in item.get("responders") or []:
            yield "responder", f"{text_of(responder['type'])} {id_of(responder)}"
        for name in ("extraProperties", "details"):
            for key, value in sorted((item.get(name) or {}).items()):
                yield name, f"{key}: {text_of(value)}"

    def _impact(self) -> Iterator[Event]:
        """When customers were hit, as far as somebody said so: the start is the moment of creation unless it is set."""
        for name in ("impactDetectDate", "impactStartDate", "impactEndDate"):
            at = iso_or_none(self.item.get(name))
            if at and (name == "impactEndDate" or at != self.made):
                yield self.event(Kind.OTHER, name, at, value=name, recorded_at=self.seen)
        for alert in self.item.get("associatedAlerts") or []:
            own = text_of(alert)
            yield replace(self.event(Kind.MERGED, f"alert/{own}", self.made, value=self.id), subject=own)

    def _alert(self, message: str) -> Iterator[Told]:
        item, by = self.item, self.item.get("integration") or {}
        how = text_of(item.get("source") or by.get("name") or by.get("type")) or None
        yield backdated(self.event(Kind.ALERTED, "alerted", self.made, value=how, text=message), self.seen)
        if (alias := text_of(item.get("alias"))) and alias != self.id:
            yield self.event(Kind.LINKED, "alias", self.made, value=alias, text="alias")
        last = iso_or_none(item.get("lastOccurredAt"))
        if last and last != self.made:
            count = text_of(item.get("count"))
            text = f"{count} times by then" if count else ""
            yield self.event(
                Kind.OTHER, "lastOccurredAt", last, value="lastOccurredAt", text=text, recorded_at=self.seen
            )
        report = item.get("report") or {}
        who = text_of(report.get("acknowledgedBy"))
        if not self._logged(Kind.ACKNOWLEDGED):
            if at := self._after(report.get("ackTime")):
                yield self.event(Kind.ACKNOWLEDGED, at_second("acknowledged", at), at, actor=actor(who))
            elif item.get("acknowledged") is True:
                yield self.event(Kind.OTHER, "acknowledged/seen", value="acknowledged", text=LATEST)
        yield from person(who)
        yield from person(text_of(report.get("closedBy")))

    def _states(self) -> Iterator[Event]:
        """Its status: since when where the report says so, else as of the last update."""
        word, report = text_of(self.item.get("status")), self.item.get("report") or {}
        closed = self._after(report.get("closeTime")) if word == "closed" else None
        if closed and not self._logged(Kind.STATUS):
            by = actor(text_of(report.get("closedBy")))
            yield self.event(Kind.STATUS, at_second(word, closed), closed, value=word, actor=by)
        elif word and not closed:
            yield self.event(Kind.STATUS, f"status/{word}@{self.seen.isoformat()}", value=word, text=LATEST)

    def _after(self, milliseconds: Any) -> datetime | None:
        """The moment so long after the creation; None where the report does not say."""
        if milliseconds in (None, 0, ""):
            return None
        if isinstance(milliseconds, bool) or not isinstance(milliseconds, int):
            raise ValueError(f"{milliseconds!r} is no number of milliseconds since the alert was created")
        return self.made + timedelta(milliseconds=milliseconds)

    def _logged(self, kind: Kind) -> bool:
        """Whether the log that the record carries tells it, too: then it tells it better."""
        lines = self.item.get("logs")
        return isinstance(lines, list) and any(kind_of(entry) == kind for entry in lines)


source = Source(
    title="Opsgenie REST API",
    manual="https://docs.opsgenie.com/docs/api-overview",
    owns=owns,
    parse=parse,
    group="pager",
    takes="REST API: incidents, and alerts with their log and notes",
    known_by="a record's `tinyId`, or lines with `owner` and `offset`",
)
