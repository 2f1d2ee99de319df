"""The run sheet: an hour, cut by what this incident needs.

The rule: opening, closing and a floor for each item are fixed; the minutes that are left go to the items in proportion
to their points, by largest remainder (ties to the earlier item). A point is a thing to talk about that this packet
found; an item has six at most, so that none can eat the hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from podanalytics.model import Verdict
from podanalytics.review import Review
from podanalytics.sections._changes import before as changes_before
from podanalytics.sections._drafts import suggested
from podanalytics.sections._evidence import cadences, judged
from podanalytics.sections._history import before
from podanalytics.sections._hypotheses import open_ones
from podanalytics.sections._luck import prompts
from podanalytics.show.words import plural

HOUR, OPEN, CLOSE = 60, 3, 2
CAP = 6  # points of one item
LUCK = 3  # of them for luck


class Item(NamedTuple):
    """An item of the agenda: its least minutes, what is on screen, and the things to talk about, counted."""

    name: str
    floor: int
    screen: str
    found: tuple[tuple[int, str, str], ...]
    most: int = CAP  # points of one thing

    @property
    def points(self) -> int:
        """How much there is to talk about."""
        return min(CAP, sum(min(self.most, count) for count, _, _ in self.found))

    @property
    def why(self) -> str:
        """What there is, in words."""
        told = [plural(count, one, many) for count, one, many in self.found if count]
        return ", ".join(told) or "nothing stands out"


class Slot(NamedTuple):
    """A line of the run sheet, with the minutes from its start."""

    start: int
    minutes: int
    name: str
    screen: str
    why: str


def run_sheet(review: Review) -> list[Slot]:
    """Opening, the six items, closing: sixty minutes in all."""
    items = _items(review)
    spare = HOUR - OPEN - CLOSE - sum(item.floor for item in items)
    extra = shared(spare, [item.points for item in items])
    lines = [("Open", OPEN, "Page one", "why we are here, and the rule: systems and processes, not individuals")]
    lines += [(i.name, i.floor + more, i.screen, i.why) for i, more in zip(items, extra, strict=True)]
    lines.append(("Close", CLOSE, "Section 6, drafts", "owners and dates read out; who publishes the report, and when"))
    slots, start = [], 0
    for name, minutes, screen, why in lines:
        slots.append(Slot(start, minutes, name, screen, why))
        start += minutes
    return slots


def shared(minutes: int, points: Sequence[int]) -> list[int]:
    """Minutes in proportion to points, by largest remainder; evenly where there are no points.

    >>> shared(10, [1, 1, 1]), shared(7, [6, 0, 3]), shared(4, [0, 0])
    ([4, 3, 3], [5, 0, 2], [2, 2])
    """
    weights = list(points) if any(points) else [1] * len(points)
    total = sum(weights)
    given = [minutes * weight // total for weight in weights]
    rest = sorted(range(len(weights)), key=lambda i: (-(minutes * weights[i] % total), i))
    for place in rest[: minutes - sum(given)]:
        given[place] += 1
    return given


def _items(review: Review) -> tuple[Item, ...]:
    readings = judged(review)
    missed = [c for c, r in readings if r.verdict is Verdict.MISSED]
    odd = sum(r.verdict is Verdict.CONTRADICTORY for _, r in readings)
    unknown = sum(r.verdict is Verdict.UNKNOWN for _, r in readings)
    quiet = sum(q.over > 0 for _, all_quiet in cadences(review) for q in all_quiet)
    again = sum(before(review, c.id).missed > 0 for c in missed)
    rest = review.actions.filter(~pl.col("done")).height
    corrected = review.milestones.filter("corrected").height
    talked = [c for c in missed if c.kind != "cadence"]
    return (
        Item(
            "Timeline review",
            6,
            "Section 1: lanes, then key moments",
            (
                (odd, "contradiction", ""),
                (corrected, "correction", ""),
                (max(0, review.segments.height - 1), "reopening", ""),
                (unknown, "clause without a trace", "clauses without a trace"),
            ),
            most=2,
        ),
        Item(
            "Root cause analysis",
            8,
            "Section 2: changes with their base rates, hypotheses",
            (
                (changes_before(review).height, "change before", "changes before"),
                (len(open_ones(review)), "hypothesis never settled", "hypotheses never settled"),
                (min(2, review.similar.height), "similar incident", ""),
            ),
        ),
        Item(
            "Response effectiveness",
            5,
            "Section 3: missed clauses first",
            (
                (sum(c.agenda == 3 for c in talked), "missed clause", ""),
                (review.watches.height, "gap or overlap of a role", "gaps or overlaps of a role"),
                (max(0, review.spells.height - 1), "change of severity", "changes of severity"),
            ),
        ),
        Item(
            "Communication evaluation",
            4,
            "Section 4: the longest silence towards each audience",
            ((sum(c.agenda == 4 for c in talked), "missed clause", ""), (quiet, "over-long silence", "")),
        ),
        Item(
            "Process improvement",
            3,
            "Section 5: what was missed before too, luck",
            (
                (again, "clause missed before too", "clauses missed before too"),
                (min(LUCK, len(prompts(review))), "question about luck", "questions about luck"),
            ),
        ),
        Item(
            "Action items",
            8,
            "Section 6: open items, then drafts",
            ((rest, "open item", ""), (min(4, len(suggested(review))), "draft to decide on", "drafts to decide on")),
        ),
    )
