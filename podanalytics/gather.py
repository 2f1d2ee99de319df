"""Gathering: from the store to a Ledger (every incident, reconstructed and judged) and to a Review (one, safe to
share).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from podanalytics.errors import UnknownIncidentError, WorkspaceError
from podanalytics.intake import load
from podanalytics.linking import DECISIONS, link, link_all
from podanalytics.metrics import judge
from podanalytics.model import Kind, Verdict, in_calendar
from podanalytics.plugins import discover
from podanalytics.policy import Policy
from podanalytics.reconstruct import Reconstruction, reconstruct
from podanalytics.reconstruct.meaning import APART, SINGLE
from podanalytics.redact import Redactor
from podanalytics.redact.columns import safe_to_share, strangers
from podanalytics.review import AROUND, Parameters, Review
from podanalytics.show.blocks import Section
from podanalytics.store import Store
from podanalytics.tables import CHECKS, EVENTS, FAULTS, LOADS
from podanalytics.workspace import Workspace, find_workspace

CHANGES = timedelta(hours=72)  # how far back changes are looked for


@dataclass(frozen=True)
class Ledger:
    """Every incident of a workspace, with the frames it was reconstructed from. People still have their names here."""

    events: pl.DataFrame
    people: pl.DataFrame
    members: pl.DataFrame
    found: Reconstruction
    readings: pl.DataFrame
    silences: pl.DataFrame
    faults: pl.DataFrame
    loads: pl.DataFrame
    checks: pl.DataFrame
    whole: pl.DataFrame  # EVENTS rows, what is told after `as_of` too

    @property
    def incidents(self) -> pl.DataFrame:
        """INCIDENTS rows."""
        return self.found.incidents

    @property
    def goes_on(self) -> bool:
        """Whether the store tells of anything after `as_of`."""
        return self.whole.height > self.events.height

    def resolve(self, name: str) -> str:
        """The incident a person means: its id, or the id of any of its members.

        Raises UnknownIncidentError with the nearest ids.
        """
        ids = self.incidents["incident"].to_list()
        if name in ids:
            return name
        own = self.members.filter(~pl.col("method").is_in([*SINGLE, *APART]))
        aliases = dict(own.select(pl.col("subject").str.to_lowercase(), "incident").iter_rows())
        aliases = {alias: i for alias, i in aliases.items() if i in ids} | {i.lower(): i for i in ids}
        if found := aliases.get(name.lower()) or aliases.get(f"#{name.lower()}"):
            return str(found)
        later = _later(self.whole, self.found.policy) if self.goes_on else {}
        if containers := later.get(name.lower()) or later.get(f"#{name.lower()}"):
            # It may have run already, under another name: before its ticket was written, a page is all there is.
            for source, subject, incident in own.select("source", "subject", "incident").iter_rows():
                if (source, subject) in containers and incident in ids:
                    return str(incident)
            raise UnknownIncidentError(f"{name} had not begun {self._as_of()}")
        if not ids:
            raise UnknownIncidentError(
                f"no incident {name!r}: the ledger holds none at all; load some exports first (`podanalytics load`)"
            )
        near = difflib.get_close_matches(name, ids, n=3, cutoff=0.3) or ids[-3:]
        raise UnknownIncidentError(
            f"no incident {name!r}; nearest: {', '.join(near)} (`podanalytics list` shows all {len(ids)})"
        )

    def others(self) -> list[tuple[str, str, int]]:
        """(source, type in its own words, how many) of records that belong to no incident, most first."""
        made = self.events.filter(pl.col("kind") == Kind.DECLARED.value).unique(["source", "subject"])
        left = made.join(self.members, on=["source", "subject"], how="anti")
        counts = left.group_by("source", "value").len().sort("len", "source", "value", descending=[True, False, False])
        return [(str(source), str(value), int(count)) for source, value, count in counts.iter_rows()]

    def worst(self) -> str:
        """The incident a review would look at first: highest severity, then most clauses missed, then longest.

        Raises UnknownIncidentError when there is none.
        """
        counted = self.incidents.filter(pl.col("excluded").is_null())
        if counted.is_empty() and self.goes_on:
            raise UnknownIncidentError(f"no incident had begun {self._as_of()}")
        if counted.is_empty():
            raise UnknownIncidentError(
                "the ledger holds no incident yet; load some exports first (`podanalytics load`)"
            )
        rank = {s.id: s.rank for s in self.found.policy.severities}
        missed = self.readings.filter(pl.col("verdict") == Verdict.MISSED.value).group_by("incident").len("missed")
        order = counted.join(missed, on="incident", how="left").with_columns(
            pl.col("severity").replace_strict(rank, default=99, return_dtype=pl.Int64).alias("rank"),
            (pl.col("resolved_at") - pl.col("began_at")).alias("took"),
        )
        worst_first = order.sort(
            "rank", "missed", "took", "incident", descending=[False, True, True, False], nulls_last=True
        )
        return str(worst_first["incident"][0])

    def _as_of(self) -> str:
        return f"by {self.found.as_of:%Y-%m-%d %H:%M:%S} UTC, the moment this is judged as of"


def load_ledger(store: Store, policy: Policy, as_of: datetime) -> Ledger:
    """Links, reconstructs and measures what the store tells up to `as_of`: what came later is not known yet."""
    told, people = store.events(), store.people()
    events = told_by(told, as_of)
    linked = link_all(events, policy)
    members = linked.members
    found = reconstruct(events, people, members, policy, as_of)
    judged = judge(found)
    return Ledger(
        events=events,
        people=people,
        members=members,
        found=found,
        readings=judged.readings,
        silences=judged.silences,
        faults=pl.concat([store.read(FAULTS), _homeless(events, members), linked.faults]),
        loads=store.read(LOADS),
        checks=store.read(CHECKS),
        whole=told,
    )


def told_by(told: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """EVENTS rows of what was known at that moment. Which records are one incident is no matter of time: a decision
    about it holds for every moment, whenever it was made.
    """
    return told.filter((pl.col("occurred_at") <= as_of) | (pl.col("source") == DECISIONS))


def _later(told: pl.DataFrame, policy: Policy) -> dict[str, frozenset[tuple[str, str]]]:
    """Every name of every incident once all is told, in lower case, with the containers that incident is made of."""
    whole = link(told, policy).filter(~pl.col("method").is_in([*SINGLE, *APART]))
    found: dict[str, frozenset[tuple[str, str]]] = {}
    for (incident,), group in whole.group_by("incident", maintain_order=True):
        containers = frozenset(group.select("source", "subject").iter_rows())
        found |= {str(name).lower(): containers for name in (incident, *group["subject"])}
    return found


def _homeless(events: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """FAULTS for corrections of incidents that nothing loaded tells of: somebody meant them to change something."""
    corrections = (pl.col("kind") == Kind.STATED.value) & (pl.col("source") != DECISIONS)
    stated = events.filter(corrections).join(members, on=["source", "subject"], how="anti")
    return FAULTS.frame(
        {
            "file": row["file"],
            "origin": row["origin"],
            "source": row["source"],
            "record": row["subject"],
            "reason": f"corrects {row['subject']}, which is no incident of this ledger",
        }
        for row in stated.iter_rows(named=True)
    )


def load_review(incident: str, workspace: str = "", zone: str = "", as_of: str = "") -> Review:
    """One incident's Review: what every section of the packet reads.

    `workspace`: a folder in it (default: where you are); `zone`: an IANA zone for display; `as_of`: judge as if it
    were that ISO moment. An empty ledger is filled from the workspace's raw folder first. Raises
    UnknownIncidentError, WorkspaceError.

    Example: `review = pod.load_review("INC-1019")`
    """
    home = find_workspace(Path(workspace) if workspace else None)
    store = home.store()
    try:
        fill(home, store)
        ledger = load_ledger(store, home.policy(), moment(as_of) or home.as_of())
        return review_of(ledger, incident, home.zone(zone))
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


def review_of(ledger: Ledger, name: str, zone: str) -> Review:
    """The Review of one incident of a ledger, redacted."""
    incident = ledger.resolve(name)
    mine = pl.col("incident") == incident
    found = ledger.found
    row = found.incidents.filter(mine)
    events = _timeline(ledger, incident)
    began = row["began_at"][0]
    earlier = found.incidents.filter((pl.col("began_at") < began) & pl.col("excluded").is_null()).select("incident")
    review = Review(
        parameters=Parameters(incident, zone, found.as_of),
        policy=found.policy,
        incident=row,
        events=events,
        milestones=found.milestones.filter(mine),
        readings=ledger.readings.filter(mine),
        updates=found.updates.filter(mine),
        silences=ledger.silences.filter(mine),
        roles=found.roles.filter(mine),
        spells=found.spells.filter(mine),
        actions=found.actions.filter(mine),
        members=ledger.members.filter(mine),
        changes=_changes(ledger, began, _end(ledger, row)),
        faults=ledger.faults,
        loads=ledger.loads.drop("path", "loaded_at"),
        checks=ledger.checks,
        history=ledger.readings.join(earlier, on="incident", how="semi"),
        exclusions=found.incidents.filter(pl.col("excluded").is_not_null())
        .group_by(pl.col("excluded").alias("reason"))
        .len("incidents")
        .sort("reason"),
    )
    return redacted(review, ledger.people)


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
    """The incident's events and what changed or was logged around it: EVENTS without file, plus number and role."""
    found = ledger.found
    told = found.told.filter(pl.col("incident") == incident)
    row = found.incidents.filter(pl.col("incident") == incident)
    began, end = row["began_at"][0], _end(ledger, row)
    around = ledger.events.filter(
        pl.col("kind").is_in([Kind.LOG.value, Kind.CHANGE.value])
        & pl.col("occurred_at").is_between(began - AROUND, end + AROUND)
    )
    columns = [n for n in EVENTS.names if n != "file"]
    both = pl.concat([told.select(columns), around.select(columns)]).unique("id", keep="first", maintain_order=True)
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


def redacted(review: Review, people: pl.DataFrame) -> Review:
    """The same Review with pseudonyms and masked secrets."""
    acting = review.events.filter(pl.col("actor").is_not_null())
    roles = {r["person"]: r["role"] for r in reversed(review.roles.sort("began_at").to_dicts())}
    redactor = Redactor(people, list(acting.select("source", "actor").iter_rows()), roles, strangers(review))
    named = replace(review.parameters, incident=redactor.text(review.parameters.incident) or "")
    return replace(safe_to_share(review, redactor), parameters=named)
