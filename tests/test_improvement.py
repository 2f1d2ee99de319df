"""Section 5: how often before, what another target would have meant, what went well, and where luck may have helped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from podanalytics.gather import review_of, section
from podanalytics.ledger import Ledger
from podanalytics.model import Event, Kind
from podanalytics.sections._luck import prompts
from podanalytics.show.blocks import Table, Verdict
from tests.story import FIRED, OVER, ack, amended, at, event, ledger_of, raised, say, status


def page(day: int, acked: str | None, key: str = "") -> list[Event]:
    """An earlier incident of the pager, so many days before, acknowledged at that minute of the hour or never."""
    name = f"PE{day}{key}"
    told = [
        event(at(f"-{day} 10:00"), "alerted", "pagerduty", name, value="monitor"),
        event(at(f"-{day} 10:00"), "declared", "pagerduty", name, value="incident", text=f"case {day}"),
        event(at(f"-{day} 10:00"), "severity", "pagerduty", name, value="P2"),
        event(at(f"-{day} 12:00"), "status", "pagerduty", name, value="resolved", actor="ana"),
    ]
    if acked:
        told.append(event(at(f"-{day} 10:{acked}"), "acknowledged", "pagerduty", name, actor="ana"))
    return told


def rows(name: str, ledger: Ledger) -> list[dict[str, Any]]:
    made = section("improvement", review_of(ledger, "INC-1", "UTC"))
    table = next(b for b in made.blocks if isinstance(b, Table) and b.name == name)
    return [dict(zip([c.name for c in table.columns], row, strict=True)) for row in table.rows]


def history(*acked: str | None) -> list[list[Event]]:
    return [page(10 + 10 * n, minute) for n, minute in enumerate(acked)]


def test_another_target_is_tried_here_and_on_every_earlier_incident() -> None:
    """Acknowledged after 12 minutes here; before: 2, 4, 7, 11, 20 minutes and never."""
    told = ledger_of(*history("02", "04", "07", "11", "20", None), *FIRED, ack("14:12"), OVER)
    (missed,) = [r for r in rows("missed-before", told) if r["clause"] == "Acknowledge the alert"]
    assert missed["here"] == "12 min" and missed["before"].startswith("4 of 6; too few for a share: … ")
    assert missed["unknown"] == "0 of 6 (0 %)"
    tried = [r for r in rows("what-if", told) if r["clause"] == "Acknowledge the alert"]
    assert [(r["instead"], r["here"], r["before"]) for r in tried] == [
        ("10 min", Verdict.MISSED, "3 of 6; too few for a share"),
        ("15 min", Verdict.MET, "4 of 6; too few for a share"),
    ]
    assert {r["target"] for r in tried} == {"5 min"}


def test_ten_judged_give_a_share_with_its_interval() -> None:
    told = ledger_of(*history(*["02"] * 8, "07", "08"), *FIRED, ack("14:12"), OVER)
    (missed,) = [r for r in rows("missed-before", told) if r["clause"] == "Acknowledge the alert"]
    assert missed["before"].startswith("2 of 10 (20 %, 6 % to 51 %): PE"), "Wilson"


def test_what_never_happened_meets_no_target() -> None:
    told = ledger_of(*history("02", None), *FIRED, OVER)
    tried = [r for r in rows("what-if", told) if r["clause"] == "Acknowledge the alert"]
    assert [(r["instead"], r["here"], r["before"]) for r in tried] == [
        ("10 min", Verdict.MISSED, "1 of 2; too few for a share")
    ]


def test_what_went_well_is_what_is_often_missed_or_faster_than_usual() -> None:
    told = ledger_of(*history("06", "07", "08", "09", "04", None), *FIRED, ack("14:02"), OVER)
    (well,) = [r for r in rows("went-well", told) if r["clause"] == "Acknowledge the alert"]
    assert (well["here"], well["usual"]) == ("2 min", "7 min 30 s"), "never counts as longest"
    assert well["before"] == "5 of 6; too few for a share"
    few = ledger_of(*history("06"), *FIRED, ack("14:02"), OVER)
    (well,) = [r for r in rows("went-well", few) if r["clause"] == "Acknowledge the alert"]
    assert well["usual"] == "too few to say (1 of 6)"


def test_other_versions_of_the_policy_are_told_of(ledger: Ledger) -> None:
    review = review_of(ledger, "INC-1019", "UTC")
    assert "was judged by" not in section("improvement", review).markdown()
    old = review.history.with_columns(pl.lit("pod-protocol 2025.1").alias("policy"))
    assert "judged by pod-protocol 2025.1" in section("improvement", replace(review, history=old)).markdown()


def lucky(*told: Any, **more: Any) -> str:
    review = review_of(ledger_of(*told, **more), "INC-1", "UTC")
    return " ".join(p.text for p in prompts(review))


def test_luck_is_asked_about_where_the_record_suggests_it() -> None:
    in_hours = lucky(*FIRED, ack("14:01"), OVER)
    assert "began in business hours (Wed 2026-10-14 14:00 UTC)" in in_hours
    night = amended(calendar={"zone": "Asia/Tokyo"})
    assert "business hours" not in lucky(*FIRED, ack("14:01"), OVER, policy=night)
    tight = lucky(*FIRED, ack("14:04:50"), OVER)
    assert "“Acknowledge the alert” was kept with 10 s to spare of 5 min" in tight and "“Acknowledge" not in in_hours
    rose = lucky(
        *FIRED[:1],
        *FIRED[1:-1],
        event("14:02", "severity", "jira", "INC-1", value="P3"),
        raised("14:40", "P1", "P3"),
        OVER,
    )
    assert "rose to P1 only 40 min after the begin" in rose


def test_an_end_without_an_act_is_asked_about_where_something_would_tell() -> None:
    assert "What ended it" in lucky(*FIRED, say("14:05", "still failing"), OVER)
    assert "What ended it" not in lucky(*FIRED, say("14:05", "rolled back"), OVER)
    fix = event("14:30", Kind.CHANGE, "git", "pod-api", value="v2", text="fix")
    assert "What ended it" not in lucky(*FIRED, say("14:05", "still failing"), fix, OVER)
    assert "What ended it" not in lucky(*FIRED, OVER), "nothing is loaded that would tell"
    assert "What ended it" not in lucky(*FIRED, say("14:05", "still failing")), "it is not over"


def test_two_roles_in_one_pair_of_hands_are_asked_about_without_a_name() -> None:
    told = [say("14:05", "Incident Commander: @ana"), say("14:06", "Technical Lead: @ana"), status("15:00", "Resolved")]
    text = lucky(*FIRED, *told)
    assert "Incident Commander and Technical Lead lay in one pair of hands" in text and "ana" not in text.split()
