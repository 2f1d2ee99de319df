"""What went wrong, kept so that it can be seen again: a folder for each way of failing, with the damaged case in it."""

from __future__ import annotations

import hashlib
import shutil
import sys
import traceback
from collections import Counter
from pathlib import Path

from fuzz.targets import Target

KEPT = Path("build/fuzz")
SERVED = KEPT / "served.txt"


class Report:
    """Collects failures, each way of failing once, and how often each reader was asked."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self.served: Counter[str] = Counter()

    def add(self, target: Target, unit: Path, error: BaseException) -> None:
        """Keeps the case that lies at `unit` and prints what happened and how to see it again."""
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "podanalytics" in f.filename] or [None]
        place = "" if frames[-1] is None else f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
        name = f"{target.tool}-{hashlib.sha256(f'{type(error).__name__} {place}'.encode()).hexdigest()[:8]}"
        if name in self._seen:
            return
        self._seen.add(name)
        kept = KEPT / name / target.case.name
        shutil.rmtree(kept.parent, ignore_errors=True)
        kept.parent.mkdir(parents=True)
        (shutil.copytree if unit.is_dir() else shutil.copyfile)(unit, kept)
        what = "".join(traceback.format_exception(error))[-3_000:]
        (kept.parent / "what.txt").write_text(f"{target}\n{what}", "utf-8", "replace")
        print(f"\n{target.tool}: {type(error).__name__} at {place or '?'}: {str(error)[:300]}", file=sys.stderr)
        print(f"  kept; see it again: .venv/bin/python -m fuzz --replay {kept}", file=sys.stderr, flush=True)

    def write(self) -> None:
        """The counts, for whoever started this process."""
        KEPT.mkdir(parents=True, exist_ok=True)
        SERVED.write_text("".join(f"{tool} {count}\n" for tool, count in sorted(self.served.items())), "utf-8")


def read_served() -> dict[str, int]:
    """How often each reader was asked."""
    lines = SERVED.read_text("utf-8").splitlines() if SERVED.exists() else []
    return {tool: int(count) for tool, count in (line.split() for line in lines)}


def kept() -> list[Path]:
    """The folders of what failed."""
    return sorted(path.parent for path in KEPT.glob("*/what.txt"))
