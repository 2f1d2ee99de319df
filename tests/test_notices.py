"""Notices by the template: filled in with what was known in time, beside what was sent; templates are checked."""

from __future__ import annotations

from typing import Any

import pytest

from podanalytics.errors import PolicyError
from podanalytics.gather import review_of, section
from podanalytics.ledger import Ledger
from podanalytics.policy import parse_policy
from podanalytics.show.blocks import Marked, Table
from tests.conftest import ROOT
from tests.sampled import reviewed
from tests.story import FIRED, OVER, amended, event, ledger_of, notice, status_entry, update

SHIPPED = (ROOT / "podanalytics/policies/pod-protocol.toml").read_text("utf-8")


def told(*story: Any, **more: Any) -> dict[str, dict[str, Any]]:
    made = section("notices", review_of(ledger_of(*story, **more), "INC-1", "UTC"))
    table = next(block for block in made.blocks if isinstance(block, Table))
    names = [column.name for column in table.columns]
    return {str(row[0]): dict(zip(names, row, strict=True)) for row in table.rows}


def plain(cell: object) -> str:
    return cell.text if isinstance(cell, Marked) else str(cell)


COMPONENT = event("14:20", "component", "statuspage", "abcdef123456", value="major_outage", text="API")


def test_a_notice_is_filled_in_with_what_was_known_when_it_was_due() -> None:
    """Due at 14:32, half an hour after the record; what the update of 14:50 says came too late."""
    story = [
        *FIRED,
        update("14:10", "INVESTIGATING", Impact="logins fail", Actions_Taken="looking at the proxy"),
        [*status_entry("14:20"), COMPONENT, notice("14:20", "investigating", "Logins fail since 14:00 UTC.")],
        update("14:50", "FIXING", Impact="all fails", Actions_Taken="rolling back"),
    ]
    row = told(*story)["Initial notification"]
    assert row["template"] == (
        "API errors\nAffected: API\nSince: 2026-10-14 14:00 UTC\nWhat you may notice: logins fail\n"
        "What we are doing: looking at the proxy\nNext update: by 2026-10-14 15:02 UTC"
    )
    assert row["sent"] == "Logins fail since 14:00 UTC." and plain(row["against"]) == "12 min early"
    assert plain(row["missing"]) == "Actions Taken and next update"
    assert row["rows"].links


def test_what_nobody_had_told_by_then_is_a_visible_blank() -> None:
    late = event("14:00", "other", "statuspage", "abcdef123456", value="started_at", text="x", recorded_at=None)
    story = [
        *FIRED,
        update("14:40", "FIXING"),
        [*status_entry("14:45"), notice("14:45", "identified", "Broken.")],
        late,
    ]
    row = told(*story)["Initial notification"]
    assert row["template"].startswith("pod-api down\nAffected: [unknown: affected]\n"), "the page was not there yet"
    assert "What you may notice: [unknown: Impact]" in row["template"]
    assert plain(row["against"]) == "13 min late"


def test_a_correction_made_later_was_not_known_then() -> None:
    corrected = event(
        "15:30",
        "stated",
        "corrections",
        "INC-1",
        value="2026-10-14T13:40:00Z",
        was="impact_started",
        text="x",
        actor="ana",
    )
    row = told(*FIRED, corrected)["Initial notification"]
    assert "Since: 2026-10-14 14:00 UTC" in row["template"], "the alert was what they had"


def test_the_resolution_has_its_own_facts() -> None:
    story = [
        *FIRED,
        update("15:55", "RESOLVED", Actions_Taken="rolled back to 1.2"),
        [*status_entry("14:20"), COMPONENT, notice("14:20", "investigating"), notice("16:40", "resolved", "Resolved.")],
        OVER,
    ]
    row = told(*story)["Resolution notification"]
    assert row["template"] == (
        "API errors: resolved\nAffected: API\nFrom 2026-10-14 14:00 UTC to 2026-10-14 16:00 UTC, for 2 h 00 min\n"
        "What was done: rolled back to 1.2\nA report follows by 2026-10-16 16:00 UTC."
    )
    assert plain(row["against"]) == "10 min late" and row["against"].tone == "bad"
    assert plain(row["missing"]) == "since, lasted, Actions Taken and report by"


def test_what_is_not_due_and_was_not_sent_says_so() -> None:
    rows = told(*FIRED, as_of="14:10")
    assert plain(rows["Initial notification"]["sent"]) == "none on record"
    assert plain(rows["Resolution notification"]["template"]).startswith("not due: ")


def test_a_policy_without_templates_says_so() -> None:
    made = section("notices", review_of(ledger_of(*FIRED, policy=amended(notice=[])), "INC-1", "UTC"))
    assert "the policy has no templates" in made.plain()


def test_every_notice_of_the_sample_is_beside_the_one_that_was_sent(ledger: Ledger) -> None:
    """Due and sent are those of the clause's reading, and a filled-in template has no brace left."""
    compared = 0
    for incident in ledger.incidents["incident"]:
        review = reviewed(ledger, incident)
        table = next(block for block in section("notices", review).blocks if isinstance(block, Table))
        for row, written in zip(table.rows, review.policy.notices, strict=True):
            reading = review.reading(written.clause)
            assert reading is not None and row[1] == reading.due_at and "{" not in plain(row[2])
            if reading.ended_at:
                assert row[4] == reading.ended_at
                compared += 1
    assert compared > 20


# --- templates ------------------------------------------------------------------------------------------------------

START = '[[notice]]\nid = "initial"'


@pytest.mark.parametrize(
    ("was", "now", "complaint"),
    [
        ("Since: {since}", "Since: {begin}", "notice initial has begin; known fields: Actions Taken, ETA"),
        ("Since: {since}", "Since: {since.year}", "notice initial has since.year"),
        ("Since: {since}", "Since: {since!r}", "notice initial has since!r"),
        ("Since: {since}", "Since: {since", "braces stand in pairs"),
        ("Since: {since}", "Since: {}", "notice initial has ;"),
        ('clause = "customer-first"', 'clause = "customer-1st"', "notice initial is due by customer-1st"),
        ('clause = "customer-first"', 'clause = "customer-cadence"', "notice initial is due by customer-cadence"),
        ("[notice.told]\nsince = ", "[notice.told]\nresolved = ", "told names resolved"),
        (START, '[[notice]]\nid = "resolved"', "notice resolved is written twice"),
        (START, '[[notice]]\nto = "all"\nid = "initial"', "Extra inputs"),
        ("action = '(?i)^\\[public\\]\\s*(.+)$'", "action = 'x'", "needs a group in brackets"),
        ('sources = ["statuspage", "cstate"]', 'source = ["statuspage"]', "public.source: Extra inputs"),
    ],
)
def test_a_template_that_could_not_be_filled_in_is_refused(was: str, now: str, complaint: str) -> None:
    assert SHIPPED.count(was) >= 1
    with pytest.raises(PolicyError) as error:
        parse_policy(SHIPPED.replace(was, now, 1), "mine.toml")
    assert complaint in str(error.value) and "\n" not in str(error.value)
