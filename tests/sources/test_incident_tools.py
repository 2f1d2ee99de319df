"""Exports of ServiceNow, Opsgenie, Dispatch and Sentry, from the files to an incident's milestones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from podanalytics import intake
from podanalytics.ledger import Ledger, load_ledger
from podanalytics.linking import container_of
from podanalytics.workspace import find_workspace, make_workspace

HERE = Path(__file__).parent
AS_OF = datetime.fromisoformat("2026-11-20T00:00:00Z")


class Team:
    """A workspace into which cases are loaded."""

    def __init__(self, folder: Path) -> None:
        make_workspace(folder)
        self.home = find_workspace(folder)
        self.store = self.home.store()

    def ledger(self, *cases: str) -> Ledger:
        """The ledger of these cases, loaded one by one in this order."""
        for case in cases:
            target = self.home.raw / case
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((HERE / case).read_bytes())
            intake.load(self.home, self.store, [target])
        return load_ledger(self.store, self.home.policy(), AS_OF)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    found = Team(tmp_path / "team")
    yield found
    found.store.close()


def moments(ledger: Ledger, incident: str) -> dict[str, str]:
    """The clock of each milestone of an incident that is known."""
    rows = ledger.found.milestones.to_dicts()
    return {r["milestone"]: f"{r['occurred_at']:%H:%M:%S}" for r in rows if r["incident"] == incident}


# --- ServiceNow -----------------------------------------------------------------------------------------------------


def test_servicenow_tells_milestones_from_the_record_and_its_history(team: Team) -> None:
    ledger = team.ledger("servicenow/plain.json", "servicenow/audit.json", "servicenow/odd.jsonl")
    assert moments(ledger, "INC0001042") == {
        "declared": "14:02:10",
        "responded": "14:05:40",
        "severity_set": "14:09:00",
        "resolved": "15:40:05",
        "closed": "16:30:00",
    }
    assert "INC0001043" in set(ledger.incidents["incident"])
    assert ledger.incidents["incident"].str.contains("^INC").all(), "none is named by its sys_id"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_servicenow_history_and_records_meet_in_any_order(team: Team, order: Sequence[int]) -> None:
    cases = ("servicenow/plain.json", "servicenow/audit.json", "servicenow/odd.jsonl")
    events = team.ledger(*(cases[number] for number in order)).events
    of_one = events.filter(events["subject"] == "INC0001042")
    assert of_one.filter(of_one["kind"] == "message")["text"].to_list() == [
        "The quota of the scheduler is used up.",  # in the history and in the journal: told once
        "We are on it.",
    ]
    states = of_one.filter(of_one["kind"] == "status")
    assert states["value"].to_list() == ["2", "6", "7"], "each once, though `incident_state` changed along"
    linked = events.filter((events["kind"] == "linked") & (events["subject"] == "INC0001043"))
    assert linked["value"].to_list() == ["INC0001042"], "a reference to a known record is by its name, too"


def test_servicenow_without_its_history_tells_when_it_was_resolved(team: Team) -> None:
    found = moments(team.ledger("servicenow/plain.json"), "INC0001042")
    assert (found["resolved"], found["closed"]) == ("15:40:05", "16:30:00")
    assert "severity_set" not in found, "since when it has its priority is not known"


# --- Opsgenie -------------------------------------------------------------------------------------------------------

INCIDENT = "0b6f1c52-7c1e-4f0a-9a51-3d0f5a2b1001"
ALERT = "5d3e7a10-2f41-4c8e-8d57-1f0b6c9e2001-1791036130500"


def test_opsgenie_tells_an_incident_s_milestones_from_its_alert_and_the_alert_s_log(team: Team) -> None:
    ledger = team.ledger("opsgenie/plain.json", "opsgenie/odd.jsonl")
    assert moments(ledger, INCIDENT) == {
        "impact_started": "13:58:00",
        "alert_fired": "14:02:10",
        "team_notified": "14:02:12",
        "acknowledged": "14:03:46",
        "responded": "14:03:46",
        "severity_set": "14:09:00",
        "mitigated": "15:31:07",
        "resolved": "15:40:21",
    }
    assert ALERT not in set(ledger.incidents["incident"]), "the incident says that the alert is its own"


def test_opsgenie_s_report_and_log_tell_one_acknowledgement(team: Team) -> None:
    ledger = team.ledger("opsgenie/alerts.json", "opsgenie/odd.jsonl")
    for kind in ("acknowledged", "status"):
        told = ledger.events.filter((ledger.events["kind"] == kind) & (ledger.events["subject"] == ALERT))
        assert told.height == 1
    assert moments(ledger, ALERT)["resolved"] == "15:40:10"


# --- Dispatch -------------------------------------------------------------------------------------------------------


def test_dispatch_tells_milestones_roles_and_tasks(team: Team) -> None:
    ledger = team.ledger("dispatch/plain.sql")
    assert moments(ledger, "acme-pods-7") == {
        "declared": "14:03:00",
        "responded": "14:30:00",
        "channel_opened": "14:04:10",
        "commanded": "14:05:00",
        "mitigated": "15:31:00",
        "resolved": "16:20:00",
        "closed": "16:20:00",
    }
    roles = ledger.found.roles.filter(ledger.found.roles["role"] == "Incident Commander").sort("began_at")
    spells = [(r["person"], f"{r['began_at']:%H:%M}", f"{r['ended_at'] or AS_OF:%H:%M}") for r in roles.to_dicts()]
    assert spells == [("ana@acme.example", "14:05", "15:00"), ("ben@acme.example", "15:10", "00:00")]
    (action,) = ledger.found.actions.to_dicts()
    assert (action["incident"], action["title"], action["state"]) == ("acme-pods-7", "Alarm on the quota", "Resolved")
    assert (action["owner"], f"{action['due_at']:%d %H:%M}") == ("ben@acme.example", "10 12:00")


# --- Sentry ---------------------------------------------------------------------------------------------------------

BELONGS = """
[[link]]
left = "servicenow INC0001042"
right = "sentry 9001"
same = true
why = "The quota ran out."
by = "ana"
stated_at = 2026-10-04T09:00:00Z
"""


def test_a_sentry_issue_is_an_alert_of_an_incident_and_none_itself(team: Team) -> None:
    written = team.home.raw / "links.toml"
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_text(BELONGS, "utf-8")
    intake.load(team.home, team.store, [written])
    ledger = team.ledger("sentry/plain.json", "sentry/odd.json", "servicenow/plain.json", "servicenow/audit.json")
    assert {"9001", "9002"}.isdisjoint(ledger.incidents["incident"])
    found = moments(ledger, "INC0001042")
    assert (found["alert_fired"], found["resolved"]) == ("13:59:41", "15:40:05"), "Sentry's resolve ends no incident"
    assert container_of("https://acme.sentry.io/issues/9001/?project=5") == ("sentry", "9001")
