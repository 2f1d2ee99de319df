"""Packets and reports: a notebook run for an incident or a month, and everything made from it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from podanalytics.errors import WorkspaceError
from podanalytics.publish import publish
from podanalytics.runs import run_notebook
from podanalytics.workspace import Workspace

MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")


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
        "zone": zone or workspace.settings.zone,
        "as_of": as_of.isoformat(),
    }
    return _write(workspace, "review_packet.ipynb", folder, parameters, progress)


def write_report(
    workspace: Workspace, month: str, as_of: datetime, zone: str = "", progress: bool = True
) -> list[Path]:
    """The reliability report of a month (YYYY-MM); returns the files written. Raises WorkspaceError, NotebookError."""
    if not MONTH.match(month):
        raise WorkspaceError(f"{month!r} is no month: write it as 2026-10")
    parameters: dict[str, object] = {
        "month": month,
        "zone": zone or workspace.settings.zone,
        "as_of": as_of.isoformat(),
    }
    return _write(workspace, "monthly_report.ipynb", workspace.reports / month, parameters, progress)


def folder_name(incident: str) -> str:
    """The folder an incident's packet goes to: its id, with whatever a path cannot hold replaced.

    >>> folder_name("lantern-relay/platform#7")
    'lantern-relay-platform-7'
    """
    return re.sub(r"[^\w.-]+", "-", incident).strip("-.") or "incident"


def _write(
    workspace: Workspace, notebook: str, folder: Path, parameters: dict[str, object], progress: bool
) -> list[Path]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _told(workspace):
            executed = run_notebook(notebooks() / notebook, folder / notebook, parameters, progress)
        return publish(executed, folder)
    except OSError as error:
        raise WorkspaceError(f"cannot write to {folder}: {error.strerror or error}") from error


@contextmanager
def _told(workspace: Workspace) -> Iterator[None]:
    """The kernel learns of the workspace by its environment, so that no path of this machine enters the notebook."""
    before = os.environ.get("POD_WORKSPACE")
    os.environ["POD_WORKSPACE"] = str(workspace.root)
    try:
        yield
    finally:
        if before is None:
            del os.environ["POD_WORKSPACE"]
        else:
            os.environ["POD_WORKSPACE"] = before
