"""Prometheus Alertmanager: bodies of its webhook (version 4, and Grafana's, which has the same form), and the lists of
`/api/v2/alerts`.

An alert is known by its fingerprint and the moment it began. A body comes again every `repeat_interval` and from each
peer of a cluster, so most of a log of deliveries tells nothing new. `endsAt` in the year 1 means that the alert still
fires; in a list of the API it is when the alert lapses if nobody renews it, and says nothing of its end.
Source: `template.Data` and `webhook.Message` of Alertmanager 0.34; the pager's key is its `notify.Key.Hash`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, FaultRule, Kind, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._bodies import bodies, unwrapped
from podanalytics.sources._clock import iso, iso_or_none, iso_precision
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import Part, each, text_of, whole_json, with_parts

NAME = "alertmanager"
AGAIN = "alert delivered again, with nothing new"
TITLES = ("summary", "title", "message", "description")  # annotations; the first of them says what is wrong
_PRIME, _BASIS, _SEPARATOR = 1099511628211, 14695981039346656037, b"\xff"


def owns(path: Path) -> bool:
    """Webhook bodies, bare or in a receiver's own records, or alerts with labels and a beginning."""
    found = sample(path) or sample(path, "alerts")
    if found is None:
        return False
    try:
        _, inner = unwrapped("", found, _has_alerts)
    except ValueError:
        return False
    return _is_alert(inner) or _is_body(inner) or _is_alert(sample(path, "alerts", "data"))


def _has_alerts(record: dict[str, Any]) -> bool:
    return "alerts" in record


def _is_alert(found: Any) -> bool:
    return isinstance(found, dict) and isinstance(found.get("labels"), dict) and "startsAt" in found


def _is_body(found: dict[str, Any]) -> bool:
    alerts = found.get("alerts")
    if not isinstance(alerts, list):
        return False
    return any(map(_is_alert, alerts)) or {"receiver", "groupKey"} <= set(found)


def parse(path: Path) -> Iterator[Told]:
    """Every alert once; what is delivered again without anything new is counted."""
    reader = _Reader()
    document = whole_json(path)
    # A body that breaks off is no document; the alerts that stand whole in it can still be read. An old API wraps.
    lists = ("alerts",) if document is None else ("data",) if _is_wrapped_list(document) else ()
    yield from each(
        NAME, with_parts(bodies(records(path, NAME, *lists), NAME, _has_alerts), "/alerts"), reader.read, _id
    )
    if reader.again:
        yield Skipped(path.name, AGAIN, reader.again)


def _is_wrapped_list(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("data"), list)


def _id(item: Any) -> Any:
    alert = item.record if isinstance(item, Part) else item
    return alert.get("fingerprint") or alert.get("groupKey")


class _Reader:
    """Reads one file; `again` counts the alerts in it that it had told of before."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self.again = 0

    def read(self, item: Any, origin: str) -> Iterator[Told]:
        """What a body says of itself, or what an alert tells for the first time."""
        if isinstance(item, Part) or _is_alert(item):
            yield from self._alert(item, origin)
        elif isinstance(item.get("alerts"), list):
            yield from _cut(item, origin)
        else:
            raise ValueError("neither a body of the webhook (it has no list of alerts) nor an alert with startsAt")

    def _alert(self, item: Any, origin: str) -> Iterator[Told]:
        told = list(_events(item.record, item.owner, origin) if isinstance(item, Part) else _events(item, {}, origin))
        new = [entry for entry in told if isinstance(entry, Fault) or entry.key not in self._told]
        self._told.update(entry.key for entry in new if isinstance(entry, Event))
        self.again += not new
        yield from new


def _cut(body: dict[str, Any], origin: str) -> Iterator[Fault]:
    lacking = body.get("truncatedAlerts") or 0
    if lacking:
        group = text_of(body.get("groupKey")) or "this group"
        why = f"{lacking} alerts of {group} are not in this body, so it is incomplete: the receiver's max_alerts cut it"
        yield Fault(NAME, origin, f"{why}; raise it, or keep /api/v2/alerts beside it", group, FaultRule.CAPPED)


def _events(alert: dict[str, Any], body: dict[str, Any], origin: str) -> Iterator[Event | Fault]:
    labels = {name: text_of(value) for name, value in alert["labels"].items()}
    mark, began = text_of(alert.get("fingerprint")) or fingerprint(labels), iso(alert["startsAt"])
    # The API writes milliseconds where the webhook writes nanoseconds: both are one alert.
    id = f"{mark}@{began.isoformat(timespec='milliseconds').replace('+00:00', 'Z')}"
    base: dict[str, Any] = {"source": NAME, "subject": id, "origin": origin, "url": _address(alert)}
    first = {**base, "occurred_at": began, "precision": iso_precision(alert["startsAt"])}
    rule = labels.get("alertname") or "alert"
    yield Event(kind=Kind.ALERTED, key=f"{id}/fired", value=rule, text=_text(rule, labels, alert), **first)
    if severity := labels.get("severity"):
        yield Event(kind=Kind.SEVERITY, key=f"{id}/severity", value=severity, text="label severity", **first)
    yield Event(kind=Kind.LINKED, key=f"{id}/fingerprint", value=mark, text="fingerprint", **first)
    if group := text_of(body.get("groupKey")):
        # What Alertmanager tells PagerDuty as dedup_key and Opsgenie as alias of the same group.
        hashed = hashlib.sha256(group.encode("utf-8", "replace")).hexdigest()
        yield Event(kind=Kind.LINKED, key=f"{id}/dedup_key/{hashed[:16]}", value=hashed, text="dedup_key", **first)
    if _over(alert, body):
        yield _resolved(alert, id, rule, base)
    yield from _hushed(alert, id, base)


def _address(alert: dict[str, Any]) -> str | None:
    return text_of(alert.get("generatorURL")) or None


def _text(rule: str, labels: dict[str, str], alert: dict[str, Any]) -> str:
    """What is wrong, and with what: the labels but the rule's own name and the severity."""
    notes = alert.get("annotations") or {}
    says = next((said for name in TITLES if (said := text_of(notes.get(name)).strip())), "")
    rest = ", ".join(f"{n}={v}" for n, v in sorted(labels.items()) if n not in ("alertname", "severity"))
    return f"{rule}{': ' if says else ''}{says}{f' [{rest}]' if rest else ''}"


def _over(alert: dict[str, Any], body: dict[str, Any]) -> bool:
    """Whether a body says that the alert is over; older ones say it by the time alone."""
    status = alert.get("status")
    if isinstance(status, dict) or not (body or status):
        return False
    if status:
        return bool(status == "resolved")
    return body.get("status") == "resolved" or iso_or_none(alert.get("endsAt")) is not None


def _resolved(alert: dict[str, Any], id: str, rule: str, base: dict[str, Any]) -> Event | Fault:
    ends = text_of(alert.get("endsAt"))
    if iso_or_none(ends) is None:
        return Fault(NAME, base["origin"], "it is resolved, but its endsAt does not say since when", id)
    over = {**base, "occurred_at": iso(ends), "precision": iso_precision(ends)}
    return Event(kind=Kind.STATUS, key=f"{id}/resolved", value="resolved", text=rule, **over)


def _hushed(alert: dict[str, Any], id: str, base: dict[str, Any]) -> Iterator[Event]:
    """That nobody is told of the alert, as the API knows it at the moment it was asked."""
    status = alert.get("status")
    if not isinstance(status, dict) or status.get("state") != "suppressed":
        return
    seen = text_of(alert.get("updatedAt")) or alert["startsAt"]
    by = [f"silence {text_of(s)}" for s in status.get("silencedBy") or []]
    by += [f"alert {text_of(a)}" for a in status.get("inhibitedBy") or []]
    told = {**base, "occurred_at": iso(seen), "precision": iso_precision(seen)}
    why = f"nobody is told of it: {', '.join(by) or 'the API does not say by what'}"
    yield Event(kind=Kind.OTHER, key=f"{id}/suppressed@{seen}", value="suppressed", text=why, **told)


def fingerprint(labels: dict[str, str]) -> str:
    """The fingerprint of an alert that a body leaves out: FNV-1a of its sorted labels, as Prometheus makes it.

    >>> fingerprint({})
    'cbf29ce484222325'
    """
    found = _BASIS
    for name in sorted(labels):
        for part in (name.encode("utf-8", "replace"), labels[name].encode("utf-8", "replace")):
            for byte in part + _SEPARATOR:
                found = ((found ^ byte) * _PRIME) & 0xFFFFFFFFFFFFFFFF
    return f"{found:016x}"


source = Source(
    title="Prometheus Alertmanager",
    manual="https://prometheus.io/docs/alerting/latest/configuration/#webhook_config",
    owns=owns,
    parse=parse,
    group="alerts",
    takes="webhook bodies, `/api/v2/alerts`",
    known_by="alerts with labels and `startsAt`",
)
