"""The house rules: what a reader may rely on in every file, notebook and command of the project."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from podanalytics.runs import normalise, read, write
from tests.conftest import ROOT

CODE = sorted(path for top in ("podanalytics", "tests", "benchmarks", "fuzz") for path in (ROOT / top).rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MODULES = pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
EACH_NOTEBOOK = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def kept() -> Iterator[Path]:
    """Every file under version control or about to be; without git, what lies here apart from what tools write."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = shutil.which("git") and subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if listed and listed.returncode == 0:
        yield from filter(Path.is_file, (ROOT / name for name in listed.stdout.decode().split("\0") if name))
        return
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        aside = parts[0] in ("build", "reports", "dist") or (parts[0] == "data" and parts[1:2] != ("sample",))
        if path.is_file() and not aside and not any(p == "__pycache__" or p.startswith(".") for p in parts[:-1]):
            yield path


# --- the code -------------------------------------------------------------------------------------------------------


@MODULES
def test_a_module_is_short_says_what_it_holds_and_is_finished(path: Path) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)), "the first line of a module says what it holds"
    assert len(text.splitlines()) <= 400
    left_open = re.findall("|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]), text)
    assert not left_open


@MODULES
def test_a_module_is_named_for_what_it_holds(path: Path) -> None:
    names = {part.strip("_") for part in (path.stem, path.parent.name)}
    assert not names & {"util", "utils", "helper", "helpers", "common", "manager", "base", "misc"}


def test_every_public_function_and_class_says_what_it_is() -> None:
    silent = []
    for path in CODE:
        if not path.is_relative_to(ROOT / "podanalytics"):
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                silent += [] if ast.get_docstring(node) else [f"{path.relative_to(ROOT)}: {node.name}"]
    assert not silent


def test_asking_for_help_imports_nothing_heavy() -> None:
    code = "import sys, podanalytics.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "podanalytics.cli" in loaded
    assert not loaded & {"polars", "pandas", "numpy", "plotly", "papermill", "nbformat", "sqlalchemy", "pydantic"}
    assert not loaded & {
        "great_expectations",
        "jinja2",
        "podanalytics.store",
        "podanalytics.gather",
        "podanalytics.ledger",
    }


# --- notebooks ------------------------------------------------------------------------------------------------------


def code_cells(path: Path) -> list[dict[str, object]]:
    return [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


def source(cell: dict[str, object]) -> str:
    lines = cell["source"]
    return lines if isinstance(lines, str) else "".join(lines)  # type: ignore[arg-type]


def test_there_are_notebooks() -> None:
    assert "review_packet" in {path.stem for path in NOTEBOOKS}


@EACH_NOTEBOOK
def test_a_notebook_is_thin(path: Path) -> None:
    work = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.For | ast.While | ast.Try | ast.With | ast.Lambda
    for cell in code_cells(path):
        text = source(cell)
        assert len(text.splitlines()) <= 6, f"more than six lines:\n{text}"
        for node in ast.walk(ast.parse(text)):
            assert not isinstance(node, work), f"logic belongs into the package:\n{text}"
            if isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} == {"podanalytics"}
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] == "podanalytics"


@EACH_NOTEBOOK
def test_a_notebook_has_one_cell_of_parameters(path: Path) -> None:
    tagged = [cell for cell in code_cells(path) if "parameters" in cell["metadata"].get("tags", [])]  # type: ignore[attr-defined]
    assert len(tagged) == 1
    body = ast.parse(source(tagged[0])).body
    assert body and all(isinstance(node, ast.AnnAssign) for node in body), "name: type = default"


@EACH_NOTEBOOK
def test_a_notebook_is_committed_as_run_and_normalised(path: Path, tmp_path: Path) -> None:
    again = tmp_path / path.name
    write(normalise(read(path)), again)
    assert again.read_bytes() == path.read_bytes(), "run `podanalytics notebooks refresh`"
    cells = code_cells(path)
    assert all(cell["execution_count"] for cell in cells), "run `podanalytics notebooks refresh`"
    assert not [o for cell in cells for o in cell["outputs"] if o["output_type"] == "error"]  # type: ignore[attr-defined]
    assert sum(bool(cell["outputs"]) for cell in cells) >= 2, "the outputs are committed: they are what nbval compares"


@EACH_NOTEBOOK
def test_a_notebook_is_small_and_runs_anywhere(path: Path) -> None:
    text = path.read_text("utf-8")
    whole = json.loads(text)
    assert len(text.encode()) < 850_000, "a reader and a diff have to bear it"
    assert whole["metadata"]["kernelspec"]["name"] == "python3"
    assert "widgets" not in whole["metadata"]
    assert str(ROOT) not in text


# --- every file -----------------------------------------------------------------------------------------------------

HOMES = re.compile(r"(?<![\w./~-])/(?:root|work|Users|home/(?!pod\b)\w+)/\w")
HOSTS = re.compile(
    "|".join(re.escape(name + ".") for name in ("py" + "pi", "python" + "hosted", "registry.npm" + "js"))
)


def test_no_file_names_this_machine_or_a_package_index() -> None:
    found = []
    for path in kept():
        text = path.read_bytes().decode("utf-8", "replace")
        where = path.relative_to(ROOT).as_posix()
        found += [f"{where}: {match[0]}" for match in [*HOMES.finditer(text), *HOSTS.finditer(text)]]
    assert not found


# --- the lock -------------------------------------------------------------------------------------------------------


def pins() -> dict[str, list[tuple[Requirement, int]]]:
    """Package → its pins in the lock (one for each range of Pythons) with the number of hashes of each."""
    found: dict[str, list[tuple[Requirement, int]]] = {}
    text = re.sub(r"^ *#.*\n", "", (ROOT / "requirements.lock").read_text("utf-8"), flags=re.MULTILINE)
    for entry in text.replace("\\\n", " ").splitlines():
        requirement, *hashes = re.split(r"\s+--hash=sha256:", entry.strip())
        assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in hashes), entry
        pin = Requirement(requirement)
        found.setdefault(canonicalize_name(pin.name), []).append((pin, len(hashes)))
    return found


def test_the_lock_holds_hashed_pins_and_no_address() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text("utf-8")
    for each in pins().values():
        for pin, hashes in each:
            assert re.fullmatch(r"==[\w.+!]+", str(pin.specifier)), f"not pinned: {pin}"
            assert hashes, f"without a hash: {pin}"


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    locked = pins()
    for line in (*project["dependencies"], *project["optional-dependencies"]["dev"]):
        asked = Requirement(line)
        found = locked.get(canonicalize_name(asked.name), [])
        assert found, f"{line} is not in requirements.lock: run ./pod lock"
        for pin, _ in found:
            version = str(pin.specifier).removeprefix("==")
            assert asked.specifier.contains(version, prereleases=True), f"{line}, but {version} is locked"


# --- commands -------------------------------------------------------------------------------------------------------


def verbs() -> list[str]:
    """Every command of the command line, in full: `podanalytics policy check`."""
    import typer

    from podanalytics.cli import app

    def below(command: object, name: str) -> Iterator[str]:
        inner: dict[str, object] = getattr(command, "commands", {})
        for word, found in inner.items():
            yield from below(found, f"{name} {word}")
        if not inner:
            yield name

    return list(below(typer.main.get_command(app), "podanalytics"))


def test_every_verb_is_documented() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    told = " ".join(path.read_text("utf-8") for path in pages)
    assert len(verbs()) >= 9
    assert not [verb for verb in verbs() if not re.search(rf"{verb}\b", told)]


def targets() -> list[str]:
    done = subprocess.run(["sh", "pod"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = re.findall(r"^  (\w+) +\S.*\.$", done.stdout, re.MULTILINE)
    assert len(done.stdout.splitlines()) == len(listed) + 2, "each target is listed with a sentence"
    return listed


def test_pod_alone_lists_its_targets() -> None:
    assert targets() == ["setup", "demo", "test", "lint", "bench", "accuracy", "fuzz", "bless", "lab", "lock", "clean"]


def test_make_knows_the_same_targets() -> None:
    rule = (ROOT / "Makefile").read_text("utf-8").splitlines()[1].partition(":")[0].split()
    assert rule == ["help", *targets()]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A checkout with pod and a stand-in for its Python: real where pod asks for a version, and otherwise only telling.

    It fails for the module that the file `fails` names.
    """
    home = tmp_path / "a house"
    (home / ".venv/bin").mkdir(parents=True)
    for name in ("pod", "requirements.lock"):
        shutil.copy(ROOT / name, home)
    told = f'''#!/bin/sh
case "$*" in *" -c "*) exec "{sys.executable}" "$@" ;; esac
echo "ran $(basename "$0") $*"
[ "$2" != "$(cat fails)" ]
'''
    for name in ("python", "lint-imports"):
        (home / ".venv/bin" / name).write_text(told, encoding="utf-8")
        (home / ".venv/bin" / name).chmod(0o755)
    (home / "fails").write_text("nothing", encoding="utf-8")
    content = (home / "requirements.lock").read_bytes()
    lock = subprocess.run(["cksum"], input=content, capture_output=True, check=True).stdout.decode().strip()
    version = "{}.{}.{}".format(*sys.version_info[:3])
    (home / ".venv/.pod-stamp").write_text(f"1 {lock} {version} {home.resolve()}\n", encoding="utf-8")
    return home


def pod(house: Path, *arguments: str, **environment: str) -> tuple[int, list[str]]:
    """Calls pod from another folder; its exit code and which modules its Python was to run, with their arguments."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHON"} | environment
    done = subprocess.run([house / "pod", *arguments], cwd="/", env=env, capture_output=True, text=True, check=False)
    ran = [line.split(" ", 2)[2].removeprefix("-m ") for line in done.stdout.splitlines() if line.startswith("ran ")]
    return done.returncode, ran or done.stderr.splitlines()


def test_pod_test_lints_first(house: Path) -> None:
    code, ran = pod(house, "test")
    assert code == 0
    assert [line.split()[0] if line else "layers" for line in ran] == ["ruff", "ruff", "layers", "mypy", "pytest"]
    assert "--nbval " in ran[-1]


@pytest.mark.parametrize("tool", ["ruff", "mypy", "pytest"])
def test_pod_test_fails_where_one_of_its_tools_fails(house: Path, tool: str) -> None:
    (house / "fails").write_text(tool, encoding="utf-8")
    code, ran = pod(house, "test")
    assert code != 0
    assert ran[-1].startswith(tool), "and nothing runs after it"


def test_arguments_of_pod_test_go_to_pytest_alone(house: Path) -> None:
    code, ran = pod(house, "test", "-k", "slack and not zip")
    assert code == 0
    assert len(ran) == 1 and ran[0].startswith("pytest ") and ran[0].endswith("-k slack and not zip")


def test_a_changed_lock_makes_the_environment_anew_and_a_wrong_python_is_refused(house: Path) -> None:
    with (house / "requirements.lock").open("a", encoding="utf-8") as lock:
        lock.write("# another\n")
    code, told = pod(house, "lint", PYTHON="/nowhere/python3")
    assert code == 1
    assert told == ["pod: PYTHON=/nowhere/python3 does not run, or is not Python 3.11, 3.12 or 3.13."]


def test_an_unknown_target_is_refused_with_the_list(house: Path) -> None:
    code, told = pod(house, "tset")
    assert code == 1
    assert told[-1] == "pod: there is no target 'tset'"
    assert any(line.startswith("  test ") for line in told)
