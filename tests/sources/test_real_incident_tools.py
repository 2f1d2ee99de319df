"""Real exports of ServiceNow, Opsgenie and Dispatch, kept outside this project: what they hold is what is told."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from podanalytics.model import Fault, Kind, Skipped
from podanalytics.sources import owners
from tests.told import events, told_by


@pytest.fixture(scope="module")
def trackers(shared: Path) -> Path:
    return shared / "data" / "trackers"


def test_servicenow_tells_every_incident_of_the_csv(trackers: Path) -> None:
    path = trackers / "servicenow_ibm_dev/incidents_REST.csv"
    told = told_by(path, "servicenow")
    rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    made = events(told, Kind.DECLARED)
    assert len(made) == len({e.subject for e in made}) == len(rows) == 67
    assert not [t for t in told if isinstance(t, Fault)]
    opened = {e.subject: f"{e.occurred_at:%Y-%m-%d %H:%M:%S}" for e in made}
    assert opened == {r["number"]: r["opened_at"] for r in rows}
    states = Counter(e.value for e in events(told, Kind.STATUS))
    assert states == Counter(r["incident_state"] for r in rows) == {"7": 27, "2": 20, "1": 13, "3": 7}
    resolved = {e.subject: e for e in events(told, Kind.OTHER) if e.value == "resolved_at"}
    assert len(resolved) == sum(bool(r["resolved_at"]) for r in rows) == 27
    assert len({e.id for e in events(told)}) == len(events(told))


def test_the_audit_log_that_needs_a_mapping_is_not_taken_for_the_api_s_csv(trackers: Path) -> None:
    assert owners(trackers / "uci_servicenow/incident_event_log.csv.gz") == []


def test_opsgenie_tells_both_incidents(trackers: Path) -> None:
    told = told_by(trackers / "opsgenie/devlake_incidents.jsonl", "opsgenie")
    assert [e.text for e in events(told, Kind.DECLARED)] == ["Incident#1", "Incident#2"]
    assert not [t for t in told if isinstance(t, Fault)]
    (ended,) = (e for e in events(told, Kind.OTHER) if e.value == "impactEndDate")
    assert ended.occurred_at.microsecond == 490_000, "21.49Z is 490 milliseconds"
    assert owners(trackers / "opsgenie/opsgenie_swagger.json.gz") == [], "a description of the API is no export"


def test_dispatch_tells_what_the_demo_s_database_holds(trackers: Path) -> None:
    told = told_by(trackers / "dispatch/dispatch-sample-data.dump.gz", "dispatch")
    assert not [t for t in told if isinstance(t, Fault)]
    made = Counter(e.value for e in events(told, Kind.DECLARED))
    assert made == {"incident": 4, "Task": 1}
    assert sum("/event/" in e.key for e in events(told, Kind.OTHER)) == 57
    assert len(events(told, Kind.ROLE)) == 12 and all(e.actor for e in events(told, Kind.ROLE))
    assert len(events(told, Kind.CHANNEL)) == 4 and len(events(told, Kind.ACTION)) == 1
    left = sum(t.count for t in told if isinstance(t, Skipped) and "row of the table event" in t.reason)
    assert left == 21, "those of the schema that Dispatch no longer reads are counted"
