"""Workload: how pages and incidents spread over people, without a name from the first line on.

What is made here holds counts and nobody they belong to; of fewer than five people it holds no counts either
(measures.md, edge case 38). Nobody is ranked, and nothing here can be led back to somebody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from podanalytics.business import in_business_hours
from podanalytics.policy import Calendar
from podanalytics.stats import enough


@dataclass(frozen=True, slots=True)
class Load:
    """One kind of work in a month: over how many people it spread, and how much of it each had, smallest first.

    `counts` and `out_of_hours` (how many of them all) are None where the people are too few to be shown.
    """

    what: str
    people: int
    counts: tuple[int, ...] | None
    out_of_hours: int | None
    unknown: int


def load_of(what: str, work: Iterable[tuple[str, str, datetime]], calendar: Calendar) -> Load:
    """The load of (person, thing, moment): a thing counts once a person, at the first of its moments.

    An empty person is somebody unknown.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 10, 14, 12, tzinfo=UTC)
    >>> load_of("pages", [("ana", "Q1", noon), ("ana", "Q1", noon), ("bo", "Q1", noon)], Calendar())
    Load(what='pages', people=2, counts=None, out_of_hours=None, unknown=0)
    """
    first: dict[tuple[str, str], datetime] = {}
    for person, thing, at in work:
        first[(person, thing)] = min(at, first.get((person, thing), at))
    unknown = len({thing for person, thing in first if not person})
    first = {key: at for key, at in first.items() if key[0]}
    each: dict[str, int] = defaultdict(int)
    for person, _ in first:
        each[person] += 1
    if not enough(len(each)):
        return Load(what, len(each), None, None, unknown)
    late = sum(not in_business_hours(at, calendar) for at in first.values())
    return Load(what, len(each), tuple(sorted(each.values())), late, unknown)
