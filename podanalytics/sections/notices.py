"""Notices: what the workflow's templates would have told customers at the time, beside what was really sent.

A template is filled in with what was known when the notice was due, and with nothing that was learned later; what
nobody had told by then stays a visible blank. It is for comparison, not for publication: it holds the team's own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from podanalytics.model import Kind, Milestone, Reading, Verdict
from podanalytics.policy import Notice
from podanalytics.policy.outward import PLACE, placeholders
from podanalytics.reconstruct.template import parse_update
from podanalytics.review import Review
from podanalytics.sections._evidence import only, row_links
from podanalytics.show.blocks import Block, Cell, Column, Marked, Section, Table, Text
from podanalytics.show.words import between, duration, listed, plain_name, stamp

FIRST_SIGNS = (Milestone.IMPACT_STARTED, Milestone.ALERT_FIRED, Milestone.DECLARED)
LEAD = "For comparison, not for publication: the filled-in templates hold the team's own words as they were known then."


def section(review: Review) -> Section:
    """One table: each notice of the policy, filled in as of its deadline, beside the one that was sent."""
    columns = (
        Column("notice", "Notice"),
        Column("due", "due", "time", under="notice"),
        Column("template", "By the template, with what was known by then"),
        Column("sent", "Really sent"),
        Column("at", "at", "time", under="sent"),
        Column("against", "Against the deadline"),
        Column("missing", "Not found in it"),
        Column("rows", "Row"),
    )
    rows = tuple(_row(review, notice) for notice in review.policy.notices)
    empty = "the policy has no templates for customers ([[notice]])"
    caption = "Notices to customers: as the templates have them, and as they were sent"
    table = Table("notices", caption, columns, rows, empty, review.parameters.zone)
    blocks: list[Block] = [Text(LEAD), table] if rows else [table]
    return Section("notices", "Notices by the template", tuple(blocks))


def _row(review: Review, notice: Notice) -> tuple[Cell, ...]:
    reading = review.reading(notice.clause)
    sent = _sent(review, notice)
    due = reading.due_at if reading else None
    moment = due or (sent["occurred_at"] if sent else None)
    filled = _filled(review, notice, moment) if moment else Marked(_not_due(reading), tone="muted")
    if sent is None:
        return notice.title, due, filled, Marked("none on record", tone="muted"), None, None, None, None
    told = str(sent["text"]) or f"({sent['status']}, without words)"
    lacks = [plain_name(name) for name in placeholders(notice.text) if not _tells(review, notice, name, sent)]
    missing = Marked(listed(lacks), tone="warn") if lacks else Marked("complete", tone="good")
    rows = row_links(review, [sent["event"]])
    return notice.title, due, filled, told, sent["occurred_at"], _against(due, sent["occurred_at"]), missing, rows


def _not_due(reading: Reading | None) -> str:
    if reading is None:
        return "the policy has no such clause"
    told = "whether it was due is unknown" if reading.verdict is Verdict.UNKNOWN else "not due"
    return f"{told}: {reading.because}"


def _against(due: datetime | None, at: datetime) -> Marked | None:
    if due is None:
        return None
    late = (at - due) / timedelta(minutes=1)
    return Marked(f"{duration(late)} late", tone="bad") if late > 0 else Marked(f"{duration(-late)} early", tone="good")


def _sent(review: Review, notice: Notice) -> dict[str, Any] | None:
    """The update that the notice's milestone is."""
    stop = review.policy.clause(notice.clause).stop
    events = only(review.milestones, "milestone", stop.value if stop else "")["event"].to_list()
    for update in only(review.updates, "audience", "customers").iter_rows(named=True):
        if set(events) & {update["event"], *str(update["also"] or "").split()}:
            return update
    return None


def _tells(review: Review, notice: Notice, name: str, sent: dict[str, Any]) -> bool:
    """Whether a notice that was sent tells this; its title and components stand on the page, beside its words."""
    pattern = notice.told.get(name)
    if pattern is not None:
        return re.search(pattern, str(sent["text"])) is not None
    return name not in FACTS_THEN or FACTS_THEN[name](_Then(review, sent["occurred_at"])) is not None


# --- what was known ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Then:
    """A review as it would have been at a moment: what was recorded later is not known yet."""

    review: Review
    at: datetime

    @property
    def seen(self) -> pl.DataFrame:
        """The events that had been told; a page's own times are those of its posts, whenever these were edited."""
        public = pl.col("source").is_in(self.review.policy.public.sources) | (pl.col("kind") == Kind.DECLARED.value)
        told = pl.when(public).then("occurred_at").otherwise(pl.coalesce("recorded_at", "occurred_at"))
        return self.review.events.filter((told <= self.at) & (pl.col("occurred_at") <= self.at))

    def moment(self, *milestones: Milestone) -> datetime | None:
        """The earliest of these moments that was known by then."""
        names = [milestone.value for milestone in milestones]
        found = self.review.milestones.filter(
            pl.col("milestone").is_in(names) & pl.col("event").is_in(self.seen["id"].to_list())
        )
        return found["occurred_at"].min()  # type: ignore[return-value]


def _title(then: _Then) -> str | None:
    named = then.seen.filter(pl.col("kind").is_in([Kind.DECLARED.value, Kind.RENAMED.value]))
    public = named.filter(pl.col("source").is_in(then.review.policy.public.sources))
    titles = [str(row["value"] if row["kind"] == Kind.RENAMED.value else row["text"])
              for row in (named if public.is_empty() else public).iter_rows(named=True)]  # fmt: skip
    return titles[-1] if titles else None


def _affected(then: _Then) -> str | None:
    told = then.seen.filter(pl.col("source").is_in(then.review.policy.public.sources))
    names = only(told, "kind", Kind.COMPONENT.value)["text"].unique(maintain_order=True).to_list()
    return listed(names) if names else None


def _since(then: _Then) -> str | None:
    return _stamp(then, then.moment(*FIRST_SIGNS))


def _resolved(then: _Then) -> str | None:
    return _stamp(then, then.moment(Milestone.RESOLVED))


def _lasted(then: _Then) -> str | None:
    start, end = then.moment(*FIRST_SIGNS), then.moment(Milestone.RESOLVED)
    return between(start, end) if start and end else None


def _next_update(then: _Then) -> str | None:
    limits = [c.limit for c in then.review.policy.clauses if c.kind == "cadence" and c.audience == "customers"]
    return _stamp(then, then.at + timedelta(minutes=limits[0])) if limits and limits[0] else None


def _report_by(then: _Then) -> str | None:
    for clause in then.review.policy.clauses:
        reading = then.review.reading(clause.id)
        if clause.stop is Milestone.REPORTED and reading and reading.due_at:
            return _stamp(then, reading.due_at)
    return None


FACTS_THEN: dict[str, Callable[[_Then], str | None]] = {
    "title": _title,
    "affected": _affected,
    "since": _since,
    "resolved": _resolved,
    "lasted": _lasted,
    "next_update": _next_update,
    "report_by": _report_by,
}


def _stamp(then: _Then, moment: datetime | None) -> str | None:
    return stamp(moment, then.review.parameters.zone) if moment else None


def _filled(review: Review, notice: Notice, moment: datetime) -> str:
    """The template with what was known at that moment."""
    then = _Then(review, moment)
    fields = _last_update(then)

    def value(hit: re.Match[str]) -> str:
        tell = FACTS_THEN.get(hit[1])
        found = tell(then) if tell else fields.get(hit[1])
        return found or f"[unknown: {plain_name(hit[1])}]"

    return PLACE.sub(value, notice.text.strip())


def _last_update(then: _Then) -> dict[str, str]:
    """The fields of the last update to the team by then."""
    told = only(then.review.updates, "audience", "internal")
    known = told.filter(pl.col("event").is_in(then.seen["id"].to_list())).sort("occurred_at", "event")
    texts: Iterator[str] = iter(known["text"].tail(1).to_list())
    return parse_update(next(texts, ""), then.review.policy.updates)
