"""Runs the benchmarks, all or those named; exits 1 on a missed target.

Only a run of all of them writes build/bench.json and docs/performance.md, so that neither tells half a story.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import platform
import sys
from collections.abc import Iterable

import benchmarks
from benchmarks.child import QUICK, ROOT
from benchmarks.row import Row

OUTCOME = ROOT / "build/bench.json"
PAGE = ROOT / "docs/performance.md"

INTRO = """# Speed and memory

Written by `./pod bench`, which runs each of these on the committed sample and fails if a target is missed. Ratios carry
over to other machines, seconds do not.
"""


def known() -> dict[str, object]:
    """Every benchmark by name: a module here that offers `bench`."""
    names = sorted(info.name for info in pkgutil.iter_modules(benchmarks.__path__) if info.name != "__main__")
    modules = {name: importlib.import_module(f"benchmarks.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "bench")}


def machine() -> str:
    """The machine in general terms: enough to judge the seconds, not enough to know the machine."""
    quick = " Fewer runs than usual (`QUICK=1`)." if QUICK else ""
    python = ".".join(platform.python_version_tuple()[:2])
    return f"Measured on {os.cpu_count()} cores, {platform.system()}, Python {python}.{quick}"


def page(rows: Iterable[dict[str, object]]) -> str:
    """docs/performance.md, from the rows alone."""
    lines = [INTRO, machine(), "", "| what | measured | target | | how |", "|---|---|---|---|---|"]
    for r in rows:
        met = "met" if r["ok"] else "**missed**"
        lines.append(f"| `{r['name']}` | {r['value']:g} {r['unit']} | {r['target']} | {met} | {r['how']} |")
    return "\n".join(lines) + "\n"


def main(wanted: list[str]) -> int:
    """Measures, tells as it goes, writes when all is done; returns the exit code."""
    modules = known()
    if unknown := [name for name in wanted if name not in modules]:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(modules)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in wanted or modules:
        for row in modules[name].bench():  # type: ignore[attr-defined]
            met = "met" if row.ok else "MISSED"
            print(f"{row.name:<8} {row.value:g} {row.unit}  (target {row.target}: {met}; {row.how})", flush=True)
            rows.append(row)
    if not wanted:
        write([row.data() for row in rows])
    return 0 if all(row.ok for row in rows) else 1


def write(rows: list[dict[str, object]]) -> None:
    """The rows for machines, and the page made from them."""
    OUTCOME.parent.mkdir(exist_ok=True)
    OUTCOME.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(rows), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
