"""Stories drawn by hypothesis: a few incidents over a few days, told by several tools in an order of their own.

What is drawn is small and odd: times at the edge of a target and far off it, clocks that stand apart, times stamped to
the minute or the hour, acknowledgements by nobody, records reopened, edited, merged and corrected. Everything is made
from the draw alone, keys too, so that an example means the same whenever it is run again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from podanalytics.case import GRAIN
from podanalytics.model import Event, Kind, Milestone, Person, Precision
from tests.story import DAY

PEOPLE = (
    Person("slack", "ana", "Ana Lima", "ana"),
    Person("slack", "botty", "Botty", "botty", bot=True),
    Person("pagerduty", "service", "pod-api", bot=True),
    Person("jira", "ana", "Ana Lima"),
)
ACTORS = st.sampled_from(["ana", "ben", "cem", "botty", "service", None])
STATES = ("INVESTIGATING", "IDENTIFIED", "FIXING", "MONITORING", "RESOLVED", "PUZZLED")
STATUSES = ("Open", "Investigating", "Fixing", "Mitigated", "Waiting", "Resolved", "Closed", "Reopened", "Odd")
NOTICES = ("investigating", "identified", "monitoring", "resolved", "postmortem")
SEVERITIES = st.sampled_from(["P1", "P2", "P1", "P2", "P3", "P4", "none"])
WORDS = (
    "ack, looking into it",
    "@here please join",
    "I'm the incident commander",
    "IC is @ben, TL is @cem, DevOps is @ana",
    "PM @ana, CS @ben",
    "I'm stepping down as IC",
    "triage done, severity confirmed",
    "no customer impact",
    "impact started a while ago",
    "last known good is v2.12",
    "rolled back to v2.12",
    "health check is green",
    "mitigated",
    "the post-incident review was held",
    "the public report is published",
    "that was careless",
    "hm",
)
FIELDS = ("Impact: logins fail", "Actions Taken: looking", "Next Steps: fix", "ETA: 15:00 UTC")
# Seconds from an incident's beginning: on a target, beside it, and anywhere; before it, too.
EDGES = (0, 1, 60, 299, 300, 301, 359, 899, 900, 901, 1799, 1800, 1801, 3600, 7200, 172_800, 172_801)
AFTER = st.one_of(
    st.sampled_from(EDGES), st.sampled_from(EDGES[:12]), st.integers(0, 5_400), st.integers(-300, 4 * 86_400)
)


@dataclass(frozen=True)
class Drawn:
    """A story: its events, and the moment as of which it is judged."""

    events: tuple[Event, ...]
    as_of: datetime

    def __repr__(self) -> str:
        lines = (
            f"{e.occurred_at:%d %H:%M:%S} {e.precision} {e.source} {e.subject} {e.kind} {e.actor} "
            f"{e.was or ''} {e.value or ''} {e.text!r} [{e.key}]"
            for e in self.events
        )
        return "\n  ".join([f"as of {self.as_of}", *lines])

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        printer.text(repr(self))  # what hypothesis prints of a failing example


@dataclass
class Teller:
    """One incident being told: every tool with its own name for it, its own clock and its own fineness."""

    number: int
    begin: datetime
    skews: dict[str, timedelta]
    precisions: dict[str, Precision]
    named: str  # the tool whose record the channel is named after

    def __post_init__(self) -> None:
        self.told: list[Event] = []
        day = f"{self.begin:%Y-%m-%d}"
        self.subjects = {
            "pagerduty": f"PDAAA{self.number}",
            "jira": f"INC-{self.number}",
            "statuspage": f"abcdefghij{self.number:02d}",
            "corrections": "",
        }
        tail = str(self.number) if self.named == "jira" else self.subjects[self.named].lower()
        self.subjects["slack"] = f"#incident-{day}-{tail}"

    def moment(self, source: str, after: int) -> datetime:
        """When a tool says that it happened: by its clock, as finely as it writes."""
        at = self.begin + timedelta(seconds=after) + self.skews.get(source, timedelta(0))
        grain = GRAIN[self.precisions.get(source, Precision.SECOND)]
        return at - (at - datetime(2026, 1, 1, tzinfo=at.tzinfo)) % grain if grain else at

    def tell(self, source: str, kind: Kind, after: int, **more: Any) -> None:
        """One more event, keyed by its place in the story."""
        key = f"{self.number}/{len(self.told)}"
        self.told.append(
            Event(
                occurred_at=self.moment(source, after),
                kind=kind,
                source=source,
                key=key,
                origin=f"{source}.json#/{key}",
                precision=self.precisions.get(source, Precision.SECOND),
                **{"subject": self.subjects[source], **more},
            )
        )


Act = tuple[Callable[[Teller, int, Any], None], int, Any]


def _acts(act: Callable[[Teller, int, Any], None], what: st.SearchStrategy[Any]) -> st.SearchStrategy[Act]:
    return st.tuples(st.just(act), AFTER, what)


def _alert(t: Teller, after: int, how: str) -> None:
    t.tell("pagerduty", Kind.ALERTED, after, value=how)


def _ack(t: Teller, after: int, actor: str | None) -> None:
    t.tell("pagerduty", Kind.ACKNOWLEDGED, after, actor=actor)


def _page(t: Teller, after: int, who: str) -> None:
    t.tell("pagerduty", Kind.NOTIFIED, after, value=who)


def _end_page(t: Teller, after: int, what: tuple[str, str | None]) -> None:
    t.tell("pagerduty", Kind.STATUS, after, value=what[0], actor=what[1])


def _move(t: Teller, after: int, what: tuple[str, str | None]) -> None:
    t.tell("jira", Kind.STATUS, after, value=what[0], actor=what[1])


def _raise(t: Teller, after: int, severity: str) -> None:
    t.tell("jira", Kind.SEVERITY, after, value=severity, actor="ana")


def _comment(t: Teller, after: int, what: tuple[str, str | None]) -> None:
    t.tell("jira", Kind.MESSAGE, after, text=what[0], actor=what[1])


def _say(t: Teller, after: int, what: tuple[str, str | None]) -> None:
    t.tell("slack", Kind.MESSAGE, after, text=what[0], actor=what[1])


def _say_elsewhere(t: Teller, after: int, words: str) -> None:
    t.tell("slack", Kind.MESSAGE, after, text=f"{t.subjects['jira']}: {words}", actor="ben", subject="#ops")


def _join(t: Teller, after: int, actor: str) -> None:
    t.tell("slack", Kind.JOINED, after, actor=actor)


def _open_channel(t: Teller, after: int, _: None) -> None:
    t.tell("slack", Kind.CHANNEL, after, value="created", text=t.subjects["slack"])


def _update(t: Teller, after: int, what: tuple[str, frozenset[str], str | None]) -> None:
    state, left_out, actor = what
    lines = [f"Incident: {t.number}", f"Status: {state}", *(f for f in FIELDS if f not in left_out)]
    head = f"*INCIDENT UPDATE [{t.begin + timedelta(seconds=after):%H:%M}]*"
    t.tell("slack", Kind.MESSAGE, after, text="\n".join([head, *lines]), actor=actor)


def _edit(t: Teller, after: int, words: str) -> None:
    said = [e.key for e in t.told if e.kind is Kind.MESSAGE and e.source == "slack"]
    if said:
        t.tell("slack", Kind.EDITED, after, value=said[-1], text=words, actor="ana")
        t.tell("slack", Kind.DELETED, after + 60, value=said[0])


def _notice(t: Teller, after: int, what: tuple[str, str]) -> None:
    t.tell("statuspage", Kind.NOTICE, after, value=what[0], text=what[1])
    if what[0] == "resolved":
        t.tell("statuspage", Kind.STATUS, after, value="resolved")


def _notice_again(t: Teller, after: int, _: None) -> None:
    """What a history feed tells once more, to the minute."""
    for first in [e for e in t.told if e.kind is Kind.NOTICE][:1]:
        t.told.append(
            Event(
                occurred_at=first.occurred_at.replace(second=0, microsecond=0),
                kind=Kind.NOTICE,
                source="statuspage",
                subject=first.subject,
                key=f"{first.key}/again",
                origin=f"history.atom#/{first.key}",
                precision=Precision.MINUTE,
                value="update",
                text=first.text,
            )
        )


def _backdate(t: Teller, after: int, _: None) -> None:
    t.tell("statuspage", Kind.OTHER, after, value="started_at", text="impact began, by the status page")


def _duplicate(t: Teller, after: int, _: None) -> None:
    """A second ticket, merged into the first."""
    other = f"INC-{t.number + 50}"
    t.tell("jira", Kind.DECLARED, after, value="Incident", text="the same again", subject=other, actor="ben")
    t.tell("jira", Kind.MERGED, after + 60, value=t.subjects["jira"], subject=other, actor="ben")


def _correct(t: Teller, after: int, what: tuple[str, int]) -> None:
    milestone, meant = what
    value = (t.begin + timedelta(seconds=meant)).isoformat()
    t.tell("corrections", Kind.STATED, after, was=milestone, value=value, text="the graph shows it", actor="ben",
           subject=t.subjects[t.named])  # fmt: skip


def _correct_severity(t: Teller, after: int, severity: str) -> None:
    t.tell("corrections", Kind.STATED, after, was="severity", value=severity, text="it was", actor="ben",
           subject=t.subjects[t.named])  # fmt: skip


_WITH_ACTOR = st.tuples(st.sampled_from(WORDS), ACTORS)
_UPDATES = st.tuples(st.sampled_from(STATES), st.frozensets(st.sampled_from(FIELDS), max_size=1), ACTORS)
_MILESTONES = [Milestone.MITIGATED, Milestone.RESOLVED, Milestone.ACKNOWLEDGED, Milestone.ALERT_FIRED]
ACTS: dict[str, list[st.SearchStrategy[Act]]] = {
    "pagerduty": [
        _acts(_alert, st.sampled_from(["monitor", "website"])),
        _acts(_ack, ACTORS),
        _acts(_page, st.just("ana")),
        _acts(_end_page, st.tuples(st.sampled_from(["resolved", "triggered", "snoozed"]), ACTORS)),
    ],
    "jira": [
        _acts(_move, st.tuples(st.sampled_from(STATUSES), ACTORS)),
        _acts(_move, st.tuples(st.sampled_from(["Resolved", "Reopened"]), ACTORS)),
        _acts(_raise, SEVERITIES),
        _acts(_comment, _WITH_ACTOR),
        _acts(_duplicate, st.none()),
        _acts(_say_elsewhere, st.sampled_from(WORDS)),
    ],
    "slack": [
        _acts(_say, _WITH_ACTOR),
        _acts(_update, _UPDATES),
        _acts(_update, _UPDATES),
        _acts(_join, st.sampled_from(["ana", "ben", "botty"])),
        _acts(_open_channel, st.none()),
        _acts(_edit, st.sampled_from(WORDS)),
    ],
    "statuspage": [
        _acts(_notice, st.tuples(st.sampled_from(NOTICES), st.sampled_from(["We are on it", "All is well"]))),
        _acts(_notice_again, st.none()),
        _acts(_backdate, st.none()),
    ],
    "corrections": [
        _acts(_correct, st.tuples(st.sampled_from([m.value for m in _MILESTONES]), AFTER)),
        _acts(_correct_severity, SEVERITIES),
    ],
}
_ALL = ("jira", "pagerduty", "statuspage", "slack", "corrections")
# Nobody's silence is known where few tools tell: most stories are told by most of them.
_TOOLS = st.tuples(
    st.sampled_from(_ALL[:3]), st.one_of(st.frozensets(st.sampled_from(_ALL)), st.just(frozenset(_ALL[:4])))
).map(lambda drawn: drawn[1] | {drawn[0]})
_SKEWS = st.sampled_from([timedelta(minutes=m) for m in (0, 0, 0, 1, -1, 3, -60)])
_PRECISIONS = st.sampled_from([Precision.SECOND] * 3 + [Precision.MINUTE, Precision.MICROSECOND, Precision.HOUR])


def _records(t: Teller, tools: frozenset[str], made: dict[str, int], severity: str) -> None:
    """The record of each tool that keeps one, pointing at the one it is named after."""
    for tool, type_ in (("jira", "Incident"), ("pagerduty", "incident"), ("statuspage", "status_incident")):
        if tool not in tools:
            continue
        t.tell(tool, Kind.DECLARED, made[tool], value=type_, text="pod-api down", actor="ana")
        if tool != t.named:
            there = "INC-" in t.subjects[t.named] or f"https://acme.pagerduty.com/incidents/{t.subjects[t.named]}"
            t.tell(tool, Kind.LINKED, made[tool], value=t.subjects[t.named] if there is True else there, text="ticket")
        elif severity != "none":
            t.tell(tool, Kind.SEVERITY, made[tool], value=severity, actor="ana")


@st.composite
def incidents(draw: st.DrawFn, number: int = 1, skewed: bool = True, least: int = 0) -> list[Event]:
    """What some tools tell of one incident, by `least` acts beside its records."""
    tools = draw(_TOOLS)
    named = next(tool for tool in ("jira", "pagerduty", "statuspage") if tool in tools)
    listed = sorted(tools)
    teller = Teller(
        number,
        DAY + timedelta(hours=14, minutes=draw(st.integers(0, 3 * 1_440))),
        {tool: draw(_SKEWS) for tool in listed} if skewed else {},
        {tool: draw(_PRECISIONS) for tool in listed} if skewed else {},
        named,
    )
    made = {tool: draw(st.sampled_from([0, 60, 300, 301, -30, 3_000])) for tool in ("jira", "pagerduty", "statuspage")}
    _records(teller, tools, made, draw(SEVERITIES))
    choices = [act for tool in listed for act in ACTS[tool]]
    begun: list[Act] = [(_alert, 0, "monitor")] if "pagerduty" in tools and draw(st.integers(0, 3)) else []
    ended: list[Act] = [(_move, 9_000, ("Resolved", "ana"))] if "jira" in tools and draw(st.booleans()) else []
    for act, after, what in begun + draw(st.lists(st.one_of(choices), min_size=least, max_size=16)) + ended:
        act(teller, after, what)
    return teller.told


@st.composite
def stories(draw: st.DrawFn, most: int = 3, skewed: bool = True, least: int = 0) -> Drawn:
    """Up to `most` incidents, and when they are judged: right after all that happened, or long after.

    With `least`, just so many incidents, each of that many acts or more: of little, little can be taken away.
    """
    count = draw(st.integers(1, most)) if not least else most
    events = [event for number in range(1, count + 1) for event in draw(incidents(number, skewed, least))]
    late = draw(st.sampled_from([timedelta(0), timedelta(minutes=4), timedelta(hours=1), timedelta(days=9)]))
    return Drawn(tuple(events), max(e.occurred_at for e in events) + late)
