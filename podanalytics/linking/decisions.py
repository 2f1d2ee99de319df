"""Decisions: what people have said about two records, that they are the same incident or that they are not.

A decision is an event of kind `stated` of the source `decisions`: subject and `was` name the two records ("jira
INC-7"), value says `same` or `different`. Of two about one pair the one stated last holds.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from podanalytics.linking.containers import Container
from podanalytics.linking.evidence import DECIDED, Evidence
from podanalytics.model import FaultRule

SOURCE = "decisions"
SAME = "same"


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody said about two records."""

    left: Container
    right: Container
    same: bool
    by: str
    why: str
    stated_at: datetime
    event: str
    file: str
    origin: str

    @property
    def pair(self) -> tuple[Container, Container]:
        """The two, in order: whoever is named first, it is one decision."""
        return (self.left, self.right) if self.left <= self.right else (self.right, self.left)

    def evidence(self) -> Evidence:
        """The decision as evidence that the two are one."""
        return Evidence(-1.0, self.left, self.right, DECIDED, f"{self.by} decided: {self.why}", self.event)


def named(text: str) -> Container:
    """The record that a decision names.

    >>> named("slack #inc-7")
    ('slack', '#inc-7')
    """
    source, _, subject = text.partition(" ")
    return source, subject.strip()


def decisions_of(events: pl.DataFrame) -> list[Decision]:
    """Every decision among the events, the one stated last first."""
    told = events.filter(pl.col("source") == SOURCE).unique("id", keep="first", maintain_order=True)
    found = [
        Decision(
            named(r["subject"]), named(r["was"]), r["value"] == SAME, r["actor"] or "", r["text"],
            r["occurred_at"], r["id"], r["file"], r["origin"],
        )
        for r in told.iter_rows(named=True)
    ]  # fmt: skip
    return sorted(found, key=lambda d: (d.stated_at, d.event), reverse=True)


def in_force(decisions: list[Decision]) -> list[Decision]:
    """The last decision about each pair."""
    found: dict[tuple[Container, Container], Decision] = {}
    for decision in decisions:
        found.setdefault(decision.pair, decision)
    return list(found.values())


def complaints(decisions: list[Decision], known: set[Container], refused: list[Decision]) -> Iterator[dict[str, str]]:
    """FAULTS rows: what is decided about nothing that is known, was decided otherwise later, or cannot hold beside
    another decision.
    """
    last = {d.pair: d for d in in_force(decisions)}
    for d in decisions:
        for record in (d.left, d.right):
            if record not in known:
                yield _fault(
                    d, f"decides about {' '.join(record)}, which is no record of this ledger{_near(record, known)}"
                )
        holds = last[d.pair]
        if holds.same != d.same:
            yield _fault(
                d,
                f"says that {' '.join(d.left)} and {' '.join(d.right)} are {_word(d.same)}; a later decision, in "
                f"{holds.origin}, says {_word(holds.same)}, and that holds",
            )
    for d in refused:
        yield _fault(
            d,
            f"says that {' '.join(d.left)} and {' '.join(d.right)} are the same, which cannot hold beside what other "
            "decisions keep apart",
        )


def _word(same: bool) -> str:
    return "the same" if same else "different"


def _fault(decision: Decision, reason: str) -> dict[str, str]:
    record = " ".join(decision.left)
    place = {"file": decision.file, "origin": decision.origin, "source": SOURCE}
    return {**place, "record": record, "rule": FaultRule.STRAY.value, "reason": reason}


def _near(record: Container, known: set[Container]) -> str:
    names = sorted(" ".join(c) for c in known if c[0] == record[0]) or sorted(" ".join(c) for c in known)
    found = difflib.get_close_matches(" ".join(record), names, n=1, cutoff=0.5)
    return f"; did you mean {found[0]}?" if found else ""
