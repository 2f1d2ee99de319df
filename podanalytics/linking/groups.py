"""Joining: the union of containers, strongest evidence first, that never makes one incident of two records of one
tool on its own judgement. What may not be joined is offered to a person, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from podanalytics.keepable import LATEST
from podanalytics.linking.containers import Container, Known
from podanalytics.linking.decisions import Decision
from podanalytics.linking.evidence import DECIDED, MERGED, OFFERED, POINTER, Evidence
from podanalytics.policy import Policy
from podanalytics.show.words import duration

# An address in running text is often "similar to last month's": it joins only what began within a day.
SAME_DAY = ("url", "announcement", "alert key", "related")


@dataclass(frozen=True, slots=True)
class Offer:
    """A pair that a person has to decide about: the strongest evidence for it, and why it was not joined."""

    evidence: Evidence
    reason: str


def _pair(item: Evidence) -> tuple[Container, Container, str]:
    """What stays unclear once it is: a second address of the same two does not settle which one is meant."""
    return min(item.left, item.right), max(item.left, item.right), item.method


class Groups:
    """Union of containers."""

    def __init__(self, known: Known, policy: Policy) -> None:
        self.known, self.policy = known, policy
        self.root = {c: c for c in known.all}
        self.held = {c: [c] for c in known.all}
        self.used: dict[Container, Evidence] = {}
        self._tools: dict[Container, set[str]] = {c: {c[0]} for c in known.records}
        self._starts: dict[Container, datetime] = {c: known.spans[c][0] for c in known.all if c in known.spans}
        self._apart: dict[Container, set[Container]] = {}
        self._gone: set[Container] = set()  # what its own tool merged into another record
        self._refused: list[Evidence] = []
        self._by: dict[str, str] = {}  # who made the decision of that event
        self._unclear: set[tuple[Container, Container, str]] = set()

    # --- joining ----------------------------------------------------------------------------------------------------

    def decide(self, decisions: Iterable[Decision]) -> list[Decision]:
        """Puts people's decisions into force, the ones that keep apart first. Returns those that cannot hold beside
        them.
        """
        told = [d for d in decisions if d.left in self.root and d.right in self.root]
        self._by = {d.event: d.by for d in told}
        for d in told:
            if not d.same:
                self._apart.setdefault(d.left, set()).add(d.right)
                self._apart.setdefault(d.right, set()).add(d.left)
        return [d for d in told if d.same and not self._join(d.evidence())]

    def join(self, found: Iterable[Evidence]) -> None:
        """Joins what the evidence says, strongest first. `found`: in order."""
        for weight, tier in groupby(found, key=lambda item: item.weight):
            items = list(tier)
            if -weight < self.policy.linking.automatic:
                self._refused += items
                continue
            self._unclear.update(map(_pair, self._ambiguous(items)))
            unclear = self._unclear  # most often nothing is
            self._refused += [i for i in items if (unclear and _pair(i) in unclear) or not self._join(i)]

    def may_join(self, left: Container, right: Container) -> bool:
        """Whether two records are apart, and no two records of one tool would come together if they were joined."""
        a, b = self.root[left], self.root[right]
        return a != b and self._tools[a].isdisjoint(self._tools[b])

    def alone(self, container: Container) -> bool:
        """Whether nothing was joined to it."""
        return len(self.held[self.root[container]]) == 1

    def _join(self, item: Evidence) -> bool:
        a, b = self.root[item.left], self.root[item.right]
        if a == b:
            return True
        if self._objection(item):
            return False
        if item.method == MERGED:
            self._gone.add(item.right)
        # The weaker-ranked side is the newcomer: the row that says why it belongs.
        newcomer = max(item.left, item.right, key=self._naming)
        self.used.setdefault(item.right if item.method == MERGED else newcomer, item)
        if len(self.held[a]) < len(self.held[b]):
            a, b = b, a
        for c in self.held[b]:
            self.root[c] = a
        self.held[a] += self.held.pop(b)
        self._tools[a] = self._tools.get(a, set()) | self._tools.pop(b, set())
        starts = [s for s in (self._starts.get(a), self._starts.pop(b, None)) if s]
        if starts:
            self._starts[a] = min(starts)
        return True

    def _objection(self, item: Evidence) -> str:
        """Why the two may not be joined; empty when they may."""
        a, b = self.root[item.left], self.root[item.right]
        if self._kept_apart(a, b):
            return "a person decided that they are different"
        if item.method in (DECIDED, MERGED):
            return ""
        # What belonged to a duplicate follows it to the survivor, which has one of that tool's own.
        follows = item.left in self._gone or item.right in self._gone
        if not follows and (two := self._tools.get(a, set()) & self._tools.get(b, set())):
            tool = min(two)
            one, other = (self._of(side, tool) for side in (a, b))
            return f"it would make one incident of {one} and {other}, two records of {tool}"
        apart, days = self._days_between(a, b), 1 if item.method in SAME_DAY else self.policy.linking.days
        if apart > timedelta(days=days):
            shown = (duration(span / timedelta(minutes=1)) for span in (apart, timedelta(days=days)))
            return f"they began {' apart, and no more than '.join(shown)} joins by itself"
        return ""

    def _kept_apart(self, a: Container, b: Container) -> bool:
        return bool(self._apart) and any(
            self.root[other] == b for c in self.held[a] for other in self._apart.get(c, ())
        )

    def _of(self, group: Container, tool: str) -> str:
        return min(
            subject
            for source, subject in self.held[group]
            if source == tool and (source, subject) in self.known.records
        )

    def _days_between(self, a: Container, b: Container) -> timedelta:
        if a not in self._starts or b not in self._starts:
            return timedelta()
        return abs(self._starts[a] - self._starts[b])

    def _ambiguous(self, tier: list[Evidence]) -> Iterator[Evidence]:
        """Equally strong evidence that leads from one group to two records of one tool: which of them, nobody says.

        A tool's own pointer is not weighed against another: it is the tool's word, and the first holds.
        """
        possible = [i for i in tier if i.method not in (MERGED, POINTER) and not self._objection(i)]
        leads: dict[tuple[Container, str], set[Container]] = {}
        for item in possible:
            for here, there in self._sides(item):
                for tool in self._tools.get(there, ()):
                    leads.setdefault((here, tool), set()).add(there)
        for item in possible:
            if any(len(leads.get((h, tool), ())) > 1 for h, t in self._sides(item) for tool in self._tools.get(t, ())):
                yield item

    def _sides(self, item: Evidence) -> tuple[tuple[Container, Container], ...]:
        a, b = self.root[item.left], self.root[item.right]
        return () if a == b else ((a, b), (b, a))

    # --- what came of it --------------------------------------------------------------------------------------------

    def offers(self) -> list[Offer]:
        """One for every two groups that evidence would join and a person has not decided about, strongest first."""
        found: dict[tuple[Container, Container], Offer] = {}
        for item in self._refused:
            a, b = sorted((self.root[item.left], self.root[item.right]))
            if a == b or (a, b) in found or item.score < OFFERED or self._kept_apart(a, b):
                continue
            if not any(c in self.known.records for c in self.held[a] + self.held[b]):
                continue
            found[(a, b)] = Offer(item, self._objection(item) or self._doubt(item))
        return sorted(found.values(), key=lambda offer: offer.evidence)

    def _doubt(self, item: Evidence) -> str:
        if _pair(item) in self._unclear:
            return "as much speaks for another record of the same tool, and one of them only can be it"
        return f"its score is below {self.policy.linking.automatic:g}"

    def anchor(self, group: Iterable[Container]) -> Container:
        """The record that gives the incident its name: by the policy's order; a survivor before what was merged into
        it.
        """
        group = list(group)
        if len(group) == 1:
            return group[0]
        gone = {c for c in group if c in self.used and self.used[c].method == MERGED}
        return min(group, key=lambda c: (self.known.rank(c), c in gone, self._naming(c)))

    def _naming(self, container: Container) -> tuple[int, datetime, Container]:
        """Sorts what names an incident first: by the policy's order, then the earliest."""
        begin = self.known.spans[container][0] if container in self.known.spans else LATEST
        return self.known.rank(container), begin, container

    def members(self) -> Iterator[dict[str, object]]:
        """MEMBERS rows of every group with a record in it: a channel nobody's record points at is no incident."""
        for group in self.held.values():
            if not any(c in self.known.records for c in group):
                continue
            anchor = self.anchor(group)
            for container in sorted(group):
                yield self._member(anchor, container)

    def _member(self, anchor: Container, container: Container) -> dict[str, object]:
        item = self.used.get(container)
        row: dict[str, object] = {"incident": anchor[1], "source": container[0], "subject": container[1]}
        if container == anchor:
            return {
                **row,
                "method": "anchor",
                "score": 1.0,
                "why": "the record that names the incident",
                "evidence": "",
            }
        if item is None:
            why = "joined through another member"
            return {**row, "method": "through another", "score": 1.0, "why": why, "evidence": ""}
        row |= {"actor": self._by.get(item.event), "evidence": item.event}
        return {**row, "method": item.method, "score": item.score, "why": item.why}
