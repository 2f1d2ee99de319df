"""What the command line prints: plain lines from plain rows."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from podanalytics.show.escape import visible
from podanalytics.show.words import between, duration, plural, shortened

CHIPS = {"met": "✓", "missed": "✗", "pending": "…", "unknown": "?", "contradictory": "≠", "not_applicable": "–"}
FAULTS_SHOWN = 12
OTHERS_SHOWN = 6


class LoadedLine(Protocol):
    """What `load_lines` needs to know of a loaded file."""

    file: str
    source: str
    state: str
    events: int
    faults: int
    people: int
    skipped: dict[str, int]


def one_line(text: str) -> str:
    """A line for a terminal: what it would obey is shown as a picture, line ends and tabs too.

    >>> one_line("a\\x1b[2Jb\\nc")
    'a␛[2Jb␊c'
    """
    return visible(text).replace("\n", "\u240a").replace("\t", "\u2409")


def progress_line(done: Any, number: int, total: int) -> None:
    """One line a file while loading, on stderr; on a terminal each replaces the last."""
    line = one_line(f"[{number}/{total}] {done.file}: {done.state}, {plural(done.events, 'event')}")
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line[:110]}", end="" if number < total else "\n", file=sys.stderr, flush=True)
    elif number == total or number % 25 == 0:
        print(line, file=sys.stderr, flush=True)


def load_lines(done: Sequence[Any]) -> list[str]:
    """Per source: files, events, people, faults, and what was read and deliberately not kept."""
    left_out = [
        one_line(f"{count} left out: {reason}")
        for unit in done
        if unit.state == "left out"
        for reason, count in unit.skipped.items()
    ]
    done = [unit for unit in done if unit.state != "left out"]
    if not done:
        return [
            *left_out,
            "Nothing to load: put exports into the workspace's data/raw, or name files.",
        ]
    totals: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    skipped: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for unit in done:
        row = totals["not recognised" if unit.source == "-" else unit.source]
        row[unit.state] += 1
        if unit.state == "gone":
            continue
        row["files"] += 1
        for name in ("events", "people", "faults"):
            row[name] += getattr(unit, name)
        for reason, count in unit.skipped.items():
            skipped[unit.source][reason] += count
    lines = [f"{'source':<20} {'files':>6} {'events':>8} {'people':>7} {'faults':>7}   what happened"]
    for source in sorted(totals):
        row = totals[source]
        states = ", ".join(f"{row[s]} {s}" for s in ("loaded", "unchanged", "gone") if row[s])
        if source == "not recognised" and row["files"]:
            states = "nobody's export: see the faults"
        lines.append(
            f"{source:<20} {row['files']:>6} {row['events']:>8} {row['people']:>7} {row['faults']:>7}   {states}"
        )
        lines += [
            f"{'':<20} {count or '-':>6} read and not kept: {reason}"
            for reason, count in sorted(skipped[source].items())
        ]
    return [*map(one_line, lines), *left_out]


def faults_lines(faults: Sequence[Mapping[str, Any]], shown: int | None = FAULTS_SHOWN) -> list[str]:
    """The first faults (None: all), with file, record and reason; files that nobody reads come behind damage."""
    ranked = sorted(faults, key=lambda f: bool(f["rule"] == "not recognised"))
    lines = [
        f"fault: {f['origin']}{' (record ' + f['record'] + ')' if f['record'] else ''}: {_named(f)}{f['reason']}"
        for f in ranked[:shown]
    ]
    lines = [one_line(line) for line in lines]
    if len(faults) > len(lines):
        lines.append(f"... and {len(faults) - len(lines)} more faults; `podanalytics faults` lists them all")
    return lines


def _named(fault: Mapping[str, Any]) -> str:
    """The name of a fault, where its reason alone would not say what kind it is."""
    return "" if fault["rule"] in ("unreadable", "not recognised") else f"{fault['rule']}: "


def check_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What failed, and the tally last."""
    bad = [r for r in rows if r["outcome"] != "passed"]
    lines = [
        f"{r['outcome']}: {r['tested']}: {r['expectation']} ({r['column']}): {r['failing']} of {r['count']}"
        + (f", e.g. {r['examples']}" if r["examples"] else "")
        for r in bad
    ]
    return [*map(one_line, lines), f"{len(rows) - len(bad)} of {plural(len(rows), 'expectation')} passed"]


def incident_lines(
    rows: Sequence[Mapping[str, Any]], tallies: Mapping[str, Mapping[str, int]], until: datetime | None = None
) -> list[str]:
    """One line an incident, with a tally of its verdicts; `until`: the moment after which the ledger tells more."""
    if not rows and until:
        return [
            f"No incident had begun by {until:%Y-%m-%d %H:%M} UTC, the moment this is judged as of; what is loaded "
            "goes on after it (see --as-of, and as_of in pod.toml)."
        ]
    if not rows:
        return [
            "No incidents: nothing loaded is an incident under the policy. "
            "`podanalytics load` first, or see the policy's [[record]] rules."
        ]
    width = max(len(r["incident"]) for r in rows)
    room = max(len(r["excluded"] or r["state"]) for r in rows)
    head = f"{'incident':<{width}}  began (UTC)       sev  took          {'state':<{room}}"
    lines = [f"{head}  {'  '.join(CHIPS.values())}  title"]
    for r in rows:
        tally = tallies.get(r["incident"], {})
        chips = " ".join(f"{tally.get(v, 0):>2}" for v in CHIPS)
        state = r["excluded"] or r["state"]
        took = between(r["began_at"], r["resolved_at"]) if r["resolved_at"] else "-"
        lines.append(
            f"{r['incident']:<{width}}  {r['began_at']:%Y-%m-%d %H:%M}  {r['severity'] or '?':<4} {took:<13} "
            f"{state:<{room}} {chips}  {r['title'][:60]}"
        )
    return [*map(one_line, lines), "", "chips: " + ", ".join(f"{c} {v.replace('_', ' ')}" for v, c in CHIPS.items())]


def other_lines(others: Sequence[tuple[str, str, int]]) -> list[str]:
    """Which records were read and are no incidents under the policy: (source, type, count), most first."""
    if not others:
        return []
    told = ", ".join(f"{count} {source} {kind}" for source, kind, count in others[:OTHERS_SHOWN])
    more = f" and {len(others) - OTHERS_SHOWN} more kinds" if len(others) > OTHERS_SHOWN else ""
    return [one_line(f"read, and no incident under the policy's [[record]] rules: {told}{more}")]


def explanation_lines(found: Any) -> Iterator[str]:
    """A verdict, its clock, its rules and its raw lines."""
    return map(one_line, _explained(found))


def _explained(found: Any) -> Iterator[str]:
    r = found.reading
    yield f"{found.incident} · {found.clause}: {CHIPS[r['verdict']]} {r['verdict'].replace('_', ' ')}"
    yield f"  the clause    {found.text}"
    yield f"  because       {r['because']}"
    if r["value"] is not None:
        shown = duration(r["value"]) if r["unit"] == "min" else f"{r['value']:g} {r['unit']}"
        yield f"  measured      {shown}" + (
            f", target {found.promised or (duration(r['target']) if r['unit'] == 'min' else r['target'])}"
            if r["target"] is not None
            else ""
        )
    for name, label in (("started_at", "clock starts"), ("ended_at", "clock stops"), ("due_at", "due")):
        if r[name]:
            yield f"  {label:<13} {r[name]:%Y-%m-%d %H:%M:%S} UTC"
    yield f"  judged by     {r['policy']}" + (f", severity {r['severity']}" if r["severity"] else "")
    for milestone, when, rule in found.rules:
        yield f"  {milestone or '':<13} {when}  {rule}"
    for proof in found.proofs:
        words = shortened(proof.text, 100)
        yield f"  event {proof.id}  {proof.occurred_at:%Y-%m-%d %H:%M:%S} UTC  {proof.source} {proof.kind}  {words}"
        yield f"    {proof.origin}"
        yield f"    {shortened(proof.raw, 300)}"
    if not found.proofs:
        yield "  no event is evidence for it"
