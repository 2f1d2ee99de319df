"""The child processes of the benchmark `measure`: make a log's events, judge them, group them by pandas.

Usage: python -m benchmarks.measured make INCIDENTS|LOG EVENTS; judge|pandas EVENTS OUTCOME.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import polars as pl

from benchmarks.child import ROOT

BEGIN = datetime(2016, 2, 29, tzinfo=UTC)
AS_OF = datetime(2018, 1, 1, tzinfo=UTC)
WORDS = ("1 - Critical", "2 - High", "3 - Moderate", "4 - Low")
SHARES = (11, 16, 942, 31)  # of the priorities, in a thousand
MAPPING = ROOT / "tests/uci/event-log.toml"


def make(what: str, out: Path) -> None:
    """EVENTS of an invented log of so many incidents, or of the real one."""
    events = invented(int(what)) if what.isdigit() else loaded(Path(what))
    events.write_parquet(out)


def invented(incidents: int) -> pl.DataFrame:
    """A log of so many incidents: 5.7 events each, of the kinds of a tracker, always the same ones."""
    from podanalytics.packed import Packed
    from podanalytics.tables import EVENTS

    dice, packed = random.Random(498), Packed(EVENTS)
    for number in range(incidents):
        subject = f"INC{number:07d}"
        began = BEGIN + timedelta(minutes=dice.randrange(400 * 24 * 60))
        for place, (at, kind, value, was) in enumerate(_story(dice, began)):
            key, actor = f"{subject}/{place}", f"Resolver {dice.randrange(200)}"
            row = (f"{number:08x}{place:08x}", "log.csv", at, None, "min", kind, "servicenow", subject, key, actor)
            packed.add((*row, "Category 26", was, value, None, f"log.csv:{number * 10 + place}"))
    return packed.frame()


def _story(dice: random.Random, began: datetime) -> Iterator[tuple[datetime, str, str, str | None]]:
    """(when, kind, value, former value) of one incident: opened, assigned, worked on, resolved, closed."""
    word = dice.choices(WORDS, SHARES)[0]
    at = began
    yield at, "declared", "incident", None
    yield at, "severity", word, None
    yield at, "status", "New", None
    if dice.random() < 0.4:
        at += timedelta(minutes=dice.randrange(1, 240))
        yield at, "assigned", f"Group {dice.randrange(60)}", None
    if dice.random() < 0.015:
        yield at, "severity", dice.choice(WORDS), word
    at += timedelta(minutes=round(dice.lognormvariate(6.5, 1.8)))
    if dice.random() < 0.25:
        yield at, "status", "Awaiting User Info", "New"
        at += timedelta(minutes=round(dice.lognormvariate(6, 1.5)))
    yield at, "status", "Resolved", None
    if dice.random() < 0.01:
        at += timedelta(minutes=dice.randrange(60, 5 * 24 * 60))
        yield at, "status", "Active", "Resolved"
        at += timedelta(minutes=round(dice.lognormvariate(6, 1.5)))
        yield at, "status", "Resolved", "Active"
    yield at + timedelta(days=5), "status", "Closed", "Resolved"


def loaded(log: Path) -> pl.DataFrame:
    """EVENTS of the real log, read as a user would."""
    from podanalytics import intake
    from podanalytics.workspace import find_workspace, make_workspace

    with tempfile.TemporaryDirectory(prefix="podanalytics-bench-") as name:
        make_workspace(Path(name))
        workspace = find_workspace(Path(name))
        folder = workspace.raw / "servicenow"
        folder.mkdir(parents=True)
        shutil.copyfile(log, folder / log.name)
        shutil.copyfile(MAPPING, folder / MAPPING.name)
        store = workspace.store()
        intake.load(workspace, store)
        events = store.events()
        store.close()
    return events


def shipped() -> str:
    """The shipped policy, all its clauses, told that ServiceNow is a tracker and how it writes a priority."""
    text = files("podanalytics").joinpath("policies/pod-protocol.toml").read_text("utf-8")
    record = "[[record]]\nsource = \"servicenow\"\nvalue = '^incident$'\n"
    words = "".join(
        f'[[severity_word]]\nsource = ["servicenow"]\nlike = \'^{word}$\'\nmeans = "P{rank}"\n'
        for rank, word in enumerate(WORDS, 1)
    )
    for place, more in (('[[record]]\nsource = "jira"', record), ("[[severity_word]]\n", words)):
        if place not in text:
            raise SystemExit(f"the shipped policy has no {place!r} any more: adapt the benchmark")
        text = text.replace(place, more + place, 1)
    for tools in ('source = ["jira"]\nstate', 'source = ["jira", "github"]', 'kind = ["declared"]\nsource = ["jira"]'):
        if tools not in text:
            raise SystemExit(f"the shipped policy has no {tools!r} any more: adapt the benchmark")
        text = text.replace(tools, tools.replace('["jira"', '["servicenow", "jira"'))
    return text.replace('told_by = ["jira"', 'told_by = ["servicenow", "jira"')


def judge(events: Path, out: Path) -> None:
    """Links, reconstructs and measures by every clause; the clock runs from the events to the readings."""
    from podanalytics.linking import link
    from podanalytics.metrics import judge as judged
    from podanalytics.policy import parse_policy
    from podanalytics.reconstruct import reconstruct
    from podanalytics.tables import PEOPLE

    frame, policy = pl.read_parquet(events), parse_policy(shipped(), "shipped")
    began = time.perf_counter()
    found = reconstruct(frame, PEOPLE.frame(), link(frame, policy), policy, AS_OF)
    readings = judged(found).readings
    took = time.perf_counter() - began
    if readings.height != found.incidents.height * len(policy.clauses) or not (readings["verdict"] == "missed").any():
        raise SystemExit("what was measured makes no sense")
    _tell(out, events=frame.height, readings=readings.height, seconds=took)


def pandas(events: Path, out: Path) -> None:
    """Minutes from the opening to the last resolve of each incident, and nothing else."""
    import pandas as pd

    columns = ["subject", "kind", "value", "occurred_at"]
    frame = pd.DataFrame({name: pl.read_parquet(events, columns=[name])[name].to_list() for name in columns})
    began = time.perf_counter()
    opened = frame[frame["kind"] == "declared"].groupby("subject")["occurred_at"].min()
    resolves = frame[(frame["kind"] == "status") & (frame["value"] == "Resolved")]
    minutes = (resolves.groupby("subject")["occurred_at"].max() - opened).dt.total_seconds() / 60
    took = time.perf_counter() - began
    if not minutes.notna().any():
        raise SystemExit("what was grouped makes no sense")
    _tell(out, pandas=took)


def _tell(out: Path, **told: float) -> None:
    out.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    step, given, made = sys.argv[1:]
    {"make": lambda: make(given, Path(made)), "judge": lambda: judge(Path(given), Path(made)),
     "pandas": lambda: pandas(Path(given), Path(made))}[step]()  # fmt: skip
