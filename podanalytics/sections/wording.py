"""Blameless wording: phrases that judge a person, in what people wrote, with what to write in their place.

Never who wrote it, and never whom it is about: the row leads there, for whoever rewords it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from podanalytics.model import Kind
from podanalytics.policy import Clause
from podanalytics.policy.wording import Wordings
from podanalytics.review import AROUND, Review
from podanalytics.sections._evidence import began, cited_events, row_links
from podanalytics.show.blocks import Block, Cell, Column, Link, Note, Section, Table
from podanalytics.show.words import plural, prefixes

LEAD = (
    "A phrase here is no finding about whoever wrote it: in the middle of an incident everybody writes like this. It "
    "is what to reword before the record is kept, because blame makes the next report thinner."
)
# What people write: messages and notices, titles, and the reasons of corrections and decisions.
WRITTEN = (Kind.MESSAGE, Kind.NOTICE, Kind.DECLARED, Kind.RENAMED, Kind.STATED)
BY_NOBODY_NAMED = (Kind.NOTICE, Kind.DECLARED, Kind.RENAMED)  # where a tool does not tell who wrote it
AROUND_IT = 4  # words before and after a phrase that are quoted with it
WHY = "The policy's clause lists it as wording that blames."
INSTEAD = "Say what the system, the process or the situation made likely, without a person in it."


class _Written(NamedTuple):
    """A text by a person: the event that has it, or None for an action item, which has a link."""

    event: str | None
    text: str
    url: str = ""


def section(review: Review) -> Section:
    """The phrases found, each with the reason and another wording; and what the policy's own clause counts of them."""
    texts = list(_texts(review))
    if not texts:
        nothing = "No text by a person is loaded: whether any wording blames somebody is not known."
        return Section("wording", "Blameless wording", (Note("warn", nothing),))
    rows = list(_rows(review, texts))
    columns = (
        Column("where", "Where"),
        Column("phrase", "Phrase"),
        Column("why", "Why it matters"),
        Column("instead", "Better say"),
    )
    looked = f"{plural(len(texts), 'text')} by people looked at"
    table = Table("wording", "Wording to talk over", columns, tuple(rows), f"{looked}; none has a listed phrase")
    blocks: list[Block] = [table, *([Note("info", f"{looked}. {_counted(review)}")] if rows else [])]
    return Section("wording", "Blameless wording", tuple(blocks), LEAD)


def _texts(review: Review) -> Iterator[_Written]:
    """What people wrote, each once: what a tool told again is not on the timeline either."""
    also = [id for ids in review.updates["also"] for id in ids.split()]
    declared = pl.col("kind") == Kind.DECLARED.value
    again = pl.col("id").is_in(also) | (declared & (pl.int_range(pl.len()).over("source", "subject", "kind") > 0))
    by_people = pl.col("kind").is_in([k.value for k in WRITTEN]) & (pl.col("text") != "")
    written = review.events.filter(by_people & ~again)
    person = _person(review)
    for id, kind, actor, text in written.select("id", "kind", "actor", "text").iter_rows():
        mine = person.fullmatch(actor) if actor is not None else kind in BY_NOBODY_NAMED
        if mine:
            yield _Written(id, text)
    for title, url in review.actions.select("title", "url").iter_rows():
        if title:
            yield _Written(None, title, url or "")


def _person(review: Review) -> re.Pattern[str]:
    """What a person is called in a Review; a bot goes by its own name."""
    return re.compile(rf"@?(?:{'|'.join(map(re.escape, prefixes(review.policy.roles)))})-\d+|\[name\]")


def _rows(review: Review, texts: list[_Written]) -> Iterator[tuple[Cell, ...]]:
    wordings = Wordings(review.policy.roles)
    frame = pl.DataFrame({"text": [t.text for t in texts]}, schema={"text": pl.String})
    held = frame.select(pl.any_horizontal(pl.col("text").str.contains(p) for p in wordings.patterns)).to_series()
    clauses = [clause for clause in review.policy.clauses if clause.kind == "blameless"]
    counted = _evidence(review, clauses)
    person, linkable = _person(review), _linkable(review)
    for written, possible in zip(texts, held, strict=True):
        phrases = list(wordings.phrases(written.text)) if possible else []
        counts = not phrases and written.event in counted
        where = _where(review, written, linkable) if phrases or counts else None
        for phrase in phrases:
            quote = _quoted(phrase.sentence, phrase.start, phrase.end, person)
            yield where, quote, phrase.wording.why, phrase.wording.instead
        if counts:
            yield where, _by_the_clause(written.text, clauses, person), WHY, INSTEAD


def _evidence(review: Review, clauses: list[Clause]) -> set[str]:
    """The events that the policy's own patterns found."""
    readings = [r for r in (review.reading(clause.id) for clause in clauses) if r and r.value]
    return {event for reading in readings for event in reading.evidence}


def _linkable(review: Review) -> set[str]:
    """The events that have a row of their own on the timeline."""
    near = review.events.filter(pl.col("occurred_at") >= began(review) - AROUND)["id"]
    return {*near, *cited_events(review)}


def _where(review: Review, written: _Written, linkable: set[str]) -> Cell:
    if written.event is None:
        return Link("action item", written.url) if written.url else "action item"
    return row_links(review, [written.event]) if written.event in linkable else str(review.number_of(written.event))


def _quoted(sentence: str, start: int, end: int, person: re.Pattern[str]) -> str:
    """A phrase with a few words around it, and nobody in it."""
    before, after = sentence[:start].split(), sentence[end:].split()
    glued = bool(after) and not sentence[end].isspace()
    words = [*before[-AROUND_IT:], sentence[start:end].strip() + (after.pop(0) if glued else "")]
    quote = " ".join([*words, *after[:AROUND_IT]])
    cut = ("… " if len(before) > AROUND_IT else "", " …" if len(after) > AROUND_IT else "")
    return f"“{cut[0]}{person.sub('somebody', quote)}{cut[1]}”"


def _by_the_clause(text: str, clauses: list[Clause], person: re.Pattern[str]) -> str:
    """The phrase for which the policy's clause counts a text that no entry of ours holds."""
    for pattern in [m.text for clause in clauses for m in clause.match if m.text]:
        if hit := re.search(pattern, text):
            return _quoted(text, hit.start(), hit.end(), person)
    return "as a whole"


def _counted(review: Review) -> str:
    """What the verdict counts, which may be less than what is worth rewording."""
    told = []
    for clause in review.policy.clauses:
        reading = review.reading(clause.id) if clause.kind == "blameless" else None
        if reading and reading.value is not None:
            texts = plural(int(reading.value), "text")
            told.append(f"The verdict “{clause.title}” counts {texts}, by the policy's own patterns.")
    return " ".join(told) or "The policy judges no wording."
