"""Packets and reports: a notebook run for an incident or a month, and everything made from it."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from podanalytics.changes import changes
from podanalytics.errors import WorkspaceError
from podanalytics.gather_month import checked_month
from podanalytics.publish import publish
from podanalytics.runs import refresh, run_notebook
from podanalytics.workspace import Workspace

DAMAGED = "damaged"  # stands for a JSON form that is there and cannot be read


def notebooks() -> Path:
    """The folder of the notebooks: beside the package in a clone, inside it when installed from a wheel."""
    beside = Path(__file__).resolve().parent.parent / "notebooks"
    return beside if beside.is_dir() else Path(__file__).resolve().parent / "notebooks"


def write_packet(
    workspace: Workspace, incident: str, as_of: datetime, zone: str = "", progress: bool = True
) -> list[Path]:
    """The review packet of an incident that is known to exist; returns the files written. Raises NotebookError."""
    folder = workspace.reports / folder_name(incident)
    parameters: dict[str, object] = {
        "incident": incident,
        "zone": workspace.zone(zone),
        "as_of": as_of.astimezone(UTC).isoformat(),
    }
    return _write(workspace, "packet", "review_packet.ipynb", folder, parameters, progress)


def write_report(
    workspace: Workspace, month: str, as_of: datetime, zone: str = "", progress: bool = True
) -> list[Path]:
    """The reliability report of a month (YYYY-MM); returns the files written. Raises WorkspaceError, NotebookError."""
    parameters: dict[str, object] = {
        "month": checked_month(month),
        "zone": workspace.zone(zone),
        "as_of": as_of.astimezone(UTC).isoformat(),
    }
    return _write(workspace, "report", "monthly_report.ipynb", workspace.reports / month, parameters, progress)


def folder_name(incident: str) -> str:
    """The folder an incident's packet goes to: its id, with whatever a path cannot hold replaced.

    >>> folder_name("lantern-relay/platform#7")
    'lantern-relay-platform-7'
    """
    return re.sub(r"[^\w.-]+", "-", incident).strip("-.") or "incident"


def written(folder: Path, name: str) -> Any:
    """The JSON form that lies in a folder; None where there is none, DAMAGED where it cannot be read."""
    try:
        return json.loads((folder / f"{name}.json").read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):
        return DAMAGED


def restated(before: Any, folder: Path, name: str) -> list[str]:
    """What changed since `before`, which `written` gave before the folder was written again; nothing for None."""
    return [] if before is None else changes(before, written(folder, name))


def _write(
    workspace: Workspace, name: str, notebook: str, folder: Path, parameters: dict[str, object], progress: bool
) -> list[Path]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with environment(POD_WORKSPACE=str(workspace.root)):
            executed = run_notebook(notebooks() / notebook, folder / notebook, parameters, progress)
        return publish(executed, folder, name)
    except OSError as error:
        raise WorkspaceError(f"cannot write to {folder}: {error.strerror or error}") from error


def refresh_notebooks(progress: bool = True) -> list[Path]:
    """Runs the committed notebooks with their defaults and writes them back; returns their paths.

    They read a ledger and a key made anew from the sample, so that what lies in the workspace's own cannot leak into
    them.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        environment(POD_DATABASE_URL=f"sqlite:///{folder}/pod.db", POD_PSEUDONYMS=f"{folder}/pseudonyms.json"),
    ):
        return refresh(sorted(notebooks().glob("*.ipynb")), progress)


@contextmanager
def environment(**settings: str) -> Iterator[None]:
    """Settings that a kernel inherits, so that no path of this machine has to enter a notebook as a parameter."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
