"""Late data: what a second run restates, and what it says of whatever lay there before."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from podanalytics.changes import changes, summary
from podanalytics.gather import review_of, section
from podanalytics.gather_month import month_section, trend_of
from podanalytics.ledger import Ledger
from podanalytics.packets import DAMAGED, restated, written
from podanalytics.publish import FORMAT
from podanalytics.records import Record


def document(parameters: dict[str, str], *sections: Any) -> dict[str, Any]:
    """A JSON form as `publish` would write it, read back."""
    parts = [{"id": s.id, "content": [block.data() for block in s.blocks]} for s in sections]
    made: dict[str, Any] = json.loads(json.dumps({"packet": FORMAT, "parameters": parameters, "sections": parts}))
    return made


@pytest.fixture(scope="module")
def packet(ledger: Ledger) -> dict[str, Any]:
    review = review_of(ledger, "INC-1019", "UTC")
    parts = [section(name, review) for name in ("timeline", "reconstruction", "scorecard", "appendix")]
    return document({"incident": "INC-1019", "as_of": "2026-11-02T09:00:00+00:00"}, *parts)


@pytest.fixture(scope="module")
def report(ledger: Ledger) -> dict[str, Any]:
    trend = trend_of(ledger, "2026-10", "UTC")
    parts = [month_section(name, trend) for name in ("headlines", "attainment")]
    return document({"month": "2026-10", "as_of": "2026-11-02T09:00:00+00:00"}, *parts)


def block(made: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(b for s in made["sections"] for b in s["content"] if b.get("name") == name)
    return found


def row(made: dict[str, Any], table: str, first: str) -> list[Any]:
    found: list[Any] = next(r for r in block(made, table)["rows"] if r[0] == first)
    return found


def fact(made: dict[str, Any], label: str, value: str) -> None:
    pair = next(p for s in made["sections"] for b in s["content"] if b["block"] == "facts" for p in b["rows"]
                if p[0] == label)  # fmt: skip
    pair[1] = value


def test_nothing_changed_is_said_with_the_moment_it_is_compared_to(packet: dict[str, Any]) -> None:
    assert changes(packet, deepcopy(packet)) == ["nothing changed since the packet of 2026-11-02T09:00:00+00:00"]


def test_what_moved_is_told_old_and_new(packet: dict[str, Any]) -> None:
    before = deepcopy(packet)
    before["parameters"]["as_of"] = "2026-10-20T09:00:00+00:00"
    fact(before, "Policy", "pod-protocol 2025.4")
    fact(before, "Definitions", "version 0")
    row(before, "scorecard", "triage")[2] = {"verdict": "not_applicable"}
    row(before, "milestones", "mitigated")[1] = {"time": "2026-10-14T15:08:50Z"}
    gone = block(before, "milestones")["rows"]
    gone.remove(row(before, "milestones", "reviewed"))
    gone.append(["impact started", {"time": "2026-10-14T12:59:00Z"}, "a rule", "s", {"links": []}, "-"])
    block(packet := deepcopy(packet), "faults")["rows"].append(["pd.json#/3", "Q3", "unreadable", "no time zone"])
    told = changes(before, packet)
    now = packet["parameters"]["as_of"]
    reviewed = row(packet, "milestones", "reviewed")[1]["time"]
    assert told == [
        "changed since the packet of 2026-10-20T09:00:00+00:00:",
        f"  data as of 2026-10-20T09:00:00+00:00 → {now}",
        "  policy pod-protocol 2025.4 → pod-protocol 2026.1",
        "  definitions version 0 → version 1",
        "  triage: not applicable → missed",
        "    judged by pod-protocol 2026.1, before by pod-protocol 2025.4",
        f"    it now says: {row(packet, 'scorecard', 'triage')[6]}",
        "  mitigated: 2026-10-14T15:08:50Z → 2026-10-14T15:00:16Z",
        f"  reviewed: not told → {reviewed}",
        "  impact started: 2026-10-14T12:59:00Z → not told",
        "  1 new unreadable record",
    ]
    assert changes(packet, packet | {"sections": before["sections"]})[-1] == "  1 record readable now, or gone"


def test_other_text_is_no_change_of_a_verdict_and_still_told(packet: dict[str, Any]) -> None:
    before = deepcopy(packet)
    row(before, "scorecard", "triage")[6] = "another sentence"
    assert changes(before, packet) == [
        "no verdict, moment or record changed since the packet of 2026-11-02T09:00:00+00:00; some of the text did"
    ]


def test_a_section_that_one_of_the_two_lacks_is_not_taken_for_no_change(packet: dict[str, Any]) -> None:
    before = deepcopy(packet)
    before["sections"] = [s for s in before["sections"] if s["id"] != "scorecard"]
    assert "  verdicts are not compared: one of the two has no table of them" in changes(before, packet)


def test_a_report_restates_shares_with_their_counts(report: dict[str, Any]) -> None:
    before = deepcopy(report)
    triage = row(before, "attainment", "triage")
    triage[2:5] = [21, 24, "88 % (69 % to 96 %)"]
    assert "  triage restated: 21 of 24, 88 % (69 % to 96 %) → 4 of 5" in changes(before, report)
    assert changes(report, report) == ["nothing changed since the report of 2026-11-02T09:00:00+00:00"]


@pytest.mark.parametrize(
    "lay", [DAMAGED, [], 3, {}, {"packet": FORMAT}, {"packet": 99}, {"packet": FORMAT, "sections": [{"content": [{}]}]}]
)
def test_what_is_no_packet_of_ours_is_said_in_a_line(packet: dict[str, Any], lay: Any) -> None:
    assert summary(lay) is None
    assert changes(lay, packet) == ["what lay here before is none of this version's: changes cannot be told"]


def test_a_row_that_does_not_fit_its_columns_is_no_traceback(packet: dict[str, Any]) -> None:
    before = deepcopy(packet)
    row(before, "scorecard", "triage").pop()
    assert changes(before, packet)[0].startswith("what lay here before is none of this version's")


def test_another_incidents_packet_in_the_same_folder_is_not_compared(packet: dict[str, Any]) -> None:
    before = packet | {"parameters": packet["parameters"] | {"incident": "INC 1019"}}
    assert changes(before, packet) == ["what lay here before is about INC 1019: changes cannot be told"]


@pytest.mark.parametrize("text", [b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_file_is_read_as_damaged_and_none_as_none(tmp_path: Path, text: bytes) -> None:
    assert written(tmp_path, "packet") is None
    (tmp_path / "packet.json").write_bytes(text)
    assert written(tmp_path, "packet") == DAMAGED


def test_a_first_packet_has_nothing_to_restate(tmp_path: Path) -> None:
    assert restated(None, tmp_path, "packet") == []


# --- why ------------------------------------------------------------------------------------------------------------


def numbered(made: dict[str, Any], number: int) -> list[Any]:
    found: list[Any] = next(r for r in block(made, "timeline")["rows"] if r[0] == number)
    return found


def test_rows_that_came_went_or_are_told_otherwise_are_named_and_numbering_is_no_change(packet: dict[str, Any]) -> None:
    before, after = deepcopy(packet), deepcopy(packet)
    new, gone, other = (deepcopy(block(packet, "timeline")["rows"][place]) for place in (20, 30, 40))
    block(before, "timeline")["rows"].remove(new)
    for place, each in enumerate(block(before, "timeline")["rows"], 1):
        each[0] = place
    block(after, "timeline")["rows"].remove(gone)
    numbered(after, other[0])[5] = "other words"
    told = changes(before, after)
    assert told == [
        "changed since the packet of 2026-11-02T09:00:00+00:00:",
        f"  1 timeline row new: {new[0]} ({new[2]}, {new[8]})",
        f"  1 timeline row gone numbered as before: 30 ({gone[2]}, {gone[8]})",
        f"  1 timeline row told otherwise: {other[0]} ({other[2]}, {other[8]})",
    ]


def test_a_verdict_that_turned_says_which_of_its_evidence_is_new_and_which_moment_moved(packet: dict[str, Any]) -> None:
    before = deepcopy(packet)
    first = row(packet, "scorecard", "internal-cadence")[7]["links"][0][0]
    block(before, "timeline")["rows"].remove(numbered(before, int(first)))
    row(before, "scorecard", "internal-cadence")[2] = {"verdict": "met"}
    told = changes(before, packet)
    at = told.index("  internal-cadence: met → missed")
    assert told[at + 1] == f"    its evidence: row {first} new or told otherwise"
    assert told[at + 2].startswith("    it now says: 12 updates;")

    before = deepcopy(packet)
    row(before, "milestones", "mitigated")[1] = {"time": "2026-10-14T15:08:50.381Z"}
    clauses = [r[0] for r in block(packet, "scorecard")["rows"] if "15:00:16" in r[6]]
    assert clauses, "the sample has a clause that rests on the corrected moment"
    row(before, "scorecard", clauses[0])[2] = {"verdict": "unknown"}
    told = changes(before, packet)
    verdict = row(packet, "scorecard", clauses[0])[2]["verdict"]
    at = told.index(f"  {clauses[0]}: unknown → {verdict}")
    assert told[at + 1] == "    mitigated was corrected"


def test_a_pending_verdict_turns_because_time_went_on_and_else_the_files_are_named(packet: dict[str, Any]) -> None:
    before = deepcopy(packet)
    row(before, "scorecard", "triage")[2] = {"verdict": "pending"}
    before["parameters"]["as_of"] = "2026-10-14T14:00:00+00:00"
    assert "    the moment it is judged as of moved on" in changes(before, packet)

    row(before, "scorecard", "triage")[2] = {"verdict": "unknown"}
    before["parameters"]["as_of"] = packet["parameters"]["as_of"]
    was = Record("packet", {}, {"version": "1"}, "n", {"p 1": "x"}, {"a.json": "1", "b.json": "2"}, {})
    now = replace(was, inputs={"b.json": "3", "c.json": "4"})
    told = changes(before, packet, was, now)
    at = told.index("  triage: unknown → missed")
    assert told[at + 1 : at + 4] == [
        "    loaded since: c.json", "    no longer loaded: a.json", "    changed: b.json",
    ]  # fmt: skip
    assert "    the policy's text changed" in changes(before, packet, was, replace(was, policies={"p 1": "y"}))
