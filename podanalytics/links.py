"""Links as people see them: what joined each incident, what waits for a decision, and writing a decision down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from podanalytics.errors import UnknownIncidentError, WorkspaceError
from podanalytics.handwriting import add_table
from podanalytics.ledger import told_by
from podanalytics.linking import Container, Linked, Offer, link_all, made_whole
from podanalytics.workspace import Workspace

FILE = "links.toml"  # in the workspace's folder for corrections


@dataclass(frozen=True)
class Link:
    """A pair of records that waits for a decision. `number` is what people call it by.

    `text` and `origin` are what the evidence says and where it stands; both are empty for a name. `decided` is what
    the workspace's file says about the pair already, if that was not loaded yet.
    """

    number: int
    left: str
    right: str
    score: float
    method: str
    why: str
    reason: str
    text: str
    origin: str
    decided: str


def linked(home: Workspace, as_of: datetime) -> tuple[Linked, pl.DataFrame]:
    """What linking finds in the workspace's ledger, and the EVENTS rows it was found in."""
    store = home.store()
    try:
        events = told_by(made_whole(store.events()), as_of)
    finally:
        store.close()
    return link_all(events, home.policy()), events


def members_of(found: pl.DataFrame, name: str) -> pl.DataFrame:
    """MEMBERS rows of one incident, named by its id or one of its records; all of them without a name.

    Raises UnknownIncidentError.
    """
    if not name:
        return found
    wanted = name.lower()
    called = pl.col("incident").str.to_lowercase() == wanted
    if found.filter(called).is_empty():
        called = pl.col("subject").str.to_lowercase().is_in([wanted, f"#{wanted}"])
    hits = found.filter(called)["incident"].unique().sort()
    if hits.is_empty():
        raise UnknownIncidentError(f"no incident {name!r} (`podanalytics list` shows what was found)")
    return found.filter(pl.col("incident") == hits[0])


def undecided(home: Workspace, as_of: datetime) -> list[Link]:
    """What waits for a decision, strongest evidence first. The numbers hold until something is loaded."""
    found, events = linked(home, as_of)
    ids = {offer.evidence.event for offer in found.offers} - {""}
    rows = {r["id"]: r for r in events.filter(pl.col("id").is_in(list(ids))).iter_rows(named=True)}
    written = _written(home.corrections / FILE)
    return [_link(number, offer, rows, written) for number, offer in enumerate(found.offers, 1)]


def _link(number: int, offer: Offer, rows: dict[str, dict[str, Any]], written: dict[frozenset[str], str]) -> Link:
    evidence = offer.evidence
    row = rows.get(evidence.event, {})
    left, right = _name(evidence.left), _name(evidence.right)
    return Link(
        number=number,
        left=left,
        right=right,
        score=evidence.score,
        method=evidence.method,
        why=evidence.why,
        reason=offer.reason,
        text=row.get("text") or row.get("value") or "",
        origin=row.get("origin", ""),
        decided=written.get(frozenset((left, right)), ""),
    )


def _name(container: Container) -> str:
    return " ".join(container)


def _written(path: Path) -> dict[frozenset[str], str]:
    """What the file says about each pair, last one last."""
    from podanalytics.model import Event
    from podanalytics.sources.decisions import parse

    told = [t for t in parse(path) if isinstance(t, Event)] if path.is_file() else []
    return {frozenset((e.subject, str(e.was))): str(e.value) for e in sorted(told, key=lambda e: e.occurred_at)}


def decide(home: Workspace, links: Sequence[Link], same: bool, why: str, by: str) -> Path:
    """Writes a decision about each link to the end of the workspace's file. Returns the file.

    Raises WorkspaceError where who or why is missing, or the file cannot be read or written.
    """
    for value, option in ((why, "--why"), (by, "--by")):
        if not value.strip():
            raise WorkspaceError(f"a decision needs {option}: who decides and why is kept with it")
    path = home.corrections / FILE
    now = datetime.now(UTC).replace(microsecond=0)
    for link in links:
        about = {"left": link.left, "right": link.right, "same": same}
        add_table(path, "link", {**about, "why": why.strip(), "by": by.strip(), "stated_at": now})
    return path
