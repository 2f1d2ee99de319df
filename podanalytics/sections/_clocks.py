"""Where the time went: the steps of the incident's clock as a waterfall, and the clauses as shares of their targets."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from podanalytics.model import Milestone, Reading, Verdict
from podanalytics.review import Review
from podanalytics.sections._evidence import amount, began, judged, target_of, timeline_end
from podanalytics.show import charts
from podanalytics.show.blocks import Figure
from podanalytics.show.words import between, duration, listed, plain_name, plural, stamp

# The incident's clock, in the order in which its steps should come.
STEPS = (
    Milestone.IMPACT_STARTED,
    Milestone.ALERT_FIRED,
    Milestone.ACKNOWLEDGED,
    Milestone.TRIAGED,
    Milestone.MITIGATED,
    Milestone.RESOLVED,
    Milestone.CLOSED,
)
TIMED = ("elapsed", "channel", "members", "cadence")
NEAR = 0.5  # of its target: clauses that took less are counted and not drawn
BEYOND = 1.6  # times the clock up to the end: a step that reaches further is told and not drawn


def waterfall_figure(review: Review) -> Figure | None:
    """The steps that are known, from the begin on; those that are not are named."""
    steps, first = _steps(review)
    ends = [s.end for s in steps if s.end is not None]
    if not ends:
        return None
    until = (timeline_end(review) - began(review)).total_seconds() / 60
    reach = max([e for e in ends if e <= BEYOND * until] or ends)
    targets = [t for s in steps for t, _ in s.targets]  # the first is always seen: a second has no scale of its own
    reach = max([t for t in targets if t <= BEYOND * reach] + [reach, min(targets, default=0.0)]) * 1.04
    steps = [replace(s, told=f"{s.told}, beyond this scale") if (s.end or 0.0) > reach else s for s in steps]
    told = listed([f"{s.name} {s.told}" for s in steps])
    since = f"the begin ({first})"
    return Figure(
        "where-the-time-went",
        "Where the time went: each step from the one before, with the moments by which its clauses want it over",
        f"From {stamp(began(review), review.parameters.zone)} on, time in {review.parameters.zone}: {told}.",
        charts.waterfall(steps, reach, since),
    )


def _steps(review: Review) -> tuple[list[charts.Step], str]:
    """The steps, and what the clock starts with."""
    start = began(review)
    at, last, first = start, "", "the first that any tool tells"
    steps: list[charts.Step] = []
    for milestone in STEPS:
        moment, name = review.moment(milestone), plain_name(milestone.value)
        if moment == start and not steps:
            last = first = name
            continue
        if moment is None and not last:
            continue  # nothing is asked of what lies before the first sign
        steps.append(_step(review, milestone, moment, at, last))
        if moment is not None and moment >= at:
            at, last = moment, name
    return steps, first


def _step(review: Review, milestone: Milestone, moment: datetime | None, at: datetime, last: str) -> charts.Step:
    name, start = f"until {plain_name(milestone.value)}", began(review)
    clauses = [(c, r) for c, r in judged(review) if c.kind == "elapsed" and c.stop == milestone and r.due_at]
    targets = tuple(
        ((r.due_at - start).total_seconds() / 60, f"{c.title}: {target_of(review, r)}") for c, r in clauses if r.due_at
    )
    missed = [c for c, r in clauses if r.verdict is Verdict.MISSED]
    if moment is None:
        still = milestone in (Milestone.RESOLVED, Milestone.CLOSED) and not review.fact("resolved_at")
        told = "not yet" if still else "unknown: no record tells when"
        return charts.Step(name, told, targets=targets, missed=bool(missed))
    if moment < at:
        return charts.Step(name, f"came {between(moment, at)} before “{last}”: not in this order", targets=targets)
    begin, end = ((m - start).total_seconds() / 60 for m in (at, moment))
    told = between(at, moment) + (f" (from {last})" if last and _skipped(review, milestone, last) else "")
    kept = [c for c, r in clauses if r.verdict is Verdict.MET]
    if missed:
        late = [abs(r.margin or 0.0) for c, r in clauses if c in missed]
        told += f", missed by {duration(max(late))}"
    elif kept:
        told += ", in time"
    return charts.Step(name, told, begin, end, targets, bool(missed))


def _skipped(review: Review, milestone: Milestone, last: str) -> bool:
    """Whether the step reaches over one that is unknown or out of order."""
    names = [plain_name(m.value) for m in STEPS]
    return last in names and names.index(last) != STEPS.index(milestone) - 1


def targets_figure(review: Review) -> Figure | None:
    """The clauses with a clock, the one that took most of its target first; what took little is counted only."""
    timed = [(c, r, r.value / r.target) for c, r in judged(review) if c.kind in TIMED and r.value and r.target]
    near = sorted((t for t in timed if t[2] >= NEAR), key=lambda t: -t[2])
    if not near:
        return None
    shares = [charts.Share(c.title, _told(review, r), share, r.verdict is Verdict.MISSED) for c, r, share in near]
    told = listed([f"{s.name} {s.told}" for s in shares])
    rest = len(timed) - len(near)
    more = f" {plural(rest, 'further clause')} took less than half of what is allowed." if rest else ""
    return Figure(
        "against-targets",
        "Clauses that took half of their target or more, and those that passed it"
        + (f" ({rest} took less)" if rest else ""),
        f"{told}.{more}",
        charts.against_targets(shares),
    )


def _told(review: Review, reading: Reading) -> str:
    return f"{amount(reading.value, reading.unit)} of {target_of(review, reading)}"
