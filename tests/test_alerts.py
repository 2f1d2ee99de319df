"""Alerts: which incident they belong to, and what they tell of it, from raw files to the milestones."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from podanalytics import intake
from podanalytics.gather import review_of
from podanalytics.ledger import load_ledger
from podanalytics.model import Event
from podanalytics.provenance import stands_in
from podanalytics.review import Review
from podanalytics.workspace import find_workspace, make_workspace
from tests.linked import homes, linked, offered
from tests.story import POLICY, at, event, say, ticket

CASES = Path(__file__).parent / "sources"
FINGERPRINT = "8d1f0c2a96b3e471"


def loaded(folder: Path, files: dict[str, Any], incident: str, same: str = "") -> Review:
    """The review of an incident of a workspace that holds these raw files: JSON, or cases to copy. `same`: what a
    person says is the same.
    """
    folder.mkdir(exist_ok=True)
    make_workspace(folder / "team")
    home = find_workspace(folder / "team")
    for name, content in files.items():
        if isinstance(content, Path):
            shutil.copy(content, home.raw / name)
        else:
            (home.raw / name).write_text(json.dumps(content), "utf-8")
    if same:
        said = (
            f'[[link]]\nleft = "pagerduty {incident}"\nright = "{same}"\nsame = true\nwhy = "One outage."\nby = "carol"'
        )
        (home.corrections / "links.toml").write_text(f"{said}\nstated_at = 2026-10-04T09:00:00Z\n", "utf-8")
    store = home.store()
    try:
        intake.load(home, store)
        return review_of(load_ledger(store, POLICY, at("+3 00:00")), incident, "UTC")
    finally:
        store.close()


def moments(review: Review) -> dict[str, tuple[str, str, str]]:
    """Milestone → (clock, source, rule)."""
    rows = review.milestones.select("milestone", "occurred_at", "source", "rule").iter_rows()
    return {name: (when.strftime("%H:%M:%S"), source, rule) for name, when, source, rule in rows}


def fired(clock: str, *keys: str, id: str = FINGERPRINT, text: str = "PodApiErrors [job=pod-api]") -> list[Event]:
    subject = f"{id}@{clock}"
    told = [event(clock, "alerted", "alertmanager", subject, value="PodApiErrors", text=text)]
    names = {"fingerprint": id, **dict.fromkeys(("dedup_key",) if keys else (), keys[0] if keys else "")}
    return told + [event(clock, "linked", "alertmanager", subject, value=v, text=n) for n, v in names.items()]


def page(clock: str, key: str, id: str = "PDABCDEF") -> list[Event]:
    return [
        event(clock, "declared", "pagerduty", id, value="incident", text="errors"),
        event(clock, "linked", "pagerduty", id, value=key, text="incident_key"),
    ]


def of(found: Any, *alerts: Iterable[Event]) -> list[str | None]:
    return [homes(found).get(("alertmanager", next(iter(alert)).subject)) for alert in alerts]


def test_all_alerts_of_a_group_belong_to_the_page_that_was_made_of_it() -> None:
    group = [fired("13:59", "k"), fired("14:01", "k", id="41c07be55d90aa12"), fired("14:20", "k")]
    found = linked(*group, page("14:00", "k"), event("15:00", "status", "pagerduty", "PDABCDEF", value="resolved"))
    assert of(found, *group) == ["PDABCDEF"] * 3
    assert set(found.members.filter(pl.col("source") == "alertmanager")["method"]) == {"alert key"}


def test_a_key_that_serves_again_leads_to_the_page_of_that_time() -> None:
    group = [fired("14:00", "k"), fired("18:00", "k"), fired("+3 14:00", "k")]
    ends = [event(c, "status", "pagerduty", id, value="resolved") for c, id in (("15:00", "PDA"), ("19:00", "PDB"))]
    found = linked(*group, page("14:00:30", "k", "PDA"), page("18:00:30", "k", "PDB"), ends)
    assert of(found, *group) == ["PDA", "PDB", None]


def test_an_alert_alone_is_no_incident() -> None:
    assert linked(fired("14:00", "k")).members.is_empty()


def test_a_fingerprint_in_a_text_leads_to_the_last_time_the_alert_fired() -> None:
    first, second = fired("12:00"), fired("13:59")
    said = event("14:05", "message", "jira", "INC-1", text=f"fingerprint {FINGERPRINT} again", actor="ana")
    assert of(linked(ticket("14:02"), first, second, said), first, second) == [None, "INC-1"]
    general = say("14:05", f"{FINGERPRINT} fires", subject="#general")
    assert of(linked(ticket("14:02"), second, general), second) == [None], "a general channel is no incident"


def test_the_first_alert_of_a_service_that_fired_when_an_incident_began_is_offered() -> None:
    alerts = [fired("13:40"), fired("13:50"), fired("13:55"), fired("14:30")]
    found = linked(ticket("14:02", title="pod-api down"), *alerts)
    assert offered(found) == [("INC-1", f"{FINGERPRINT}@13:50", "alert in time")]
    assert of(found, *alerts) == [None] * 4
    other = fired("14:00", text="DiskFilling [instance=db-1.example.org]")
    assert offered(linked(ticket("14:02", title="pod-api down"), other)) == []


def test_what_belongs_to_an_incident_is_not_offered_to_another() -> None:
    found = linked(ticket("14:02", title="pod-api down"), fired("14:00", "k"), page("14:01", "k"))
    assert offered(found) == []


USER = {"id": "PDEV001", "type": "user_reference", "summary": "Dev Okafor"}


def pages(key: str) -> list[dict[str, Any]]:
    """PagerDuty's incident of a group of alerts, with its log."""
    log = [
        ("notify", "14:01:40", {"id": "PSVC1", "type": "service_reference"}, {"user": USER}),
        ("acknowledge", "14:03:30", USER, {"channel": {"type": "mobile"}}),
        ("resolve", "15:10:00", USER, {}),
    ]
    entries = [
        {"id": f"R{n}", "type": f"{word}_log_entry", "created_at": f"2026-10-03T{clock}Z", "agent": agent, **more}
        for n, (word, clock, agent, more) in enumerate(log)
    ]
    record = {"id": "QALERT1", "incident_number": 7, "title": "PodApiErrors", "created_at": "2026-10-03T14:01:38Z"}
    record |= {"service": {"id": "PSVC1", "type": "service_reference"}, "urgency": "high", "status": "resolved"}
    return [{**record, "incident_key": key, "priority": {"summary": "P1"}, "log_entries": entries}]


def test_an_outage_that_a_person_joins_tells_when_it_began_and_ended(tmp_path: Path) -> None:
    history, record = CASES / "uptime/plain.csv", pages("none")
    record[0] |= {"title": "pod-api answers 503", "log_entries": []}
    files = {"probes.csv": history, "pages.json": record}
    assert "alert_fired" not in moments(loaded(tmp_path / "a", files, "QALERT1")), "it is only offered"
    review = loaded(tmp_path / "b", files, "QALERT1", same="uptime pod-api@2026-10-03T14:00:00Z")
    found = moments(review)
    assert found["alert_fired"] == ("14:00:00", "uptime", "first alert")
    assert found["mitigated"] == ("14:04:00", "uptime", "alerts: the last one was over")


def test_alertmanager_tells_when_the_alert_fired_and_when_the_last_was_over(tmp_path: Path) -> None:
    bodies = CASES / "alertmanager/plain.jsonl"
    group = json.loads(bodies.read_text("utf-8").splitlines()[0])["body"]["groupKey"]
    key = hashlib.sha256(group.encode()).hexdigest()
    review = loaded(tmp_path, {"bodies.jsonl": bodies, "pages.json": pages(key)}, "QALERT1")
    found = moments(review)
    assert found["alert_fired"] == ("14:00:05", "alertmanager", "first alert")
    assert found["acknowledged"][:2] == ("14:03:30", "pagerduty")
    assert found["mitigated"] == ("14:51:35", "alertmanager", "alerts: the last one was over")
    assert found["resolved"][:2] == ("15:10:00", "pagerduty")
    ack = review.readings.filter(pl.col("measure") == "ack").to_dicts()[0]
    assert (ack["verdict"], round(ack["value"], 1)) == ("met", 3.4), (
        "from the alert, a minute and a half before the page"
    )
    assert review.incident["severity"][0] == "P1", "an alert's label says nothing of the incident"


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")], ids=" then ".join)
def test_a_delivery_of_another_peer_and_the_api_tell_the_same_alert(order: tuple[str, str], tmp_path: Path) -> None:
    body = json.loads((CASES / "alertmanager/plain.jsonl").read_text("utf-8").splitlines()[0])["body"]
    listed = [{**body["alerts"][0], "startsAt": "2026-10-03T14:00:05.123Z", "status": {"state": "active"}}]
    make_workspace(tmp_path / "team")
    home = find_workspace(tmp_path / "team")
    for name, content in {"a": body, "b": listed}.items():
        (home.raw / f"{name}.json").write_text(json.dumps(content), "utf-8")
    store = home.store()
    for name in order:
        intake.load(home, store, [home.raw / f"{name}.json"])
    told = store.events().filter(pl.col("kind") == "alerted").to_dicts()
    store.close()
    assert [(e["occurred_at"].microsecond, e["origin"]) for e in told] == [(123456, "a.json:1#/alerts/0")], (
        "the finer clock"
    )


def test_pagerdutys_webhooks_alone_tell_a_whole_response(tmp_path: Path) -> None:
    review = loaded(tmp_path, {"hooks.jsonl": CASES / "pagerduty/webhooks.jsonl"}, "QHOOK0001")
    found = moments(review)
    clocks = {name: clock for name, (clock, *_) in found.items()}
    assert (clocks["alert_fired"], clocks["acknowledged"], clocks["resolved"]) == ("14:00:40", "14:02:10", "15:10:00")
    assert (clocks["severity_set"], clocks["commanded"], clocks["team_notified"]) == (
        "14:04:00",
        "14:05:00",
        "14:06:00",
    )
    assert "first_notice" not in found, "an update to stakeholders is no notice to customers"
    assert [(a["title"], a["state"], a["done"]) for a in review.actions.to_dicts()] == [
        ("Raise the pool's limit", "done", True)
    ]
    held = review.roles.filter(~pl.col("inferred")).to_dicts()
    assert [(r["role"], f"{r['began_at']:%H:%M}", f"{r['ended_at']:%H:%M}") for r in held] == [
        ("Incident Commander", "14:05", "14:40")
    ]


def test_a_webhook_and_the_list_of_incidents_tell_one_begin_and_one_end(tmp_path: Path) -> None:
    hooks = [json.loads(line) for line in (CASES / "pagerduty/webhooks.jsonl").read_text("utf-8").splitlines()]
    data = next(h["event"]["data"] for h in hooks if h["event"]["event_type"] == "incident.resolved")
    listed = {**data, "incident_number": 91, "resolved_at": "2026-10-03T14:50:00Z", "urgency": "high"}
    review = loaded(tmp_path, {"hooks.json": [hooks[0], hooks[13]], "list.json": [listed]}, "QHOOK0001")
    kinds = review.events["kind"].to_list()
    assert [kinds.count(kind) for kind in ("declared", "status", "alerted")] == [1, 1, 1]


def test_grafana_tells_the_page_the_incident_and_the_alert_as_one(tmp_path: Path) -> None:
    files = {
        "groups.json": CASES / "grafana_oncall/plain.json",
        "irm.json": CASES / "grafana_oncall/irm.json",
        "notes.json": [
            {
                "activityItemID": "act-9",
                "incidentID": "6",
                "createdTime": "2026-10-03T14:06:00Z",
                "activityKind": "userNote",
                "body": "https://podexample.grafana.net/a/grafana-oncall-app/alert-groups/IPODAPI0001",
            }
        ],
        "bodies.jsonl": CASES / "alertmanager/plain.jsonl",
    }
    review = loaded(tmp_path, files, "irm-6")
    assert set(review.events["source"]) == {"grafana_irm", "grafana_oncall", "alertmanager"}
    clocks = {name: (clock, source) for name, (clock, source, _) in moments(review).items()}
    assert clocks["impact_started"] == ("14:00:00", "grafana_irm")
    assert clocks["alert_fired"] == ("14:00:05", "alertmanager")
    assert clocks["acknowledged"] == ("14:02:10", "grafana_oncall")
    assert clocks["declared"] == ("14:05:00", "grafana_irm")
    assert clocks["resolved"] == ("14:55:00", "grafana_irm")


@pytest.mark.parametrize("case", ["alertmanager/plain.jsonl", "pagerduty/webhooks.jsonl"])
def test_bodies_tell_the_same_in_one_file_or_each_in_its_own_in_any_order(case: str, tmp_path: Path) -> None:
    bodies = (CASES / case).read_text("utf-8").splitlines()
    found = []
    for name, files in {
        "one": {"all.jsonl": "\n".join(bodies)},
        "each": {f"{number:02}.json": body for number, body in enumerate(bodies)},
        "turned": {f"{number:02}.json": body for number, body in enumerate(reversed(bodies))},
    }.items():
        make_workspace(tmp_path / name)
        home = find_workspace(tmp_path / name)
        for file, text in files.items():
            (home.raw / file).write_text(text, "utf-8")
        store = home.store()
        intake.load(home, store)
        told = store.events().drop("origin", "file").sort("id")
        intake.load(home, store)
        assert store.events().drop("origin", "file").sort("id").equals(told), "loaded twice"
        store.close()
        found.append(told)
    assert found[0].equals(found[1]) and found[1].equals(found[2])


def test_alerts_alone_do_not_stand_in_for_the_pager() -> None:
    assert stands_in("alerts", {"pager", "chat"}) == "pager"
    assert stands_in("pager", {"alerts", "chat"}) == stands_in("alerts", {"chat", "logs"}) == ""
    assert stands_in("a kind of one's own", {"pager"}) == ""
