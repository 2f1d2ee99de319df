"""Jira's CSV: forms and languages of its dates, the real export, and what comes of it in a ledger."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from podanalytics.intake import load
from podanalytics.ledger import load_ledger
from podanalytics.model import Event, Fault, FaultRule, Kind
from podanalytics.sources import all_sources, owners
from podanalytics.sources._jira_csv_words import LANGUAGES, DateForm, month_of
from podanalytics.workspace import find_workspace, make_workspace
from tests.story import POLICY, at

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    ("written", "language", "form"),
    [
        ("22/Sep/25 9:26 AM", "en", "d/MMM/yy h:mm a"),
        ("22/sept/25 9:26 a. m.", "es", "d/MMM/yy h:mm a"),
        ("22/sept./25 9:26 AM", "fr", "d/MMM/yy h:mm a"),
        ("22. September 2025 09:26", "de", "d. MMMM yyyy HH:mm"),
        ("2025-09-22 09:26", "nl", "yyyy-MM-dd HH:mm"),
        ("22/set/25 09:26", "it", "dd/MMM/yy HH:mm"),
        ("22/SET/25 09:26", "pt", "dd/MMM/yy HH:mm"),
    ],
)
def test_a_date_is_read_in_its_form_and_language(written: str, language: str, form: str) -> None:
    assert DateForm.of(form).read(written, language) == datetime(2025, 9, 22, 9, 26)


@pytest.mark.parametrize("written", ["12:05 AM", "12:05 PM", "11:05 PM"])
def test_twelve_is_the_hour_before_one(written: str) -> None:
    read = DateForm.of("d/MMM/yy h:mm a").read(f"1/Jan/26 {written}", "en")
    assert read and read.hour == {"12:05 AM": 0, "12:05 PM": 12, "11:05 PM": 23}[written]


@pytest.mark.parametrize(
    ("written", "language"),
    [("22/Sep/25", "en"), ("31/Feb/25 9:26 AM", "en"), ("22/jui/25 9:26 AM", "fr"), ("22/Sep/25 13:26 PM", "en")],
)
def test_what_is_no_moment_of_that_form_is_not_guessed(written: str, language: str) -> None:
    assert DateForm.of("d/MMM/yy h:mm a").read(written, language) is None


def test_every_language_names_twelve_months_that_three_letters_or_more_tell_apart() -> None:
    for language in LANGUAGES:
        with pytest.raises(ValueError, match="no month"):
            month_of("xyz", language)
    assert [month_of(m, "fr") for m in ("févr.", "mars", "avr.", "juin", "juil.", "août", "déc.")] == [
        2,
        3,
        4,
        6,
        7,
        8,
        12,
    ]


@pytest.mark.parametrize("form", ["d/MMM h:mm a", "d/MMM/yy h:mm", "d/MMM/yy Q"])
def test_a_form_that_does_not_tell_the_moment_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match="the form of dates"):
        DateForm.of(form)


def test_the_real_export_is_told_whole(shared: Path, tmp_path: Path) -> None:
    original = shared / "data/trackers/jira/csv_exports/planeso-jira-migration_Jira.csv"
    assert owners(original) == ["jira_csv"]
    (only,) = all_sources()["jira_csv"].parse(original)
    assert isinstance(only, Fault) and 'zone = "Europe/Berlin"' in only.reason
    folder = tmp_path / "jira"
    folder.mkdir()
    shutil.copy(original, folder)
    (folder / "jira.toml").write_text('[jira_csv]\nzone = "America/New_York"\nlanguage = "en"\n')
    assert owners(folder) == ["jira_csv"]
    told = list(all_sources()["jira_csv"].parse(folder))
    with original.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    places = [place for place, name in enumerate(header) if name == "Comment"]
    assert (len(rows), len(header), len(places)) == (22, 56, 3)
    assert [t.rule for t in told if isinstance(t, Fault)] == [FaultRule.NO_HISTORY]
    kinds = Counter(t.kind for t in told if isinstance(t, Event))
    assert kinds[Kind.DECLARED] == kinds[Kind.STATUS] == 22
    assert kinds[Kind.MESSAGE] == sum(bool(row[place]) for row in rows for place in places) == 17
    assert len({t.id for t in told if isinstance(t, Event)}) == kinds.total()
    made = next(t for t in told if isinstance(t, Event) and t.subject == "TES-25" and t.kind == Kind.DECLARED)
    assert made.occurred_at == datetime(2025, 9, 22, 13, 26, tzinfo=UTC)


def test_a_csv_alone_gives_a_milestone_and_the_api_of_the_same_issue_is_finer(tmp_path: Path) -> None:
    make_workspace(tmp_path)
    home = find_workspace(tmp_path)
    store = home.store()
    shutil.copytree(HERE / "jira_csv/plain", home.raw / "csv")
    load(home, store)
    alone = load_ledger(store, POLICY, at("+9 00:00"))
    assert alone.incidents["incident"].to_list() == ["OPS-42"]
    milestones = dict(alone.found.milestones.select("milestone", "occurred_at").iter_rows())
    assert milestones["declared"] == datetime(2026, 10, 3, 14, 4, tzinfo=UTC)
    assert milestones["resolved"] == datetime(2026, 10, 3, 15, 21, tzinfo=UTC)
    (item,) = alone.found.actions.to_dicts()
    assert (item["subject"], item["due_at"].date().isoformat()) == ("OPS-50", "2026-10-20")
    shutil.copy(HERE / "jira/plain.json", home.raw)
    load(home, store)
    both = load_ledger(store, POLICY, at("+9 00:00"))
    store.close()
    milestones = dict(both.found.milestones.select("milestone", "occurred_at").iter_rows())
    assert milestones["declared"] == datetime(2026, 10, 3, 14, 4, 12, 281000, tzinfo=UTC)
    assert both.found.spells["severity"].to_list()[0] == "P2", "its log says that it was High at first"
