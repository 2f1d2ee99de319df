"""Webhooks as people keep them: the bare body, or the body with its headers and the time of its delivery beside it.

Sources: GitHub's deliveries API (`/hooks/1/deliveries/2`: `delivered_at`, `event`, `request.headers`,
`request.payload`), and what collectors write: `headers`, `body` or `payload`, a time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podanalytics.sources._clock import iso
from podanalytics.sources._read import NOT_JSON, pointed

BODIES = ("body", "payload")
TIMES = ("delivered_at", "received_at", "timestamp", "time")
NO_TIME = "it does not say when: keep the time of the delivery beside the body, as `delivered_at`"


@dataclass(frozen=True, slots=True)
class Hook:
    """One delivery: the body, where it stands, its headers (names in lower case), and when it came, if kept."""

    body: dict[str, Any]
    origin: str
    headers: Mapping[str, str]
    written: Any = None

    @property
    def delivered(self) -> datetime | None:
        """When it was delivered; None where nobody kept that. Raises ValueError for a time without a zone."""
        return iso(self.written) if self.written else None


def opened(record: Mapping[str, Any], origin: str = "") -> Hook:
    """The delivery that a record is; a record that is no envelope is a body."""
    request = record.get("request")
    inner = request if isinstance(request, dict) and _body(request)[1] is not None else record
    name, body = _body(inner)
    if body is None:
        return Hook({k: v for k, v in record.items() if k != "_envelope"}, origin, {}, _time(record.get("_envelope")))
    headers = {str(k).lower(): str(v) for k, v in _dict(inner.get("headers")).items()}
    if isinstance(record.get("event"), str):
        headers.setdefault("x-github-event", str(record["event"]).partition(".")[0])
    pointer = f"/request/{name}" if inner is request else f"/{name}"
    return Hook(body, pointed(origin, pointer) if origin else "", headers, _time(record))


def _body(record: Mapping[str, Any]) -> tuple[str, dict[str, Any] | None]:
    """The body inside an envelope: an object, or one written out as text. A body itself has none."""
    if "repository" in record or "object_kind" in record:
        return "", None
    for name in BODIES:
        found = record.get(name)
        if isinstance(found, str) and found.lstrip().startswith("{"):
            try:
                found = json.loads(found)
            except NOT_JSON:
                continue
        if isinstance(found, dict) and ("repository" in found or "object_kind" in found or "headers" in record):
            return name, found
    return "", None


def _time(record: Any) -> Any:
    return next((record[n] for n in TIMES if record.get(n)), None) if isinstance(record, Mapping) else None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
