"""Which columns of which frames are redacted: all that hold text, but for the few that are listed here as safe."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

from podanalytics.redact import Redactor
from podanalytics.tables import ALL

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Shared = TypeVar("Shared", bound="DataclassInstance")

PEOPLE = frozenset({"actor", "person", "owner"})  # they hold who did it, by the tool's own id

# Hashes, our own enumerations and the policy's words: nobody's, and what sections join and compare by.
SAFE = frozenset(
    {
        *(
            "events.id",
            "changes.id",
            "milestones.event",
            "updates.event",
            "updates.also",
            "roles.event",
            "spells.event",
        ),
        *("readings.evidence", "history.evidence", "members.evidence", "silences.before", "silences.after"),
        *("loads.sha256", "events.source", "changes.source", "milestones.source", "updates.source", "actions.source"),
        *("members.source", "loads.source", "faults.source", "incident.sources", "incident.detection"),
        *("incident.severity", "incident.severity_path", "incident.state", "incidents.severity", "incidents.sources"),
        *("incidents.severity_path", "incidents.state", "incidents.detection", "milestones.milestone"),
        *("readings.measure", "readings.unit", "readings.severity", "readings.policy", "history.measure"),
        *("history.unit", "history.severity", "history.policy", "silences.measure", "silences.audience"),
        *("updates.audience", "updates.state", "roles.role", "spells.severity", "members.method"),
        *("checks.tested", "checks.column", "clocks.source", "clocks.against", "watches.role"),
        *("covered.source", "doubles.sources", "deploys.source", "deploys.id", "deploys.undoes"),
        "deploys.evidence",
        *("steps.id", "steps.source", "similar.severity", "unfinished.source"),
        *("segments.event", "segments.ended_by", "incident.flags", "incidents.flags"),
    }
)
# Columns whose text is JSON: the strings in it are masked, and it stays JSON.
JSON = frozenset({"milestones.alternatives", "loads.skipped"})
# What a column may hold is told once, in `tables`; the frames of a Review go by other names for some of them.
_TABLES = {
    "changes": "events",
    "history": "readings",
    "incident": "incidents",
    "steps": "events",
    "unfinished": "actions",
}
_CLOSED = frozenset(f"{table.name}.{column.name}" for table in ALL for column in table.columns if column.among)


def is_safe(frame: str, column: str) -> bool:
    """Whether a column of a Review or a Trend is handed on as it is."""
    return f"{frame}.{column}" in SAFE or f"{_TABLES.get(frame, frame)}.{column}" in _CLOSED


def safe_to_share(value: Shared, redactor: Redactor) -> Shared:
    """The same Review or Trend with pseudonyms and masked secrets in every text column that is not safe."""
    return replace(value, **{name: _redacted(name, frame, redactor) for name, frame in frames_of(value).items()})


def frames_of(value: DataclassInstance) -> dict[str, pl.DataFrame]:
    """The frames of a Review or a Trend, by name."""
    held = {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: frame for name, frame in held.items() if isinstance(frame, pl.DataFrame)}


def strangers(value: DataclassInstance) -> Iterator[tuple[str, str]]:
    """(source, actor) of everybody whom a column of people holds, frame by frame."""
    for frame in frames_of(value).values():
        for column in sorted(PEOPLE & set(frame.columns)):
            source = pl.col("source") if "source" in frame.columns else pl.lit("").alias("source")
            yield from frame.select(source, column).drop_nulls().unique(maintain_order=True).iter_rows()


def _redacted(name: str, frame: pl.DataFrame, redactor: Redactor) -> pl.DataFrame:
    for column in [c for c, type in frame.schema.items() if type == pl.String and not is_safe(name, c)]:
        values = frame[column].to_list()
        if column in PEOPLE:
            shown = [redactor.person(actor, source) for actor, source in zip(values, _sources(frame), strict=True)]
        else:
            change = _json(redactor.text) if f"{name}.{column}" in JSON else redactor.text
            shown = [change(value) for value in values]
            if column == "url":  # an address with another name in it leads nowhere
                shown = [new if new == old else None for old, new in zip(values, shown, strict=True)]
        frame = frame.with_columns(pl.Series(column, shown, dtype=pl.String))
    return frame


def _sources(frame: pl.DataFrame) -> list[str]:
    return frame["source"].to_list() if "source" in frame.columns else [""] * len(frame)


def _json(change: Callable[[str | None], str | None]) -> Callable[[str | None], str | None]:
    """Changes each string of a JSON text, keys too; a text in which nothing changes stays as it is, to the byte."""

    def each(value: Any) -> Any:
        if isinstance(value, dict):
            return {change(key): each(inner) for key, inner in value.items()}
        return [each(inner) for inner in value] if isinstance(value, list) else _text(value)

    def _text(value: Any) -> Any:
        return change(value) if isinstance(value, str) else value

    def changed(text: str | None) -> str | None:
        if not text:
            return text
        before = json.loads(text)
        after = each(before)
        return text if after == before else json.dumps(after, ensure_ascii=False)

    return changed
