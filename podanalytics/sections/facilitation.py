"""Section 7, facilitation: questions from the evidence, about the work and never about a person, and a run sheet."""

from __future__ import annotations

from collections.abc import Iterator

from podanalytics.model import Milestone, Verdict
from podanalytics.review import Review
from podanalytics.sections._deadlines import deadlines
from podanalytics.sections._evidence import cadences, cited, judged, only
from podanalytics.sections.root_cause import before
from podanalytics.show.blocks import Block, Column, Listing, Section, Table, Text
from podanalytics.show.words import audience_name, between, duration, plural

# Minutes for each of the review's six items, an hour in all.
RUN_SHEET = (
    ("Open", 3, "Why we are here; systems and processes, not individuals"),
    ("Timeline review", 12, "Section 1: key moments, then what the record does not tell"),
    ("Root cause analysis", 15, "Section 2: candidates, what speaks for and against each"),
    ("Response effectiveness", 8, "Section 3: missed clauses first"),
    ("Communication evaluation", 7, "Section 4: the longest silence towards each audience"),
    ("Process improvement", 5, "Section 5: what was missed before too"),
    ("Action items", 8, "Section 6: owner, date, and how we shall know"),
    ("Close", 2, "Who publishes the report, and when"),
)


def section(review: Review) -> Section:
    """The questions, prompts for luck and what went well, the run sheet, and what is due."""
    questions = tuple(_questions(review))
    prompts = (
        "What went better than we had a right to expect?",
        "Where were we lucky, and what if we had not been?",
        "What did we know at each moment, and what made it hard to see more?",
    )
    columns = (Column("item", "Item"), Column("minutes", "Minutes", "number"), Column("with", "With"))
    blocks: list[Block] = [
        Text("Questions from the evidence:") if questions else Text("The evidence raises no question by itself."),
        *([Listing(questions, True)] if questions else []),
        Text("And always:"),
        Listing(prompts),
        Table("run-sheet", "Run sheet, one hour", columns, RUN_SHEET),
        deadlines(review),
    ]
    return Section("facilitation", "Facilitation", tuple(blocks))


def _questions(review: Review) -> Iterator[str]:
    yield from _about_silences(review)
    yield from _about_misses(review)
    yield from _about_command(review)
    changes = before(review)
    if changes.height:
        nearest = changes.row(0, named=True)
        gap = between(nearest["occurred_at"], review.fact("began_at"))  # type: ignore[arg-type]
        change = f"{nearest['subject']} {nearest['value']} is dated {gap} before the begin"
        yield f"{change}: what speaks for its part in this, and what against?"
    for milestone in (Milestone.TRIAGED, Milestone.MITIGATED):
        if review.moment(milestone) is None:
            nowhere = f"No record tells when this incident was {milestone.value}"
            yield f"{nowhere}. When was it, and how would the next reader know?"


def _about_silences(review: Review) -> Iterator[str]:
    for clause, quiet in cadences(review):
        worst = max(quiet, key=lambda q: (q.minutes, q.began_at), default=None)
        if worst and worst.over:
            rows = cited(review, worst.ends)
            name = audience_name(clause.audience)
            silence = f"{name[0].upper()}{name[1:]} heard nothing for {duration(worst.minutes)}{rows}"
            yield f"{silence}. What was going on, and what would have made an update easy?"


def _about_misses(review: Review) -> Iterator[str]:
    for clause, reading in judged(review):
        if reading.verdict is Verdict.MISSED and clause.kind not in ("cadence",):
            missed = f"“{clause.title}” was missed{cited(review, reading.evidence)}"
            yield f"{missed}. What in the process or the tools made that likely?"
        if reading.verdict is Verdict.CONTRADICTORY:
            rows = cited(review, reading.evidence)
            yield f"The records contradict each other about “{clause.title}”{rows}. Which clock is off?"


def _about_command(review: Review) -> Iterator[str]:
    spells = only(review.roles, "role", review.policy.roles[0]) if review.policy.roles else review.roles
    if spells.height > 1:
        changes = "once" if spells.height == 2 else plural(spells.height - 1, "time")
        yield f"Command changed hands {changes}{cited(review, spells['event'])}. Was it clear to everybody who had it?"
