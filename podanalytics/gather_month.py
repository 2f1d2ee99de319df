"""Gathering a month: from the ledger to a Trend, safe to share, and the report's sections by name."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from podanalytics.errors import WorkspaceError
from podanalytics.gather import ledger_at, moment, section_in
from podanalytics.ledger import Ledger
from podanalytics.model import Kind
from podanalytics.policy import Policy
from podanalytics.pseudonyms import kept_key, key_of
from podanalytics.reconstruct.flags import is_private
from podanalytics.redact import Redactor
from podanalytics.redact.columns import safe_to_share
from podanalytics.redact.key import Key
from podanalytics.show.blocks import Section
from podanalytics.tables import EVENTS
from podanalytics.trends import Month, Trend, month_of
from podanalytics.workload import Load, load_of
from podanalytics.workspace import find_workspace

# What somebody does who responds: being called, joining a room or opening a ticket is not among it.
RESPONSES = (Kind.ACKNOWLEDGED, Kind.MESSAGE, Kind.STATUS, Kind.SEVERITY, Kind.ROLE, Kind.NOTICE)
_MONTH = re.compile(r"(199[0-9]|20[0-9]{2})-(0[1-9]|1[0-2])")


def load_trend(month: str, workspace: str = "", zone: str = "", as_of: str = "") -> Trend:
    """One month's Trend: what every section of the report reads.

    `month`: YYYY-MM; empty: the last whole month. The other parameters are those of `load_review`. Raises
    WorkspaceError.

    Example: `trend = pod.load_trend("2026-10")`
    """
    home = find_workspace(Path(workspace) if workspace else None)
    at = moment(as_of) or home.as_of()
    ledger = ledger_at(home, at)
    key = kept_key(home, ledger)
    return trend_of(ledger, month or last_month(at), home.zone(zone), key, home.settings.mask_ips)


def month_section(name: str, trend: Trend) -> Section:
    """One section of the report, by its module's name in `trend_sections/`; WorkspaceError for an unknown one."""
    return section_in("podanalytics.trend_sections", name)(trend)


def checked_month(name: str) -> str:
    """The name of a month. Raises WorkspaceError for what is none, or lies outside the calendar of events."""
    if not _MONTH.fullmatch(name):
        raise WorkspaceError(f"{name!r} is no month: write it as 2026-10")
    return name


def last_month(at: datetime) -> str:
    """The last whole month before a moment.

    >>> from datetime import UTC
    >>> last_month(datetime(2026, 11, 2, 9, tzinfo=UTC))
    '2026-10'
    """
    return f"{at.replace(day=1) - timedelta(days=1):%Y-%m}"


def trend_of(ledger: Ledger, name: str, zone: str, key: Key | None = None, mask_ips: bool = False) -> Trend:
    """The Trend of one month of a ledger, redacted; without a key, by one that is made from the ledger.

    Raises WorkspaceError for a name that is no month.
    """
    redactor = Redactor(ledger.people, [], {}, key_of(ledger) if key is None else key, mask_ips)
    month = month_of(checked_month(name), zone)
    incidents, events = ledger.incidents, ledger.events
    began = _within("began_at", month)
    counted = incidents.filter(pl.col("excluded").is_null())
    mine = ledger.readings.join(counted.select("incident", "began_at"), on="incident")
    due = mine.filter(pl.when(pl.col("due_at").is_null()).then(began).otherwise(_within("due_at", month)))
    hidden = incidents.filter(is_private())["incident"].to_list()
    trend = Trend(
        month=month,
        as_of=ledger.found.as_of,
        policies=_judging(ledger, due),
        incidents=_unnamed(incidents.filter(began), hidden),
        readings=_unnamed(due.drop("began_at"), hidden),
        faults=ledger.faults,
        checks=ledger.checks,
        covered=not events.select(EVENTS.names).filter(_within("occurred_at", month)).is_empty(),
        workload=_workload(ledger, month, redactor),
    )
    return safe_to_share(trend, redactor)


def _judging(ledger: Ledger, due: pl.DataFrame) -> tuple[Policy, ...]:
    labels = set(due["policy"])
    return tuple(p for p in ledger.policies.versions if p.label in labels) or (ledger.found.policy,)


def _unnamed(frame: pl.DataFrame, hidden: list[str]) -> pl.DataFrame:
    """The frame with private incidents under names that say nothing."""
    names = {incident: f"private incident {number}" for number, incident in enumerate(sorted(hidden), 1)}
    private = pl.col("incident").is_in(hidden)
    titled = (
        [pl.when(private).then(pl.lit("private")).otherwise("title").alias("title")] if "title" in frame.columns else []
    )
    return frame.with_columns(*titled, pl.col("incident").replace(names))


def _workload(ledger: Ledger, month: Month, redactor: Redactor) -> tuple[Load, ...]:
    """How pages and incidents spread over people; who is one person in several tools, the redactor knows."""
    bots = ledger.people.filter(pl.col("bot")).select("source", pl.col("key").alias("person")).unique()
    rang = ledger.events.filter((pl.col("kind") == Kind.NOTIFIED.value) & _within("occurred_at", month))
    # Where a tool names whom it told in a sentence only, that sentence is nobody: each would be a person of its own.
    names = ledger.people["name"].drop_nulls().implode()
    whom = pl.when(pl.col("value").str.contains(r"\s") & ~pl.col("value").is_in(names)).then(pl.lit(""))
    record = pl.concat_str("source", "subject", separator="/")
    pages = rang.select("source", whom.otherwise("value").alias("person"), record.alias("thing"), "occurred_at")
    acted = ledger.found.told.filter(pl.col("human") & pl.col("kind").is_in([k.value for k in RESPONSES]))
    counted = ledger.incidents.filter(pl.col("excluded").is_null() & _within("began_at", month))
    ran = acted.join(counted.select("incident", "began_at", "resolved_at"), on="incident").filter(
        pl.col("occurred_at").is_between("began_at", pl.col("resolved_at").fill_null(ledger.found.as_of))
    )
    response = ran.select("source", pl.col("actor").alias("person"), pl.col("incident").alias("thing"), "occurred_at")
    found = []
    for what, frame in (("pages", pages), ("incidents responded to", response)):
        of_people = frame.join(bots, on=["source", "person"], how="anti")
        rows = of_people.select("source", "person", "thing", "occurred_at").iter_rows()
        work = ((person and redactor.who(person, source), thing, at) for source, person, thing, at in rows)
        found.append(load_of(what, work, ledger.found.policy.calendar))
    return tuple(found)


def _within(column: str, month: Month) -> pl.Expr:
    return (pl.col(column) >= month.begin) & (pl.col(column) < month.end)
