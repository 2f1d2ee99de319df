"""The true verdict of every clause, worked out from the truth by the workflow's text: a second, plain implementation.

Nothing here is imported from podanalytics' policy, reconstruction or metrics. Where the workflow leaves a definition
open, the text of the shipped policy's clause decides. With each verdict stands what one must know to give it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise

from benchmarks.accuracy.world import MAJOR, ROLES, Truth, Update

MINUTE = timedelta(minutes=1)
HELD = timedelta(minutes=5)  # a severity held for less is a slip of the hand
MET, MISSED, PENDING, NA = "met", "missed", "pending", "not_applicable"
RESPONSE = {"P1": 5, "P2": 30, "P3": 120}  # minutes; P4: next business day
VOCABULARY = ("INVESTIGATING", "IDENTIFIED", "FIXING", "MONITORING", "RESOLVED")
# clause: (from, to, minutes, only P1 and P2)
ELAPSED: dict[str, tuple[tuple[str, ...], str, float, bool]] = {
    "ack": (("alert_fired",), "acknowledged", 5, False),
    "record": (("alert_fired",), "declared", 5, False),
    "classify": (("alert_fired",), "severity_set", 5, False),
    "notify-team": (("alert_fired",), "team_notified", 5, False),
    "investigate": (("alert_fired",), "investigated", 5, False),
    "triage": (("alert_fired",), "triaged", 15, False),
    "channel": (("alert_fired", "declared"), "channel_opened", 15, True),
    "commander": (("alert_fired", "declared"), "commanded", 15, True),
    "status-page": (("alert_fired", "declared"), "status_page_started", 30, True),
    "customer-first": (("declared", "alert_fired"), "first_notice", 30, True),
    "customer-resolved": (("resolved",), "resolution_notice", 30, True),
    "review": (("resolved",), "reviewed", 2880, True),
    "public-report": (("resolved",), "reported", 2880, True),
}
CUSTOMERS = ("customer-first", "customer-cadence", "customer-resolved")
# `eta` is left out: the workflow reports it and does not judge it.
CLAUSES = (
    "ack", "response", "record", "classify", "notify-team", "investigate", "triage", "channel", "members", "commander",
    "status-page", "roles", "internal-cadence", "internal-template", "status-order", "customer-first",
    "customer-cadence", "customer-resolved", "rollback", "health-check", "review", "public-report", "agenda",
    "blameless",
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """A true verdict; `needs` are the moments one must know for it; `margin` how near the target it was, in seconds."""

    word: str
    needs: tuple[str, ...]
    margin: float | None = None


def judge(truth: Truth, as_of: datetime) -> dict[str, Verdict]:
    """Every clause's true verdict."""
    return {clause: _clause(truth, clause, as_of) for clause in CLAUSES}


def _clause(truth: Truth, clause: str, as_of: datetime) -> Verdict:
    if clause in CUSTOMERS and waived(truth):
        return Verdict(NA, ("no_impact",))
    if clause in ELAPSED:
        start, stop, minutes, major = ELAPSED[clause]
        return _elapsed(truth, start, stop, minutes, major, as_of, clause)
    return {
        "response": _response, "members": _members, "roles": _roles, "internal-cadence": _internal,
        "customer-cadence": _public, "internal-template": _template, "status-order": _order, "rollback": _rollback,
        "health-check": _health, "agenda": _agenda, "blameless": _blameless,
    }[clause](truth, as_of)  # fmt: skip


def waived(truth: Truth) -> bool:
    """Whether somebody declared that customers feel nothing, and customers were told nothing later."""
    return truth.no_impact is not None and not any(update.at > truth.no_impact for update in truth.public)


def end_of(truth: Truth, as_of: datetime) -> datetime:
    """The resolution, or now."""
    return truth.moments["resolved"] or as_of


def began(truth: Truth) -> datetime:
    """The earliest moment that belongs to it."""
    return min(at for m in ("impact_started", "alert_fired", "declared") if (at := truth.moments[m]))


def windows(truth: Truth, as_of: datetime) -> list[tuple[datetime, datetime]]:
    """The stretches as P1 or P2, joined; under five minutes only if that was the only severity there was."""
    end = end_of(truth, as_of)
    borders = [when for when, _ in truth.severities[1:]] + [end]
    found: list[tuple[datetime, datetime]] = []
    for number, ((when, word), until) in enumerate(zip(truth.severities, borders, strict=False)):
        since = min(when, began(truth)) if number == 0 else when
        if word in MAJOR:
            joined = found and found[-1][1] == since
            found = [*found[:-1], (found[-1][0], min(until, end))] if joined else [*found, (since, min(until, end))]
    # The first severity holds from the beginning, but it was held only since somebody set it.
    first = truth.severities[0][0]
    return found if len(truth.severities) == 1 else [w for w in found if w[1] - max(w[0], first) >= HELD]


def _start(truth: Truth, names: tuple[str, ...], major: bool, as_of: datetime) -> tuple[str, datetime | None]:
    """(milestone, when its clock starts): the first of the names that happened, or the rise that made it apply."""
    for name in names:
        if at := truth.moments[name]:
            since = windows(truth, as_of)[0][0] if major else at
            raised = major and since > truth.severities[0][0] and since > at
            return name, since if raised else at
    return names[0], None


def _lacks_severity(truth: Truth, as_of: datetime) -> Verdict | None:
    return None if windows(truth, as_of) else Verdict(NA, ("severity",))


def _elapsed(truth: Truth, start: tuple[str, ...], stop: str, minutes: float, major: bool, as_of: datetime,
             clause: str) -> Verdict:  # fmt: skip
    if major and (lacks := _lacks_severity(truth, as_of)):
        return lacks
    first, since = _start(truth, start, major, as_of)
    if since is None:
        return Verdict(PENDING if first == "resolved" else NA, (first,))
    needs = (("severity",) if major else ()) + (first, stop)
    verdict = _within(truth, since, since + minutes * MINUTE, stop, as_of, needs, over_counts=first != "resolved")
    if clause == "channel" and verdict.word in (MET, MISSED) and truth.channel and not _well_named(truth):
        return Verdict(MISSED, needs)
    return verdict


def _within(truth: Truth, since: datetime, due: datetime, stop: str, as_of: datetime, needs: tuple[str, ...],
            over_counts: bool) -> Verdict:  # fmt: skip
    at = truth.moments[stop]
    if at is not None:
        return Verdict(MET if at <= due else MISSED, needs, (due - at).total_seconds())
    if as_of <= due:
        return Verdict(PENDING, needs)
    if over_counts and end_of(truth, as_of) <= due:
        return Verdict(NA, needs, (due - end_of(truth, as_of)).total_seconds())
    return Verdict(MISSED, needs)


def _well_named(truth: Truth) -> bool:
    hit = re.fullmatch(r"incident-(\d{4}-\d{2}-\d{2})-\S+", truth.channel)
    return hit is not None and hit[1] in truth.opened_on


def _response(truth: Truth, as_of: datetime) -> Verdict:
    """Within the severity's own target; a rise shortens it from the rise, a fall lengthens it unless already missed."""
    name, since = _start(truth, ("alert_fired", "declared"), False, as_of)
    assert since is not None
    stop = truth.moments["responded"] or as_of
    due = _due(truth.severities[0][1], since)
    for (_, was), (when, word) in zip(truth.severities, truth.severities[1:], strict=False):
        if when > stop:
            break
        if word < was:  # P1 is worse than P2
            due = min(due, _due(word, max(since, when)))
        elif when <= due:
            due = _due(word, since)
    return _within(truth, since, due, "responded", as_of, ("severity", name, "responded"), over_counts=True)


def _due(severity: str, since: datetime) -> datetime:
    if severity in RESPONSE:
        return since + RESPONSE[severity] * MINUTE
    day = since.date() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return datetime.combine(day, time(17), since.tzinfo)


def _members(truth: Truth, as_of: datetime) -> Verdict:
    if lacks := _lacks_severity(truth, as_of):
        return lacks
    name, since = _start(truth, ("alert_fired", "declared"), True, as_of)
    assert since is not None
    due, needs = since + 15 * MINUTE, ("severity", name, "channel_opened")
    if len(truth.present) < 2:
        return Verdict(MISSED if as_of > due else PENDING, needs)
    second = sorted(truth.present)[1]
    return Verdict(MET if second <= due else MISSED, needs, (due - second).total_seconds())


def _roles(truth: Truth, as_of: datetime) -> Verdict:
    if lacks := _lacks_severity(truth, as_of):
        return lacks
    name, since = _start(truth, ("alert_fired", "declared"), True, as_of)
    assert since is not None
    due, needs = since + 30 * MINUTE, ("severity", name, "commanded")
    if len(truth.roles) < len(ROLES):
        return Verdict(MISSED, needs)
    last = max(truth.roles.values())
    return Verdict(MET if last <= due else MISSED, needs, (due - last).total_seconds())


def silence(updates: list[Update], stretches: list[tuple[datetime, datetime]]) -> timedelta:
    """The longest silence inside the stretches; the first begins with a stretch, the last ends with it."""
    longest = timedelta(0)
    for since, until in stretches:
        times = [since, *sorted(u.at for u in updates if since <= u.at <= until), until]
        longest = max([longest, *(b - a for a, b in pairwise(times))])
    return longest


def _cadence(truth: Truth, start: str, updates: list[Update], limit: timedelta, as_of: datetime,
             needs: tuple[str, ...]) -> Verdict:  # fmt: skip
    if lacks := _lacks_severity(truth, as_of):
        return lacks
    name, since = _start(truth, (start,), True, as_of)
    if since is None:
        return Verdict(NA, (name,))
    end = end_of(truth, as_of)
    stretches = [(max(a, since), min(b, end)) for a, b in windows(truth, as_of) if b > since]
    whole = sum((b - a for a, b in stretches), timedelta(0))
    if whole <= limit:
        return Verdict(NA if truth.moments["resolved"] else PENDING, needs, (limit - whole).total_seconds())
    longest = silence(updates, stretches)
    margin = (limit - longest).total_seconds()
    if longest > limit:
        return Verdict(MISSED, needs, margin)
    return Verdict(MET if truth.moments["resolved"] else PENDING, needs, margin)


def _internal(truth: Truth, as_of: datetime) -> Verdict:
    needs = ("severity", "declared", "resolved", "first_update")
    return _cadence(truth, "declared", truth.internal, 15 * MINUTE, as_of, needs)


def _public(truth: Truth, as_of: datetime) -> Verdict:
    needs = ("severity", "first_notice", "resolved")
    return _cadence(truth, "first_notice", truth.public, 30 * MINUTE, as_of, needs)


def _template(truth: Truth, as_of: datetime) -> Verdict:
    if lacks := _lacks_severity(truth, as_of):
        return lacks
    needs = ("severity", "first_update")
    if not truth.internal:
        return Verdict(NA, needs)
    # What is over needs no promise.
    whole = all(set(u.lacks) <= ({"ETA"} if u.status == "RESOLVED" else set()) for u in truth.internal)
    return Verdict(MET if whole else MISSED, needs)


def _order(truth: Truth, as_of: datetime) -> Verdict:
    if not truth.internal:
        return Verdict(NA, ("first_update",))
    return Verdict(MET if all(u.status in VOCABULARY for u in truth.internal) else MISSED, ("first_update",))


def _rollback(truth: Truth, as_of: datetime) -> Verdict:
    """Last known good named, rolled back, health verified, in that order."""
    back, good = truth.steps.get("rollback"), truth.steps.get("last_good")
    if back is None:
        return Verdict(NA, ("rollback",))
    verified = [at for at in truth.health if at >= back]
    needs = ("rollback", "last_good", "health" if verified or not truth.health else "rollback")
    return Verdict(MET if good and good <= back and verified else MISSED, needs)


def _health(truth: Truth, as_of: datetime) -> Verdict:
    if lacks := _lacks_severity(truth, as_of):
        return lacks
    since, until = truth.moments["mitigated"], truth.moments["resolved"]
    if since is None:
        return Verdict(MISSED if until else PENDING, ("severity", "mitigated"))
    done = [at for at in truth.health if at >= since and (until is None or at <= until)]
    needs = ("severity", "mitigated", "resolved", *(["health inside"] if done or until else []))
    return Verdict(MET if done else MISSED if until else PENDING, needs)


def _agenda(truth: Truth, as_of: datetime) -> Verdict:
    if lacks := _lacks_severity(truth, as_of):
        return lacks
    if truth.moments["resolved"] is None:
        return Verdict(PENDING, ("resolved",))
    return Verdict(MET if len(truth.agenda) == 6 else MISSED, ("severity", "resolved", "agenda"))


def _blameless(truth: Truth, as_of: datetime) -> Verdict:
    return Verdict(MISSED if truth.blame else MET, ("words",))
