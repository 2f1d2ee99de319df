"""What the command line prints when it sets two judgements side by side: plain lines from plain values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from podanalytics.show.terminal import CHIPS, one_line
from podanalytics.show.words import FEW, percent, plural


def correction_lines(what: str, was: str, now: str, turned: Sequence[tuple[str, str, str]]) -> list[str]:
    """What a correction changed: the moment or field itself, then every clause (id, verdict before, after)."""
    lines = [f"{what}: {was} → {now}"]
    lines += [f"  {clause}: {CHIPS[a]} {_plain(a)} → {CHIPS[b]} {_plain(b)}" for clause, a, b in turned]
    return [one_line(line) for line in lines] + ([] if turned else ["  no verdict changes"])


def what_if_lines(
    labels: Sequence[str], proposal: str, since: datetime | None, counts: tuple[int, int, int], shifts: Sequence[Any]
) -> list[str]:
    """A table of clauses: kept before and after, and which verdicts turned. `shifts`: `what_if.Shift` values."""
    both, gone, new = counts
    when = f" that began from {since:%Y-%m-%d %H:%M} UTC on" if since else ""
    lines = [f"{plural(both, 'incident')}{when}, judged by {', '.join(labels)}, and as {proposal} would judge them."]
    if not both:
        return [one_line(line) for line in lines]
    if gone or new:
        lines.append(f"{gone} that count now would not, {new} that do not would: they are left out here.")
    rows = [(s.clause, _kept(s.before), _kept(s.after), "; ".join(_turns(s.turned))) for s in shifts]
    head = ("clause", "now", "proposed", "what turns")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(3)]
    for row in [head, *rows]:
        lines.append(
            "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip()
        )
    return [one_line(line) for line in lines]


def _kept(told: Sequence[Any]) -> str:
    """How often it was kept; what two policies ask for stands side by side, not added up."""
    return " | ".join(_share(a) for a in told) or "-"


def _share(a: Any) -> str:
    open_ones = [(a.unknown, "unknown"), (a.pending, "pending"), (a.contradictory, "contradictory")]
    rest = "".join(f", {count} {word}" for count, word in open_ones if count)
    if a.share is None:
        return f"none judged{rest}"
    share = f" ({percent(a.share)})" if a.known >= FEW else ""
    return f"{a.met} of {a.known}{share}{rest}"


def _turns(turned: Sequence[tuple[str, str, int]]) -> Iterator[str]:
    for was, now, count in turned:
        yield f"{count} {_plain(was)} → {_plain(now)}"


def _plain(verdict: str) -> str:
    return verdict.replace("_", " ")
