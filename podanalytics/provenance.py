"""Which kinds of record a clause rests on: the pager, alerts, a tracker, the chat, the status page, the change history,
logs.

The policy's rules name kinds of events and tools; its `[tools]` says which tool is which kind of record. So it can be
said what is not loaded, and which clauses it would settle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from podanalytics.model import Kind, Milestone
from podanalytics.policy import Clause, Match, Policy

# Where an event of this kind is written, whichever tool writes it. What is in none is no record of its own.
WRITTEN_IN = {
    "pager": (Kind.ALERTED, Kind.NOTIFIED, Kind.ACKNOWLEDGED, Kind.UNACKNOWLEDGED, Kind.ESCALATED),
    "alerts": (Kind.ALERTED,),
    "tracker": (
        Kind.DECLARED,
        Kind.ASSIGNED,
        Kind.SEVERITY,
        Kind.STATUS,
        Kind.LABELLED,
        Kind.MERGED,
        Kind.ACTION,
        Kind.MESSAGE,
    ),
    "chat": (Kind.MESSAGE, Kind.EDITED, Kind.DELETED, Kind.JOINED, Kind.CHANNEL, Kind.ROLE, Kind.REACTED),
    "status page": (Kind.NOTICE, Kind.COMPONENT),
    "change history": (Kind.CHANGE,),
    "logs": (Kind.LOG,),
}
_AUDIENCES = {"internal": "chat", "customers": "status page"}


def records_of(policy: Policy, sources: Iterable[str]) -> frozenset[str]:
    """The kinds of record that these tools are, by the policy."""
    loaded = set(sources)
    return frozenset(kind for kind, tools in policy.tools.items() if loaded & set(tools))


def stands_in(record: str, covered: Set[str]) -> str:
    """The kind of record among those that are loaded which tells all that this one would; empty where none does.

    Monitoring's own alerts are not missed where the pager they go to is loaded.
    """
    would = set(WRITTEN_IN.get(record, ()))
    return next(
        (other for other in sorted(covered - {record}) if would and would <= set(WRITTEN_IN.get(other, ()))), ""
    )


def rests_on(clause: Clause, policy: Policy, known: Set[Milestone]) -> frozenset[str]:
    """The kinds of record that could settle a clause: where its moments that are not known, and what it looks at in
    between, would be written. `known`: the milestones that are.
    """
    return frozenset(_rests_on(clause, policy, known)) & frozenset(policy.tools)


def _rests_on(clause: Clause, policy: Policy, known: Set[Milestone]) -> Iterator[str]:
    for milestone in (*clause.start, *([clause.stop] if clause.stop else [])):
        if milestone not in known:
            for rule in policy.milestone(milestone).rules:
                yield from _written_in(rule, policy)
    for match in (*clause.match, *(m for step in clause.steps for m in step)):
        yield from _written_in(match, policy)
    if clause.applies_to and Milestone.SEVERITY_SET not in known:
        yield "tracker"
    if clause.kind in ("members", "roles"):
        yield "chat"
    if clause.kind == "order":
        yield from _AUDIENCES.values()
    if clause.audience:
        yield _AUDIENCES[clause.audience]


def _written_in(match: Match, policy: Policy) -> Iterator[str]:
    """Where what a rule looks for is written: in the tools it names, else where events of that kind are."""
    if match.source:
        yield from records_of(policy, match.source)
    else:
        kinds = set(match.kind) | ({Kind.MESSAGE} if match.role or match.update or not match.kind else set())
        yield from (record for record, written in WRITTEN_IN.items() if kinds & set(written))
