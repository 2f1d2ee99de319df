"""Comparing: what podanalytics says of each simulated incident against its truth, moments and clauses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from benchmarks.accuracy.noise import ABSENT, WHOLE, evidence, known, told
from benchmarks.accuracy.replay import Outcome
from benchmarks.accuracy.verdicts import judge
from benchmarks.accuracy.world import MILESTONES, TOOLS, Incident, Team

LOST = "not found"


@dataclass(frozen=True)
class Moment:
    """One milestone of one incident: its truth, what was found, how much of it is in the exports."""

    team: str
    incident: str
    milestone: str
    true: datetime | None
    found: datetime | None
    evidence: str
    why_absent: str
    shifted: bool

    @property
    def error(self) -> float | None:
        """Seconds between truth and finding, unsigned; None unless there are both."""
        return abs((self.found - self.true) / timedelta(seconds=1)) if self.found and self.true else None


@dataclass(frozen=True)
class Judged:
    """One clause of one incident: the true verdict, ours, how much of what it needs is in the exports, and a cause."""

    team: str
    incident: str
    clause: str
    true: str
    ours: str
    because: str
    evidence: str
    cause: str
    shifted: bool

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.true == self.ours


@dataclass(frozen=True)
class Scored:
    """All comparisons of one team, and how many of its incidents the exports tell of at all."""

    moments: list[Moment]
    verdicts: list[Judged]
    told: int
    found: int
    untold: int
    invented: int


def score(team: Team, outcome: Outcome) -> Scored:
    """The team's incidents one by one."""
    moments: list[Moment] = []
    verdicts: list[Judged] = []
    told = found = 0
    names: set[str] = set()
    for incident in team.incidents:
        name = _name(team, incident)
        if name is None:
            continue
        told += 1
        here = outcome.members.get(name, "")
        if here in outcome.incidents:
            found += 1
            names.add(here)
        moments += _moments(team, incident, here, outcome)
        verdicts += _verdicts(team, incident, here, outcome)
    counted = {i for i, row in outcome.incidents.items() if row["excluded"] is None}
    return Scored(moments, verdicts, told, found, len(team.incidents) - told, len(counted - names))


def _name(team: Team, incident: Incident) -> str | None:
    """What the exports call it; None where no export that names incidents tells of it."""
    for verb, name in (("declare", incident.key), ("trigger", incident.pager), ("notice", incident.page)):
        if any(act.verb == verb and told(team, act) for act in incident.acts):
            return name
    return None


def _moments(team: Team, incident: Incident, here: str, outcome: Outcome) -> Iterator[Moment]:
    for milestone in MILESTONES:
        true = incident.truth.moments[milestone]
        seen = outcome.moments.get((here, milestone))
        if true is None and seen is None:
            continue
        yield Moment(
            team.name, incident.key, milestone, true, seen, known(team, incident, milestone),
            _why(team, incident, milestone), bool(team.shifted),
        )  # fmt: skip


def _why(team: Team, incident: Incident, milestone: str) -> str:
    """Why the record of the true moment is not in the exports; empty where it is."""
    own = [act for act in incident.acts if act.tells.get(milestone)]
    if any(told(team, act) for act in own) or incident.truth.moments[milestone] is None:
        return ""
    if any(act.gone for act in own):
        return "written and deleted" if any(act.gone == "deleted" for act in own) else "never written down"
    return "tool not exported" if own else "never written down"


def _verdicts(team: Team, incident: Incident, here: str, outcome: Outcome) -> Iterator[Judged]:
    for clause, true in judge(incident.truth, team.as_of).items():
        ours, because = outcome.verdicts.get((here, clause), (LOST, "the incident was not found"))
        level = evidence(team, incident, clause, true.needs)
        cause = ""
        if ours != true.word:
            cause = _cause(team, incident, true.needs, true.margin, here, outcome)
        yield Judged(
            team.name, incident.key, clause, true.word, ours, because, level, cause, bool(team.shifted)
        )  # fmt: skip


def _cause(team: Team, incident: Incident, needs: Iterable[str], margin: float | None, here: str,
           outcome: Outcome) -> str:  # fmt: skip
    """What kind of error it is, as far as can be told from outside."""
    skew = max(abs(team.skew[a] - team.skew[b]) for a in TOOLS for b in TOOLS).total_seconds() + 2
    if here not in outcome.incidents:
        return "the incident was not found"
    wrong = []
    for moment in needs:
        if moment in incident.truth.moments:
            true, seen = incident.truth.moments[moment], outcome.moments.get((here, moment))
            if (true is None) != (seen is None):
                wrong.append(f"{moment} {'invented' if true is None else 'not found'}")
            elif true and seen and abs((seen - true).total_seconds()) > skew:
                late = any(act.lag for act in incident.acts if moment in act.tells)
                wrong.append(f"{moment} told late" if late else f"{moment} taken from another record")
        elif any(act.lag and moment in act.tells for act in incident.acts):
            wrong.append(f"{moment} told late")
    if wrong:
        return wrong[0]
    if margin is not None and abs(margin) <= skew:
        return "the clocks of two tools differ by more than what was left to the target"
    return "other"


def shares(moments: list[Moment]) -> dict[str, float]:
    """Of the milestones that happened: the share whose own record is not in the exports, by reason."""
    happened = [m for m in moments if m.true]
    reasons = ("tool not exported", "never written down", "written and deleted")
    return {r: sum(m.why_absent == r for m in happened) / max(1, len(happened)) for r in reasons}


def agreement(judged: Iterable[Judged]) -> tuple[int, int]:
    """(agreeing, all)."""
    rows = list(judged)
    return sum(j.agrees for j in rows), len(rows)


def whole(judged: Iterable[Judged]) -> list[Judged]:
    """Those where everything that the verdict needs is in the exports, and no clock is off by hours."""
    return [j for j in judged if j.evidence == WHOLE and not j.shifted]


def absent(judged: Iterable[Judged]) -> list[Judged]:
    """Those where something the verdict needs is told nowhere."""
    return [j for j in judged if j.evidence == ABSENT and not j.shifted]
