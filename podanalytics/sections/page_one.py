"""Section 0, page one: what happened, how bad, how long, did we keep our promises, can this be trusted."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import polars as pl

from podanalytics.model import FaultRule, Kind, Milestone, Reading, Verdict
from podanalytics.review import Parameters, Review
from podanalytics.sections._evidence import amount, began, judged, only, target_of, timeline_end
from podanalytics.sections._spans import incident_window, marks, severity_spans, status_spans, told_marks, told_spans
from podanalytics.show import charts
from podanalytics.show.blocks import Block, Clock, Clocks, Facts, Figure, Listing, Note, Section
from podanalytics.show.words import between, duration, listed, plain_name, plural, stamp

HEADLINES = (
    ("ack", "Acknowledged"),
    ("customer-first", "First customer notice"),
    ("customer-cadence", "Longest public silence"),
)
STILL_DUE = ("review", "public-report")


def section(review: Review) -> Section:
    """Facts, headline clocks, the tally of verdicts, what is still due, and how far the data can be trusted."""
    blocks: list[Block] = [Facts(_facts(review)), Clocks(_clocks(review)), _tally(review)]
    blocks += _due(review)
    blocks.append(_trust(review))
    if figure := _severities(review):
        blocks.append(figure)
    return Section("page-one", "At a glance", tuple(blocks))


def _facts(review: Review) -> tuple[tuple[str, str], ...]:
    zone = review.parameters.zone
    resolved = review.fact("resolved_at")
    severity = str(review.fact("severity_path") or "") or "never told"
    judge = review.fact("severity")
    name = f" ({review.policy.severity(str(judge)).name})" if judge else ""
    ended = stamp(resolved, zone) if isinstance(resolved, datetime) else "not resolved yet"
    lasted = between(began(review), timeline_end(review)) + ("" if resolved else " so far") + _in_all(review)
    rows = [
        ("What happened", str(review.fact("title"))),
        ("Severity", severity + name),
        (
            "Noticed first by",
            {"monitor": "a monitor", "person": "a person"}.get(str(review.fact("detection")), "unknown"),
        ),
        ("Began", f"{stamp(began(review), zone)}, {_first_sign(review)}"),
        ("Resolved", ended),
        ("Lasted", lasted),
        ("Told by", listed(str(review.fact("sources")).split(", "))),
        ("Data as of", stamp(review.parameters.as_of, zone)),
    ]
    if reason := review.fact("excluded"):
        rows.insert(1, ("Not counted", str(reason)))
    if flags := review.fact("flags"):
        rows.append(("Worth knowing", listed(str(flags).split(", "))))
    return tuple(rows)


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
    lasted = between(began(review), timeline_end(review)) + ("" if review.fact("resolved_at") else " so far")
    return Clock("Begin to resolution", lasted, None, detail)


def _tally(review: Review) -> Note:
    counts = Counter(reading.verdict for _, reading in judged(review))
    told = ", ".join(f"{counts[v]} {plain_name(v.value)}" for v in Verdict if counts[v])
    missed = [clause.title.lower() for clause, reading in judged(review) if reading.verdict is Verdict.MISSED]
    tone = "bad" if counts[Verdict.MISSED] else "warn" if counts[Verdict.UNKNOWN] else "good"
    text = f"{plural(len(judged(review)), 'clause')} of {review.policy.label}: {told}."
    return Note(tone, f"{text} Missed: {listed(missed)}." if missed else text)


def _due(review: Review) -> list[Block]:
    """What the workflow still asks for, and how long there is left."""
    lines = []
    for id in STILL_DUE:
        reading = review.reading(id)
        if reading is None or reading.due_at is None or reading.verdict in (Verdict.MET, Verdict.NOT_APPLICABLE):
            continue
        lines.append(f"{review.policy.clause(id).title}: {_still(reading, reading.due_at, review.parameters)}")
    return [Listing(tuple(lines))] if lines else []


def _still(reading: Reading, due: datetime, asked: Parameters) -> str:
    """What became of an obligation, or what is left of its time."""
    left = (due - asked.as_of).total_seconds() / 60
    by = stamp(due, asked.zone)
    if reading.ended_at:
        return f"{stamp(reading.ended_at, asked.zone)}, {duration(abs(reading.margin or 0))} late (due {by})"
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
