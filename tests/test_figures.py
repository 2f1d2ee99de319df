"""The packet's figures of told stories: what they show, what they say in words, and what they never show."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from podanalytics.gather import review_of, section
from podanalytics.ledger import Ledger
from podanalytics.model import Event
from podanalytics.review import Review
from podanalytics.sections._lanes import DOTS
from podanalytics.sections._load import load_block, work_of
from podanalytics.sections._spans import handled_from, window_of
from podanalytics.show.blocks import Block, Figure, Text
from tests.story import DAY, FIRED, OVER, ack, at, event, ledger_of, notice, say, status_entry, update

SECTIONS = ("page_one", "timeline", "scorecard", "communication")
TIMED = {"severity-strip", "lanes", "role-map", "coordination-load", "strip-internal", "strip-customers"}


def review(*told: Event | list[Event], zone: str = "Europe/Berlin", **more: Any) -> Review:
    return review_of(ledger_of(*FIRED, *told, **more), "INC-1", zone)


def figures(found: Review) -> dict[str, Figure]:
    return {b.name: b for name in SECTIONS for b in section(name, found).blocks if isinstance(b, Figure)}


def busy(minutes: range, people: int) -> list[Event]:
    return [say(f"14:{m:02d}", f"note {m} {p}", f"person{p}") for m in minutes for p in range(people)]


def drawn(block: Block) -> dict[str, Any]:
    assert isinstance(block, Figure)
    return block.figure


def test_figures_of_the_sample_are_small_say_their_zone_and_come_out_the_same(ledger: Ledger) -> None:
    seen: set[str] = set()
    for incident in ("INC-1006", "INC-1016", "INC-1019", "INC-1023", "INC-1024", "lantern-relay/platform#47"):
        found = review_of(ledger, incident, "Europe/Berlin")
        again = figures(review_of(ledger, incident, "Europe/Berlin"))
        for name, figure in figures(found).items():
            assert figure == again[name]
            assert len(json.dumps(figure.titled())) < 26_000, (incident, name)
            if name in TIMED:
                assert "(time in Europe/Berlin)" in figure.alt or "time in Europe/Berlin" in figure.alt
                assert "Europe/Berlin" in figure.figure["layout"]["xaxis"]["title"]["text"]
        seen |= set(figures(found))
    assert seen == TIMED | {"where-the-time-went", "against-targets"}


def test_nine_days_and_two_thousand_events_stay_readable_and_small() -> None:
    start, days = at("14:10"), timedelta(days=9)
    crowd = [say(start + days * n / 1800, f"line {n}", f"person{n % 7}") for n in range(1800)]
    told = [update(f"+{n // 24} {n % 24:02d}:30", "FIXING") for n in range(15, 215)]
    found = review(ack("14:03"), crowd, told, event("+9 14:00", "status", "jira", "INC-1", value="Resolved"),
                   as_of="+20 00:00")  # fmt: skip
    made = figures(found)
    lanes = made["lanes"]
    dots = [trace for trace in lanes.figure["data"] if trace["type"] == "scatter"]
    assert sum(len(trace["x"]) for trace in dots) <= 1.5 * DOTS
    assert "2,0" in lanes.alt.split(" events")[0] and "rows, " in json.dumps(dots)
    assert all(len(json.dumps(figure.titled())) < 60_000 and len(figure.alt) < 2_000 for figure in made.values())
    assert len(json.dumps(lanes.titled())) < 30_000


def test_a_late_event_does_not_squeeze_the_incident() -> None:
    late = say("+2 12:00", "post-mortem notes")
    found = review(ack("14:03"), OVER, late)
    axis = figures(found)["lanes"].figure["layout"]["xaxis"]
    assert axis["range"] == ["2026-10-14T15:30:00", "2026-10-14T18:12:00"]
    assert axis["rangeslider"]["range"][1] <= "2026-10-14T18:30:00"
    assert "Not drawn: 1 later row, up to 2026-10-16 14:00 CEST" in figures(found)["lanes"].alt


def test_an_impact_long_unnoticed_is_told_and_does_not_squeeze_what_was_done(ledger: Ledger) -> None:
    found = review_of(ledger, "INC-1016", "UTC")
    assert handled_from(found) > found.incident["began_at"][0] + timedelta(hours=16)
    made = figures(found)
    assert window_of(found).start == handled_from(found) - timedelta(minutes=30)
    assert "the begin lies before what is shown" in made["role-map"].alt
    whole = made["lanes"].figure["layout"]["xaxis"]["rangeslider"]["range"]
    assert whole[0] < "2026-08-26T16:26"


def test_unknown_steps_are_named_and_not_drawn_as_nothing() -> None:
    clock = figures(review(OVER))["where-the-time-went"]
    assert "until acknowledged unknown: no record tells when" in clock.alt
    assert "until resolved 2 h 00 min (from alert fired)" in clock.alt
    assert [y for trace in clock.figure["data"] if trace["type"] == "bar" for y in trace["y"]] == ["until resolved"]


def test_a_missed_target_has_its_colour_its_tick_and_its_words() -> None:
    clock = figures(review(ack("14:09"), OVER))["where-the-time-went"]
    missed = next(trace for trace in clock.figure["data"] if trace["name"] == "missed a target")
    target = next(trace for trace in clock.figure["data"] if trace["name"] == "target")
    assert missed["y"] == ["until acknowledged"] and missed["x"] == [9.0]
    assert 5.0 in target["x"] and "until acknowledged 9 min, missed by 4 min" in clock.alt


def test_a_role_left_is_a_gap_and_one_acted_in_by_another_an_overlap() -> None:
    told = [
        say("14:05", "I'm IC", "ana"),
        say("14:50", "I am no longer the IC, dentist", "ana"),
        say("15:10", "I'm IC", "cy"),
        *(say(c, f"**INCIDENT UPDATE [{c}]**\nStatus: FIXING", "di") for c in ("14:10", "14:20")),
    ]
    roles = figures(review(ack("14:03"), told, OVER))["role-map"]
    named = {trace["name"] for trace in roles.figure["data"]}
    assert named == {"held", "nobody held it", "somebody else than its holder acted in it"}
    assert "Incident Commander: nobody held it from 16:50:00, 20 min" in roles.alt
    assert "No holder is named for Technical Lead" in roles.alt


def test_what_an_update_covers_and_what_was_too_long_stand_in_the_strip() -> None:
    told = [*status_entry("14:05"), notice("14:10", "investigating"), notice("15:20", "identified"), OVER]
    strip = figures(review(ack("14:03"), told))["strip-customers"]
    spans = {trace["marker"]["color"]: trace for trace in strip.figure["data"] if trace["type"] == "bar"}
    assert spans["#56B4E9"]["x"][0] == 30 * 60_000, "covered for as long as is allowed"
    assert 70 * 60_000 in spans["#D55E00"]["x"], "the whole silence in colour"
    assert "1 h 10 min" in spans["#D55E00"]["text"], "between two others it is written inside"
    assert "Silences over 30 min: 1 h 10 min from 16:10:00" in strip.alt


@pytest.mark.parametrize("people", [1, 4])
def test_load_is_not_drawn_for_fewer_than_five(people: int) -> None:
    (told,) = load_block(review(ack("14:03", actor="person0"), busy(range(10, 40), people), OVER))
    assert isinstance(told, Text) and "fewer than 5 people wrote" in told.text


def test_stretches_in_which_few_acted_have_no_numbers_in_any_form() -> None:
    many, few = busy(range(5, 30), 6), [say(f"15:{m:02d}", f"x{m}", "person0") for m in range(10, 40)]
    (block,) = load_block(review(ack("14:03"), many, few, OVER))
    figure = drawn(block)
    hidden = [x for trace in figure["data"][:4] for x, y in zip(trace["x"], trace["y"], strict=True) if y is None]
    assert hidden and all(x >= "2026-10-14T17:00" for x in hidden)
    assert isinstance(block, Figure) and "without numbers" in block.alt and "no numbers are shown" in block.caption
    people = figure["data"][4]["y"]
    assert all(n is None or n == 0 or n >= 5 for n in people) and max(n or 0 for n in people) == 6
    assert sum(n or 0 for n in figure["data"][0]["y"]) == len(many), "nobody's thirty messages are in the counts"


def test_bots_are_no_people_and_an_update_told_twice_is_one(ledger: Ledger) -> None:
    found = review_of(ledger, "INC-1019", "UTC")
    work = work_of(found)
    assert {w.person for w in work} & {"podbot", "PagerDuty", "pod-api"} == set()
    assert sum(w.kind == "updates" for w in work) == found.updates.height
    named = {w.person for w in work}  # the key decides the numbers
    assert any(n.startswith("IC-") for n in named) and any(n.startswith("Responder-") for n in named)


def test_hostile_words_stay_words_in_every_figure() -> None:
    bad = '<script>alert(1)</script><a href="javascript:x">'
    made = figures(review(ack("14:03"), say("14:10", bad), notice("14:20", bad), OVER))
    for figure in made.values():
        assert "<script" not in json.dumps(figure.plotly()) and "</script>alert" not in figure.html()


def test_a_story_without_anything_but_a_ticket_still_has_its_figures() -> None:
    found = review_of(ledger_of(event(DAY, "declared", "jira", "INC-1", value="Incident", text="x")), "INC-1", "UTC")
    assert set(figures(found)) <= TIMED | {"where-the-time-went", "against-targets"}
    assert "lanes" in figures(found)
