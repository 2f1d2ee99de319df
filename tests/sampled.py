"""The sample as its tools tell it: what tests read from the generated raw files."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from typing import Any

from podanalytics.gather import review_of
from podanalytics.ledger import Ledger
from podanalytics.review import Review
from podanalytics.sample import Sample, generate
from podanalytics.sample.truth import IncidentTruth


@cache
def sample() -> Sample:
    return generate(2026)


def of(key: str) -> IncidentTruth:
    return next(one for one in sample().truth if one.id == key)


def raw(name: str) -> Any:
    return json.loads(sample().raw[name])


def pages(folder: str, name: str) -> list[dict[str, Any]]:
    return [one for path, data in sample().raw.items() if path.startswith(folder) for one in json.loads(data)[name]]


@cache
def slack() -> dict[str, list[dict[str, Any]]]:
    """Messages by channel, of both exports, each once."""
    with zipfile.ZipFile(io.BytesIO(sample().raw["slack-2026-spring.zip"])) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files |= {path.removeprefix("slack/"): data for path, data in sample().raw.items() if path.startswith("slack/")}
    rooms: dict[str, dict[str, dict[str, Any]]] = {}
    for name, data in files.items():
        if "/" in name:
            rooms.setdefault(name.split("/")[0], {}).update({post["ts"]: post for post in json.loads(data)})
    return {room: [posts[ts] for ts in sorted(posts)] for room, posts in rooms.items()}


def jira(key: str) -> dict[str, Any]:
    return next(issue for issue in pages("jira/", "issues") if issue["key"] == key)


def log_entries(title: str) -> list[dict[str, Any]]:
    return [entry for entry in pages("pagerduty/log_entries", "log_entries") if title in entry["incident"]["summary"]]


_reviews: dict[tuple[int, str, str], Review] = {}


def reviewed(ledger: Ledger, incident: str, zone: str = "UTC") -> Review:
    """A Review of the session's ledger, made once: many tests look at every incident."""
    key = (id(ledger), incident, zone)
    if key not in _reviews:
        _reviews[key] = review_of(ledger, incident, zone)
    return _reviews[key]
