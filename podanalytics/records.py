"""The record of a packet or a report: all that it was made from, and the hash of all that was made.

It is as reproducible as the rest: nothing in it knows when or where it was written. What it rests on is read from the
workspace as it is now, so two records tell what changed in between.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import polars as pl

from podanalytics import __version__, runs
from podanalytics.errors import NotebookError
from podanalytics.redact import Redactor
from podanalytics.workspace import Workspace

FILE, RUN = "record.json", "run.json"
FORMAT = 1
ABOUT = "what this folder was made from and what it holds: `podanalytics verify` makes it again and compares"
_PROGRAM = (".py", ".toml", ".css", ".js", ".j2", ".typ")


@dataclass(frozen=True)
class Record:
    """What a folder of reports rests on, and the SHA-256 of each file in it.

    `form`: packet or report. `parameters`: the notebook's. `program`: version of podanalytics, and a hash of its code.
    `notebook`: hash of its cells, without what it put out. `policies`: name and version → hash of the file's text.
    `inputs`: loaded file → hash. `further`: hashes of whatever else is read, by what it is called.
    """

    form: str
    parameters: Mapping[str, str]
    program: Mapping[str, str]
    notebook: str
    policies: Mapping[str, str]
    inputs: Mapping[str, str]
    further: Mapping[str, str]
    outputs: Mapping[str, str] = field(default_factory=dict)

    def of(self, folder: Path) -> Record:
        """The same, with the hashes of what lies in a folder that was just made."""
        there = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
        return replace(self, outputs={name: digest(path) for name, path in there.items() if name not in (FILE, RUN)})

    def keyed(self, workspace: Workspace) -> Record:
        """The same, once the notebook ran: whoever is met for the first time gets a number in the key by that."""
        return replace(self, further={**self.further, **_key(workspace)})

    def text(self) -> str:
        """The record as it is written."""
        told = {"record": FORMAT, "about": ABOUT, **asdict(self)}
        return json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1) + "\n"

    def about(self, parameters: Mapping[str, object]) -> Record:
        """The same for other parameters."""
        return replace(self, parameters={name: str(value) for name, value in sorted(parameters.items())})

    @property
    def basis(self) -> Record:
        """What it rests on alone."""
        return replace(self, outputs={})


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def record_in(folder: Path) -> Record | None:
    """The record that lies in a folder; None where none does. Raises NotebookError where it cannot be read."""
    try:
        told = json.loads((folder / FILE).read_text("utf-8"))
        if told.pop("record") != FORMAT:
            raise NotebookError(f"{folder / FILE} was written by another version of podanalytics: make the report anew")
        told.pop("about", None)
        record = Record(**told)
        if not all(isinstance(part, dict) and all(isinstance(v, str) for v in part.values()) for part in _maps(record)):
            raise TypeError
        return record
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise NotebookError(f"{folder / FILE} is damaged: make the report anew") from None


def _maps(record: Record) -> list[Mapping[str, str]]:
    return [record.parameters, record.program, record.policies, record.inputs, record.further, record.outputs]


@dataclass(frozen=True)
class Loaded:
    """What of a workspace's database a record tells: LOADS rows, CHECKS rows, and the people whose names it hides."""

    loads: pl.DataFrame
    checks: pl.DataFrame
    people: pl.DataFrame


def basis(workspace: Workspace, loaded: Loaded, form: str, notebook: Path, parameters: Mapping[str, object]) -> Record:
    """What a packet or a report would rest on that were made now."""
    return Record(
        form=form,
        parameters={name: str(value) for name, value in sorted(parameters.items())},
        program={"version": __version__, "code": code()},
        notebook=_cells(notebook),
        policies={label: _sha(text) for label, text in workspace.policy_texts().items()},
        inputs=inputs(loaded),
        further=further(workspace, loaded),
    )


def inputs(loaded: Loaded) -> dict[str, str]:
    """Loaded file → hash. A file's name that holds somebody's own is not told."""
    redactor = Redactor(loaded.people, [], {})
    found = {}
    for file, sha in sorted(loaded.loads.select("file", "sha256").iter_rows()):
        shown = file if redactor.text(file) == file else f"[a name].{sha[:12]}"
        found[shown] = sha
    return found


def further(workspace: Workspace, loaded: Loaded) -> dict[str, str]:
    """What a packet shows besides the loaded files, each with a hash. A new kind of input is added here."""
    settings = {
        "the setting mask_ips": str(workspace.settings.mask_ips).lower(),
        "the setting paper": workspace.settings.paper,
    }
    return {"the outcome of `podanalytics check`": _sha(loaded.checks.write_json()), **settings, **_key(workspace)}


def _key(workspace: Workspace) -> dict[str, str]:
    path = workspace.pseudonyms
    return {"the key of pseudonyms": digest(path)} if path.is_file() else {}


def _cells(notebook: Path) -> str:
    cells = [(cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in runs.read(notebook).cells]
    return _sha(json.dumps(cells))


@lru_cache(maxsize=1)
def code() -> str:
    """A hash of the package itself: a checkout's code changes without its version."""
    found = hashlib.sha256()
    for name, path in sorted(_code(files("podanalytics"), "")):
        found.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def _code(folder: Traversable, inside: str) -> list[tuple[str, Traversable]]:
    found = []
    for path in folder.iterdir():
        name = f"{inside}{path.name}"
        if path.is_dir() and path.name not in ("__pycache__", "notebooks"):
            found += _code(path, f"{name}/")
        elif path.name.endswith(_PROGRAM):
            found.append((name, path))
    return found


def versions_in(folder: Path) -> dict[str, Any]:
    """With which versions a folder was made, from its run block; empty where that cannot be told."""
    try:
        told = json.loads((folder / RUN).read_text("utf-8"))
        return {name: value for name, value in told.items() if isinstance(value, str) and value[:1].isdigit()}
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}
