"""Runs the accuracy proof, writes docs/accuracy.md and build/accuracy.json, exits 1 on a missed target.

`QUICK=1` takes a third of the incidents and leaves docs/accuracy.md as it is; so does another seed, given as argument.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass

from benchmarks.accuracy.noise import Noise
from benchmarks.accuracy.page import honest, page
from benchmarks.accuracy.replay import replay
from benchmarks.accuracy.score import Scored, absent, agreement, score, shares, whole
from benchmarks.accuracy.teams import EACH, PLAN, team
from benchmarks.child import QUICK, ROOT

SEED = 2026
OUTCOME = ROOT / "build/accuracy.json"
PAGE = ROOT / "docs/accuracy.md"


@dataclass(frozen=True)
class Claim:
    """A measured value and the least (or, with `most`, the most) that it must be."""

    name: str
    value: float
    unit: str
    bound: float
    most: bool = False

    @property
    def ok(self) -> bool:
        """Whether the target is met; it is inclusive."""
        return self.value <= self.bound if self.most else self.value >= self.bound

    def data(self) -> dict[str, object]:
        """The row as it stands in build/accuracy.json."""
        found = asdict(self)
        del found["bound"], found["most"]
        return {"issue": 3, **found, "target": f"{'<=' if self.most else '>='} {self.bound:g}", "ok": self.ok}


def one(place: int, each: int, seed: int = SEED, noise: Noise | None = None) -> Scored:
    """One team of the plan, simulated, replayed and compared."""
    noise = noise or Noise()
    made = team(seed, place, each, noise)
    return score(made, replay(made, noise))


def claims(scored: Sequence[Scored], least: int) -> list[Claim]:
    """What is asked of the comparisons; `least`: the number of incidents there must be."""
    judged = [j for s in scored for j in s.verdicts]
    moments = [m for s in scored for m in s.moments]
    known, gone = whole(judged), absent(judged)
    good, count = agreement(known)
    sure, decided = agreement(j for j in known if j.true in ("met", "missed"))
    quiet = sum(honest(j) for j in gone)
    return [
        Claim("simulated incidents", sum(s.told + s.untold for s in scored), "incidents", least),
        Claim("milestones without a record of their own", round(100 * sum(shares(moments).values()), 2), "%", 22),
        Claim("incidents found", round(100 * sum(s.found for s in scored) / sum(s.told for s in scored), 2), "%", 99),
        Claim("verdict agreement", round(100 * good / count, 2), "%", 98),
        Claim("verdict agreement where truly met or missed", round(100 * sure / decided, 2), "%", 98),
        Claim("unknown where the evidence is absent", round(100 * quiet / max(1, len(gone)), 2), "%", 99),
        Claim("met where the evidence is absent", sum(j.ours == "met" for j in gone), "verdicts", 0, most=True),
    ]


def main(seed: int = SEED) -> int:
    """Measures, tells, writes; returns the exit code."""
    each = EACH // 3 if QUICK else EACH
    places = range(len(PLAN))
    with ProcessPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        scored = list(pool.map(one, places, [each] * len(PLAN), [seed] * len(PLAN)))
    rows = [claim.data() for claim in claims(scored, 180 if QUICK else 500)]
    for row in rows:
        met = "met" if row["ok"] else "MISSED"
        print(f"{row['name']}: {row['value']:g} {row['unit']} (target {row['target']}: {met})")
    OUTCOME.parent.mkdir(exist_ok=True)
    aside = QUICK or seed != SEED
    OUTCOME.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    made = [team(seed, place, each, Noise()) for place in places]
    text = page(made, scored, Noise(), seed, rows, QUICK)
    (OUTCOME.with_suffix(".md") if aside else PAGE).write_text(text, encoding="utf-8", newline="\n")
    return 0 if all(row["ok"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
