"""Section 7, facilitation: questions from the evidence, a run sheet, prompts, and the roles of the review itself."""

from __future__ import annotations

from podanalytics.review import Review
from podanalytics.sections._deadlines import deadlines
from podanalytics.sections._evidence import cited, judged, row_links
from podanalytics.sections._luck import prompts
from podanalytics.sections._questions import all_questions, questions, unasked
from podanalytics.sections._run_sheet import run_sheet
from podanalytics.show.blocks import Block, Cell, Column, Listing, Note, Section, Table, Text
from podanalytics.show.words import listed, plural

AGENDA = (
    "Timeline review",
    "Root cause analysis",
    "Response effectiveness",
    "Communication evaluation",
    "Process improvement",
    "Action items",
)
REMINDER = (
    "Blameless: everybody did what made sense with what they knew then. Ask what and how, not why or who; the "
    "answer “human error” is where the questions begin, not where they end."
)
ALWAYS = (
    "What went better than we had a right to expect, and what made it so?",
    "Where were we lucky, and what if we had not been?",
    "What did we know at each moment, and what made it hard to see more?",
    "What surprised us about how the system really works?",
)
ROLES: tuple[tuple[Cell, ...], ...] = (
    ("Facilitator", "keeps the agenda and the tone, asks the questions; held no role in this response"),
    ("Scribe", "writes down answers, corrections and action items, with the numbers of the rows they are about"),
    ("Timekeeper", "says when an item's minutes are over; what is left becomes an item of its own"),
    ("Responders", "say what they saw and knew then; every role of the response has a voice"),
)


def section(review: Review) -> Section:
    """Reminder and roles, the run sheet, the questions, and what is asked in every review."""
    blocks: list[Block] = [
        Note("info", REMINDER),
        _run_sheet(review),
        *_questions(review),
        *_luck(review),
        Text("And always:"),
        Listing(ALWAYS),
        Table("review-roles", "Roles in the review", (Column("role", "Role"), Column("does", "Does")), ROLES),
        deadlines(review),
    ]
    return Section("facilitation", "Facilitation", tuple(blocks))


def _run_sheet(review: Review) -> Table:
    columns = (
        Column("from", "From"),
        Column("minutes", "Minutes", "number"),
        Column("item", "Item"),
        Column("screen", "On the screen"),
        Column("why", "What there is to talk about"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (f"0:{slot.start:02d}", slot.minutes, slot.name, slot.screen, slot.why) for slot in run_sheet(review)
    )
    return Table("run-sheet", "Run sheet, one hour: more minutes where there is more to talk about", columns, rows)


def _questions(review: Review) -> list[Block]:
    asked = questions(review)
    if not asked:
        return [Text("The evidence raises no question by itself.")]
    columns = (
        Column("number", "No.", "number"),
        Column("item", "Agenda item"),
        Column("question", "Question"),
        Column("rows", "Rows"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (number, AGENDA[q.agenda - 1], q.text, row_links(review, q.events)) for number, q in enumerate(asked, 1)
    )
    left = len(all_questions(review)) - len(asked)
    more = f", the strongest of {len(asked) + left}" if left else ""
    caption = f"Questions from the evidence, about the work and not about a person{more}"
    table = Table("questions", caption, columns, rows)
    missed = unasked(review, asked)
    if not missed:
        return [table]
    told = dict((c.title, cited(review, r.evidence)) for c, r in judged(review))
    names = listed([f"“{title}”{told[title]}" for title in missed])
    return [table, Text(f"Also missed, and without a question here: {names}.")]


def _luck(review: Review) -> list[Block]:
    found = prompts(review)
    if not found:
        return []
    return [Text(f"{plural(len(found), 'question')} about luck {'is' if len(found) == 1 else 'are'} in section 5.")]
