"""Packets and reports: a notebook run for an incident or a month, and everything made from it."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from podanalytics import records
from podanalytics.changes import changes
from podanalytics.errors import NotebookError, WorkspaceError
from podanalytics.folders import replaced, settle
from podanalytics.gather import fill
from podanalytics.gather_month import checked_month
from podanalytics.kernels import Kernels
from podanalytics.ledger import Ledger
from podanalytics.publish import OURS, SOMETIMES, publish
from podanalytics.publish.twins import json_text
from podanalytics.records import FILE, RUN, Loaded, Record, digest, record_in
from podanalytics.runs import declared_parameters, read, refresh, run_notebook
from podanalytics.tables import CHECKS, LOADS
from podanalytics.workspace import Workspace

DAMAGED = "damaged"  # stands for a JSON form that is there and cannot be read


def notebooks() -> Path:
    """The folder of the notebooks: beside the package in a clone, inside it when installed from a wheel."""
    beside = Path(__file__).resolve().parent.parent / "notebooks"
    return beside if beside.is_dir() else Path(__file__).resolve().parent / "notebooks"


@dataclass(frozen=True)
class Form:
    """What is written for an incident or for a month: the name of its files, and its notebook."""

    name: str
    notebook: str

    @property
    def source(self) -> Path:
        """The notebook that is run."""
        return notebooks() / self.notebook


PACKET, REPORT = Form("packet", "review_packet.ipynb"), Form("report", "monthly_report.ipynb")
FORMS = {form.name: form for form in (PACKET, REPORT)}


@dataclass(frozen=True)
class Job:
    """One packet or report to be written: of what form, where to, and with which parameters."""

    form: Form
    folder: Path
    parameters: Mapping[str, object]


@dataclass
class Written:
    """What became of a job: the files, and what changed since what lay there before, in lines."""

    paths: list[Path]
    changes: list[str]


def packet_job(workspace: Workspace, incident: str, as_of: datetime, zone: str = "") -> Job:
    """The review packet of an incident that is known to exist. Raises WorkspaceError for a zone that is none."""
    parameters = {"incident": incident, **_shown(workspace, as_of, zone)}
    return Job(PACKET, workspace.reports / folder_name(incident), parameters)


def report_job(workspace: Workspace, month: str, as_of: datetime, zone: str = "") -> Job:
    """The reliability report of a month (YYYY-MM). Raises WorkspaceError."""
    parameters = {"month": checked_month(month), **_shown(workspace, as_of, zone)}
    return Job(REPORT, workspace.reports / month, parameters)


def _shown(workspace: Workspace, as_of: datetime, zone: str) -> dict[str, object]:
    return {"zone": workspace.zone(zone), "as_of": as_of.astimezone(UTC).isoformat()}


def write_packet(
    workspace: Workspace, incident: str, as_of: datetime, zone: str = "", progress: bool = True
) -> list[Path]:
    """The review packet of an incident that is known to exist; returns the files written. Raises NotebookError."""
    return write(workspace, packet_job(workspace, incident, as_of, zone), progress).paths


def write_report(
    workspace: Workspace, month: str, as_of: datetime, zone: str = "", progress: bool = True
) -> list[Path]:
    """The reliability report of a month (YYYY-MM); returns the files written. Raises WorkspaceError, NotebookError."""
    return write(workspace, report_job(workspace, month, as_of, zone), progress).paths


def write(
    workspace: Workspace,
    job: Job,
    progress: bool = True,
    kernels: Kernels | None = None,
    basis: Record | None = None,
) -> Written:
    """Writes a packet or a report in the place of the one that lay there, which stays whole until then.

    `basis`: what it will rest on, where that is known already. What changed stands in `run.json`, too: the
    rest must not depend on what lay there. Raises NotebookError, WorkspaceError.
    """
    folder = job.folder
    try:
        settle(folder)
        before, told = written(folder, job.form.name), _record_of(folder)
        with replaced(folder, is_ours(told, job.form.name)) as made:
            record = make(workspace, job, made, folder, progress, kernels, basis)
            lines = restated(before, made, job.form.name, told, record)
            _note(made / RUN, lines)
            lines = [*lines, *keep_edited(folder, made, told)]
            names = [path.relative_to(made) for path in sorted(made.rglob("*")) if path.is_file()]
        return Written([folder / name for name in _in_order(names, job.form)], lines)
    except OSError as error:
        raise WorkspaceError(f"cannot write to {folder}: {error.strerror or error}") from error


def make(
    workspace: Workspace,
    job: Job,
    made: Path,
    failing: Path,
    progress: bool = False,
    kernels: Kernels | None = None,
    basis: Record | None = None,
) -> Record:
    """Runs the notebook and fills the folder `made` with every form and the record, which is returned.

    A notebook that stops is kept in the folder `failing`.
    """
    notebook = job.form.notebook
    failed = failing / f"{Path(notebook).stem}.failed.ipynb"
    basis = basis or basis_of(workspace, job, loaded_in(workspace))
    with environment(POD_WORKSPACE=str(workspace.root)):
        executed = run_notebook(job.form.source, made / notebook, dict(job.parameters), progress, kernels, failed)
    publish(executed, made, job.form.name, workspace.settings.paper)
    record = basis.keyed(workspace).of(made)
    (made / FILE).write_text(record.text(), "utf-8", newline="\n")
    return record


def publish_elsewhere(executed: Path, out: Path | None = None, paper: str = "a4") -> list[Path]:
    """Every form of a notebook that somebody ran; without a record, for nobody knows what it rests on.

    `paper` is the PDF's: a4 or letter. Raises NotebookError, WorkspaceError.
    """
    declared = declared_parameters(read(executed))
    form = REPORT if "month" in declared and "incident" not in declared else PACKET
    folder = out or executed.with_suffix("")
    try:
        return publish(executed.resolve(), folder, form.name, paper)
    except OSError as error:
        raise WorkspaceError(f"cannot write to {folder}: {error.strerror or error}") from error


def basis_of(workspace: Workspace, job: Job, loaded: Loaded) -> Record:
    """What the packet or report would rest on, made now."""
    return records.basis(workspace, loaded, job.form.name, job.form.source, job.parameters)


def loaded_of(ledger: Ledger) -> Loaded:
    """What a ledger tells of what is loaded."""
    return Loaded(ledger.loads, ledger.checks, ledger.people)


def loaded_in(workspace: Workspace) -> Loaded:
    """What the workspace's database tells of what is loaded; filled from the raw folder while it is empty."""
    store = workspace.store()
    try:
        fill(workspace, store)
        return Loaded(store.read(LOADS), store.read(CHECKS), store.people())
    finally:
        store.close()


def is_current(job: Job, now: Record) -> bool:
    """Whether what lies there was made from just what `now` rests on, and is whole and as it was written."""
    there = _record_of(job.folder)
    if there is None or there.basis != now:
        return False
    return not altered(job.folder, there)


def altered(folder: Path, record: Record) -> dict[str, str]:
    """The files that are not as they were written: name → edited, or gone."""
    found = {}
    for name, sha in record.outputs.items():
        path = folder / name
        if not path.is_file():
            found[name] = "gone"
        elif digest(path) != sha:
            found[name] = "edited"
    return found


def keep_edited(folder: Path, made: Path, record: Record | None) -> list[str]:
    """Puts what somebody changed since it was written beside its successor, and says so in a line each.

    A public report whose blanks are filled is hours of work: it lies there as `public-report.edited.md` then.
    """
    lines = []
    for name in sorted(altered(folder, record) if record else ()):
        mine = folder / name
        if not mine.is_file():
            continue
        kept, number = Path(name).with_suffix(f".edited{mine.suffix}"), 2
        while (folder / kept).exists():
            kept, number = Path(name).with_suffix(f".edited-{number}{mine.suffix}"), number + 1
        (made / kept).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(mine, made / kept)
        lines.append(f"{name} was changed after it was written: your copy is kept as {kept.as_posix()}")
    return lines


def is_ours(record: Record | None, name: str) -> Callable[[str], bool]:
    """Tells by its path which file of a folder we have put there; without a record, by the names we give."""
    forms = {f"{name}.{ending}" for ending in ("html", "md", "json", "pdf")}
    known = {FILE, RUN, *forms, *SOMETIMES, *(record.outputs if record else ())}

    def ours(inside: str) -> bool:
        if ".edited" in inside:
            return False
        in_folders = any(inside.startswith(f"{folder}/") and inside.endswith(ends) for folder, ends in OURS.items())
        return inside in known or in_folders or inside.endswith(".failed.ipynb") or inside.startswith(".publishing-")

    return ours


def _record_of(folder: Path) -> Record | None:
    """The record in a folder, None where it has none that can be read."""
    try:
        return record_in(folder)
    except NotebookError:
        return None


def _note(path: Path, lines: list[str]) -> None:
    """Adds what changed to the run block."""
    told = json.loads(path.read_text("utf-8"))
    path.write_text(json_text({**told, "changes": lines}), "utf-8", newline="\n")


def _in_order(names: list[Path], form: Form) -> list[Path]:
    """What people open first, the notebook last."""
    first = [f"{form.name}.{ending}" for ending in ("html", "md", "pdf", "json")]

    def place(name: Path) -> tuple[int, str]:
        text = name.as_posix()
        at = first.index(text) if text in first else len(first) + (text == form.notebook)
        return at, text

    return sorted((name for name in names if not name.name.startswith(".")), key=place)


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


def restated(before: Any, folder: Path, name: str, was: Record | None = None, now: Record | None = None) -> list[str]:
    """What changed since `before`, which `written` gave before the folder was written again; nothing for None."""
    return [] if before is None else changes(before, written(folder, name), was, now)


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
