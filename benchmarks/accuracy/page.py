"""docs/accuracy.md, made from the comparisons alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from statistics import median

from benchmarks.accuracy.noise import PART, Noise
from benchmarks.accuracy.score import Judged, Moment, Scored, absent, agreement, shares, whole
from benchmarks.accuracy.verdicts import CLAUSES
from benchmarks.accuracy.world import MILESTONES, Team

WORDS = ("met", "missed", "not_applicable", "pending", "unknown", "contradictory", "not found")
NOISE = {
    "holes": "planned stretches in which a tool was not exported that are left out",
    "untold": "what people alone tell (triage, mitigation, health checks, last known good, review, report): no record",
    "deleted": "of that: written and deleted again, half of it with a tombstone",
    "late": "what people told: written later than it happened (median 5 min, reviews and reports an hour)",
    "corrected": "of the late: put right by a correction file",
    "skewed": "tools whose clock is off by seconds (lognormal, median 6 s, at most 60 s)",
    "shifted": "planned teams in which one tool tells local time as UTC",
    "twice": "records delivered twice; whole files too in every other team",
    "edited": "messages edited afterwards",
    "chatter": "messages that say nothing, nearly half of them nearly something",
}

INTRO = """# Accuracy

Made by `./pod accuracy` (`QUICK=1` for fewer incidents), which simulates teams whose truth is known, spoils what their
tools tell, writes it down as real export files, loads those as a user would, and compares. It fails if a target is
missed. The same seed gives the same page.
"""

METHOD = """## What is compared

The simulator (`benchmarks/accuracy/`) draws incidents with everything the workflow asks for, and works out the true
moment of each milestone and the true verdict of each clause from what happened, by its own code: it imports neither the
policy nor the reconstruction nor the metrics. Then come the records: pages of PagerDuty's and Jira's REST APIs, Slack
exports, a Statuspage history, correction files. Each clause of each incident belongs to one of three classes, by what
its verdict needs:

- **whole**: every moment it needs has its own record in the exports, or did not happen and a tool that would have told
  of it is loaded for that time;
- **in part**: the moment's own record is not there, but another one tells of it later (an update that says MONITORING
  for a mitigation that nobody wrote down), or the clock falls back on the clause's second start;
- **absent**: nothing tells of it. What did not happen and only people could have told belongs here too: nobody writes
  down what did not happen.

`eta` is not judged by the workflow, so it is left out.
"""

LIMITS = """## What this does not show

- The figures are of one seed, which was also looked at while errors were repaired. `./pod accuracy 4711` runs another
  one and writes beside `build/accuracy.json` instead of here.
- The simulator's words are its own; the wordings of your team are others. The rules are in the policy, so that they can
  be made yours.
- A record that is missing *inside* a chat that is loaded (a role taken aloud, a "no customer impact" said in a call)
  cannot be seen by anybody: the chat is there and does not tell. Such losses are not simulated; they read as missed.
- The four tools simulated are PagerDuty, Jira, Slack and Statuspage. GitHub, logs and the other sources are tested on
  real exports instead.
"""


def page(teams: Sequence[Team], scored: Sequence[Scored], noise: Noise, seed: int, rows: Iterable[dict[str, object]],
         quick: bool) -> str:  # fmt: skip
    """The whole page."""
    moments = [m for s in scored for m in s.moments]
    judged = [j for s in scored for j in s.verdicts]
    parts = [
        INTRO,
        _results(rows, quick),
        METHOD,
        _setting(teams, scored, noise, seed),
        _missing(teams, moments),
        _milestones(moments),
        _matrix("## Verdicts where the evidence is whole", whole(judged)),
        _clauses(judged),
        _disagreements(whole(judged)),
        _matrix("## Verdicts where the evidence is absent", absent(judged)),
        _matrix("## Verdicts where the evidence is there in part", [
            j for j in judged if j.evidence == PART and not j.shifted
        ]),
        _shifted(teams, judged, {t.name: s.flagged for t, s in zip(teams, scored, strict=True)}),
        LIMITS,
    ]  # fmt: skip
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines) + "\n"


def percent(part: int, all: int) -> str:
    """A share in words; a dash of nothing."""
    return f"{100 * part / all:.1f} %" if all else "–"


def p95(values: list[float]) -> float:
    """The 95th percentile: the smallest value that at least 95 % do not exceed."""
    return sorted(values)[ceil(0.95 * len(values)) - 1]


def _results(rows: Iterable[dict[str, object]], quick: bool) -> str:
    told = [(r["name"], f"{r['value']} {r['unit']}", r["target"], "met" if r["ok"] else "**missed**") for r in rows]
    note = "A smaller run than usual (`QUICK=1`).\n\n" if quick else ""
    return "## Results\n\n" + note + table(("what", "measured", "target", ""), told)


def _setting(teams: Sequence[Team], scored: Sequence[Scored], noise: Noise, seed: int) -> str:
    kinds = Counter(i.kind for t in teams for i in t.incidents)
    changed = sum(len(i.truth.severities) > 1 for t in teams for i in t.incidents)
    merged = sum(bool(i.duplicate) for t in teams for i in t.incidents)
    told, found = sum(s.told for s in scored), sum(s.found for s in scored)
    lines = [
        "## The setting\n",
        f"Seed {seed}. {len(teams)} teams in four time zones, {sum(kinds.values())} incidents in 2026: "
        + ", ".join(f"{n} {k}" for k, n in sorted(kinds.items(), key=lambda x: (-x[1], x[0])))
        + f". Severity changed in {changed}, a second alert was merged into {merged}; *dst* ones span a change of "
        "summer time, *transient* ones healed themselves and have no ticket, *reported* ones had no alert.\n",
        f"The exports tell of {told} of them by a record that names an incident; {found} of these were found. "
        f"Incidents found that never were: {sum(s.invented for s in scored)}.\n",
        table(("noise", "rate", "what it is"), [(k, f"{v:g}", NOISE[k]) for k, v in noise.items()]),
        table(
            ("team", "not exported", "clock off by, s (pager, tracker, chat, page)"),
            [
                (t.name, ", ".join(f"{h.tool} {_stretch(t, h.since, h.until)}" for h in t.holes) or "–",
                 ", ".join(f"{off.total_seconds():+.0f}" for off in t.skew.values()))
                for t in teams
            ],
        ),
    ]  # fmt: skip
    return "\n".join(lines)


def _stretch(team: Team, since: object, until: object) -> str:
    late, early = str(since) > str(team.starts), str(until) < str(team.ends)
    return "in the second half" if late else "in the first half" if early else "at all"


def _missing(teams: Sequence[Team], moments: list[Moment]) -> str:
    lost = shares(moments)
    happened = sum(m.true is not None for m in moments)
    never = sum(at is None for t in teams for i in t.incidents for at in i.truth.moments.values())
    slots = sum(len(i.truth.moments) for t in teams for i in t.incidents)
    rows = [(f"the record is missing: {why}", f"{100 * share:.1f} % of what happened") for why, share in lost.items()]
    return (
        "## What is missing\n\n"
        f"Of {happened} milestones that happened, {100 * sum(lost.values()):.1f} % have no record of their own in the "
        "exports. Only these count as missing; what truly did not happen stands beside them.\n\n"
        + table(("kind", "share"), [*rows, ("it did not happen", f"{100 * never / slots:.1f} % of all {slots} places")])
    )


def _milestones(moments: list[Moment]) -> str:
    rows = []
    for name in MILESTONES:
        own = [m for m in moments if m.milestone == name and not m.shifted]
        true = [m for m in own if m.true]
        told = [m for m in true if m.evidence != "absent"]
        found = [m for m in own if m.found]
        right = [m for m in found if m.true]
        errors = [e for m in right if (e := m.error) is not None]
        rows.append((
            f"`{name}`", len(true), len(told), len(right), percent(len(right), len(found)),
            percent(sum(m.found is not None for m in told), len(told)), percent(len(right), len(true)),
            f"{median(errors):.1f}" if errors else "–", f"{p95(errors):.1f}" if errors else "–",
        ))  # fmt: skip
    head = (
        "milestone",
        "true",
        "told",
        "found",
        "precision",
        "recall of the told",
        "recall of all",
        "median s",
        "p95 s",
    )
    return (
        "## Milestones\n\nError is the absolute distance from the true moment, in seconds, skewed clocks, late notes "
        "and later witnesses included. *Told*: some record in the exports tells of it. *Precision*: of what was "
        "found, the share that did happen.\n\n" + table(head, rows)
    )


def _matrix(title: str, judged: Sequence[Judged]) -> str:
    pairs = Counter((j.true, j.ours) for j in judged)
    columns = [w for w in WORDS if any(p[1] == w for p in pairs)]
    rows = [
        (f"**{true}**", *(pairs[(true, ours)] or "" for ours in columns))
        for true in WORDS
        if any(p[0] == true for p in pairs)
    ]
    good, count = agreement(judged)
    text = f"{count} verdicts, {good} of them equal ({percent(good, count)}). A row is the truth, a column our verdict."
    return f"{title}\n\n{text}\n\n" + table(("", *columns), rows)


def _clauses(judged: list[Judged]) -> str:
    rows = []
    for clause in CLAUSES:
        own = [j for j in whole(judged) if j.clause == clause]
        decided = [j for j in own if j.true in ("met", "missed")]
        gone = [j for j in absent(judged) if j.clause == clause]
        rows.append((
            f"`{clause}`", len(own), percent(*agreement(own)), len(decided), percent(*agreement(decided)), len(gone),
            percent(sum(honest(j) for j in gone), len(gone)),
        ))  # fmt: skip
    head = ("clause", "whole", "agree", "of these truly met or missed", "agree", "absent", "unknown")
    return "## Clause by clause\n\n" + table(head, rows)


def honest(judged: Judged) -> bool:
    """Whether a verdict without evidence says so. Not applicable or pending will do where it is the truth, or where the
    only severity that is told (the pager's priority as it was in the end) does not call for the clause.
    """
    by_severity = judged.ours == "not_applicable" and judged.because.startswith("holds for ")
    right = judged.agrees and judged.ours in ("not_applicable", "pending")
    return judged.ours == "unknown" or right or by_severity


def _disagreements(judged: Sequence[Judged]) -> str:
    causes = Counter(j.cause for j in judged if not j.agrees)
    rows = []
    for cause, count in sorted(causes.items(), key=lambda x: (-x[1], x[0])):
        one = next(j for j in judged if j.cause == cause and not j.agrees)
        rows.append((cause, count, f"{one.team} {one.incident} `{one.clause}`: {one.true}, judged {one.ours}"))
    return "## What the disagreements come from\n\n" + table(("cause", "how many", "for example"), rows)


def _shifted(teams: Sequence[Team], judged: list[Judged], flagged: Mapping[str, tuple[str, ...]]) -> str:
    text = (
        "## A clock that is off by hours\n\nIn these teams the people of one tool wrote local time and called it UTC. "
        "It is flagged, and never repaired: verdicts that hang on the difference are unknown. They are in none of the "
        "figures above.\n\n"
    )
    head = ("team", "tool", "off by", "flagged", "verdicts", "equal", "unknown", "wrongly met")
    return text + table(head, _off(teams, judged, flagged))


def _off(
    teams: Sequence[Team], judged: list[Judged], flagged: Mapping[str, tuple[str, ...]]
) -> Iterator[Sequence[object]]:
    for team in teams:
        if team.shifted:
            own = [j for j in judged if j.team == team.name]
            off = f"{team.skew[team.shifted].total_seconds() / 60:+.0f} min"
            wrong = sum(j.ours == "met" and j.true != "met" for j in own)
            unknown = percent(sum(j.ours == "unknown" for j in own), len(own))
            told = "; ".join(flagged.get(team.name, ())) or "no"
            yield team.name, team.shifted, off, told, len(own), percent(*agreement(own)), unknown, wrong
