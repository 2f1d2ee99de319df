"""Notebooks run in a real kernel: whole outputs, one-sentence errors, our own interpreter."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from podanalytics import runs
from podanalytics.errors import NotebookError

PARAMETERS = 'incident: str = "INC-1"  # which\nlimit: int = 3\nshare: float = 0.5\nstrict: bool = False'


def notebook(path: Path, *cells: str, parameters: str = PARAMETERS) -> Path:
    made = nbformat.v4.new_notebook(metadata={})
    made.cells = [
        nbformat.v4.new_markdown_cell("# Title"),
        nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        *map(nbformat.v4.new_code_cell, cells),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)
    return path


def texts(path: Path) -> list[str]:
    """What each code cell printed or returned."""
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    return ["".join(str(o.get("text") or o.get("data", {}).get("text/plain", "")) for o in c.outputs) for c in cells]


def test_a_notebook_runs_with_its_parameters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = notebook(
        tmp_path / "in {x}" / "tiny.ipynb",
        "import os, sys\nprint(repr((incident, limit, os.getcwd(), sys.executable)))",
    )
    given: dict[str, Any] = {"incident": "007'\"; import os", "limit": "12"}
    out = runs.run_notebook(source, tmp_path / "out {x}" / "tiny.ipynb", given, progress=True)
    assert out.is_absolute()
    assert texts(out)[-1] == repr(("007'\"; import os", 12, str(source.parent), sys.executable)) + "\n"
    assert [path.name for path in out.parent.iterdir()] == ["tiny.ipynb"]
    told = capsys.readouterr()
    assert told.err.splitlines() == [
        "cell 1 of 3: parameters",
        "cell 2 of 3: parameters",
        "cell 3 of 3: import os, sys",
    ]
    assert told.out == ""


def test_a_foreign_kernel_spec_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(json.dumps({"argv": ["/bin/false"], "display_name": "x", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    source = notebook(tmp_path / "tiny.ipynb", "import sys\nprint(sys.executable)")
    assert texts(runs.run_notebook(source, tmp_path / "out.ipynb", {}, progress=False))[-1] == f"{sys.executable}\n"


def test_a_failing_cell_is_one_sentence_and_the_partial_notebook_is_kept(tmp_path: Path) -> None:
    source = notebook(tmp_path / "tiny.ipynb", "print('before')", "pod = dict\npod.timeline(1)", "print('after')")
    out = tmp_path / "packet.ipynb"
    out.write_text("the former packet")
    with pytest.raises(NotebookError) as caught:
        runs.run_notebook(source, out, {}, progress=False)
    failed = tmp_path / "packet.failed.ipynb"
    assert str(caught.value) == (
        "tiny.ipynb stopped at cell 3 of 4 (timeline): AttributeError: type object 'dict' has no attribute 'timeline'; "
        f"the notebook as far as it ran is {failed}"
    )
    assert out.read_text() == "the former packet"
    assert "before\n" in texts(failed) and "after\n" not in texts(failed)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["packet.failed.ipynb", "packet.ipynb", "tiny.ipynb"]

    notebook(tmp_path / "tiny.ipynb", "print('now it runs')")
    runs.run_notebook(source, out, {}, progress=False)
    assert not failed.exists()


def test_a_dying_kernel_is_one_sentence(tmp_path: Path) -> None:
    source = notebook(tmp_path / "tiny.ipynb", "import os\nos._exit(1)")
    with pytest.raises(
        NotebookError, match=r"^tiny.ipynb stopped at cell 2 of 2 \(import os\): the kernel died"
    ) as caught:
        runs.run_notebook(source, tmp_path / "out.ipynb", {}, progress=False)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out.ipynb").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"incidnt": "X"}, "takes no parameter 'incidnt'; it takes: incident, limit, share, strict"),
        ({"incident": 7}, "parameter incident must be str, not 7"),
        ({"limit": "many"}, "parameter limit must be int, not 'many'"),
        ({"limit": True}, "parameter limit must be int, not True"),
        ({"share": "half"}, "parameter share must be float"),
        ({"strict": "perhaps"}, "parameter strict must be bool"),
    ],
)
def test_wrong_parameters_are_refused_before_a_kernel_starts(
    tmp_path: Path, given: dict[str, object], said: str
) -> None:
    source = notebook(tmp_path / "tiny.ipynb", "open('ran', 'w').close()")
    with pytest.raises(NotebookError, match=said):
        runs.run_notebook(source, tmp_path / "out.ipynb", given, progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.ipynb"]


def test_values_become_the_declared_type(tmp_path: Path) -> None:
    source = notebook(tmp_path / "tiny.ipynb", "print(repr((incident, limit, share, strict)))")
    given: dict[str, object] = {"incident": "1e5", "limit": "4", "share": 1, "strict": "true"}
    out = runs.run_notebook(source, tmp_path / "out.ipynb", given, progress=False)
    assert texts(out)[-1] == "('1e5', 4, 1.0, True)\n"


def test_what_is_no_notebook_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="no notebook"):
        runs.run_notebook(tmp_path / "none.ipynb", tmp_path / "out.ipynb", {}, progress=False)
    (tmp_path / "bad.ipynb").write_text("{")
    with pytest.raises(NotebookError, match="cannot be read as a notebook"):
        runs.read(tmp_path / "bad.ipynb")


def test_normalise_takes_out_what_differs_between_runs(tmp_path: Path) -> None:
    source = notebook(tmp_path / "tiny.ipynb", "print(1)\nprint(2)\nlimit")
    first = runs.read(runs.run_notebook(source, tmp_path / "a.ipynb", {"limit": 5}, progress=False))
    once = runs.normalise(first)
    runs.write(once, tmp_path / "once.ipynb")
    again = runs.normalise(runs.read(tmp_path / "once.ipynb"))
    assert again == once
    runs.write(again, tmp_path / "twice.ipynb")
    text = (tmp_path / "once.ipynb").read_text()
    assert text == (tmp_path / "twice.ipynb").read_text()
    assert text.endswith("}\n") and "papermill" not in text and "injected" not in text and str(tmp_path) not in text
    assert [cell.id for cell in once.cells] == ["cell-01", "cell-02", "cell-03"]
    assert [cell.execution_count for cell in once.cells[1:]] == [1, 2]
    assert once.cells[2].outputs[-1].execution_count == 2
    assert once.metadata.kernelspec.name == "python3"
    nbformat.validate(once)
    assert len(runs.normalise(first, keep_injected=True).cells) == 4


def test_refresh_writes_the_same_bytes_again(tmp_path: Path) -> None:
    source = notebook(tmp_path / "tiny.ipynb", "print(incident, share)")
    assert runs.refresh([source], progress=False) == [source]
    first = source.read_bytes()
    assert b"INC-1 0.5" in first
    runs.refresh([source], progress=False)
    assert source.read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.ipynb"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_there_is_a_bar_that_goes_away(tmp_path: Path) -> None:
    made = runs.read(notebook(tmp_path / "tiny.ipynb", "pod.timeline(review)"))
    stream = Terminal()
    steps = runs._Steps(made, extra=0, shown=True, stream=stream)
    for index, cell in enumerate(made.cells):
        steps.start(cell=cell, cell_index=index)
    steps.close()
    assert "█" * 20 + " cell 2 of 2: timeline" in stream.getvalue()
    assert "\n" not in stream.getvalue() and stream.getvalue().endswith("\r\x1b[K")
