"""Packets and reports end to end: raw files in, a kernel, every form out; the same bytes from the same files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from podanalytics import intake
from podanalytics.checks import run_checks
from podanalytics.errors import NotebookError, WorkspaceError
from podanalytics.ledger import Ledger, load_ledger
from podanalytics.packets import write_packet, write_report
from podanalytics.tables import CHECKS
from podanalytics.workspace import Workspace, find_workspace, make_workspace
from tests.nameless import leaks, names_of, told_by

AS_OF = "as_of = 2026-11-02T09:00:00Z\n"
FORMS = {
    *("packet.html", "packet.md", "packet.json", "record.json", "run.json", "review_packet.ipynb"),
    *("packet.pdf", "public-report.md", "deadlines.ics"),
}


def workspace(folder: Path, *exports: Path) -> Workspace:
    """A loaded and checked workspace of its own."""
    make_workspace(folder)
    with (folder / "pod.toml").open("a") as settings:
        settings.write(AS_OF)
    for export in exports:
        shutil.copytree(export, folder / "data/raw" / export.name, dirs_exist_ok=True)
    home = find_workspace(folder)
    store = home.store()
    intake.load(home, store)
    store.replace_table(CHECKS, run_checks(store, home.policy(), home.as_of()).to_dicts())
    store.close()
    return home


def ledger_of(home: Workspace) -> Ledger:
    store = home.store()
    try:
        return load_ledger(store, home.policy(), home.as_of())
    finally:
        store.close()


def texts(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def homes(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Workspace]]:
    """Two workspaces with the sample's exports in two places of the machine."""
    sample = root / "data/sample/raw"
    yield [workspace(tmp_path_factory.mktemp(name) / "team", sample) for name in ("one", "another")]


@pytest.fixture(scope="module")
def packets(homes: list[Workspace]) -> list[Path]:
    return [write_packet(home, "INC-1019", home.as_of(), progress=False)[0].parent for home in homes]


def test_a_packet_has_every_form(packets: list[Path]) -> None:
    names = set(texts(packets[0]))
    assert names >= FORMS
    assert {
        "tables/scorecard.csv",
        "tables/scorecard.json",
        "tables/timeline.csv",
        "figures/timeline-lanes.svg",
    } <= names
    assert not [name for name in names - FORMS if not name.startswith(("tables/", "figures/"))]


def test_the_same_files_give_the_same_bytes_wherever_they_lie(packets: list[Path]) -> None:
    one, another = (texts(folder) for folder in packets)
    assert set(one) == set(another)
    assert [name for name in one if one[name] != another[name]] == ["run.json"]


def test_a_packet_names_no_person_and_no_place_of_this_machine(homes: list[Workspace], packets: list[Path]) -> None:
    names = names_of(ledger_of(homes[0]).people)
    for path in sorted(packets[0].rglob("*")):
        told = told_by(path) if path.is_file() else path.name
        assert str(homes[0].root) not in told, path
        assert not leaks(told, names), path


def test_the_twin_says_what_the_page_says(packets: list[Path]) -> None:
    rows = json.loads((packets[0] / "tables/scorecard.json").read_text())["rows"]
    assert len(rows) == 25
    page = (packets[0] / "packet.html").read_text()
    for row in rows:
        assert f"<code>{row['clause']}</code>" in page
    assert sum(row["verdict"] == "missed" for row in rows) == 7 and "17 met, 7 missed" in page


def test_a_second_packet_replaces_the_first(homes: list[Workspace], packets: list[Path]) -> None:
    (packets[0] / "tables/no-longer.csv").write_text("old")
    before = texts(packets[0])
    write_packet(homes[0], "INC-1019", homes[0].as_of(), progress=False)
    after = texts(packets[0])
    assert "tables/no-longer.csv" not in after
    assert {n for n in after if after[n] != before[n]} <= {"run.json"}


def test_a_report_has_its_own_name_and_a_month_is_checked(homes: list[Workspace]) -> None:
    paths = write_report(homes[0], "2026-10", homes[0].as_of(), progress=False)
    assert paths[0].name == "report.html" and paths[0].parent.name == "2026-10"
    assert "6 incidents began in 2026-10" in paths[1].read_text()
    names = names_of(ledger_of(homes[0]).people)
    assert not {path.name: found for path in paths if (found := leaks(told_by(path), names))}
    with pytest.raises(WorkspaceError, match="write it as 2026-10"):
        write_report(homes[0], "October", homes[0].as_of())


def test_a_zone_that_is_none_is_refused_before_a_kernel_starts(homes: list[Workspace]) -> None:
    with pytest.raises(WorkspaceError, match="'Mars/Olympus' is no IANA time zone"):
        write_packet(homes[0], "INC-1019", homes[0].as_of(), zone="Mars/Olympus")


def test_a_notebook_that_cannot_go_on_says_where_in_one_line(homes: list[Workspace]) -> None:
    with pytest.raises(NotebookError, match=r"cell 3 of 18 \(load_review\).*no incident 'INC-7'") as stopped:
        write_packet(homes[0], "INC-7", homes[0].as_of(), progress=False)
    assert "\n" not in str(stopped.value)


def test_the_open_incident_and_the_drill_have_packets_too(homes: list[Workspace]) -> None:
    for incident, says in (("INC-1024", "not resolved yet"), ("INC-1007", "drill")):
        folder = write_packet(homes[0], incident, homes[0].as_of(), progress=False)[0].parent
        assert says in (folder / "packet.md").read_text()


CONTAIN = """
[[clause]]
id = "contain"
title = "Contain the impact"
text = "The impact is contained within an hour of the alert."
kind = "elapsed"
from = ["alert_fired"]
to = "mitigated"
target = "1 hour"
"""


def test_a_new_time_clause_is_a_piece_of_toml_and_its_verdict_is_in_the_packet(root: Path, tmp_path: Path) -> None:
    home = workspace(tmp_path / "team", root / "data/sample/raw")
    shipped = (root / "podanalytics/policies/pod-protocol.toml").read_text("utf-8")
    (home.root / "ours.toml").write_text(shipped.replace('"2026.1"', '"2026.2"') + CONTAIN, "utf-8")
    settings = (home.root / "pod.toml").read_text("utf-8")
    (home.root / "pod.toml").write_text(settings.replace('policy = "pod-protocol"', 'policy = "ours.toml"'), "utf-8")
    home = find_workspace(home.root)
    written = write_packet(home, "INC-1019", home.as_of(), progress=False)
    page = next(path for path in written if path.name == "packet.md").read_text("utf-8")
    twin = next(path for path in written if path.name == "scorecard.json").read_text("utf-8")
    row = next(row for row in json.loads(twin)["rows"] if row["clause"] == "contain")
    assert (row["title"], row["verdict"], row["target"]) == ("Contain the impact", "missed", "1 h 00 min")
    assert "pod-protocol 2026.2" in page


def test_githubs_worst_day_from_its_public_status_page(shared: Path, tmp_path: Path) -> None:
    """A critical incident of a company that nobody here works for: 17 polls of its page and the page's history."""
    status = shared / "data/trackers/statuspage"
    home = workspace(tmp_path / "gh", status / "github_summary_snapshots_2026-08-17", status / "github_atom_history")
    folder = write_packet(home, "zkxwbgr0cnmx", home.as_of(), progress=False)[0].parent
    told = (folder / "packet.md").read_text()
    assert "**Resolved:** 2026-08-17 21:15 UTC" in told
    assert "**Updates to customers:** 36" in told
    assert "**Longest silence:** 55 min 20 s" in told
    cadence = next(
        r
        for r in json.loads((folder / "tables/scorecard.json").read_text())["rows"]
        if r["clause"] == "customer-cadence"
    )
    assert (cadence["verdict"], cadence["measured"]) == ("missed", "55 min 20 s")
    assert "no source recognises it" in told, "the licence and two tables that lie beside the exports are told"
