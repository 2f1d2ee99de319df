"""Verifying: what lies in a folder of reports is made again from its record, and compared to the byte."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from podanalytics.changes import changes
from podanalytics.errors import NotebookError, WorkspaceError
from podanalytics.folders import settle
from podanalytics.intake import unloaded
from podanalytics.packets import FORMS, Job, altered, environment, loaded_in, make, written
from podanalytics.pseudonyms import read_key
from podanalytics.records import Record, basis, record_in, versions_in
from podanalytics.runs import versions
from podanalytics.show.words import plural
from podanalytics.workspace import Workspace

SHOWN, FILES = 8, 40  # of inputs and of outputs; the rest is counted


@dataclass
class Verification:
    """What came of it, each in lines: what it rests on is another, the outputs differ, somebody changed the files."""

    about: str
    basis: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether all is as recorded."""
        return not (self.basis or self.outputs or self.altered)

    @property
    def lines(self) -> list[str]:
        """All of it, to be printed."""
        if self.equal:
            return [f"{self.about}: equal"]
        told = [f"{self.about}: not equal"]
        told += ["what it rests on:", *(f"  {line}" for line in self.basis)] if self.basis else []
        if self.outputs:
            told += ["what comes out:", *(f"  {line}" for line in self.outputs)]
        else:
            told.append("what comes out: the same, every file of it")
        return told + (["changed after it was written:", *(f"  {x}" for x in self.altered)] if self.altered else [])


def verify(workspace: Workspace, folder: Path) -> Verification:
    """Makes a packet or a report again with its recorded parameters from the workspace as it is now, and compares.

    Nothing of the folder or of the workspace is touched: whoever would be new in the key of pseudonyms gets a number in
    a copy of it. Raises WorkspaceError where there is nothing to verify or the key is broken, NotebookError where the
    record is damaged or the notebook stops.
    """
    folder = found_folder(workspace, folder)
    record = record_in(folder)
    if record is None:
        raise WorkspaceError(
            f"{folder} has no record of what it was made from: an older podanalytics or `podanalytics publish` made "
            "it; make it anew, then it can be verified"
        )
    if record.form not in FORMS:
        raise WorkspaceError(f"{folder} holds a {record.form!r}, which this podanalytics does not know")
    result = Verification(str(folder))
    read_key(workspace.pseudonyms)  # a broken one is told of by its own path
    loaded = loaded_in(workspace)
    form = FORMS[record.form]
    now = basis(workspace, loaded, form.name, form.source, record.parameters)
    result.basis += _basis_lines(record, now)
    result.basis += _disk_lines(workspace)
    changed = altered(folder, record)
    result.altered += [f"{name}: {what}" for name, what in sorted(changed.items())]
    with tempfile.TemporaryDirectory(prefix="podanalytics-verify-") as name:
        made, key = Path(name) / "made", Path(name) / "pseudonyms.json"
        made.mkdir()
        if workspace.pseudonyms.exists():
            shutil.copyfile(workspace.pseudonyms, key)
        job = Job(form, folder, record.parameters)
        with environment(POD_PSEUDONYMS=str(key)):
            again = _made_again(workspace, job, made, now)
        result.outputs += _output_lines(record, again, folder, made, changed)
    if result.outputs:
        result.basis += _version_lines(folder)
    return result


def _made_again(workspace: Workspace, job: Job, made: Path, now: Record) -> Record:
    try:
        return make(workspace, job, made, made.parent, basis=now)
    except NotebookError as error:  # as far as it ran it goes with the other temporary files
        raise NotebookError(f"{job.folder} cannot be made again: {error.told}") from error


def found_folder(workspace: Workspace, given: Path) -> Path:
    """The folder that is meant: a path, or the name of one among the reports. Raises WorkspaceError."""
    for folder in (given, workspace.reports / given):
        settle(folder.resolve())
        if folder.is_dir():
            return folder.resolve()
    raise WorkspaceError(f"{given}: no such folder, here or in {workspace.reports}")


def _basis_lines(was: Record, now: Record) -> Iterator[str]:
    yield from _moved("input", was.inputs, now.inputs)
    yield from _moved("", was.further, now.further)
    yield from _moved("policy", was.policies, now.policies)
    if was.program.get("version") != now.program["version"]:
        yield f"podanalytics {was.program.get('version')} then, {now.program['version']} now"
    elif was.program != now.program:
        yield f"podanalytics {now.program['version']} both times, but its code is another"
    if was.notebook != now.notebook:
        yield "the notebook that is run: changed"


def _moved(what: str, was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    lines = []
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            how = "new" if name not in was else "gone" if name not in now else "changed"
            lines.append(f"{what} {name}: {how}".strip())
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield f"and {plural(len(lines) - SHOWN, f'more {what}'.strip())}"


def _disk_lines(workspace: Workspace) -> Iterator[str]:
    store = workspace.store()
    try:
        differing = unloaded(workspace, store)
    finally:
        store.close()
    if differing:
        first = ", ".join(f"{file} ({what})" for file, what in list(differing.items())[:3])
        yield f"{plural(len(differing), 'file')} on disk not as loaded: {first}: run `podanalytics load` first"


def _version_lines(folder: Path) -> Iterator[str]:
    now = versions()
    for name, was in sorted(versions_in(folder).items()):
        if name in now and now[name] != was:
            yield f"{name} {was} then, {now[name]} now"


def _output_lines(was: Record, now: Record, folder: Path, made: Path, changed: Mapping[str, str]) -> Iterator[str]:
    differing = [
        name for name in sorted({*was.outputs, *now.outputs}) if was.outputs.get(name) != now.outputs.get(name)
    ]
    if not differing:
        return
    whole = f"{was.form}.json"
    if whole in differing and whole not in changed:
        yield from changes(written(folder, was.form), written(made, was.form), was, now)
    # A table's twins differ together: its rows are compared once.
    differing = [name for name in differing if not _same_table(name, differing)]
    for name in differing[:FILES]:
        if name not in now.outputs:
            yield f"{name}: is not made any more"
        elif name not in was.outputs:
            yield f"{name}: was not made then"
        else:
            comparable = name not in changed and name.startswith("tables/")
            first = first_difference(folder / name, made / name) if comparable else ""
            yield f"{name}: differs{f', {first}' if first else ''}"
    if len(differing) > FILES:
        yield f"and {plural(len(differing) - FILES, 'more file')}"


def _same_table(name: str, differing: list[str]) -> bool:
    stem, _, ending = name.rpartition(".")
    return ending in ("json", "parquet") and f"{stem}.csv" in differing


def first_difference(was: Path, now: Path) -> str:
    """The first row in which two twins of a table differ, in words; empty for what is no table."""
    before, after = _rows(was), _rows(now)
    for number, (one, other) in enumerate(zip_longest(before, after), 1):
        if one != other:
            told = [json.dumps(row, ensure_ascii=False) if row is not None else "no row" for row in (one, other)]
            place = next((i for i, (a, b) in enumerate(zip(*told, strict=False)) if a != b), min(map(len, told)))
            return f"first in row {number}: " + " → ".join(_around(text, place) for text in told)
    return ""


def _around(text: str, place: int) -> str:
    """The text around the place where it begins to differ, at most about 160 characters of it."""
    start = max(0, place - 60) if len(text) > 160 else 0
    shown = text[start : start + 160]
    return f"{'…' if start else ''}{shown}{'…' if start + 160 < len(text) else ''}"


def _rows(path: Path) -> list[Any]:
    try:
        if path.suffix == ".csv":
            return list(csv.reader(path.read_text("utf-8").splitlines()))[1:]
        if path.suffix == ".json":
            return list(json.loads(path.read_text("utf-8"))["rows"])
    except (OSError, ValueError, KeyError, TypeError, csv.Error, RecursionError):
        return []
    return []
