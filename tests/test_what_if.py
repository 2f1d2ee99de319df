"""Policies over time: each incident is judged by the one in force when it began, and a proposal by itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from podanalytics.errors import PolicyError, UnknownIncidentError
from podanalytics.evidence import explain
from podanalytics.gather_month import month_section, trend_of
from podanalytics.ledger import Ledger, load_ledger
from podanalytics.policy import Policy
from podanalytics.policy.history import policies_of
from podanalytics.show.comparisons import what_if_lines
from podanalytics.what_if import counted, what_if
from tests.story import ack, alert, amended, at, event, page_record, status, stored, ticket
from tests.test_cli import run

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def version(name: str, since: datetime, minutes: float, **more: object) -> Policy:
    return amended({"ack": {"target": minutes}}, version=name, effective=since, **more)


def two_days() -> list[object]:
    """INC-1 at 14:00 on the first day, INC-2 at the same time on the next, both acknowledged after eight minutes."""
    told: list[object] = [alert("14:00"), *page_record("14:00"), *ticket("14:02"), ack("14:08")]
    told += [
        event("+1 14:00", "alerted", "pagerduty", "PD2", value="monitor"),
        event("+1 14:00", "declared", "pagerduty", "PD2", value="incident", text="down"),
        event("+1 14:00", "linked", "pagerduty", "PD2", value="INC-2", text="ticket"),
        event("+1 14:02", "declared", "jira", "INC-2", value="Incident", text="down", actor="ana"),
        event("+1 14:02", "severity", "jira", "INC-2", value="P1", actor="ana"),
        event("+1 14:08", "acknowledged", "pagerduty", "PD2", actor="ana"),
    ]
    return [*told, status("15:00", "Resolved"), status("+1 15:00", "Resolved", subject="INC-2")]


def ledger(*policies: Policy) -> Ledger:
    store = stored(*two_days())  # type: ignore[arg-type]
    try:
        return load_ledger(store, policies_of(policies), at("+9 00:00"))
    finally:
        store.close()


def verdicts(found: Ledger) -> list[tuple[str, str, str]]:
    return found.readings.filter(measure="ack").select("incident", "verdict", "policy").rows()


def test_an_incident_is_judged_by_the_policy_in_force_when_it_began() -> None:
    old, new = version("1", NEW_YEAR, 5), version("2", at("+1 14:00"), 10)  # INC-2 begins at that very moment
    found = ledger(new, old)
    assert verdicts(found) == [("INC-1", "missed", "pod-protocol 1"), ("INC-2", "met", "pod-protocol 2")]
    assert [found.policy_of(id).version for id in ("INC-1", "INC-2")] == ["1", "2"]
    assert found.found.policy.version == "2"


def test_what_began_before_every_policy_is_judged_by_the_first_and_says_so() -> None:
    found = ledger(version("2", at("+1 00:00"), 10), version("3", at("+2 00:00"), 1))
    assert [(i, v) for i, v, _ in verdicts(found)] == [("INC-1", "met"), ("INC-2", "met")]
    assert found.incidents.select("incident", "flags").rows() == [("INC-1", "before its policy"), ("INC-2", "")]


def test_a_policy_that_is_not_in_force_yet_judges_nobody() -> None:
    found = ledger(version("1", NEW_YEAR, 5), version("2", at("+20 00:00"), 10))
    assert {label for _, _, label in verdicts(found)} == {"pod-protocol 1"}


def test_what_two_policies_ask_for_is_never_added_up() -> None:
    found = ledger(version("1", NEW_YEAR, 5), version("2", at("+1 00:00"), 10))
    shown = month_section("attainment", trend_of(found, "2026-10", "UTC")).markdown()
    rows = [line for line in shown.splitlines() if "<sub>ack</sub>" in line]
    assert ["pod-protocol 1" in rows[0], "pod-protocol 2" in rows[1], len(rows)] == [True, True, 2]


@pytest.mark.parametrize(
    ("one", "other", "complaint"),
    [
        (("1", NEW_YEAR), ("2", NEW_YEAR), "come into force at the same moment"),
        (("1", NEW_YEAR), ("1", at("14:00")), "give each its own `version`"),
    ],
)
def test_policies_that_cannot_be_told_apart_are_refused(
    one: tuple[str, datetime], other: tuple[str, datetime], complaint: str
) -> None:
    with pytest.raises(PolicyError, match=complaint):
        policies_of([version(*one, 5), version(*other, 5)])


def test_a_proposal_is_set_beside_what_is_in_force() -> None:
    now, then = ledger(version("1", NEW_YEAR, 5)), ledger(version("9", at("+50 00:00"), 10))
    shifts = {s.clause: s for s in what_if(now, then, None)}
    assert [(a.met, a.missed) for a in (*shifts["ack"].before, *shifts["ack"].after)] == [(0, 2), (2, 0)]
    assert shifts["ack"].turned == (("missed", "met", 2),)
    assert not shifts["response"].turned
    later = {s.clause: s for s in what_if(now, then, at("+1 00:00"))}
    assert later["ack"].turned == (("missed", "met", 1),)
    lines = what_if_lines(["pod-protocol 1"], "pod-protocol 9", None, counted(now, then, None), list(shifts.values()))
    (row,) = [line for line in lines if line.startswith("ack ")]
    assert re.sub(r" +", " ", row) == "ack 0 of 2 2 of 2 2 missed → met"


def test_what_a_proposal_no_longer_counts_is_left_out_and_told() -> None:
    now = ledger(version("1", NEW_YEAR, 5))
    then = ledger(version("9", NEW_YEAR, 5, exclude=[{"reason": "test", "like": "^down$"}]))
    assert counted(now, then, None) == (1, 1, 0)
    lines = what_if_lines(["1"], "9", None, counted(now, then, None), list(what_if(now, then, None)))
    assert lines[1] == "1 that count now would not, 0 that do not would: they are left out here."


def test_the_verb_reads_a_file_and_a_date(root: Path, tmp_path: Path) -> None:
    text = (root / "podanalytics/policies/pod-protocol.toml").read_text("utf-8")
    (tmp_path / "next.toml").write_text(text.replace("2026.1", "2027.1").replace("target = 15", "target = 1"), "utf-8")
    run("init", str(tmp_path / "team"), cwd=tmp_path)
    told = run("policy", "what-if", str(tmp_path / "next.toml"), "--since", "2026-07-01", cwd=tmp_path / "team")
    assert told.returncode == 0 and "no incidents that began from 2026-07-01 00:00 UTC on" in told.stdout
    wrong = run("policy", "what-if", "nowhere.toml", cwd=tmp_path / "team")
    assert wrong.returncode == 1 and "nowhere.toml" in wrong.stderr and "Traceback" not in wrong.stderr


def test_explaining_a_clause_that_the_judging_policy_does_not_have_is_a_sentence() -> None:
    new = amended({"contain": {"from": ["alert_fired"], "to": "mitigated", "target": 60}}, version="2",
                  effective=at("+1 00:00"))  # fmt: skip
    found = ledger(version("1", NEW_YEAR, 5), new)
    assert explain(found, "INC-2", "contain").reading["policy"] == "pod-protocol 2"
    with pytest.raises(UnknownIncidentError, match="INC-1 is judged by pod-protocol 1, which has no clause 'contain'"):
        explain(found, "INC-1", "contain")
