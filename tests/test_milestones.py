"""Which telling a milestone rests on: the finer of two clocks, and what a status page says in its text only."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from podanalytics.model import Milestone, Precision
from tests.story import alert, at, notice, status_entry, tell, ticket


def moment(told: pl.DataFrame, milestone: Milestone) -> tuple[datetime, str]:
    row = told.filter(pl.col("milestone") == milestone.value).row(0, named=True)
    return row["occurred_at"], row["precision"]


def test_of_two_tellings_of_one_post_the_finer_clock_counts() -> None:
    """A history feed cuts 13:40:03 to 13:40: the post did not come before the impact it tells of."""
    coarse = notice("13:40", "Investigating", precision=Precision.MINUTE)
    fine = notice("13:40:03", "investigating")
    told = tell(alert("13:39"), ticket("13:39:30"), status_entry("13:40:01"), coarse, fine)
    assert moment(told.found.milestones, Milestone.FIRST_NOTICE) == (at("13:40:03"), "s")


def test_a_coarse_clock_counts_where_no_finer_one_tells_the_same() -> None:
    coarse = notice("13:40", "Investigating", precision=Precision.MINUTE)
    later = notice("13:41:00", "investigating")
    told = tell(alert("13:39"), ticket("13:39:30"), status_entry("13:39:50"), coarse, later)
    assert moment(told.found.milestones, Milestone.FIRST_NOTICE) == (at("13:40"), "min")


def test_a_coarse_day_gives_way_to_a_minute_of_that_day() -> None:
    day = notice("00:00", "Investigating", precision=Precision.DAY)
    minute = notice("13:40", "Investigating", precision=Precision.MINUTE)
    told = tell(alert("13:39"), ticket("13:39:30"), status_entry("13:39:50"), day, minute)
    assert moment(told.found.milestones, Milestone.FIRST_NOTICE) == (at("13:40"), "min")


def test_a_post_that_one_part_is_mitigated_does_not_say_that_the_impact_was_contained() -> None:
    """GitHub posts everything as investigating and names a component in its text: only people know what it means."""
    told = tell(
        ticket("13:00"),
        status_entry("13:01"),
        notice("14:00", "investigating", "The degradation has been mitigated. We are monitoring."),
        notice("14:30", "investigating", "Git is degraded again."),
    )
    assert told.moment("mitigated") is None


def test_the_last_post_of_a_page_that_monitors_says_when_it_was_contained() -> None:
    told = tell(
        ticket("13:00"),
        status_entry("13:01"),
        notice("14:00", "monitoring", "A fix is in place."),
        notice("14:30", "investigating", "It is back."),
        notice("15:00", "monitoring", "Contained again."),
    )
    assert moment(told.found.milestones, Milestone.MITIGATED)[0] == datetime(2026, 10, 14, 15, 0, tzinfo=UTC)


def test_a_status_pages_entry_is_no_declaration_of_the_team() -> None:
    """Else the first notice would come 0 s after the declaration, and every public-only incident would look kept."""
    told = tell(status_entry("13:40"), notice("13:40", "investigating"))
    assert told.verdict("customer-first", "abcdef123456") == "unknown"
    assert told.moment("declared", "abcdef123456") is None
