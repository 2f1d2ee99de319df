"""Plain words: spans, times, counts and quotations."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from podanalytics.show import words

NIGHT = datetime(2026, 10, 25, 0, 30, 7, 4_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "0 s"),
        (0.001, "under 1 s"),
        (0.75, "45 s"),
        (1, "1 min"),
        (15, "15 min"),
        (15 + 1 / 60, "15 min 1 s"),
        (59.9999, "1 h 00 min"),
        (60, "1 h 00 min"),
        (125, "2 h 05 min"),
        (1439.9, "1 d 00 h"),
        (1500, "1 d 01 h"),
        (48 * 60, "2 d 00 h"),
        (-5, "−5 min"),
        (None, "unknown"),
        (float("nan"), "unknown"),
    ],
)
def test_durations(minutes: float | None, said: str) -> None:
    assert words.duration(minutes) == said


def test_times_in_a_night_with_two_half_past_twos() -> None:
    assert words.clock(NIGHT) == "00:30:07.004"
    assert words.stamp(NIGHT, "Europe/Berlin") == "2026-10-25 02:30 CEST"
    assert words.stamp(NIGHT.replace(hour=1), "Europe/Berlin") == "2026-10-25 02:30 CET"
    assert words.stamp(NIGHT, "Asia/Kathmandu") == "2026-10-25 06:15 +05:45"
    assert words.day(NIGHT, "America/New_York") == "2026-10-24"
    assert words.iso(NIGHT.replace(microsecond=0)) == "2026-10-25T00:30:07Z"
    assert (words.clock(None), words.stamp(None), words.day(None)) == ("unknown",) * 3


def test_counts_and_numbers() -> None:
    assert [words.plural(n, "fault") for n in (0, 1, 2, 1234)] == ["no faults", "1 fault", "2 faults", "1,234 faults"]
    assert words.plural(None, "fault") == "unknown faults"
    assert [words.number(n) for n in (1, 1.0, 0.5, -1234.567, 0.0, 0.0001)] == [
        "1",
        "1",
        "0.5",
        "-1,234.57",
        "0",
        "0.0001",
    ]
    assert words.percent(1 / 3) == "33 %"


def test_quotations_are_one_line_and_not_too_long() -> None:
    assert words.quote("a\nb\t c") == "“a b c”"
    assert words.shortened("word " * 100, 20) == "word word word word…"
    assert len(words.shortened("x" * 500, 20)) == 20
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b"], "or") == "a or b"
