"""Kernels that wait: safe to fork, one for each notebook, gone with whoever ordered them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from podanalytics import runs
from podanalytics.kernels import FIRST, Kernels, may_fork
from tests.test_runs import notebook, texts


def test_what_the_fork_server_imports_starts_no_thread() -> None:
    code = f"import importlib, os, sys\nfor m in {FIRST!r}: importlib.import_module(m)\n"
    code += "print(len(os.listdir('/proc/self/task')), 'polars' in sys.modules)"
    if not Path("/proc/self/task").is_dir():
        pytest.skip("no /proc to count threads in")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]


def test_each_notebook_has_a_kernel_of_its_own_with_everything_imported(tmp_path: Path) -> None:
    cell = "import sys, os\nprint(os.getcwd(), 'left' in dir(sys), 'podanalytics.gather' in sys.modules, __name__)\n"
    source = notebook(tmp_path / "in" / "tiny.ipynb", cell + "sys.left = 1")
    assert may_fork()
    with Kernels(2) as kernels:
        first, second = (runs.run_notebook(source, tmp_path / f"{n}.ipynb", {}, False, kernels) for n in (1, 2))
        assert kernels.take() is None, "two were wanted, two were made"
    for out in (first, second):
        assert texts(out)[-1].split() == [str(source.parent), "False", "True", "__main__"]


def test_where_none_waits_one_is_started(tmp_path: Path) -> None:
    source = notebook(tmp_path / "tiny.ipynb", "import sys\nprint('podanalytics.gather' in sys.modules)")
    with Kernels(0) as kernels:
        assert texts(runs.run_notebook(source, tmp_path / "out.ipynb", {}, False, kernels))[-1] == "False\n"


def test_a_waiting_kernel_that_is_gone_is_no_trouble(tmp_path: Path) -> None:
    source = notebook(tmp_path / "tiny.ipynb", "print('ran')")
    with Kernels(1) as kernels:
        waiting = kernels._waiting[0].result()
        waiting.kill()
        assert waiting.wait() == -signal.SIGKILL
        assert texts(runs.run_notebook(source, tmp_path / "out.ipynb", {}, False, kernels))[-1] == "ran\n"


def test_a_dying_kernel_leaves_the_notebook_as_far_as_it_ran(tmp_path: Path) -> None:
    source = notebook(tmp_path / "tiny.ipynb", "print('before')", "import os\nos._exit(1)")
    with Kernels(1) as kernels, pytest.raises(runs.NotebookError, match="the kernel died"):
        runs.run_notebook(source, tmp_path / "out.ipynb", {}, False, kernels, tmp_path / "kept/it.failed.ipynb")
    assert "before\n" in texts(tmp_path / "kept/it.failed.ipynb")


OWNER = """
import time
from podanalytics import kernels
kernels.may_fork = lambda: True
if __name__ == "__main__":
    with kernels.Kernels(1) as waiting:
        print(waiting._waiting[0].result().pid, flush=True)
        time.sleep(60)
"""


def test_a_waiting_kernel_ends_with_whoever_ordered_it_even_by_kill(tmp_path: Path) -> None:
    (tmp_path / "owner.py").write_text(OWNER)
    env = os.environ | {"PYTHONPATH": str(Path(runs.__file__).parent.parent)}
    owner = subprocess.Popen([sys.executable, tmp_path / "owner.py"], stdout=subprocess.PIPE, text=True, env=env)
    assert owner.stdout is not None
    pid = int(owner.stdout.readline())
    os.kill(pid, 0)
    owner.kill()
    owner.wait()
    owner.stdout.close()
    until = time.monotonic() + 20
    while time.monotonic() < until and lives(pid):
        time.sleep(0.1)
    assert not lives(pid)


def lives(pid: int) -> bool:
    """Whether it runs; a zombie that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_script_of_somebody_else_is_not_run_again(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("from podanalytics.kernels import may_fork\nprint(may_fork())")
    env = os.environ | {"PYTHONPATH": str(Path(runs.__file__).parent.parent)}
    done = subprocess.run([sys.executable, tmp_path / "own.py"], capture_output=True, text=True, check=True, env=env)
    assert done.stdout == "False\n"


def _blocked(pid: int | str, number: int) -> bool:
    told = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return bool(int(told["SigBlk"], 16) >> (number - 1) & 1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
def test_ctrl_c_does_not_reach_the_fork_server_but_a_kernel_can_be_interrupted() -> None:
    """On a terminal it goes to all of us; while it imports, the fork server would print a traceback."""
    with Kernels(1) as kernels:
        waiting = kernels.take()
        assert waiting is not None
        server = Path(f"/proc/{waiting.pid}/stat").read_text().rpartition(")")[2].split()[1]
        until = time.monotonic() + 20
        while _blocked(waiting.pid, signal.SIGINT) and time.monotonic() < until:
            time.sleep(0.01)
        assert _blocked(server, signal.SIGINT) and not _blocked(waiting.pid, signal.SIGINT)
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
        waiting.let_go()
        waiting.wait()
