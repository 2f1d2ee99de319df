"""Linking in tests: the frame of a list of events, and who ended in one incident with whom."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from podanalytics.linking import Container, Linked, link_all
from podanalytics.model import Event, Told
from podanalytics.tables import EVENTS
from tests.story import POLICY


def frame(told: Iterable[Told]) -> pl.DataFrame:
    """EVENTS rows of the events among what was told."""
    return EVENTS.frame(
        {**{name: getattr(e, name) for name in Event.__slots__}, "file": e.origin.partition("#")[0].partition(":")[0]}
        for e in told
        if isinstance(e, Event)
    )


def linked(*told: Event | list[Event]) -> Linked:
    """What linking makes of a story."""
    return link_all(frame(e for t in told for e in (t if isinstance(t, list) else [t])), POLICY)


def homes(found: Linked) -> dict[Container, str]:
    """The incident of each container that is one of its records or channels."""
    apart = ("mention", "conversation", "action", "correction", "decision")
    rows = found.members.filter(~pl.col("method").is_in(apart))
    return {(r["source"], r["subject"]): r["incident"] for r in rows.iter_rows(named=True)}


def offered(found: Linked) -> list[tuple[str, str, str]]:
    """(left, right, method) of every pair that waits for a decision."""
    return [(o.evidence.left[1], o.evidence.right[1], o.evidence.method) for o in found.offers]
