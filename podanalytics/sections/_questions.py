"""Questions for the review, each made from evidence: about the work, never about a person, the strongest kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import polars as pl

from podanalytics.model import Kind, Milestone, Reading, Verdict
from podanalytics.policy import Clause
from podanalytics.review import Review
from podanalytics.sections._changes import before as changes_before
from podanalytics.sections._changes import small, usual_before
from podanalytics.sections._evidence import (
    amount,
    began,
    cadences,
    judged,
    numbers,
    only,
    spoken,
    target_of,
    timeline_end,
)
from podanalytics.sections._history import before as past
from podanalytics.sections._hypotheses import open_ones
from podanalytics.sections._luck import first_event
from podanalytics.show.words import FEW, audience_name, between, clock, duration, listed, plain_name, plural

MOST = 12  # questions that an hour has room for
APART = timedelta(minutes=5)  # two tools that tell one moment this far apart
OFF = timedelta(minutes=30)  # that a promised time was missed by
LATE = timedelta(minutes=5)  # of impact or error lines before anything fired
USUAL = "What in the process or the tools made that likely?"
AFTERWARDS = (Milestone.CLOSED, Milestone.REVIEWED, Milestone.REPORTED)  # minutes do not matter any more
USUALLY = 0.25  # of all moments: a change so many have before them is no question
TRIED = re.compile(
    r"(?i)\bno (?:change|effect|difference|improvement)\b|\b(?:did(?:n['’]t| not)) (?:help|work)\b"
    r"|\bmade no difference\b"
    r"|\boff the table\b|\b(?:it is|it's|got|is|getting) worse\b|\btaken down\b|\bundid\b|\bundoing\b"
    r"|\b(?:back|rolled) it (?:out|back) again\b"
)


class Question(NamedTuple):
    """A question, the agenda item it belongs to (1 to 6), how strong its evidence is, and the events it rests on."""

    weight: float
    agenda: int
    text: str
    events: tuple[str, ...]


def questions(review: Review) -> list[Question]:
    """At most twelve, in the order of the agenda; within an item the strongest first."""
    strongest = sorted(all_questions(review), key=lambda q: (-q.weight, q.agenda, q.text))[:MOST]
    return sorted(strongest, key=lambda q: (q.agenda, -q.weight, q.text))


def all_questions(review: Review) -> list[Question]:
    """Every question that has a row of the timeline to point at."""
    found = [
        *_timeline(review),
        *_cause(review),
        *_response(review),
        *_communication(review),
        *_process(review),
        *_actions(review),
    ]
    return [q for q in found if numbers(review, q.events)]


def _timeline(review: Review) -> Iterator[Question]:
    for clause, reading in judged(review):
        if reading.verdict is Verdict.CONTRADICTORY:
            text = (
                f"The records contradict each other about “{clause.title}”. Which clock is off, and what corrects it?"
            )
            yield Question(95, 1, text, reading.evidence)
    yield from _disagreeing(review)
    yield from _detected(review)
    ends = _events(review, Milestone.ALERT_FIRED, Milestone.DECLARED, Milestone.RESOLVED)
    nowhere = [m for m in (Milestone.TRIAGED, Milestone.MITIGATED) if review.moment(m) is None]
    if nowhere:
        told = listed([plain_name(m.value) for m in nowhere], "or")
        text = f"No record tells when this was {told}. When was it, and what would have left a trace?"
        yield Question(40, 1, text, ends)
    if review.segments.height > 1:
        reopened = [e for r in review.segments.iter_rows(named=True) for e in (r["event"], r["ended_by"]) if e]
        text = "It was resolved and opened again. What said that it was over, and what would have said that it was not?"
        yield Question(85, 1, text, tuple(reopened))


def _disagreeing(review: Review) -> Iterator[Question]:
    """The moment about which two tools differ most, unless a correction settled it."""
    found = []
    for m in review.milestones.iter_rows(named=True):
        milestone = Milestone(m["milestone"])
        if m["corrected"] or milestone in AFTERWARDS or review.policy.milestone(milestone).choose == "earliest":
            continue
        for _, at, event, source in json.loads(m["alternatives"]):
            other = datetime.fromisoformat(at)
            apart = abs(other - m["occurred_at"])
            if source != m["source"] and apart > APART and stretch(review, other) == stretch(review, m["occurred_at"]):
                found.append((apart, m["milestone"], m["source"], source, (m["event"], event)))
    for apart, milestone, one, other, events in sorted(found, key=lambda f: (-f[0], f[1]))[:1]:
        span = duration(apart / timedelta(minutes=1))
        text = (
            f"{one} and {other} tell of “{plain_name(milestone)}” {span} apart. Which of them says when it really was?"
        )
        yield Question(55, 1, text, events)


def _detected(review: Review) -> Iterator[Question]:
    if review.fact("detection") == "person":
        text = "It was noticed before any monitor told of it. Which signal was there already that no alert carries?"
        yield Question(72, 1, text, first_event(review))
    fired, impact = review.moment(Milestone.ALERT_FIRED), review.moment(Milestone.IMPACT_STARTED)
    if fired and impact and fired - impact > LATE:
        events = _events(review, Milestone.IMPACT_STARTED, Milestone.ALERT_FIRED)
        text = f"The impact began {between(impact, fired)} before the alert. What would have fired sooner?"
        yield Question(70, 1, text, events)


def _cause(review: Review) -> Iterator[Question]:
    suspected = open_ones(review)
    if suspected:
        count = plural(len(suspected), "hypothesis was", "hypotheses were")
        text = f"{count} voiced and never settled in writing. What is known by now, and what would settle the rest?"
        yield Question(75, 2, text, tuple(m["id"] for m in suspected))
    tried = [m["id"] for m in _said(review) if TRIED.search(m["text"])]
    if tried:
        text = (
            "What was tried and did not hold: which result was expected of it, and what could have told so beforehand?"
        )
        yield Question(80, 2, text, tuple(tried))
    yield from _nearest_change(review)
    for similar in review.similar.head(1).iter_rows(named=True):
        undone = only(review.unfinished, "incident", similar["incident"])["subject"].to_list()
        if undone:
            text = (
                f"{similar['incident']} was told in like words, and {listed(undone)} of it is still open. Would that "
                "have changed anything here?"
            )
            yield Question(57, 2, text, first_event(review))


def _nearest_change(review: Review) -> Iterator[Question]:
    found = changes_before(review)
    if found.is_empty():
        return
    nearest = found.row(0, named=True)
    there = review.deploys.filter(pl.col("subject") == nearest["subject"])["occurred_at"].to_list()
    usual = usual_before(review, nearest["occurred_at"], there)
    rate = (
        f" ({small(usual.near)} of all moments have one that near before them)"
        if usual and usual.changes >= FEW
        else ""
    )
    gap = between(nearest["occurred_at"], began(review))
    text = (
        f"{nearest['subject']} {nearest['value']} is dated {gap} before the begin{rate}: what speaks for its part in "
        "this, and what against?"
    )
    if usual and usual.changes >= FEW and usual.near > USUALLY:
        return
    near = began(review) - nearest["occurred_at"] <= timedelta(hours=1)
    yield Question(70 if near else 45, 2, text, (nearest["id"], *first_event(review)))


def _response(review: Review) -> Iterator[Question]:
    for clause, reading in judged(review):
        if reading.verdict is Verdict.MISSED and clause.kind != "cadence":
            agenda = clause.agenda or 3
            yield Question(
                _strength(review, clause, reading), agenda, _missed(review, clause, reading), reading.evidence
            )
    yield from _command(review)
    if review.spells.height > 1:
        path = str(review.fact("severity_path"))
        text = f"The severity went {path}. What was known at each step, and what would have set it right at once?"
        yield Question(65, 3, text, tuple(review.spells["event"]))
    lapsed = only(review.events, "kind", Kind.UNACKNOWLEDGED.value)["id"].to_list()
    if lapsed:
        text = (
            "An acknowledgement lapsed or was taken back. What was being done then, and how would the page have known?"
        )
        yield Question(60, 3, text, tuple(lapsed))


def _strength(review: Review, clause: Clause, reading: Reading) -> float:
    """Further over its target is stronger, so is what was missed before; what never happened is strongest."""
    often = 8.0 if past(review, clause.id).missed > 1 else 0.0
    if reading.value is None or not reading.target:
        return 70 + often
    return 50 + min(20.0, 10 * max(0.0, reading.value - reading.target) / reading.target) + often


def _missed(review: Review, clause: Clause, reading: Reading) -> str:
    value, target = amount(reading.value, reading.unit), target_of(review, reading)
    if value is None:
        told = f"“{clause.title}” did not happen, as far as the record goes"
    else:
        told = f"“{clause.title}” took {value}" if reading.unit == "min" else f"“{clause.title}”: {value}"
        told += f" instead of {target}" if target and reading.target else ""
    return f"{told}. {clause.ask or USUAL}"


def _command(review: Review) -> Iterator[Question]:
    if not review.policy.roles:
        return
    role = review.policy.roles[0]
    spells = only(review.roles, "role", role).filter(~pl.col("inferred"))
    for kind, weight, asked in (
        ("overlap", 68, "Was it clear to everybody whose word counted?"),
        ("gap", 68, "Which decision waited, or was made without one?"),
    ):
        found = only(only(review.watches, "role", role), "kind", kind).to_dicts()
        if found:
            first = found[0]
            until = first["ended_at"] or timeline_end(review)
            what = "two at a time acted as" if kind == "overlap" else "nobody held"
            since = f"From {clock(first['began_at'])} UTC on, for {between(first['began_at'], until)}"
            text = f"{since}, {what} {role}. {asked}"
            yield Question(weight, 3, text, tuple(spells["event"]) or first_event(review))
    if spells.height > 1:
        changes = "once" if spells.height == 2 else plural(spells.height - 1, "time")
        text = f"{role} changed hands {changes}. What was handed over with it, and was it clear to everybody when?"
        yield Question(48, 3, text, tuple(spells["event"]))


def _communication(review: Review) -> Iterator[Question]:
    for clause, quiet in cadences(review):
        worst = max(quiet, key=lambda q: (q.minutes, q.began_at), default=None)
        if worst and worst.over:
            name = audience_name(clause.audience)
            silence = f"{name[0].upper()}{name[1:]} heard nothing for {duration(worst.minutes)}"
            silence += f" ({duration(worst.target)} promised)"
            weight = 60 + min(25.0, 15 * worst.over / worst.target)
            yield Question(weight, 4, f"{silence}. {clause.ask or USUAL}", worst.ends or first_event(review))
    yield from _order_of_telling(review)
    yield from _promises(review)


def _order_of_telling(review: Review) -> Iterator[Question]:
    notice, update = review.moment(Milestone.FIRST_NOTICE), review.moment(Milestone.FIRST_UPDATE)
    if notice and update and update - notice > APART:
        events = _events(review, Milestone.FIRST_NOTICE, Milestone.FIRST_UPDATE)
        ahead = f"Customers were told {between(notice, update)} before the team's first update"
        text = f"{ahead}. What did the team go by until then?"
        yield Question(66, 4, text, events)


def _promises(review: Review) -> Iterator[Question]:
    """The promised time that was furthest off."""
    given = review.updates.filter(pl.col("eta").is_not_null()).to_dicts()
    ends = {u["event"]: _end_of(review, u["occurred_at"]) for u in given}
    late = [(end - u["eta"], u) for u in given if (end := ends[u["event"]]) and end - u["eta"] > OFF]
    if late:
        off, update = max(late, key=lambda pair: pair[0])
        told = duration(off / timedelta(minutes=1))
        early = f"A promised time of resolution was {told} too early"
        text = f"{early}. What was it made from, and when was it known not to hold?"
        yield Question(47, 4, text, (update["event"], *_events(review, Milestone.RESOLVED)))


def _process(review: Review) -> Iterator[Question]:
    again = []
    for clause, reading in judged(review):
        found = past(review, clause.id)
        if reading.verdict is Verdict.MISSED and found.missed > 1:
            again.append((found.missed / found.judged, clause, reading, found))
    for _, clause, reading, found in sorted(again, key=lambda a: -a[0])[:1]:
        text = (
            f"“{clause.title}” was missed in {found.missed} of {found.judged} earlier incidents too. What was changed "
            "after those, and what kept it from working here?"
        )
        yield Question(58, 5, text, reading.evidence)


def _actions(review: Review) -> Iterator[Question]:
    late = review.actions.filter(~pl.col("done") & (pl.col("due_at") < review.parameters.as_of))["subject"].to_list()
    if late:
        overdue = f"{listed(late)} {'is' if len(late) == 1 else 'are'} past the due date"
        text = f"{overdue}. What is in the way, and is it still the right thing to do?"
        events = _events(review, Milestone.REVIEWED, Milestone.RESOLVED)[:1] or first_event(review)
        yield Question(50, 6, text, events)


def _said(review: Review) -> list[dict[str, Any]]:
    """What people said from the begin to the end, without the updates."""
    start, end = began(review), timeline_end(review)
    return [m for m in spoken(review) if start <= m["occurred_at"] <= end and "update to" not in m["role"]]


def stretch(review: Review, moment: datetime) -> int:
    """Which stretch of a reopened incident a moment lies in, counted from none."""
    return sum(began_at <= moment for began_at in review.segments["began_at"])


def _end_of(review: Review, moment: datetime) -> datetime | None:
    """When the stretch ended that a moment lies in."""
    place = stretch(review, moment) - 1
    ends = review.segments["ended_at"].to_list()
    found: datetime | None = ends[place] if 0 <= place < len(ends) else review.moment(Milestone.RESOLVED)
    return found


def _events(review: Review, *milestones: Milestone) -> tuple[str, ...]:
    known = dict(review.milestones.select("milestone", "event").iter_rows())
    return tuple(known[m.value] for m in milestones if m.value in known)


def unasked(review: Review, asked: Iterable[Question]) -> list[str]:
    """Titles of the missed clauses that none of these questions names."""
    texts = " ".join(q.text for q in asked)
    missed = [c for c, r in judged(review) if r.verdict is Verdict.MISSED and c.kind != "cadence"]
    return [c.title for c in missed if c.title not in texts]
