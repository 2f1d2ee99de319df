"""A child process, its wall time and its peak memory, and the workspaces such children work in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PODANALYTICS = (sys.executable, "-m", "podanalytics")
QUICK = os.environ.get("QUICK", "") not in ("", "0")

# What would make a child another one than a user's: no bytecode, another kernel, another workspace or database.
_FOREIGN = ("PYTHONDONTWRITEBYTECODE", "JUPYTER_PATH", "POD_WORKSPACE", "POD_DATABASE_URL", "POD_PSEUDONYMS")


@dataclass(frozen=True)
class Child:
    """What one run took: seconds of wall time, peak resident memory in MB (10⁶ bytes) and seconds of processor time,
    of it and of its own children. Memory is that of all at one moment, where /proc tells it; elsewhere of the largest.
    """

    seconds: float
    peak: float
    cpu: float


def run(command: Sequence[str], folder: Path) -> Child:
    """Runs a command in a folder. If it fails there is nothing to measure: SystemExit, with the end of its output."""
    env = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    env["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        child = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        with _watched(child.pid) as together:
            _, status, usage = os.wait4(child.pid, 0)
        took = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            output.seek(0)
            tail = output.read().decode("utf-8", "replace")[-2000:]
            raise SystemExit(f"{' '.join(command)} ended with {child.returncode}:\n{tail}")
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes on Linux
    return Child(took, max(usage.ru_maxrss * unit, together[0]) / 1e6, usage.ru_utime + usage.ru_stime)


@contextmanager
def _watched(pid: int) -> Iterator[list[int]]:
    """What a process and its children had in memory together, in bytes, twenty times a second; 0 without /proc."""
    found, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            found[0] = max(found[0], _resident(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        ended.set()
        watcher.join()


def _resident(pid: int) -> int:
    home = Path("/proc", str(pid))
    try:
        pages = int((home / "statm").read_text("ascii").split()[1])
        children = (home / "task" / str(pid) / "children").read_text("ascii").split()
    except (OSError, IndexError):
        return 0  # it has ended
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(_resident(int(child)) for child in children)


@contextmanager
def workspace() -> Iterator[Path]:
    """A fresh workspace with the sample's raw exports and settings, not loaded yet; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="podanalytics-bench-") as name:
        home = Path(name)
        shutil.copy(ROOT / "pod.toml", home)
        shutil.copytree(ROOT / "data/sample/raw", home / "data/sample/raw")
        yield home
