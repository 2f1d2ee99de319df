"""A real audit log of ServiceNow, kept outside this project: every row of it is accounted for, and its facts hold.

UCI machine learning repository, data set 498 (Amaral, Fantinato, Peres 2018, DOI 10.24432/C57S4H, CC BY 4.0): 141,712
rows of 24,918 incidents. What the file holds is counted here with nothing but a CSV reader.
"""

from __future__ import annotations

import csv
import gzip
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from podanalytics import intake
from podanalytics.evidence import raw_text
from podanalytics.intake import Loaded, real_path
from podanalytics.model import Kind, Precision
from podanalytics.store import Store
from podanalytics.tables import FAULTS, LOADS
from podanalytics.workspace import find_workspace, make_workspace
from tests.conftest import ROOT

MAPPING = ROOT / "tests/uci/event-log.toml"
LOG = "data/trackers/uci_servicenow/incident_event_log.csv.gz"
ROWS, INCIDENTS = 141_712, 24_918


@dataclass(frozen=True, slots=True)
class Uci:
    """The loaded log. `incidents` has a row for each: incident, opened, resolved, closed, priority (the last one) and
    made_sla, as they come out of the store.
    """

    store: Store
    loaded: Loaded
    events: pl.DataFrame
    incidents: pl.DataFrame


@pytest.fixture(scope="module")
def raw(shared: Path) -> list[dict[str, str]]:
    """The file's rows, as far as they are counted here."""
    path = shared / LOG
    if not path.is_file():
        pytest.skip(f"no {path}")
    kept = (
        "number",
        "incident_state",
        "sys_mod_count",
        "sys_updated_at",
        "opened_at",
        "resolved_at",
        "closed_at",
        "made_sla",
        "priority",
    )
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return [{name: row[name] for name in kept} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def uci(shared: Path, raw: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Uci]:
    """The log, loaded from a folder with the mapping as a user would have it."""
    home = tmp_path_factory.mktemp("uci")
    make_workspace(home)
    workspace = find_workspace(home)
    folder = workspace.raw / "servicenow"
    folder.mkdir(parents=True)
    shutil.copyfile(shared / LOG, folder / Path(LOG).name)
    shutil.copyfile(MAPPING, folder / MAPPING.name)
    store = workspace.store()
    (loaded,) = intake.load(workspace, store)
    events = store.events()
    yield Uci(store, loaded, events, by_incident(events))
    store.close()


def by_incident(events: pl.DataFrame) -> pl.DataFrame:
    """What the clock of an SLA needs of each incident."""

    def of(kind: Kind, name: str, column: str, value: str | None = None) -> pl.DataFrame:
        found = events.filter(pl.col("kind") == kind.value)
        found = found if value is None else found.filter(pl.col("value") == value)
        last = found.sort("occurred_at", "key").unique("subject", keep="last", maintain_order=True)
        return last.select(pl.col("subject").alias("incident"), pl.col(column).alias(name))

    told = of(Kind.DECLARED, "opened", "occurred_at")
    for part in (
        of(Kind.OTHER, "resolved", "occurred_at", "resolved_at"),
        of(Kind.OTHER, "closed", "occurred_at", "closed_at"),
        of(Kind.SEVERITY, "priority", "value"),
        of(Kind.OTHER, "made_sla", "text", "made_sla"),
    ):
        told = told.join(part, on="incident", how="left")
    return told.sort("incident")


def moment(text: str) -> datetime | None:
    return None if text == "?" else datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC)


def test_every_row_is_told_of_or_counted(uci: Uci) -> None:
    assert uci.store.read(FAULTS).is_empty()
    assert (uci.loaded.source, uci.loaded.faults, uci.loaded.people) == ("eventlog", 0, 0)
    assert uci.events["origin"].n_unique() + sum(uci.loaded.skipped.values()) == ROWS
    assert set(uci.events["precision"].unique()) == {Precision.MINUTE.value}


def test_the_known_facts_hold(uci: Uci) -> None:
    assert uci.incidents.height == INCIDENTS
    assert uci.incidents.filter(pl.col("made_sla") == "false").height == 9_115
    assert uci.incidents["resolved"].null_count() == 1_556
    assert uci.incidents["closed"].null_count() == 0
    events, other = uci.events, pl.col("kind") == Kind.OTHER.value
    assert events.filter(other & (pl.col("value") == "reopen_count"))["subject"].n_unique() == 275
    changed = events.filter((pl.col("kind") == Kind.SEVERITY.value) & pl.col("was").is_not_null())
    assert changed["subject"].n_unique() == 383
    assert events.filter((pl.col("kind") == Kind.STATUS.value) & (pl.col("value") == "-100")).height > 0
    first = events.filter(pl.col("kind") == Kind.STATUS.value).group_by("subject").agg(pl.col("occurred_at").min())
    early = first.join(uci.incidents, left_on="subject", right_on="incident").filter(
        pl.col("occurred_at") < pl.col("opened")
    )
    assert early.height == 5, "what happened before the opening is told as it is"


def test_what_is_told_of_an_incident_is_what_its_last_row_says(uci: Uci, raw: list[dict[str, str]]) -> None:
    last: dict[str, dict[str, str]] = {}
    for row in raw:
        last[row["number"]] = row
    wanted = [
        (
            id,
            moment(row["opened_at"]),
            moment(row["resolved_at"]),
            moment(row["closed_at"]),
            row["priority"],
            row["made_sla"],
        )
        for id, row in sorted(last.items())
    ]
    told = uci.incidents.rows()
    assert [(a, b) for a, b in zip(told, wanted, strict=True) if a != b] == []


def test_each_change_of_state_is_told_once_in_order(uci: Uci, raw: list[dict[str, str]]) -> None:
    rows = sorted(raw, key=lambda row: (row["number"], moment(row["sys_updated_at"]), int(row["sys_mod_count"])))
    wanted = [
        (row["number"], row["incident_state"])
        for before, row in zip([None, *rows], rows, strict=False)
        if before is None or (before["number"], before["incident_state"]) != (row["number"], row["incident_state"])
    ]
    told = uci.events.filter(pl.col("kind") == Kind.STATUS.value).sort("subject", "occurred_at", "key")
    assert told.select("subject", "value").rows() == wanted


def test_closed_can_be_found_as_a_status_and_as_a_column(uci: Uci) -> None:
    status = uci.events.filter((pl.col("kind") == Kind.STATUS.value) & (pl.col("value") == "Closed"))
    assert status["subject"].n_unique() == INCIDENTS
    final = status.sort("occurred_at", "key").unique("subject", keep="last")
    both = final.join(uci.incidents, left_on="subject", right_on="incident")
    assert both.filter(pl.col("occurred_at") == pl.col("closed")).height > 24_000


def test_an_origin_leads_back_to_the_raw_row(uci: Uci) -> None:
    paths = {row["file"]: real_path(row["path"]) for row in uci.store.read(LOADS).iter_rows(named=True)}
    row = uci.events.filter(pl.col("kind") == Kind.STATUS.value).row(50_000, named=True)
    cells = raw_text(paths, row["origin"]).split(",")
    assert (cells[0], cells[1], cells[12]) == (row["subject"], row["value"], row["actor"])
    assert moment(cells[13]) == row["occurred_at"]
