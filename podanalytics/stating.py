"""Stating: what a person says against the record, written into the workspace's corrections for good."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from podanalytics.errors import WorkspaceError
from podanalytics.handwriting import add_table, quoted, when
from podanalytics.ledger import Ledger
from podanalytics.model import Milestone
from podanalytics.packets import folder_name
from podanalytics.policy import Policy
from podanalytics.sources.corrections import FIELDS, correction
from podanalytics.sources.corrections import NAME as SOURCE
from podanalytics.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Statement:
    """One correction: of which incident, what, to which value, why, by whom and when it was stated."""

    incident: str
    what: str
    value: str
    why: str
    by: str
    stated_at: datetime


def state(home: Workspace, said: Statement, policy: Policy) -> Path:
    """Appends a correction to the incident's own file below the workspace's corrections; returns the file.

    Raises WorkspaceError in a sentence for what is no correction, and for a file that cannot be read or written.
    """
    table = _table(said)
    if said.what == "severity" and policy.severity_of(SOURCE, said.value) is None:
        known = ", ".join(s.id for s in policy.severities)
        raise WorkspaceError(f"{policy.label} knows no severity {said.value!r}; known: {known}")
    try:
        list(correction(table, "here", said.incident))
    except ValueError as error:
        raise WorkspaceError(str(error)) from None
    path = _file(home.corrections, said.incident)
    if _stated(path, said):
        raise WorkspaceError(
            f"{path} says already what {said.what} was stated to be at {when(said.stated_at)}, the moment that "
            "pod.toml judges as of: change it there, or take as_of out of pod.toml"
        )
    add_table(path, "correct", table, f"incident = {quoted(said.incident)}")
    return path


def now_stands(ledger: Ledger, incident: str, what: str) -> str:
    """What a ledger holds for a milestone (ISO time) or a field of an incident, in words."""
    if what in FIELDS:
        return str(ledger.incidents.filter(incident=incident)[what].item() or "never told")
    found = ledger.found.milestones.filter(incident=incident, milestone=what)["occurred_at"]
    return when(found[0]) if len(found) else "not told"


def turned(before: Ledger, after: Ledger, incident: str) -> list[tuple[str, str, str]]:
    """(clause, verdict before, verdict after) of the clauses of an incident whose verdict is another one now."""
    was = dict(before.readings.filter(incident=incident).select("measure", "verdict").iter_rows())
    now = after.readings.filter(incident=incident).select("measure", "verdict").iter_rows()
    return [(clause, was[clause], verdict) for clause, verdict in now if was.get(clause, verdict) != verdict]


def _stated(path: Path, said: Statement) -> bool:
    """Whether the file holds a correction of the same thing that was stated at the same moment: which holds, nobody
    could tell.
    """
    tables = tomllib.loads(path.read_text("utf-8"))["correct"] if path.exists() else []
    return any(
        isinstance(t, dict)
        and said.what in (t.get("milestone"), t.get("field"))
        and t.get("stated_at") == said.stated_at
        for t in tables
    )


def _table(said: Statement) -> dict[str, Any]:
    about = {"field": said.what} if said.what in FIELDS else {"milestone": said.what}
    value: Any = said.value
    if said.what in set(Milestone):
        try:
            value = datetime.fromisoformat(said.value)
        except ValueError:
            value = said.value
    return {**about, "value": value, "why": said.why, "by": said.by, "stated_at": said.stated_at}


def _file(folder: Path, incident: str) -> Path:
    """The incident's own file: a file of that name that speaks of another one is left alone."""
    for number in range(1, 100):
        path = folder / f"{folder_name(incident)}{'' if number == 1 else f'-{number}'}.toml"
        if not path.exists():
            return path
        try:
            found = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise WorkspaceError(f"{path} is broken, mend it first: {error}") from None
        if found.get("incident") == incident and isinstance(found.get("correct"), list):
            return path
    raise WorkspaceError(f"{folder} holds too many files named after {incident}")
