"""Running notebooks: one wrapper around papermill; our own interpreter, checked parameters, whole outputs only."""

from __future__ import annotations

import ast
import os
import re
import sys
import threading
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from podanalytics.errors import NotebookError
from podanalytics.kernels import Kernels, manager

if TYPE_CHECKING:
    from nbformat import NotebookNode

CELL_TIMEOUT = 300
START_TIMEOUT = 60
ENGINE = "podanalytics"
PARAMETERS, INJECTED = "parameters", "injected-parameters"


def run_notebook(
    notebook: Path,
    out: Path,
    parameters: dict[str, object],
    progress: bool = True,
    kernels: Kernels | None = None,
    failed: Path | None = None,
) -> Path:
    """Execute `notebook` with `parameters` and write it to `out`, whole or not at all; returns the absolute `out`.

    The kernel is this very interpreter, whatever kernels Jupyter is told of, and runs in the notebook's own folder, as
    in JupyterLab. NotebookError names the cell that stopped, its error, and where the notebook is kept as far as it ran
    (`failed`, or `<name>.failed.ipynb` beside `out`); an unknown parameter or a value of the wrong type is refused
    before any kernel starts. A kernel is taken from `kernels`, where some wait there.
    """
    notebook, out = notebook.resolve(), out.resolve()
    source = read(notebook)
    declared = declared_parameters(source)
    values = {name: _fitting(notebook, declared, name, value) for name, value in sorted(parameters.items())}
    out.parent.mkdir(parents=True, exist_ok=True)
    failed = failed or out.with_name(f"{out.stem}.failed.ipynb")
    partial = out.with_name(f".{out.stem}.{os.getpid()}-{threading.get_ident()}.ipynb")
    steps = _Steps(source, extra=1 if values else 0, shown=progress)
    try:
        _execute(notebook, partial, values, steps, kernels)
        partial.replace(out)
    except NotebookError as error:
        kept = "nothing was run"
        if partial.exists():
            failed.parent.mkdir(parents=True, exist_ok=True)
            partial.replace(failed)
            kept = f"the notebook as far as it ran is {failed}"
        raise NotebookError(f"{notebook.name} stopped at {steps.place}: {error}", kept) from error.__cause__
    finally:
        steps.close()
        partial.unlink(missing_ok=True)
    failed.unlink(missing_ok=True)
    return out


def _execute(notebook: Path, partial: Path, values: dict[str, Any], steps: _Steps, kernels: Kernels | None) -> None:
    # Imported here: papermill takes most of a second, and `--help` must not.
    import papermill  # type: ignore[import-untyped]
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    _register_engine()
    try:
        papermill.execute_notebook(
            _literal(notebook),
            _literal(partial),
            parameters=values,
            engine_name=ENGINE,
            kernel_name="python3",
            language="python",
            kernel_manager_class=manager(kernels),
            extra_arguments=["--IPKernelApp.log_level=40"],
            resources={"metadata": {"path": str(notebook.parent)}},
            shutdown_kernel="immediate",
            execution_timeout=CELL_TIMEOUT,
            start_timeout=START_TIMEOUT,
            progress_bar=False,
            on_cell_start=steps.start,
        )
    except papermill.PapermillExecutionError as error:
        raise NotebookError(_first_line(f"{error.ename}: {error.evalue}")) from error
    except CellTimeoutError as error:
        raise NotebookError(f"it took longer than {CELL_TIMEOUT} s") from error
    except (DeadKernelError, RuntimeError) as error:
        raise NotebookError(_first_line(f"the kernel died ({error})")) from error


@lru_cache(maxsize=1)
def _register_engine() -> None:
    """Papermill's own engine writes the whole notebook before and after each cell, which takes longer than the cells
    do. This one writes it when the kernel dies; papermill itself does at the end, and where a cell fails.
    """
    from papermill.engines import NBClientEngine, papermill_engines  # type: ignore[import-untyped]
    from papermill.iorw import write_ipynb  # type: ignore[import-untyped]

    class WholeEngine(NBClientEngine):  # type: ignore[misc]
        @classmethod
        def execute_notebook(cls, nb: Any, kernel_name: str, output_path: str, **more: Any) -> Any:
            try:
                return super().execute_notebook(nb, kernel_name, output_path=None, **more)
            except BaseException:
                write_ipynb(nb, output_path)
                raise

    papermill_engines.register(ENGINE, WholeEngine)


def _literal(path: Path) -> str:
    """The path as papermill takes it literally: it fills in {braces} from the parameters."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _first_line(text: str) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).strip()
    return plain.splitlines()[0].rstrip(". ") if plain else "an error without a message"


class _Steps:
    """Which cell runs now, told on stderr: a bar on a terminal, plain lines elsewhere."""

    def __init__(self, notebook: NotebookNode, extra: int, shown: bool, stream: TextIO | None = None) -> None:
        self.total: int = extra + sum(cell.cell_type == "code" for cell in notebook.cells)
        self.shown, self.stream = shown, stream or sys.stderr
        self.bar = self.stream.isatty()
        self.at, self.name = 0, ""

    @property
    def place(self) -> str:
        """The cell that runs, or ran last: its number among the code cells and what it calls."""
        return f"cell {self.at} of {self.total} ({self.name})" if self.at else "the start of its kernel"

    def start(self, cell: Any, cell_index: int) -> None:
        """Called by nbclient before each cell."""
        if cell.cell_type != "code":
            return
        self.at, self.name = self.at + 1, cell_name(cell)
        if self.shown:
            line = f"cell {self.at} of {self.total}: {self.name}"
            print(f"\r\x1b[K{self._bar()} {line}" if self.bar else line, end="" if self.bar else "\n", file=self.stream)
            self.stream.flush()

    def _bar(self) -> str:
        done = round(20 * self.at / max(self.total, 1))
        return "█" * done + "░" * (20 - done)

    def close(self) -> None:
        """Clear the bar."""
        if self.shown and self.bar and self.at:
            print("\r\x1b[K", end="", file=self.stream, flush=True)


def cell_name(cell: Any) -> str:
    """What a code cell is called in a message: the section it calls, else its first line."""
    if {PARAMETERS, INJECTED} & set(cell.metadata.get("tags", [])):
        return "parameters"
    called = [
        section or name for section, name in re.findall(r"\bpod\.(?:(?:month_)?section\(\"(\w+)|(\w+)\()", cell.source)
    ]
    lines = [line.strip() for line in cell.source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return called[-1] if called else str(lines[0])[:40] if lines else "an empty cell"


def declared_parameters(notebook: NotebookNode, tags: Iterable[str] = (PARAMETERS,)) -> dict[str, tuple[str, Any]]:
    """Name to (type, default) of each assignment in the cell tagged `parameters` (or any of `tags`).

    The type is the annotation, or else the default's own type. Only literal defaults are read.
    """
    found: dict[str, tuple[str, Any]] = {}
    for cell in notebook.cells:
        if cell.cell_type != "code" or not set(tags) & set(cell.metadata.get("tags", [])):
            continue
        for node in ast.parse(cell.source).body:
            target, value = _assigned(node)
            if target is None or value is None:
                continue
            default = ast.literal_eval(value)
            noted = ast.unparse(node.annotation) if isinstance(node, ast.AnnAssign) else type(default).__name__
            found[target] = (noted, default)
    return found


def _assigned(node: ast.stmt) -> tuple[str | None, ast.expr | None]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id, node.value
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, node.value
    return None, None


_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _fitting(notebook: Path, declared: dict[str, tuple[str, Any]], name: str, value: object) -> object:
    """The value as its declared type; papermill itself checks neither names nor types."""
    if name not in declared:
        known = ", ".join(declared) or "none"
        raise NotebookError(f"{notebook.name} takes no parameter {name!r}; it takes: {known}")
    noted = declared[name][0].replace("Optional[", "").rstrip("]")
    try:
        return _cast(value, noted)
    except (ValueError, KeyError, TypeError):
        raise NotebookError(f"{notebook.name}: parameter {name} must be {noted}, not {value!r}") from None


def _cast(value: object, noted: str) -> object:
    if isinstance(value, Path):
        value = str(value)
    if noted == "str" and not isinstance(value, str):
        raise TypeError
    if noted == "bool" and not isinstance(value, bool):
        return _TRUTH[str(value).lower()]
    if noted in ("int", "float") and isinstance(value, bool):
        raise TypeError
    if noted == "int" and not isinstance(value, int):
        return int(str(value))
    return float(str(value)) if noted == "float" else value


def read(path: Path) -> NotebookNode:
    """A notebook file; NotebookError where it is none."""
    import nbformat

    try:
        return nbformat.read(path, as_version=4)  # type: ignore[no-any-return,no-untyped-call]
    except FileNotFoundError:
        raise NotebookError(f"no notebook {path}") from None
    except Exception as error:
        raise NotebookError(f"{path} cannot be read as a notebook: {_first_line(str(error))}") from error


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook as it is committed: sorted keys, indent of one, newline at the end; replaced as a whole."""
    import nbformat

    text = nbformat.writes(notebook, version=4, sort_keys=True, indent=1)  # type: ignore[no-untyped-call]
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")
    partial.replace(path)


def normalise(notebook: NotebookNode, keep_injected: bool = False) -> NotebookNode:
    """The notebook with nothing in it that differs between two runs: what is committed and compared.

    A fixed kernel spec, only tags in a cell's metadata, counts from 1, ids by position, streams joined; papermill's
    times and (unless `keep_injected`) the parameters it put in are gone.
    """
    import nbformat

    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"file_extension": ".py", "name": "python", "pygments_lexer": "ipython3"},
    }
    cells: list[NotebookNode] = []
    count = 0
    for cell in notebook.cells:
        tags = [tag for tag in cell.metadata.get("tags", []) if not tag.startswith("papermill-")]
        if INJECTED in tags and not keep_injected:
            continue
        count += cell.cell_type == "code"
        cells.append(_normal_cell(cell, tags, len(cells) + 1, count))
    made = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    return nbformat.from_dict(made)  # type: ignore[no-any-return,no-untyped-call]


def _normal_cell(cell: NotebookNode, tags: list[str], position: int, count: int) -> NotebookNode:
    import nbformat

    made: dict[str, Any] = {"cell_type": cell.cell_type, "id": f"cell-{position:02d}", "source": cell.source}
    made["metadata"] = {"tags": tags} if tags else {}
    if cell.cell_type == "code":
        ran = bool(cell.outputs) or cell.execution_count is not None
        made["execution_count"] = count if ran else None
        made["outputs"] = _normal_outputs(cell.outputs, count)
    elif "attachments" in cell:
        made["attachments"] = cell.attachments
    return nbformat.from_dict(made)  # type: ignore[no-any-return,no-untyped-call]


def _normal_outputs(outputs: list[NotebookNode], count: int) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for output in outputs:
        each = dict(output)
        if "execution_count" in each:
            each["execution_count"] = count
        same = made and each["output_type"] == "stream" and made[-1].get("name") == each["name"]
        if same:
            made[-1]["text"] += each["text"]
        else:
            made.append(each)
    return made


def refresh(notebooks: Iterable[Path], progress: bool = True) -> list[Path]:
    """Run each notebook with its own defaults and write it back normalised; returns their paths."""
    done = []
    for path in notebooks:
        run = run_notebook(path, path.with_name(f".{path.stem}.refreshed.ipynb"), {}, progress)
        try:
            write(normalise(read(run)), path)
        finally:
            run.unlink()
        done.append(path)
    return done


def versions() -> dict[str, str]:
    """Of Python and of the packages that a packet's bytes may hang on."""
    import platform
    from importlib.metadata import version

    packages = ("nbclient", "papermill", "plotly", "polars", "typst")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}
