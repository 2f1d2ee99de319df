"""What `podanalytics links` prints: plain lines from plain rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from podanalytics.show.terminal import one_line
from podanalytics.show.words import plural, shortened

TEXT = 160  # characters of an evidence's words


def member_lines(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What joined each incident: one line a record, below the incident's own."""
    if not rows:
        yield "no incident yet; load some exports first (`podanalytics load`)"
        return
    incident = None
    for row in rows:
        if row["incident"] != incident:
            incident = row["incident"]
            yield one_line(incident)
        record = f"{row['source']} {row['subject']}"
        yield one_line(f"  {record:<40} {row['method']:<15} {row['score']:<4g}  {row['why']}")


def offer_lines(links: Sequence[Any]) -> Iterator[str]:
    """What waits for a decision, and how to decide."""
    if not links:
        yield "nothing waits for a decision: every pair that evidence speaks for is joined or decided"
        return
    for link in links:
        yield one_line(f"{link.number:>3}  {link.left}  =?  {link.right}    {link.score:g} {link.method}")
        yield one_line(f"     because       {link.why}")
        yield one_line(f"     not joined    {link.reason}")
        if link.origin:
            yield one_line(f"     evidence      {link.origin}: {shortened(link.text, TEXT)}")
        if link.decided:
            yield f"     decided       {link.decided}, which holds after the next `podanalytics load`"
    yield ""
    yield f"{plural(len(links), 'pair')} to decide about. Numbers hold until something is loaded:"
    yield '  podanalytics links --same N --why "..."         they are one incident'
    yield '  podanalytics links --different N --why "..."    they are not, whatever speaks for it'
