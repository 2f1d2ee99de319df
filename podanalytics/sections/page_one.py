"""Section 0, page one: what happened, how bad, how long, did we keep our promises, can this be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import polars as pl

from podanalytics.model import FaultRule, Kind, Milestone, Reading, Verdict
from podanalytics.reconstruct.flags import BEFORE_POLICY
from podanalytics.reconstruct.template import parse_update
from podanalytics.review import Parameters, Review
from podanalytics.sections._evidence import (
    amount,
    began,
    cited,
    description,
    judged,
    only,
    target_of,
    timeline_end,
    words_of,
)
from podanalytics.sections._spans import incident_window, marks, severity_spans, status_spans, told_marks, told_spans
from podanalytics.sections.coverage import not_loaded
from podanalytics.show import charts
from podanalytics.show.blocks import Block, Cell, Clock, Clocks, Facts, Figure, Listing, Marked, Note, Section
from podanalytics.show.words import between, duration, listed, plain_name, plural, quote, stamp

HEADLINES = (
    ("ack", "Acknowledged"),
    ("customer-first", "First customer notice"),
    ("customer-cadence", "Longest public silence"),
)
STILL_DUE = ("review", "public-report")
SAID = 150  # characters of a record's words in the story


def section(review: Review) -> Section:
    """What happened in a few lines, facts, headline clocks, the tally of verdicts, and how far this can be trusted."""
    blocks: list[Block] = [Listing(tuple(_story(review))), Clocks(_clocks(review)), Facts(_facts(review))]
    blocks += [_tally(review), _trust(review)]
    if figure := _severities(review):
        blocks.append(figure)
    return Section("page-one", "At a glance", tuple(blocks))


def _story(review: Review) -> Iterator[str]:
    """At most five lines in the words of the records, each with its rows; nobody's motives, and no cause."""
    yield str(review.fact("title"))
    yield _impact(review)
    yield _noticed(review)
    yield _step(review, Milestone.MITIGATED, "Contained", "When it was contained is not told")
    if _backwards(review):
        yield f"How long it lasted cannot be told: {_backwards(review)}"
    else:
        yield _step(review, Milestone.RESOLVED, "Resolved", "Not resolved yet", Milestone.RESOLUTION_NOTICE)


def _noticed(review: Review) -> str:
    """Who or what noticed it first and when; how long after the impact began, where that was told."""
    by = {"monitor": "a monitor", "person": "a person"}.get(str(review.fact("detection")))
    if by is None:
        return "Whether a monitor or a person noticed it first is not told."
    impact, signs = review.moment(Milestone.IMPACT_STARTED), (Milestone.ALERT_FIRED, Milestone.DECLARED)
    first = next((moment for sign in signs if (moment := review.moment(sign))), None)
    unseen = f", {between(impact, first)} after the impact began" if impact and first and impact < first else ""
    return f"Noticed first by {by}{_at(review, *signs)}{unseen}."


def _backwards(review: Review) -> str:
    """Why there is no duration, where the end of the record is not after its begin; empty where there is one."""
    resolved = review.fact("resolved_at")
    if not isinstance(resolved, datetime) or resolved > began(review):
        return ""
    zone, opened = review.parameters.zone, only(review.events, "kind", Kind.DECLARED.value)
    later = opened.filter(pl.col("occurred_at") > resolved)
    if later.is_empty():
        return f"its begin and its end are the same moment in the records, {stamp(resolved, zone)}."
    row = later.row(0, named=True)
    told = f"the records have it resolved {stamp(resolved, zone)}{_told(review, Milestone.RESOLVED)}"
    return f"{told}, before it was opened {stamp(row['occurred_at'], zone)}{cited(review, [row['id']])}."


def _impact(review: Review) -> str:
    """What it meant, as the team's first update put it; else as customers were told first; else its record's words."""
    for row in only(review.updates, "audience", "internal").iter_rows(named=True):
        if found := parse_update(row["text"], review.policy.updates).get(review.policy.updates.impact_field):
            return f"Impact as the team put it: {quote(found, SAID)}{cited(review, [row['event']])}"
    for row in only(review.updates, "audience", "customers").iter_rows(named=True):
        if row["text"]:
            return f"Customers were told: {quote(row['text'], SAID)}{cited(review, [row['event']])}"
    for row in description(review):
        said = f"{quote(row['text'], SAID)}{cited(review, [row['id']])}"
        return f"No update tells what it meant for users; its record says: {said}"
    return "What it meant for users is not told by any update."


def _at(review: Review, *signs: Milestone) -> str:
    """`, 2026-10-14 15:01 CEST (row 7)`, of the first of these moments that is told."""
    for sign in signs:
        if moment := review.moment(sign):
            return f", {stamp(moment, review.parameters.zone)}{_told(review, sign)}"
    return ""


def _step(review: Review, milestone: Milestone, word: str, otherwise: str, better: Milestone | None = None) -> str:
    """`Contained after 12 min: “...” (row 9)`, in the words of the record of `better`, where there is one."""
    moment = review.moment(milestone)
    if moment is None:
        return f"{otherwise}."
    teller = better if better and review.moment(better) else milestone
    event = only(review.events, "id", _event(review, teller)).row(0, named=True)
    lead, where = f"{word} after {between(began(review), moment)}", _told(review, teller)
    if not event["text"]:  # a status, a severity: nobody's words
        return f"{lead}, by {event['source']}'s {plain_name(event['kind'])}: {words_of(event)}{where}"
    return f"{lead}: {quote(event['text'], SAID)}{where}"


def _event(review: Review, milestone: Milestone) -> str:
    return str(only(review.milestones, "milestone", milestone.value)["event"][0])


def _told(review: Review, milestone: Milestone) -> str:
    return cited(review, [_event(review, milestone)])


def _facts(review: Review) -> tuple[tuple[str, Cell], ...]:
    zone = review.parameters.zone
    resolved = review.fact("resolved_at")
    severity = str(review.fact("severity_path") or "") or "never told"
    judge = review.fact("severity")
    name = f" ({review.policy.severity(str(judge)).name})" if judge else ""
    ended = stamp(resolved, zone) if isinstance(resolved, datetime) else "not resolved yet"
    rows: list[tuple[str, Cell]] = [
        ("Severity", severity + name),
        ("Told by", listed(str(review.fact("sources")).split(", "))),
        ("Began", f"{stamp(began(review), zone)}, {_first_sign(review)}"),
        ("Resolved", ended),
        ("Lasted", _lasted(review) + _in_all(review)),
        ("Data as of", stamp(review.parameters.as_of, zone)),
        *_due(review),
    ]
    if reason := review.fact("excluded"):
        rows.insert(0, ("Not counted", str(reason)))
    if flags := review.fact("flags"):
        early = f"it began before {review.policy.label}, which judges it, was in force"
        told = [early if flag == BEFORE_POLICY else flag for flag in str(flags).split(", ")]
        rows.append(("Worth knowing", listed(told)))
    return tuple(rows)


def _lasted(review: Review) -> str:
    if _backwards(review):
        return "cannot be told"
    return between(began(review), timeline_end(review)) + ("" if review.fact("resolved_at") else " so far")


def _in_all(review: Review) -> str:
    """How long it hurt, where that is less than how long it took: it was over in between."""
    spans = review.segments.select("began_at", pl.col("ended_at").fill_null(review.parameters.as_of))
    if spans.height < 2:
        return ""
    hurt = sum((b - a for a, b in spans.iter_rows()), timedelta())
    return f", {duration(hurt / timedelta(minutes=1))} of it in {spans.height} stretches: it was reopened"


def _first_sign(review: Review) -> str:
    """What the begin rests on: it may have been worse for longer than anybody recorded."""
    signs = (
        (Milestone.IMPACT_STARTED, "the impact"),
        (Milestone.ALERT_FIRED, "the first alert"),
        (Milestone.DECLARED, "its record"),
    )
    known = (label for milestone, label in signs if review.moment(milestone) == began(review))
    return next(known, "the first that any tool tells of it")


def _clocks(review: Review) -> tuple[Clock, ...]:
    return (*(_clock(review, review.reading(id), label) for id, label in HEADLINES), _duration(review))


def _clock(review: Review, reading: Reading | None, label: str) -> Clock:
    if reading is None:
        return Clock(label, None, Verdict.NOT_APPLICABLE, "the policy has no such clause")
    detail = f"target {target_of(review, reading)}" if reading.target is not None else ""
    return Clock(label, amount(reading.value, reading.unit), reading.verdict, detail)


def _duration(review: Review) -> Clock:
    """How long it lasted: a duration that no clause judges."""
    mitigated = review.moment(Milestone.MITIGATED)
    detail = f"contained after {between(began(review), mitigated)}" if mitigated else "when it was contained is unknown"
    return Clock("Begin to resolution", _lasted(review), None, detail)


def _tally(review: Review) -> Note:
    counts = Counter(reading.verdict for _, reading in judged(review))
    told = ", ".join(f"{counts[v]} {plain_name(v.value)}" for v in Verdict if counts[v])
    missed = [clause.title.lower() for clause, reading in judged(review) if reading.verdict is Verdict.MISSED]
    tone = "bad" if counts[Verdict.MISSED] else "warn" if counts[Verdict.UNKNOWN] else "good"
    text = f"{plural(len(judged(review)), 'clause')} of {review.policy.label}: {told}."
    return Note(tone, f"{text} Missed: {listed(missed)}." if missed else text)


def _due(review: Review) -> Iterator[tuple[str, Cell]]:
    """What the workflow asks for after the end: when it was done, or how long there is left."""
    for id in STILL_DUE:
        reading = review.reading(id)
        if reading is None or reading.due_at is None or reading.verdict is Verdict.NOT_APPLICABLE:
            continue
        tone = {Verdict.MET: "good", Verdict.MISSED: "bad"}.get(reading.verdict, "warn")
        told = _still(reading, reading.due_at, review.parameters)
        yield review.policy.clause(id).title, Marked(told, tone=tone)


def _still(reading: Reading, due: datetime, asked: Parameters) -> str:
    """What became of an obligation, or what is left of its time."""
    left = (due - asked.as_of).total_seconds() / 60
    by = stamp(due, asked.zone)
    if reading.ended_at:
        late = "in time" if reading.verdict is Verdict.MET else f"{duration(abs(reading.margin or 0))} late"
        return f"{stamp(reading.ended_at, asked.zone)}, {late} (due {by})"
    if left >= 0:
        return f"due in {duration(left)} ({by})"
    if reading.verdict is Verdict.UNKNOWN:
        return f"no record tells of it (it was due {by})"
    return f"not done; it was due {duration(-left)} ago ({by})"


def _unreadable(review: Review) -> list[str]:
    """A file that is nobody's export says little of this incident; a record that could not be read may be its own."""
    counts = Counter(review.faults["rule"])
    strangers = counts.pop(FaultRule.NOT_RECOGNISED, 0)
    told = [plural(counts.pop(FaultRule.UNREADABLE, 0) + counts.pop(FaultRule.CUT_SHORT, 0), "unreadable record")]
    told += [f"{plural(strangers, 'file')} not recognised"] if strangers else []
    return told + ([f"{plural(counts.total(), 'entry', 'entries')} making no sense"] if counts.total() else [])


def _corrections(review: Review) -> int:
    """Corrected moments, and the severity if it was corrected."""
    severity = review.events.filter((pl.col("kind") == Kind.STATED.value) & (pl.col("was") == "severity"))
    return only(review.milestones, "corrected", True).height + (0 if severity.is_empty() else 1)


def _trust(review: Review) -> Note:
    """The data-quality badge: what could not be read, checked, known or agreed on."""
    verdicts = [reading.verdict for _, reading in judged(review)]
    failed = review.checks.filter(pl.col("outcome") != "passed").height
    parts = [
        *_unreadable(review),
        *([f"nothing loaded of this time from {listed(gone)}"] if (gone := not_loaded(review)) else []),
        f"{failed} of {plural(review.checks.height, 'check')} failed"
        if review.checks.height
        else "the data was not checked yet",
        f"{verdicts.count(Verdict.UNKNOWN)} of {plural(len(verdicts), 'clause')} unknown",
        plural(verdicts.count(Verdict.CONTRADICTORY), "contradiction"),
        plural(_corrections(review), "correction"),
    ]
    bad = review.faults.height or failed or not review.checks.height or Verdict.CONTRADICTORY in verdicts
    return Note(
        "warn" if bad or Verdict.UNKNOWN in verdicts else "good", "Can this be trusted? " + ", ".join(parts) + "."
    )


def _severities(review: Review) -> Figure | None:
    """The strip of severities and stated statuses."""
    window = incident_window(review)
    severities, stated = severity_spans(review, "severity"), status_spans(review, "stated status")
    lanes = [lane for lane, spans in (("severity", severities), ("stated status", stated)) if spans]
    if not lanes:
        return None
    alt = (
        f"Severity: {told_spans(severities)}. Stated statuses: {told_spans(stated)}. "
        f"{told_marks(review)} (time in {window.zone})."
    )
    figure = charts.lane_chart(lanes, window, spans=[*severities, *stated], lines=marks(review))
    return Figure("severity-strip", "Severity and stated status over time", alt, figure)
