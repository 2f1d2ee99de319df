"""The incident channel: open in time, and named after the incident and its day."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from podanalytics.case import Case
from podanalytics.metrics import elapsed
from podanalytics.metrics._judge import start_of
from podanalytics.model import Reading, Verdict
from podanalytics.policy import Clause


def metric(case: Case, clause: Clause) -> Reading:
    """The reading: minutes until the channel was open; a wrong name misses the clause however early it was."""
    reading = elapsed.metric(case, clause)
    if reading.verdict not in (Verdict.MET, Verdict.MISSED) or not case.channels:
        return reading
    complaints = [_complaint(case, clause, name) for name in case.channels]
    if None in complaints:
        return reading
    return reading._replace(verdict=Verdict.MISSED, because=f"{reading.because}; {complaints[0]}")


def _complaint(case: Case, clause: Clause, name: str) -> str | None:
    """What is wrong with the name of a channel; None if nothing is."""
    hit = next((h for pattern in clause.names if (h := re.match(pattern, name))), None)
    if hit is None:
        return f"{name} is not named as the clause asks: {clause.text}"
    start = start_of(case, clause)
    began = start.moment.at if start else case.began_at
    # Whoever opens it writes the date on their own wall: any date that was "today" somewhere in the team will do.
    days = {(began + timedelta(hours=h)).astimezone(ZoneInfo("UTC")).date().isoformat() for h in (-12, 0, 14)}
    return None if hit[1] in days else f"{name} carries another day than the incident's"
