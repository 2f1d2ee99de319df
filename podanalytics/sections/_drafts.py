"""Drafts of action items, from what was missed and what was found; their words are the policy's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from podanalytics.business import next_business_close
from podanalytics.model import Milestone, Reading, Verdict
from podanalytics.policy import Clause, Draft
from podanalytics.policy.drafts import DAYS, PROOF, filled
from podanalytics.review import Review
from podanalytics.sections._evidence import amount, judged, target_of
from podanalytics.sections._history import before
from podanalytics.sections._hypotheses import open_ones
from podanalytics.sections._luck import first_event
from podanalytics.show.words import listed, plural, quote, shortened

ORDER = ("prevent", "detect", "mitigate", "respond")
TRACES = 3  # kinds of missing traces that are drafts of their own
NAMED = 4  # clauses that a draft names
QUOTED = 2  # hypotheses that a draft quotes


class Suggested(NamedTuple):
    """One draft, ready to be rewritten: `because` says what it comes from, `events` prove that."""

    type: str
    text: str
    owner: str
    due_at: datetime
    proof: str
    because: str
    events: tuple[str, ...]


def suggested(review: Review) -> list[Suggested]:
    """All drafts, by type: what prevents comes first; within a type, what was missed most often before."""
    found = [
        *_unfinished(review),
        *_detection(review),
        *_clocks(review),
        *_missed(review),
        *_hypotheses(review),
        *_untold(review),
    ]
    return sorted(found, key=lambda s: ORDER.index(s.type))


def review_day(review: Review) -> datetime:
    """When the review is, or will be: held, else due; never before the moment the packet judges at."""
    told = [review.moment(Milestone.REVIEWED)]
    told += [r.due_at for c, r in judged(review) if c.stop is Milestone.REVIEWED]
    held = next((moment for moment in told if moment is not None), review.parameters.as_of)
    return max(held, review.parameters.as_of)


def _drafted(
    review: Review, draft: Draft, because: str, events: tuple[str, ...], proof: str = "", **places: str
) -> Suggested:
    places = {"target": "", "id": "", "title": "", "scope": "", **places}
    days = draft.days or review.policy.actions.days.get(draft.type) or DAYS[draft.type]
    # The first working day that is so many days away, or the next one after it.
    due = next_business_close(review_day(review) + timedelta(days=days - 1), review.policy.calendar)
    told = filled(draft.proof or proof, **places)
    return Suggested(draft.type, filled(draft.text, **places), draft.owner, due, told, because, events)


def _missed(review: Review) -> Iterator[Suggested]:
    found = [(c, r) for c, r in judged(review) if r.verdict is Verdict.MISSED]
    for clause, reading in sorted(found, key=lambda pair: -_often(review, pair[0])):
        target = target_of(review, reading) or "the target"
        yield _drafted(
            review,
            review.policy.draft_for(clause),
            _instead(review, clause, reading),
            reading.evidence,
            PROOF,
            target=target,
            id=clause.id,
            title=clause.title,
            scope=scope(clause),
        )


def _often(review: Review, clause: Clause) -> float:
    past = before(review, clause.id)
    return past.missed / past.judged if past.judged else 0.0


def _instead(review: Review, clause: Clause, reading: Reading) -> str:
    value, target = amount(reading.value, reading.unit), target_of(review, reading)
    if value is None:
        return f"{clause.title}: did not happen"
    return f"{clause.title}: {value}" + (f" instead of {target}" if target else "")


def scope(clause: Clause) -> str:
    """Which incidents a clause holds for, in words."""
    return f"{'/'.join(clause.applies_to)} incidents" if clause.applies_to else "incidents"


def _unfinished(review: Review) -> Iterator[Suggested]:
    draft = review.policy.draft_for("unfinished")
    for action in review.unfinished.iter_rows(named=True):
        yield _drafted(
            review,
            draft,
            f"still {action['state']}, of {action['incident']}, which was told in like words",
            first_event(review),
            id=action["subject"],
            title=quote(action["title"], 80),
            scope=action["incident"],
        )


def _detection(review: Review) -> Iterator[Suggested]:
    if review.fact("detection") == "person":
        because = "it was noticed before any monitor told of it"
        yield _drafted(review, review.policy.draft_for("detection"), because, first_event(review))


def _clocks(review: Review) -> Iterator[Suggested]:
    odd = [(c, r) for c, r in judged(review) if r.verdict is Verdict.CONTRADICTORY]
    shifted = [c for c in review.clocks.iter_rows(named=True) if c["shift"] is not None]
    if odd:
        events = tuple(dict.fromkeys(e for _, r in odd for e in r.evidence))
        sources = sorted(set(review.events.filter(review.events["id"].is_in(events))["source"]))
        because = f"contradictory: {listed([c.title for c, _ in odd])}"
        yield _drafted(review, review.policy.draft_for("clocks"), because, events, title=listed(sources))
    for clock in shifted:
        because = f"{clock['source']} is {clock['shift']:+g} min off beside {clock['against']}"
        yield _drafted(review, review.policy.draft_for("clocks"), because, (), title=clock["source"])


def _hypotheses(review: Review) -> Iterator[Suggested]:
    found = open_ones(review)
    if found:
        quoted = [quote(m["text"], 90) for m in found[:QUOTED]]
        more = [f"{len(found) - QUOTED} more"] if len(found) > QUOTED else []
        because = f"{plural(len(found), 'hypothesis', 'hypotheses')} that nothing on record settles"
        events = tuple(m["id"] for m in found)
        yield _drafted(review, review.policy.draft_for("hypothesis"), because, events, title=listed([*quoted, *more]))


def _untold(review: Review) -> Iterator[Suggested]:
    """Drafts for what left no trace: one for the tools that are no part of it, then one for each kind of trace.

    Where these would be many they are one: nobody sets up ten things at once.
    """
    missing: dict[str, list[Clause]] = {}
    tools: list[str] = []
    for clause, reading in judged(review):
        if reading.verdict is Verdict.UNKNOWN:
            absent = _absent(review, clause)
            tools += absent
            missing.setdefault("" if absent else _trace(review, clause), []).append(clause)
    if "" in missing:
        named = listed(list(dict.fromkeys(tools)), "or")
        missing = {f"what {named} tells of this incident, loaded and linked to it": missing.pop(""), **missing}
    if len(missing) > TRACES:
        hints = [shortened(hint, 110) for hint in list(missing)[:TRACES]]
        all_clauses = [clause for clauses in missing.values() for clause in clauses]
        missing = {"; ".join([*hints, f"and {len(missing) - TRACES} more, in section 3"]): all_clauses}
    for hint, clauses in missing.items():
        named, few = listed([c.id for c in clauses]), len(clauses) <= NAMED
        yield _drafted(
            review,
            review.policy.draft_for("untold"),
            f"unknown: {listed([c.title for c in clauses])}" if few else f"{len(clauses)} clauses are unknown",
            (),
            id=named if few else f"these {len(clauses)} clauses",
            title=hint,
        )


def _absent(review: Review, clause: Clause) -> tuple[str, ...]:
    """The tools that would tell where a clause's clock stops, if none of them is part of the incident."""
    tools = review.policy.milestone(clause.stop).told_by if clause.stop else ()
    return () if set(tools) & set(str(review.fact("sources")).split(", ")) else tuple(tools)


def _trace(review: Review, clause: Clause) -> str:
    """What would settle a clause, in the policy's words."""
    settle = clause.settle or (review.policy.milestone(clause.stop).settle if clause.stop else "")
    return settle or f"what would tell of “{clause.title}”"
