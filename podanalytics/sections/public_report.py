"""The public post-incident report as a draft: what customers were told already, times, and blanks for the rest.

Nothing is redacted here: the draft is put together from `_published` and from times alone. What helps to fill a blank
stands in the table before it, which is for the team.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import polars as pl

from podanalytics.model import Milestone, Verdict
from podanalytics.reconstruct.flags import PRIVATE
from podanalytics.reconstruct.template import parse_update
from podanalytics.review import Review
from podanalytics.sections._changes import before
from podanalytics.sections._evidence import began, only, row_links
from podanalytics.sections._published import Post, Published, published
from podanalytics.sections._report_words import NEXT, Blank, Moment, about, next_steps, when
from podanalytics.show.blocks import Block, Column, Draft, Facts, Listing, Note, Passage, Section, Table, Text
from podanalytics.show.words import between, day, listed, plural, quote, stamp

NAME = "public-report"  # of the section, of the clause that asks for it, and of the file
AFFECTED = Blank("which services were affected, as customers know them")
TITLE = Blank("a title as customers would say it")
MITIGATED = Blank("when customers could work again")
RESOLVED = Blank("when it was resolved")
AGAIN = Blank("when the services of which no recovery is told worked again")
IMPACT = Blank("what customers could not do, or saw go wrong")
SCOPE = Blank("how many customers were affected, in which regions, and whether any data was lost or exposed")
DONE = Blank("what was done to bring the service back")
LASTED = Blank("how long it lasted, once that is known")
CAUSE = Blank("why it happened, in words for customers: systems and processes, nobody's name")

OPERATIONAL = "operational"  # the status pages' word for a component that is well
LATE = ("fixing", "monitoring", "mitigated", "resolved", "closed")  # posts in these states tell of what was done
ENDS = {"Mitigated": Milestone.MITIGATED, "Resolved": Milestone.RESOLVED}
BLANK_ENDS = {"Mitigated": MITIGATED, "Resolved": RESOLVED}


def section(review: Review) -> Section:
    """What a writer should know first, the blanks with what is known of each, then the draft itself."""
    if reason := _nothing_to_publish(review):
        return Section(NAME, "Public report draft", (Note("info", reason),))
    seen = published(review)
    draft = _draft(review, seen)
    blocks: list[Block] = [*_notes(review, seen), _blanks(review, draft), draft]
    return Section(NAME, "Public report draft", tuple(blocks))


def _nothing_to_publish(review: Review) -> str:
    """Why there is no draft at all, in a sentence; empty where there is one."""
    if reason := review.fact("excluded"):
        return f"No draft: this is not counted as an incident ({reason})."
    if PRIVATE in str(review.fact("flags")).split(", ") and not published(review).posts:
        return "No draft: the incident is private, and nothing about it was published."
    return ""


# --- for the team ---------------------------------------------------------------------------------------------------


def _notes(review: Review, seen: Published) -> Iterator[Note]:
    told = "words that customers were told already, the status page's names of components, and times"
    yield Note(
        "info", f"The draft below goes out as {NAME}.md. It holds {told}; nothing else was let in. {_asked(review)}"
    )
    if not review.policy.public.sources:
        yield Note(
            "warn", "The policy names no tool that customers can see ([public] sources), so nothing is known public."
        )
    elif not seen.posts:
        yield Note(
            "warn", f"No post to customers is in the record{_waived(review)}. What follows is the skeleton of a report."
        )
    lost = [post for post in seen.posts if post.left_out]
    if lost:
        count = plural(sum(post.left_out for post in lost), "sentence")
        why = "a name, a ticket, a host or an address seems to stand in it"
        rows = ", ".join(link.label for link in row_links(review, [post.event for post in lost]).links)
        yield Note("warn", f"{count} of what was published left out as […], because {why}: see rows {rows}.")
    zone = review.parameters.zone
    if said := [post for post in seen.posts if post.state == "reported"]:
        yield Note("info", f"A report was published {stamp(said[-1].at, zone)}; its words are in the draft.")
    if _moment(review, Milestone.IMPACT_STARTED) is None:
        first = f"the draft gives the first sign, {stamp(began(review), zone)}"
        mend = f"podanalytics correct {review.fact('incident')} impact_started mends it"
        yield Note("info", f"No record tells when the impact began: {first}. If customers felt it earlier, {mend}.")


def _asked(review: Review) -> str:
    """Whether and until when the workflow asks for the report."""
    reading = review.reading(NAME)
    if reading is None:
        return "The policy has no clause about it."
    if reading.verdict is Verdict.NOT_APPLICABLE:
        return f"The workflow asks for none here: {reading.because}."
    if reading.due_at is None:
        return "It is due when the incident is resolved."
    return f"Due {stamp(reading.due_at, review.parameters.zone)}."


def _waived(review: Review) -> str:
    """Who hears nothing may have nothing to hear: what the record says about that."""
    for clause in review.policy.clauses:
        reading = review.reading(clause.id)
        if clause.stop is Milestone.FIRST_NOTICE and reading and reading.verdict is Verdict.NOT_APPLICABLE:
            return f" ({clause.title.lower()}: {reading.because})"
    return ""


def _blanks(review: Review, draft: Draft) -> Table:
    """Each blank of the draft with what is known inside: to help its writer, not to be copied."""
    text = draft.plain()
    columns = (
        Column("write", "Still to be written"),
        Column("known", "Known inside; not for publication as it stands"),
        Column("rows", "Rows"),
    )
    rows = [
        (hint.blank.write, hint.known or "nothing on record", row_links(review, hint.events))
        for hint in _hints(review)
        if hint.blank.text in text
    ]
    caption = "Blanks of the draft, and what is known inside"
    return Table("public-blanks", caption, columns, tuple(rows), "the draft has no blank")


@dataclass(frozen=True)
class _Hint:
    """What is known of a blank, and the events that tell it."""

    blank: Blank
    known: str
    events: tuple[str, ...] = ()


def _hints(review: Review) -> Iterator[_Hint]:
    last = only(review.updates, "audience", "internal").tail(1).to_dicts()
    fields = parse_update(str(last[0]["text"]), review.policy.updates) if last else {}
    update = (str(last[0]["event"]),) if last else ()
    told = "; ".join(f"{name}: {value}" for name, value in fields.items())
    yield _Hint(TITLE, f"the team calls it {quote(str(review.fact('title')))}")
    changes = before(review).head(1).to_dicts()
    yield _Hint(AFFECTED, f"last update to the team: {told}" if told else "", update)
    yield _of_moment(review, MITIGATED, Milestone.MITIGATED)
    yield _of_moment(review, RESOLVED, Milestone.RESOLVED)
    yield _of_moment(review, LASTED, Milestone.RESOLVED)
    yield _of_moment(review, AGAIN, Milestone.RESOLVED)
    for blank in (IMPACT, SCOPE):
        triage = review.milestones.filter(pl.col("milestone") == Milestone.TRIAGED.value)["event"].to_list()
        said = only(review.events, "id", triage[0])["text"].to_list() if triage else []
        yield _Hint(blank, f"triage: {quote(said[0], 400)}" if said else told, tuple(triage) if said else update)
    yield _Hint(DONE, f"last update to the team: {told}" if told else "", update)
    yield _Hint(CAUSE, _nearest(review, changes), tuple(str(change["id"]) for change in changes))
    items = [f"{item['subject']} {item['title']} ({item['state']})" for item in review.actions.iter_rows(named=True)]
    yield _Hint(NEXT, "; ".join(items))


def _of_moment(review: Review, blank: Blank, milestone: Milestone) -> _Hint:
    found = only(review.milestones, "milestone", milestone.value).to_dicts()
    if not found:
        rules = review.policy.milestone(milestone)
        return _Hint(blank, f"no record tells of it; what would: {rules.settle}" if rules.settle else "")
    row = found[0]
    return _Hint(blank, f"{stamp(row['occurred_at'], review.parameters.zone)} ({row['rule']})", (str(row["event"]),))


def _nearest(review: Review, changes: list[dict[str, object]]) -> str:
    if not changes:
        return "no change is known in the three days before; see section 2"
    at = changes[0]["occurred_at"]
    assert isinstance(at, datetime)
    what = f"{changes[0]['subject']} {changes[0]['value']}"
    return f"the review's findings; nearest change: {what}, {between(at, began(review))} before (a candidate, no cause)"


# --- for customers --------------------------------------------------------------------------------------------------


def _draft(review: Review, seen: Published) -> Draft:
    first = seen.posts[0].at if seen.posts else began(review)
    early = [post for post in seen.posts if post.state not in (*LATE, "reported")]
    late = [post for post in seen.posts if post.state in LATE]
    report = [Text(line) for post in seen.posts if post.state == "reported" for line in post.paragraphs]
    passages = (
        Passage("", (Text(_opening(review, seen)), Facts(tuple(_times(review, seen))))),
        Passage("Services affected", (_components(seen, first) or Text(AFFECTED.text), *_unwell(review, seen))),
        Passage("While it lasted", (_said(early, first) or Text(IMPACT.text), Text(SCOPE.text))),
        Passage("How it was resolved", (_said(late, first) or Text(DONE.text),)),
        Passage("Why it happened", tuple(report) or (Text(CAUSE.text),)),
        Passage("What happens next", next_steps(review)),
    )
    return Draft(NAME, seen.titles[0] if seen.titles else TITLE.text, passages)


def _opening(review: Review, seen: Published) -> str:
    names = [name for name, _ in seen.components]
    who = (
        f"{listed(names)} {'was' if len(names) == 1 else 'were'} affected by an incident"
        if names
        else "we had an incident"
    )
    return f"On {day(began(review))}, {who}. This report says what happened, and what we do about it."


def _times(review: Review, seen: Published) -> Iterator[tuple[str, str]]:
    """Moments in their order, unknown ones last; how long it took is said in whole minutes."""
    severity = str(review.fact("severity") or "")
    if severity and (words := review.policy.severity(severity).public):
        yield "Severity", words
    label, start = _begin(review)
    ends = {label: _end(review, milestone, start.at) for label, milestone in ENDS.items()}
    moments = [(label, start), *_comings_back(review), *((label, end) for label, end in ends.items() if end)]
    moments += [("First notice to customers", Moment(seen.posts[0].at))] if seen.posts else []
    for label, moment in sorted(moments, key=lambda told: told[1].at):
        yield label, when(moment, review.parameters.zone)
    for label, end in ends.items():
        if end is None:
            yield label, BLANK_ENDS[label].text
    yield "Duration", _lasted(start, *ends.values())


def _comings_back(review: Review) -> Iterator[tuple[str, Moment]]:
    """Where it was reopened: the end that was none, and when it went on."""
    spans = review.segments.sort("began_at").rows(named=True)
    for former, latter in pairwise(spans):
        if former["ended_at"]:
            yield "Seemed resolved", Moment(former["ended_at"])
        yield "Came back", Moment(latter["began_at"])


def _begin(review: Review) -> tuple[str, Moment]:
    """The first moment of impact where anybody told it; else the first sign, which may be later."""
    impact = _moment(review, Milestone.IMPACT_STARTED)
    return ("Began", impact) if impact else ("First sign of the problem", Moment(began(review)))


def _end(review: Review, milestone: Milestone, start: datetime) -> Moment | None:
    """A moment that is known, and not only as a bound; an end before the begin is none."""
    found = _moment(review, milestone)
    return found if found and found.at >= start else None


def _moment(review: Review, milestone: Milestone) -> Moment | None:
    rows = only(review.milestones, "milestone", milestone.value).to_dicts()
    return (
        Moment(rows[0]["occurred_at"], rows[0]["precision"])
        if rows and not rows[0]["latest"] | rows[0]["earliest"]
        else None
    )


def _lasted(start: Moment, mitigated: Moment | None, resolved: Moment | None) -> str:
    if resolved is None or resolved.at <= start.at:  # an end at the begin is a record's mistake, and no duration
        return LASTED.text
    if mitigated is None or mitigated.at > resolved.at:
        return f"{about(start, resolved)} to the resolution"
    return f"{about(start, mitigated)} to the mitigation, {about(start, resolved)} to the resolution"


def _components(seen: Published, first: datetime) -> Listing | None:
    lines = []
    for name, states in seen.components:
        lines.append(f"{name}: " + ", then ".join(f"{word} ({_at(at, first)})" for at, word in states))
    return Listing(tuple(lines)) if lines else None


def _unwell(review: Review, seen: Published) -> Iterator[Text]:
    """A blank where the incident is over, and a component was last told to be anything but operational."""
    if review.fact("resolved_at") and any(states[-1][1] != OPERATIONAL for _, states in seen.components):
        yield Text(AGAIN.text)


def _said(posts: list[Post], first: datetime) -> Listing | None:
    """Posts in their own words, each with its time."""
    return Listing(tuple(f"{_at(post.at, first)}: “{post.words}”" for post in posts)) if posts else None


def _at(moment: datetime, first: datetime) -> str:
    """The time of day in UTC, with the date where it is another day than the first post's."""
    return stamp(moment) if day(moment) != day(first) else stamp(moment).split(" ", 1)[1]
