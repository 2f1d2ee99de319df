"""Late data: what a second run restates, and what it says of whatever lay there before."""

from __future__ import annotations

import json
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from podanalytics import packets
from podanalytics.changes import changes, summary
from podanalytics.cli import app
from podanalytics.gather import review_of, section
from podanalytics.gather_month import month_section, trend_of
from podanalytics.ledger import Ledger
from podanalytics.packets import DAMAGED, restated, written
from podanalytics.publish import FORMAT


def document(parameters: dict[str, str], *sections: Any) -> dict[str, Any]:
    """A JSON form as `publish` would write it, read back."""
    parts = [{"id": s.id, "content": [block.data() for block in s.blocks]} for s in sections]
    made: dict[str, Any] = json.loads(json.dumps({"packet": FORMAT, "parameters": parameters, "sections": parts}))
    return made


@pytest.fixture(scope="module")
def packet(ledger: Ledger) -> dict[str, Any]:
    review = review_of(ledger, "INC-1019", "UTC")
    parts = [section(name, review) for name in ("reconstruction", "scorecard", "appendix")]
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
    block(packet := deepcopy(packet), "faults")["rows"].append(["pd.json#/3", "Q3", "no time zone"])
    told = changes(before, packet)
    now = packet["parameters"]["as_of"]
    reviewed = row(packet, "milestones", "reviewed")[1]["time"]
    assert told == [
        "changed since the packet of 2026-10-20T09:00:00+00:00:",
        f"  data as of 2026-10-20T09:00:00+00:00 → {now}",
        "  policy pod-protocol 2025.4 → pod-protocol 2026.1",
        "  definitions version 0 → version 1",
        "  triage: not applicable → missed",
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


def test_the_verb_tells_it_beside_the_paths_and_not_when_quiet(
    packet: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies in the folder is hostile, too: nothing of it reaches the terminal as a command."""
    before = deepcopy(packet)
    row(before, "scorecard", "triage")[2] = {"verdict": "\x1b[2Jmet"}
    folder = tmp_path / "reports/INC-1019"
    folder.mkdir(parents=True)
    (folder / "packet.json").write_text(json.dumps(before), encoding="utf-8")

    class Home:
        reports = tmp_path / "reports"

    class Found:
        as_of = None

    class Judged:
        found = Found

        @staticmethod
        def resolve(name: str) -> str:
            return name

    def write(*_: Any) -> list[Path]:
        (folder / "packet.json").write_text(json.dumps(packet), encoding="utf-8")
        return [folder / "packet.json"]

    monkeypatch.setattr(sys.modules["podanalytics.cli.outputs"], "judged", lambda *_: (Home, Judged))
    monkeypatch.setattr(packets, "write_packet", write)
    first = CliRunner().invoke(app, ["packet", "INC-1019"])
    assert first.exit_code == 0 and first.stdout == f"{folder / 'packet.json'}\n"
    assert "  triage: ␛[2Jmet → missed\n" in first.stderr
    again = CliRunner().invoke(app, ["packet", "INC-1019"])
    assert again.stderr == "nothing changed since the packet of 2026-11-02T09:00:00+00:00\n"
    quiet = CliRunner().invoke(app, ["packet", "INC-1019", "--quiet"])
    assert (quiet.stdout, quiet.stderr) == (first.stdout, "")


def test_a_first_packet_has_nothing_to_restate(tmp_path: Path) -> None:
    assert restated(None, tmp_path, "packet") == []
