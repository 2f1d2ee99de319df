"""`./pod fuzz`: a minute of damage for all readers, or for one; `--replay PATH` reads a kept case again."""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fuzz import blind
from fuzz.report import KEPT, SERVED, kept, read_served
from fuzz.targets import Bench, examined, split, targets
from podanalytics.sources import all_sources

START = 6  # seconds that the guided process takes until it begins, and to end


def main() -> int:
    """Exit code 0 where nothing failed, else 1; what failed lies in build/fuzz."""
    parser = argparse.ArgumentParser(prog="./pod fuzz", description=__doc__)
    parser.add_argument("tool", nargs="?", default="", help="one reader; all of them without it")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, help="for the same damage again, as far as time allows")
    parser.add_argument("--blind", action="store_true", help="without atheris, even where it is there")
    parser.add_argument("--replay", type=Path, metavar="PATH", help="a kept case, read again with its traceback")
    given = parser.parse_args()
    if given.replay:
        return _replay(given.replay)
    if given.tool and given.tool not in all_sources():
        parser.error(f"there is no reader {given.tool!r}; there are: {', '.join(sorted(all_sources()))}")
    return _run(given.seconds, given.tool, random.randrange(2**31) if given.seed is None else given.seed, given.blind)


def _run(seconds: int, tool: str, seed: int, is_blind: bool) -> int:
    begun, clock, before = (
        time.monotonic(),
        time.time(),
        {path: (path / "what.txt").stat().st_mtime_ns for path in kept()},
    )
    KEPT.mkdir(parents=True, exist_ok=True)
    SERVED.unlink(missing_ok=True)
    code = 0
    if is_blind or importlib.util.find_spec("atheris") is None:
        if not is_blind:
            print("atheris is not installed here (it is made for Linux on x86-64): random damage, without guidance")
        blind.run(seconds, tool, seed)
    else:
        command = [sys.executable, "-m", "fuzz.guided", str(max(1, seconds - START)), tool, str(seed)]
        code = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(Path.cwd())}, check=False).returncode
    print(f"\nseed {seed}, {time.monotonic() - begun:.0f} s; asked: ", end="")
    print(", ".join(f"{name} {count}" for name, count in read_served().items()))
    new = [path for path in kept() if before.get(path) != (path / "what.txt").stat().st_mtime_ns]
    for path in new:
        print(f"failed: {path}")
    stopped = [path for path in sorted(KEPT.glob("*-*")) if path.is_file() and path.stat().st_mtime >= clock]
    for path in stopped:
        print(f"too slow, or too much memory: {path}")
    if code and not stopped:
        print(f"the guided fuzzer ended with code {code}: see above")
    for path in stopped:
        print(f"  see it again: .venv/bin/python -m fuzz --replay {path}")
    return int(bool(new or code))


def _replay(path: Path) -> int:
    """A kept case; or an input that libFuzzer kept because it took too long or too much memory."""
    with tempfile.TemporaryDirectory() as folder:
        tool, unit = path.parent.name.rpartition("-")[0], path
        if path.parent == KEPT:
            target, data = split(path.read_bytes(), targets())
            tool, unit = target.tool, Bench(Path(folder)).lay(target, data)
            print(f"{target}, damaged:")
        told = examined(unit, tool)
    print(f"{path}: {len(told)} things told, nothing failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
