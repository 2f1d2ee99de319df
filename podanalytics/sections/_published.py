"""What customers could see of an incident: posts, titles and components of the tools that the policy calls public.

This is the list that the public report is made from, and there is no other way into it. What was published is quoted
sentence by sentence; a sentence that seems to name a person, a ticket, a host or anything else of an internal tool is
left out and counted, even though it was published.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from podanalytics.model import Kind
from podanalytics.review import Review

GAP = "[…]"
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
# Marks of what was masked, ticket keys and role pseudonyms (OPS-1423, IC-1), handles, addresses, inner hosts.
_INNER = re.compile(
    r"\[[a-z-]+\]|\b[A-Z]\w*-\d+\b|(?<!\w)@\w|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[\w-]+\.(?:internal|local|lan|corp|svc)\b"
)


@dataclass(frozen=True)
class Post:
    """One post to customers: its words as they may be quoted, and what its status means (None: the policy has no word
    for it). `left_out` counts the sentences that may not be.
    """

    at: datetime
    state: str | None
    paragraphs: tuple[str, ...]
    left_out: int
    event: str

    @property
    def words(self) -> str:
        """The post on one line."""
        return " ".join(self.paragraphs)


@dataclass(frozen=True)
class Published:
    """Everything that customers could see, in time order.

    `components` are names with the (moment, status) they were set to; `events` are all that this rests on.
    """

    titles: tuple[str, ...]
    posts: tuple[Post, ...]
    components: tuple[tuple[str, tuple[tuple[datetime, str], ...]], ...]
    events: tuple[str, ...]


def published(review: Review) -> Published:
    """What customers could see, as far as the policy's public tools tell."""
    fit = _Fit(review)
    seen = review.events.filter(pl.col("source").is_in(review.policy.public.sources))
    titles = [t for t in _told(seen, Kind.DECLARED)["text"] if t and fit(t)]
    told = _told(seen, Kind.COMPONENT)
    return Published(
        titles=tuple(dict.fromkeys(" ".join(t.split()) for t in titles)),
        posts=tuple(_posts(review, fit)),
        components=tuple(_components(told.filter([fit(t) for t in told["text"]]))),
        events=tuple(seen["id"]),
    )


def fits(review: Review, text: str) -> bool:
    """Whether a text names nothing that customers do not know already."""
    return _Fit(review)(text)


class _Fit:
    """Tells what may be quoted: what holds no mark of anything internal, and no name of an internal container."""

    def __init__(self, review: Review) -> None:
        inner = review.events.filter(~pl.col("source").is_in(review.policy.public.sources))
        names = {str(review.fact("incident")), *_names(inner["subject"])}
        names |= {name for frame in (review.actions, review.changes) for name in _names(frame["subject"])}
        held = [rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in sorted(names)]
        held += [rf"\b{re.escape(role)}-\d+\b" for role in (*review.policy.roles, "Responder")]
        self._inner = re.compile("|".join(held), re.IGNORECASE)

    def __call__(self, text: str) -> bool:
        return not _INNER.search(text) and not self._inner.search(text)


def _names(subjects: Iterable[str]) -> set[str]:
    """Containers and their parts that nobody would take for a word: `web1/pod-api` is also `web1` and `pod-api`."""
    parts = {part for subject in subjects for part in (subject, *subject.split("/"))}
    return {part for part in parts if re.search(r"[\W\d_]", part.strip()) and len(part) > 2}


def _told(seen: pl.DataFrame, kind: Kind) -> pl.DataFrame:
    return seen.filter(pl.col("kind") == kind.value).sort("occurred_at", "number")


def _posts(review: Review, fit: _Fit) -> Iterable[Post]:
    told = review.updates.filter(
        (pl.col("audience") == "customers") & pl.col("source").is_in(review.policy.public.sources)
    ).sort("occurred_at", "event")
    state: str | None = None
    for row in told.iter_rows(named=True):
        state = state if row["state"] == "unchanged" else row["state"]
        lines = [line for line in str(row["text"]).splitlines() if line.strip()]
        kept = [_quotable(line, fit) for line in lines]
        yield Post(
            at=row["occurred_at"],
            state=state,
            paragraphs=tuple(words for words, _ in kept),
            left_out=sum(lost for _, lost in kept),
            event=row["event"],
        )


def _quotable(line: str, fit: _Fit) -> tuple[str, int]:
    """A line with a gap for each run of sentences that may not be quoted, and how many these are."""
    if fit(line):
        return " ".join(line.split()), 0
    shown: list[str] = []
    lost = 0
    for sentence in filter(None, _SENTENCE.split(line.strip())):
        good = fit(sentence)
        lost += not good
        if good or shown[-1:] != [GAP]:
            shown.append(" ".join(sentence.split()) if good else GAP)
    # What is torn over two sentences is not quotable at all.
    return (" ".join(shown), lost) if fit(" ".join(s for s in shown if s != GAP)) else (GAP, len(shown))


def _components(told: pl.DataFrame) -> Iterable[tuple[str, tuple[tuple[datetime, str], ...]]]:
    for (name,), rows in told.group_by("text", maintain_order=True):
        states = list(zip(rows["occurred_at"], rows["value"].str.replace_all("_", " "), strict=True))
        new = [one for number, one in enumerate(states) if not number or one[1] != states[number - 1][1]]
        if name:
            yield str(name), tuple(new)
