"""The packet's sections on every incident of the sample: they render, they agree, and they name what is missing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from podanalytics.gather import review_of, section
from podanalytics.gather_month import month_section, trend_of
from podanalytics.ledger import Ledger
from podanalytics.model import Kind, Milestone, Verdict
from podanalytics.review import Review
from podanalytics.sections._evidence import cadences, judged
from podanalytics.sections.timeline import shown_rows
from podanalytics.show.blocks import Section, Table, block_from
from podanalytics.trends import attainment
from tests.sampled import reviewed

SECTIONS = (
    *("page_one", "timeline", "reconstruction", "root_cause", "scorecard"),
    *("communication", "notices", "improvement", "actions", "facilitation", "wording"),
    *("public_report", "definitions", "appendix"),
)
MONTHS = ("2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11")


@pytest.fixture(scope="module")
def worst(ledger: Ledger) -> Review:
    return review_of(ledger, "INC-1019", "Europe/Berlin")


def table(made: Section, name: str) -> Table:
    return next(b for b in made.blocks if isinstance(b, Table) and b.name == name)


def cells(made: Table, column: str) -> list[object]:
    place = [c.name for c in made.columns].index(column)
    return [row[place] for row in made.rows]


def markdown(review: Review, name: str) -> str:
    return section(name, review).markdown()


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_renders_for_every_incident_and_reads_back(ledger: Ledger, name: str) -> None:
    for incident in ledger.incidents["incident"]:
        made = section(name, reviewed(ledger, incident))
        assert made.html() and made.markdown() and made.plain()
        assert block_from(json.loads(json.dumps(made.data()))) == made


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_shows_no_name_of_a_person(ledger: Ledger, worst: Review, name: str) -> None:
    people = ledger.people.filter(~pl.col("bot"))
    shown = section(name, worst).html()
    for term in {*people["name"].drop_nulls(), *people["email"].drop_nulls()}:
        assert term not in shown


def test_the_longest_silence_is_the_reading_in_every_incident(ledger: Ledger) -> None:
    """Measures rule 40: two figures that show one number are equal, by construction."""
    compared = 0
    for incident in ledger.incidents["incident"]:
        review = reviewed(ledger, incident)
        for clause, quiet in cadences(review):
            reading = review.reading(clause.id)
            assert reading is not None
            if reading.value is not None:
                assert max(q.minutes for q in quiet) == reading.value
                assert any(q.over for q in quiet) == (reading.value > float(reading.target or 0))
                compared += 1
            if reading.verdict is Verdict.UNKNOWN and reading.value is None:
                assert not quiet, "what nobody tells of is not a silence"
    assert compared > 20


def test_packet_and_report_count_the_same_verdicts(ledger: Ledger) -> None:
    counted = ledger.incidents.filter(pl.col("excluded").is_null())
    in_packets = [
        r.verdict.value
        for incident in counted["incident"]
        for _, r in judged(reviewed(ledger, incident))
        if r.verdict is not Verdict.NOT_APPLICABLE
    ]
    in_reports: list[str] = []
    for month in MONTHS:
        for a in attainment(trend_of(ledger, month, "UTC").readings, [ledger.found.policy]):
            for verdict in ("met", "missed", "pending", "unknown", "contradictory"):
                in_reports += [verdict] * getattr(a, verdict)
    assert sorted(in_reports) == sorted(in_packets)


def test_an_incident_is_in_one_month_only(ledger: Ledger) -> None:
    listed = [i for month in MONTHS for i in trend_of(ledger, month, "UTC").incidents["incident"]]
    assert sorted(listed) == sorted(ledger.incidents["incident"])


def test_quiet_unknown_and_some_are_three_different_months(ledger: Ledger) -> None:
    def says(month: str) -> str:
        return month_section("headlines", trend_of(ledger, month, "UTC")).markdown()

    assert "6 incidents began" in says("2026-10")
    assert "not known to be quiet" in says("2019-01")
    one = trend_of(ledger, "2026-10", "UTC")
    quiet = replace(one, incidents=one.incidents.clear(), readings=one.readings.clear())
    assert "the loaded tools cover that month" in month_section("headlines", quiet).markdown()


def test_months_are_cut_in_the_zone_that_is_shown(ledger: Ledger) -> None:
    """An incident of the last UTC hour of a month is the next month's in Kiritimati, fourteen hours ahead."""
    ours = set(trend_of(ledger, "2026-10", "UTC").incidents["incident"])
    theirs = set(trend_of(ledger, "2026-10", "Pacific/Kiritimati").incidents["incident"])
    assert trend_of(ledger, "2026-10", "Pacific/Kiritimati").month.begin.isoformat() == "2026-09-30T10:00:00+00:00"
    assert theirs <= ours


def test_a_share_waits_for_ten_judged_and_unknown_widens_it(ledger: Ledger) -> None:
    shown = table(month_section("attainment", trend_of(ledger, "2026-10", "UTC")), "attainment")
    shares = dict(zip(cells(shown, "clause"), cells(shown, "share"), strict=True))
    assert shares["triage"] == "4 of 5"
    bounds = dict(zip(cells(shown, "clause"), cells(shown, "bounds"), strict=True))
    assert shares["agenda"] == "1 of 1" and bounds["agenda"] == "25 % to 100 %"


def test_page_one_answers_what_how_bad_how_long_kept_and_trusted(worst: Review) -> None:
    told = markdown(worst, "page_one")
    for answer in ("Message sends failing with 503", "P1", "2 h 51 min", "17 met, 7 missed", "Can this be trusted?"):
        assert answer in told
    assert "2026-10-14 15:01 CEST" in told


def test_the_correction_is_shown_struck_through_and_used(worst: Review) -> None:
    shown = table(section("reconstruction", worst), "corrections")
    assert len(shown.rows) == 1
    mark = cells(shown, "correction")[0]
    assert mark.text == "2026-10-14 15:00:16 UTC"  # type: ignore[union-attr]
    assert mark.was.startswith("2026-10-14 15:08"), "what the chat says, 127 minutes after the alert"  # type: ignore[union-attr]
    mitigated = worst.moment(Milestone.MITIGATED)
    assert mitigated is not None and mitigated.isoformat() == "2026-10-14T15:00:16+00:00"


def test_every_missed_clause_becomes_a_question_and_a_draft(worst: Review) -> None:
    missed = [clause for clause, reading in judged(worst) if reading.verdict is Verdict.MISSED]
    drafts = " ".join(str(c) for c in cells(table(section("actions", worst), "drafts"), "because"))
    asked = markdown(worst, "facilitation")
    assert len(missed) == 7
    for clause in missed:
        assert clause.title in drafts
        assert clause.title in asked or clause.kind == "cadence"


def test_questions_name_no_person_and_no_motive(worst: Review) -> None:
    asked = markdown(worst, "facilitation").lower()
    assert "why did" not in asked and "who " not in asked.replace("who publishes", "").replace("who had it", "")


def test_the_changes_before_are_candidates_nearest_first_with_the_last_good_version(worst: Review) -> None:
    made = section("root_cause", worst)
    where = cells(table(made, "changes"), "where")
    assert where[:2] == ["pod-api", "pod-relay"], "the nearest first, the red herring beside it"
    good = dict(zip(*(cells(table(made, "last-known-good"), c) for c in ("where", "version")), strict=True))
    assert good["pod-api"] == "v2.13.4"
    assert "root cause is" not in made.markdown() and "caused by" not in made.markdown()


def test_one_update_told_by_two_feeds_is_one_row(worst: Review) -> None:
    plain = worst.events.filter((pl.col("kind") == Kind.MESSAGE.value) & (pl.col("role") == ""))["id"][0]
    assert plain in shown_rows(worst)["id"]
    told_again = worst.updates.with_columns(pl.lit(plain).alias("also"))
    assert plain not in shown_rows(replace(worst, updates=told_again))["id"]


def test_every_row_cited_anywhere_is_a_row_of_the_timeline(worst: Review) -> None:
    rows = {f"#timeline-row-{n}" for n in cells(table(section("timeline", worst), "timeline"), "row")}
    cited = set()
    for name in SECTIONS:
        cited |= {f"#timeline-row-{n}" for n in _links(section(name, worst))}
    assert cited and cited <= rows


def _links(made: Section) -> set[int]:
    return {int(n) for n in re.findall(r'href="#timeline-row-(\d+)"', made.html())}


def test_an_open_incident_runs_to_the_moment_it_is_judged_at(ledger: Ledger) -> None:
    review = review_of(ledger, "INC-1024", "UTC")
    told = markdown(review, "page_one")
    assert "not resolved yet" in told and "so far" in told
    assert review.parameters.as_of - review.incident["began_at"][0] > timedelta(days=2)
