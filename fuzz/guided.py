"""Damage that is led by the code it reaches: atheris, on top of libFuzzer. Runs in a process of its own, which it ends.

An input is two bytes that name the golden file it came from, and that file damaged. Half of the inputs come from what
reached new code, half are a golden file of the reader that was asked least so far: so the time is split over all.
"""

from __future__ import annotations

import atexit
import random
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["podanalytics.sources", "podanalytics.model"]):
    from podanalytics.sources import all_sources

    all_sources()

from fuzz.mutations import LARGEST, mutated
from fuzz.report import KEPT, Report
from fuzz.targets import Bench, examined, split, targets

SLOW = 10
RSS_MB = 2_048


def main(seconds: int, tool: str, seed: int) -> None:
    """Fuzzes for so many seconds and does not come back."""
    found = targets(tool)
    data = [target.file.read_bytes() for target in found]
    places: dict[str, list[int]] = {}
    for number, target in enumerate(found):
        places.setdefault(target.tool, []).append(number)
    report, bench = Report(), Bench(Path(tempfile.mkdtemp(prefix="pod-fuzz-")))
    report.served.update(dict.fromkeys(places, 0))
    atexit.register(report.write)

    def one(given: bytes) -> None:
        target, changed = split(given, found)
        report.served[target.tool] += 1
        if sum(report.served.values()) % 100 == 0:
            report.write()
        unit = bench.lay(target, changed)
        try:
            examined(unit, target.tool)
        except Exception as error:
            report.add(target, unit, error)

    def mutate(given: bytes, largest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        number = int.from_bytes(given[:2], "big") % len(found)
        if chance.random() < 0.5:
            number = chance.choice(places[min(places, key=report.served.__getitem__)])
            given = number.to_bytes(2, "big") + data[number]
        if chance.random() < 0.3:
            changed = atheris.Mutate(given[2:], max(1, largest - 2))
        else:
            changed = mutated(given[2:], chance, [data[other] for other in places[found[number].tool]])
        return (number.to_bytes(2, "big") + changed)[:largest]

    with tempfile.TemporaryDirectory() as corpus:
        for number, start in enumerate(data):
            (Path(corpus) / str(number)).write_bytes(number.to_bytes(2, "big") + start)
        options = {"max_total_time": seconds, "timeout": SLOW, "rss_limit_mb": RSS_MB, "max_len": LARGEST, "seed": seed,
                   "artifact_prefix": f"{KEPT}/", "verbosity": 0, "print_final_stats": 0}  # fmt: skip
        arguments = [sys.argv[0], *(f"-{name}={value}" for name, value in options.items()), corpus]
        atheris.Setup(arguments, one, custom_mutator=mutate)
        atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
