"""Partial data: with any one tool left out the packet still renders, names what is missing, and what that costs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl
import pytest

from podanalytics.errors import UnknownIncidentError
from podanalytics.gather import review_of, section
from podanalytics.ledger import Ledger
from podanalytics.linking import link
from podanalytics.metrics import judge
from podanalytics.model import Verdict
from podanalytics.plugins import discover
from podanalytics.provenance import records_of
from podanalytics.reconstruct import reconstruct
from podanalytics.review import Review
from podanalytics.sections._evidence import judged
from podanalytics.sections.coverage import costs, not_loaded, silent
from tests.story import event, ledger_of, packet, page_record

TOOLS = ("jira", "pagerduty", "slack", "statuspage", "github", "git", "applog", "journald", "docker", "corrections")
SECTIONS = [name for name, _ in discover("podanalytics.sections", "section")]
DECIDED = (Verdict.MET, Verdict.MISSED)


def without(ledger: Ledger, tool: str) -> Ledger:
    """The same ledger as if nothing of that tool had been loaded."""
    events = ledger.events.filter(pl.col("source") != tool)
    policy, as_of = ledger.found.policy, ledger.found.as_of
    members = link(events, policy)
    found = reconstruct(events, ledger.people, members, policy, as_of)
    done = judge(found)
    frames = (events, ledger.people, members, found, ledger.policies, done.readings, done.silences)
    return Ledger(*frames, ledger.faults, ledger.loads.filter(pl.col("source") != tool), ledger.checks, events)


_seen: dict[str, Review] = {}


def entire(whole: Ledger, incident: str) -> Review:
    """The incident with everything loaded: made once, whichever tool is left out."""
    if incident not in _seen:
        _seen[incident] = review_of(whole, incident, "UTC")
    return _seen[incident]


def reviews(whole: Ledger, part: Ledger, tool: str) -> Iterator[tuple[Review, Review]]:
    """Every incident that both tell of, whole and without the tool."""
    for incident in whole.incidents["incident"]:
        own = whole.members.filter((pl.col("incident") == incident) & (pl.col("source") != tool))["subject"]
        for name in (incident, *own):
            try:
                yield entire(whole, incident), review_of(part, name, "UTC")
            except UnknownIncidentError:
                continue
            break


@pytest.mark.parametrize("tool", TOOLS)
def test_without_one_tool_it_is_named_with_what_it_costs(ledger: Ledger, tool: str) -> None:
    part, told = without(ledger, tool), 0
    for whole, review in reviews(ledger, part, tool):
        told += 1
        verdicts = dict((clause.id, reading.verdict) for clause, reading in judged(whole))
        lost = {c.id for c, r in judged(review) if r.verdict is Verdict.UNKNOWN and verdicts[c.id] in DECIDED}
        gone = [record for record in silent(review) if record not in silent(whole)]
        named = {clause.id for record in gone for clause in costs(review, record)}
        if records_of(review.policy, [tool]) & set(gone):
            assert lost <= named, (review.parameters.incident, lost - named)
        for clause, reading in judged(review):
            assert (verdicts[clause.id], reading.verdict) != (Verdict.MISSED, Verdict.MET), clause.id
    assert told >= 20


@pytest.mark.parametrize("tool", TOOLS)
def test_the_packet_renders_without_it(ledger: Ledger, tool: str) -> None:
    part = without(ledger, tool)
    name = "INC-1019" if tool != "jira" else "Q2MP6W0W99GC69"
    review = review_of(part, name, "Europe/Berlin")
    for each in SECTIONS:
        made = section(each, review)
        assert made.html() and made.markdown() and made.plain(), each
    if tool in ("jira", "pagerduty", "slack", "statuspage", "git"):
        (record,) = records_of(review.policy, [tool])
        assert record in not_loaded(review)
        assert re.search(rf"nothing loaded of this time from [^.]*{record}", section("page_one", review).markdown())
        assert re.search(rf"\\| {record} \\| not loaded \\|", section("coverage", review).markdown())


def test_with_all_loaded_nothing_is_said_to_be_missing(ledger: Ledger) -> None:
    told = section("coverage", review_of(ledger, "INC-1019", "UTC")).markdown()
    assert "Every kind of record is loaded" in told and "not loaded" not in told


def test_a_tool_that_may_tell_of_this_incident_under_another_name_proves_nothing() -> None:
    """The ticket that would join them is not loaded: the status page's silence about the pager's incident is none."""
    pager = [
        event("14:00", "alerted", "pagerduty", "PD1", value="monitor"),
        event("14:00", "declared", "pagerduty", "PD1", value="incident", text="pod-api down"),
        event("14:00", "severity", "pagerduty", "PD1", value="P1"),
        event("15:00", "status", "pagerduty", "PD1", value="resolved"),
    ]
    page = [
        event("14:20", "declared", "statuspage", "sp1", value="status_incident", text="Elevated errors"),
        event("14:20", "notice", "statuspage", "sp1", value="investigating", text="We look into it."),
        event("15:05", "notice", "statuspage", "sp1", value="resolved", text="It is over."),
    ]
    around = [
        event("-3 10:00", "notice", "statuspage", "sp0", value="resolved", text="Over."),
        event("+3 10:00", "notice", "statuspage", "sp2", value="resolved", text="Over."),
    ]

    def first_notice(*told: object) -> Verdict:
        review = review_of(ledger_of(*told), "PD1", "UTC")  # type: ignore[arg-type]
        reading = review.reading("status-page")
        assert reading is not None
        return reading.verdict

    assert first_notice(pager, around) is Verdict.MISSED
    assert first_notice(pager, page, around) is Verdict.UNKNOWN
    told = packet("coverage", pager, page, around, incident="PD1")
    assert "status page | loaded, of another incident" in told and "| sp1 |" in told
    decided = event(
        "+1 09:00", "stated", "decisions", "pagerduty PD1", was="statuspage sp1", value="different", text="two things"
    )
    assert first_notice(pager, page, around, decided) is Verdict.MISSED


def test_incidents_that_share_a_tool_are_never_taken_for_one() -> None:
    both = [event(at, "declared", "jira", id, value="Incident") for at, id in (("14:00", "INC-1"), ("14:10", "INC-2"))]
    told = packet("coverage", both, page_record("14:00"), incident="INC-2")
    assert "tracker" in told and "May be the same" not in told
