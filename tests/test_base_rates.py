"""Base rates on planted histories that can be counted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podanalytics.base_rates import usual
from podanalytics.stats import garwood
from tests.story import DAY

HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return DAY + hours * HOUR


def test_a_planted_history_counts_as_by_hand() -> None:
    """Changes at 0, 10, 20, 21 and 90 h of 100 h; incidents at 0.5, 22 and 93 h; the lag is two hours.

    Covered: 0-2, 10-12, 20-23 (two that overlap), 90-92: nine hours of 100. Followed: 0 (by 0.5), 20 and 21 (by 22);
    90 is not, its incident came three hours later.
    """
    found = usual([at(h) for h in (21, 0, 10, 90, 20)], [at(h) for h in (22, 93, 0.5)], 2 * HOUR, at(100))
    assert found is not None
    assert (found.changes, found.followed, found.followable) == (5, 3, 5)
    assert found.near == pytest.approx(0.09)
    assert found.days == pytest.approx(100 / 24)


def test_changes_before_the_first_incident_that_is_loaded_are_not_said_to_be_followed_by_nothing() -> None:
    found = usual([at(h) for h in (0, 10, 50)], [at(51)], 2 * HOUR, at(100))
    assert found is not None
    assert (found.changes, found.followed, found.followable) == (3, 1, 1)
    nobody = usual([at(0)], [], 2 * HOUR, at(100))
    assert nobody is not None and nobody.followable == 0


def test_a_change_in_the_compared_time_is_not_part_of_what_is_usual() -> None:
    assert usual([at(100), at(120)], [], HOUR, at(100)) is None
    ends = usual([at(99.5)], [], 2 * HOUR, at(100))
    assert ends is not None and ends.near == 1.0, "the lag is cut where the time ends"


@given(st.lists(st.integers(0, 500), min_size=1, max_size=30), st.integers(1, 100))
def test_the_share_of_near_moments_is_what_a_walk_by_the_hour_finds(hours: list[int], lag: int) -> None:
    found = usual([at(h) for h in hours], [], lag * HOUR, at(501))
    first = min(hours)
    walked = sum(any(h <= hour < h + lag for h in hours) for hour in range(first, 501))
    assert found is not None and found.near == pytest.approx(walked / (501 - first))


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0.0, 3.689), (10, 4.80, 18.39), (25, 16.18, 36.90), (100, 81.36, 121.63)]
)
def test_the_poisson_interval_is_garwoods(count: int, low: float, high: float) -> None:
    """Reference values R7 of the statistics page."""
    assert garwood(count) == pytest.approx((low, high), abs=0.006)


def test_ninety_per_cent_is_narrower_and_less_than_nothing_is_refused() -> None:
    assert garwood(25, 0.9) == pytest.approx((17.38, 34.92), abs=0.006)
    with pytest.raises(ValueError, match="-1 is no count"):
        garwood(-1)
