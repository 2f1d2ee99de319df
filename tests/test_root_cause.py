"""Section 2 on told stories: candidates beside what is usual, hypotheses and their answers, like lines together."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podanalytics.gather import review_of, section
from podanalytics.model import Event
from podanalytics.sections._changes import small
from podanalytics.sections._hypotheses import hypotheses
from podanalytics.show.blocks import Table
from tests.story import DAY, FIRED, OVER, ack, alert, at, event, ledger_of, packet, say, update


def change(clock: str, version: str, was: str = "v0", subject: str = "pod-api", text: str = "new version") -> Event:
    return event(clock, "change", "git", subject, value=version, was=was, text=text)


def days_ago(days: float, version: str, subject: str = "pod-api") -> Event:
    return event(DAY + timedelta(hours=14) - timedelta(days=days), "change", "git", subject, value=version, text="x")


def pages(*days: float, lag: float = 0.25) -> list[Event]:
    """Earlier incidents of the pager, each so many hours after the change of that day."""
    told = []
    for number, day in enumerate(days):
        moment = DAY + timedelta(hours=14 + lag) - timedelta(days=day)
        name = f"PX{number}"
        told += [
            event(moment, "alerted", "pagerduty", name, value="monitor"),
            event(moment, "declared", "pagerduty", name, value="incident", text=f"thing {number}"),
        ]
    return told


def shown(name: str, *told: Event | list[Event]) -> dict[str, list[object]]:
    made = section("root_cause", review_of(ledger_of(*told), "INC-1", "UTC"))
    table = next(b for b in made.blocks if isinstance(b, Table) and b.name == name)
    return {c.name: [row[n] for row in table.rows] for n, c in enumerate(table.columns)}


def test_a_change_stands_beside_what_is_usual_counted_by_hand() -> None:
    """Twelve changes, one each third day from day 36 to day 3 before; the candidate came half an hour before.

    Each covers half an hour: 12 of the 1,584 half hours from day 36 to three days before, but the last change lies at
    the end of that time and is not before it, so 11 of 1,584, 0.7 %. Two of the 11 were followed by an incident within
    half an hour; the first incident that is loaded came after the first change.
    """
    changes = [days_ago(36 - 3 * n, f"v{n}") for n in range(12)]
    rows = shown("base-rates", *pages(36, 18), *changes, change("13:30", "v12", "v11"), *FIRED, OVER)
    assert rows["change"] == ["pod-api v12", "pod-api v11"], "what changed exactly 72 hours before is a candidate too"
    assert rows["usual"][0] == "11 since 2026-09-08: 2.3 a week (1.2 to 4.2)"
    assert rows["near"][0] == "0.7 %" == small(11 / 1584)
    assert rows["followed"][0] == "2 of 11 (18 %, 5.1 % to 48 %)"


def test_few_changes_give_counts_and_no_share() -> None:
    rows = shown("base-rates", *pages(20), days_ago(20, "v1"), days_ago(10, "v2"), change("13:30", "v3"), *FIRED, OVER)
    assert rows["usual"] == ["2 since 2026-09-24; too few for a rate"]
    assert rows["near"] == ["too few to say"] and rows["followed"] == ["1 of 2; too few for a share"]
    first = shown("base-rates", change("13:30", "v3"), *FIRED, OVER)
    assert first["usual"] == ["none before: nothing to compare with"] and first["followed"] == [None]


def test_no_cause_is_claimed_and_without_changes_it_says_why() -> None:
    told = packet("root_cause", *FIRED, OVER)
    assert "no change history covers them" in told and "base-rates" not in told
    for word in ("caused by", "root cause is", "because of", "led to"):
        assert word not in told


def test_the_last_good_version_tells_where_a_rollback_names_it() -> None:
    rolled = say("14:40", "rolled back to v1.2 in all regions", key="r1")
    other = say("14:41", "rollback to v1.20 would be too far", key="r2")
    rows = shown("last-known-good", change("13:30", "v1.3", "v1.2"), *FIRED, ack("14:01"), rolled, other, OVER)
    assert rows["version"] == ["v1.2"]
    review = review_of(
        ledger_of(change("13:30", "v1.3", "v1.2"), *FIRED, ack("14:01"), rolled, other, OVER), "INC-1", "UTC"
    )
    assert [link.label for link in rows["used"][0].links] == [str(review.number_of(rolled.id))]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (say("14:20", "ok, it is not the relay. Crossing that off"), "ruled out"),
        (say("14:20", "confirmed: the relay drops them"), "confirmed"),
        (say("14:20", "disks ruled out, the relay stays under suspicion"), ""),
        (say("14:20", "the relay is not confirmed yet"), ""),
        (say("14:20", "confirmed on staging, the build is green"), ""),
        (say("14:20", "reproduced", value="h1"), "confirmed"),
        (say("14:09", "the relay is ruled out"), ""),
    ],
)
def test_a_hypothesis_is_settled_by_later_words_about_the_same(answer: Event, outcome: str) -> None:
    voiced = say("14:10", "I suspect the relay, it reconnects all the time", key="h1")
    review = review_of(ledger_of(*FIRED, say("14:05", "hello"), voiced, answer, OVER), "INC-1", "UTC")
    (found,) = [h for h in hypotheses(review) if h.voiced["id"] == voiced.id]
    assert found.outcome == outcome and (found.answer is None) == (outcome == "")


def test_a_plan_and_a_bot_voice_no_hypothesis() -> None:
    plan, bot = say("14:10", "I think we should wait"), say("14:11", "this is probably the disk", actor=None)  # type: ignore[arg-type]
    late = say("16:30", "I suspected the disk all along")
    assert not hypotheses(review_of(ledger_of(*FIRED, say("14:05", "hello"), plan, bot, late, OVER), "INC-1", "UTC"))


def log(clock: str, text: str, level: str = "ERROR") -> Event:
    return event(clock, "log", "applog", "pod-api", value=level, text=text)


def test_lines_that_differ_in_ids_and_numbers_are_one_row_and_failures_are_never_left_out() -> None:
    lines = [log(f"13:5{n}", f"[req-a{n}b] no connection within {n}000 ms (id=5bc78b5e8{n})") for n in range(3)]
    words = [f"thing{letter}" for letter in "abcdefghijklm"]
    chatter = [log(f"13:4{n % 10}", f"{word} started", "INFO") for n, word in enumerate(words)]
    rows = shown("log-lines", *lines, *chatter, *FIRED, OVER)
    place = rows["level"].index("ERROR")
    assert rows["count"][place] == 3 and rows["first"][place] == at("13:50") and rows["last"][place] == at("13:52")
    assert len(rows["line"]) == 12, "bounded"
    assert "2 further kinds on the timeline" in packet("root_cause", *lines, *chatter, *FIRED, OVER)


def test_signals_come_in_the_order_in_which_they_came() -> None:
    told = [
        change("13:30", "v2", "v1"),
        log("13:58", "no connection"),
        *FIRED,
        ack("14:03"),
        say("14:01", "looking at it"),
    ]
    rows = shown("signals", *told, update("14:05", "INVESTIGATING"), OVER)
    assert rows["at"] == sorted(rows["at"])  # type: ignore[type-var]
    assert rows["signal"][:3] == ["last change before: pod-api v2", "first error line, pod-api", "alert fired"]
    assert "first message of a person" in rows["signal"]


def test_the_alert_that_begins_it_is_at_the_begin() -> None:
    assert "| at it | alert fired |" in packet("root_cause", alert("14:00"), *FIRED[1:], OVER)
