"""Gathering: from a ledger to a Review (one incident, safe to share), and what a notebook needs for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from podanalytics.errors import WorkspaceError
from podanalytics.gather_past import past_of
from podanalytics.handover import received
from podanalytics.intake import load
from podanalytics.keepable import in_calendar
from podanalytics.ledger import Ledger, load_ledger
from podanalytics.model import Kind
from podanalytics.plugins import discover
from podanalytics.pseudonyms import kept_key, key_of
from podanalytics.reconstruct import Reconstruction
from podanalytics.reconstruct.afterwards import marked
from podanalytics.reconstruct.flags import is_private
from podanalytics.redact import Redactor
from podanalytics.redact.columns import safe_to_share, strangers
from podanalytics.redact.key import Key
from podanalytics.review import AROUND, CHANGES, Parameters, Review
from podanalytics.show.blocks import Section
from podanalytics.store import Store
from podanalytics.tables import CHECKS, EVENTS, LOADS
from podanalytics.workspace import Workspace, find_workspace


def load_review(incident: str, workspace: str = "", zone: str = "", as_of: str = "") -> Review:
    """One incident's Review: what every section of the packet reads.

    `workspace`: a folder in it (default: where you are); `zone`: an IANA zone for display; `as_of`: judge as if it
    were that ISO moment. An empty ledger is filled from the workspace's raw folder first. Raises
    UnknownIncidentError, WorkspaceError.

    Example: `review = pod.load_review("INC-1019")`
    """
    home = find_workspace(Path(workspace) if workspace else None)
    ledger = ledger_at(home, moment(as_of) or home.as_of())
    return review_of(ledger, incident, home.zone(zone), kept_key(home, ledger), home.settings.mask_ips)


def ledger_at(home: Workspace, as_of: datetime) -> Ledger:
    """The workspace's ledger at a moment: the one that was handed over, else made from its store, filled if need be."""
    if handed := received(home.root, as_of):
        return handed
    store = home.store()
    try:
        fill(home, store)
        return load_ledger(store, home.policies(), as_of)
    finally:
        store.close()


def section(name: str, review: Review) -> Section:
    """One section of the packet, by the name of its module in `sections/`. Raises WorkspaceError for an unknown one."""
    return section_in("podanalytics.sections", name)(review)


def section_in(package: str, name: str) -> Callable[[Any], Section]:
    """The section that a module of that package offers. Raises WorkspaceError with the known names."""
    known: dict[str, Callable[[Any], Section]] = dict(discover(package, "section"))
    if name not in known:
        raise WorkspaceError(f"no section {name!r}; known sections: {', '.join(known)}")
    return known[name]


def moment(text: str) -> datetime | None:
    """An ISO moment with its zone, as UTC, so that every way to write it is one; None for an empty text.

    Raises WorkspaceError.
    """
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime.min
    if found.tzinfo is None:
        raise WorkspaceError(f"{text!r} is no moment: write it with its zone, such as 2026-10-31T12:00:00Z")
    try:
        return in_calendar(found, "the moment")
    except ValueError as error:
        raise WorkspaceError(str(error)) from None


def fill(home: Workspace, store: Store) -> None:
    """Loads and checks a workspace whose ledger is still empty, so that a notebook runs on a fresh clone."""
    if store.read(LOADS).is_empty():
        from podanalytics.checks import run_checks

        load(home, store)
        store.replace_table(CHECKS, run_checks(store, home.policy(), home.as_of()).to_dicts())


def review_of(ledger: Ledger, name: str, zone: str, key: Key | None = None, mask_ips: bool = False) -> Review:
    """The Review of one incident of a ledger, redacted; without a key, by one that is made from the ledger."""
    incident = ledger.resolve(name)
    mine = pl.col("incident") == incident
    found = ledger.found
    row = found.incidents.filter(mine)
    events = _timeline(ledger, incident)
    began = row["began_at"][0]
    review = Review(
        parameters=Parameters(incident, zone, found.as_of),
        policy=ledger.policy_of(incident),
        incident=row,
        events=events,
        milestones=found.milestones.filter(mine),
        readings=ledger.readings.filter(mine),
        updates=found.updates.filter(mine),
        silences=ledger.silences.filter(mine),
        roles=found.roles.filter(mine),
        watches=found.watches.filter(mine),
        segments=found.segments.filter(mine),
        clocks=found.clocks,
        spells=found.spells.filter(mine),
        actions=found.actions.filter(mine),
        members=ledger.members.filter(mine),
        covered=found.covered.filter(mine).select("source"),
        doubles=_doubles(ledger, incident),
        changes=_changes(ledger, began, _end(ledger, row)),
        faults=_own_faults(ledger, incident),
        loads=ledger.loads.drop("path", "loaded_at"),
        checks=ledger.checks,
        exclusions=found.incidents.filter(pl.col("excluded").is_not_null())
        .group_by(pl.col("excluded").alias("reason"))
        .len("incidents")
        .sort("reason"),
        **past_of(ledger, incident, began),
    )
    return redacted(review, ledger.people, key_of(ledger) if key is None else key, mask_ips)


def _own_faults(ledger: Ledger, incident: str) -> pl.DataFrame:
    """The faults, but for those of other incidents that are private."""
    hidden = ledger.incidents.filter(is_private() & (pl.col("incident") != incident))
    records = ledger.members.join(hidden, on="incident", how="semi")["subject"].to_list()
    return ledger.faults.filter(pl.col("record").is_null() | ~pl.col("record").is_in([*records, *hidden["incident"]]))


def _doubles(ledger: Ledger, incident: str) -> pl.DataFrame:
    """other, began_at, sources: the incidents that may be this one, but for those that are private."""
    others = ledger.found.doubles.filter(pl.col("incident") == incident).select(pl.col("other").unique())
    shown = ledger.incidents.filter(~is_private()).rename({"incident": "other"})
    return others.join(shown, on="other").select("other", "began_at", "sources").sort("began_at", "other")


def _end(ledger: Ledger, row: pl.DataFrame) -> datetime:
    end = row["resolved_at"][0] or ledger.found.as_of
    assert isinstance(end, datetime)
    return end


def _changes(ledger: Ledger, began: datetime, end: datetime) -> pl.DataFrame:
    """Changes of the days before and during, in time order."""
    found = ledger.events.filter(
        (pl.col("kind") == Kind.CHANGE.value) & pl.col("occurred_at").is_between(began - CHANGES, end)
    )
    return found.drop("file")


def _timeline(ledger: Ledger, incident: str) -> pl.DataFrame:
    """The incident's events and what changed or was logged around it: EVENTS but for file, and number, role, human."""
    found = ledger.found
    told = found.told.filter(pl.col("incident") == incident)
    row = found.incidents.filter(pl.col("incident") == incident)
    began, end = row["began_at"][0], _end(ledger, row)
    history = list(found.policy.tools.get("change history", ()))
    ended = (pl.col("kind") == Kind.STATUS.value) & pl.col("source").is_in(history)  # how a deployment went
    around = ledger.events.filter(
        (pl.col("kind").is_in([Kind.LOG.value, Kind.CHANGE.value]) | ended)
        & pl.col("occurred_at").is_between(began - AROUND, end + AROUND)
    )
    columns = [n for n in EVENTS.names if n != "file"]
    both = pl.concat([told.select(*columns, "human"), around.select(*columns, pl.lit(False).alias("human"))]).unique(
        "id", keep="first", maintain_order=True
    )
    good_for = _good_for(found, incident)
    ordered = (
        both.sort("occurred_at", "source", "key")
        .with_row_index("number", 1)
        .with_columns(pl.col("number").cast(pl.Int64))
    )
    return ordered.join(good_for, on="id", how="left", maintain_order="left").with_columns(pl.col("role").fill_null(""))


def _good_for(found: Reconstruction, incident: str) -> pl.DataFrame:
    """id, role: what each event proves, in words: the milestone, an update, a role taken."""
    mine = pl.col("incident") == incident
    parts = [
        marked(found.told.filter(mine), found.policy),
        found.milestones.filter(mine).select(
            pl.col("event").alias("id"), pl.col("milestone").str.replace_all("_", " ").alias("role")
        ),
        found.updates.filter(mine).select(
            pl.col("event").alias("id"), (pl.lit("update to ") + pl.col("audience")).alias("role")
        ),
        found.roles.filter(mine).select(pl.col("event").alias("id"), pl.col("role")),
    ]
    return (
        pl.concat(parts)
        .group_by("id", maintain_order=True)
        .agg(pl.col("role").unique(maintain_order=True).str.join(", "))
    )


def redacted(review: Review, people: pl.DataFrame, key: Key | None = None, mask_ips: bool = False) -> Review:
    """The same Review with pseudonyms and masked secrets."""
    roles = {r["person"]: r["role"] for r in reversed(review.roles.sort("began_at").to_dicts())}
    redactor = Redactor(people, strangers(review), roles, key, mask_ips)
    named = replace(review.parameters, incident=redactor.text(review.parameters.incident) or "")
    return replace(safe_to_share(review, redactor), parameters=named)
