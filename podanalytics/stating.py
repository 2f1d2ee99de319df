"""Stating: what a person says against the record, written into the workspace's corrections for good."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from podanalytics.errors import WorkspaceError
from podanalytics.ledger import Ledger
from podanalytics.model import Milestone
from podanalytics.packets import folder_name
from podanalytics.sources.corrections import FIELDS, correction
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


def state(home: Workspace, said: Statement) -> Path:
    """Appends a correction to the incident's own file below the workspace's corrections; returns the file.

    Raises WorkspaceError in a sentence for what is no correction, and for a file that cannot be read or written.
    """
    table = _table(said)
    try:
        list(correction(table, "here", said.incident))
    except ValueError as error:
        raise WorkspaceError(str(error)) from None
    try:
        home.corrections.mkdir(parents=True, exist_ok=True)
        path = _file(home.corrections, said.incident)
        text = path.read_text("utf-8") if path.exists() else f"incident = {json.dumps(said.incident)}\n"
        new = path.with_name(path.name + ".new")
        new.write_text(text.rstrip("\n") + "\n\n" + _toml(table), "utf-8")
        new.replace(path)
    except OSError as error:
        raise WorkspaceError(f"cannot write to {home.corrections}: {error.strerror or error}") from None
    return path


def now_stands(ledger: Ledger, incident: str, what: str) -> str:
    """What a ledger holds for a milestone (ISO time) or a field of an incident, in words."""
    if what in FIELDS:
        return str(ledger.incidents.filter(incident=incident)[what].item() or "never told")
    found = ledger.found.milestones.filter(incident=incident, milestone=what)["occurred_at"]
    return _time(found[0]) if len(found) else "not told"


def turned(before: Ledger, after: Ledger, incident: str) -> list[tuple[str, str, str]]:
    """(clause, verdict before, verdict after) of the clauses of an incident whose verdict is another one now."""
    was = dict(before.readings.filter(incident=incident).select("measure", "verdict").iter_rows())
    now = after.readings.filter(incident=incident).select("measure", "verdict").iter_rows()
    return [(clause, was[clause], verdict) for clause, verdict in now if was.get(clause, verdict) != verdict]


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


def _toml(table: dict[str, Any]) -> str:
    lines = ["[[correct]]"]
    for name, value in table.items():
        lines.append(f"{name} = {_time(value) if isinstance(value, datetime) else _text(str(value))}")
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    """A TOML string: JSON's escapes are TOML's, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _time(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")
