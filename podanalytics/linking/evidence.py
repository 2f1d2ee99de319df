"""Evidence that two containers tell of one incident: what kinds there are, and what each is worth.

The scores are those of docs/linking.md. Every kind is looked for in the events themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from podanalytics.linking.containers import Container, Known

DECIDED, MERGED, POINTER = "decided", "merged", "pointer"
OFFERED = 0.5  # what scores less is not even shown to a person


class Evidence(NamedTuple):
    """Why two containers tell of one incident.

    Sorted strongest first, then by content, so that linking is deterministic. A tuple, because a hundred thousand of
    them are sorted.
    """

    weight: float  # minus the score, so that the strongest sorts first
    left: Container
    right: Container
    method: str
    why: str
    event: str = ""

    @property
    def score(self) -> float:
        """0 to 1."""
        return -self.weight


def between(
    known: Known, score: float, left: Container, right: Container, method: str, why: str, event: str = ""
) -> Iterator[Evidence]:
    """The evidence, if both are known and it is any: a tracker's link from one of its tickets to another says that
    they are two.
    """
    two_of_one_tool = left[0] == right[0] and left in known.records and right in known.records
    if left != right and left in known and right in known and not two_of_one_tool:
        yield Evidence(-score, left, right, method, why, event)
