"""Random damage without knowing which code it reaches: where atheris is not to be had."""

from __future__ import annotations

import random
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fuzz.mutations import mutated
from fuzz.report import Report
from fuzz.targets import Bench, Target, examined, targets

SLOW = 10.0  # seconds that one file of some hundred kilobytes may take


class SlowError(BaseException):
    """Flies through every `except Exception`."""


@contextmanager
def alarmed() -> Iterator[None]:
    """Raises SlowError where its body takes too long (not on Windows, which has no such alarm)."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: Any) -> None:
        raise SlowError(f"it took longer than {SLOW:g} s")

    former = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, SLOW)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def run(seconds: float, tool: str, seed: int) -> None:
    """Damages the readers' cases in turn until the time is over."""
    chance, report = random.Random(seed), Report()
    found: dict[str, list[tuple[Target, bytes]]] = {}
    for target in targets(tool):
        found.setdefault(target.tool, []).append((target, target.file.read_bytes()))
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        while time.monotonic() < end:
            for name, cases in found.items():
                target, data = chance.choice(cases)
                report.served[name] += 1
                unit = bench.lay(target, mutated(data, chance, [other for _, other in cases]))
                try:
                    with alarmed():
                        examined(unit, name)
                except (Exception, SlowError) as error:
                    report.add(target, unit, error)
    report.write()
