"""Bodies of webhooks that real tools sent, kept outside this project, and templates of vendors that no source reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from podanalytics import intake
from podanalytics.model import Kind
from podanalytics.sources import owners
from podanalytics.tables import FAULTS
from podanalytics.workspace import find_workspace, make_workspace
from tests.sources.test_real_trackers import events, faults, told_by


def test_alertmanager_tells_every_alert_of_a_body(shared: Path) -> None:
    path = shared / "data/trackers/alertmanager/prometheus-msteams/card-grafana-inspired-payload.json"
    told, body = told_by(path, "alertmanager"), json.loads(path.read_bytes())
    assert len(events(told, Kind.ALERTED)) == len(body["alerts"]) == 3
    assert {e.value for e in events(told, Kind.LINKED) if e.text == "fingerprint"} == {
        alert["fingerprint"] for alert in body["alerts"]
    }
    assert {e.occurred_at for e in events(told)} == {datetime(2020, 10, 11, 14, 34, 11, 279383, tzinfo=UTC)}
    assert events(told, Kind.STATUS) == [] and faults(told) == [], "the year 1 is no end"


def test_alertmanager_reads_a_body_of_before_there_were_fingerprints(shared: Path) -> None:
    path = shared / "data/trackers/alertmanager/prometheus-msteams/prom_post_request.json"
    told = told_by(path, "alertmanager")
    assert [e.occurred_at for e in events(told, Kind.ALERTED)] == [datetime(2018, 3, 7, 11, 33, 21, 873077, tzinfo=UTC)]
    assert len({e.subject for e in events(told)}) == 1 and faults(told) == []


def test_templates_of_other_vendors_are_nobodys_and_said_to_be(shared: Path, tmp_path: Path) -> None:
    found = sorted((shared / "data/trackers/alertmanager/keep_alert_mocks").iterdir())
    assert len(found) == 17 and [path.name for path in found if owners(path)] == []
    make_workspace(tmp_path / "team")
    home = find_workspace(tmp_path / "team")
    store = home.store()
    try:
        intake.load(home, store, found)
        reasons = store.read(FAULTS)["reason"].to_list()
    finally:
        store.close()
    assert len(reasons) == 17 and all("no source recognises" in reason for reason in reasons)


def test_pagerdutys_webhooks_of_both_versions_are_read(shared: Path) -> None:
    folder = shared / "data/trackers/pagerduty/go-pagerduty_tests"
    older, newer = (told_by(folder / f"payload_0{n}.json", "pagerduty") for n in (1, 2))
    assert faults(older) == faults(newer) == []
    assert [e.key for e in events(older, Kind.ALERTED)] == ["R2XGXEI3W0FHMSDXHDIBQGBQ5E"], "the log entry's own id"
    assert [(e.text, e.value) for e in events(older, Kind.LINKED)] == [
        ("alert_key", "c24117fc42e44b44b4d6876190583378")
    ]
    assert [(e.key, e.value) for e in events(newer)] == [("01BWDWL3NYY7LUFPZCC28QUCMK", "P1")]
