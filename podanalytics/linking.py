"""Linking: which of the tools' containers (tickets, pager incidents, status entries, channels) tell of the same
incident.

Evidence is looked for in the events themselves, scored as docs/architecture.md explains, and joined strongest first.
Two records of one tool never become one incident unless that tool itself says so (a merge or a duplicate).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from podanalytics.model import Kind
from podanalytics.policy import Policy, Record
from podanalytics.tables import MEMBERS

Container = tuple[str, str]  # (source, subject)

CHAT = ("slack",)
CONVERSATION = timedelta(minutes=10)  # a pause after which what is said is about something else
_URL = r"https?://[^\s<>|)\]\"']+"
_RELATED = re.compile(
    r"(?i)\b(?:similar to|same as|like|as in|see also|cf\.?|compare|related to|unlike)\W{0,3}\w*\W{0,3}$"
)
_KEY = r"\b[A-Z][A-Z0-9]+-\d+\b"
# How the tools write links to their own containers: (pattern, source, how to make the subject of the groups).
_LINKS = (
    (re.compile(r"/browse/([A-Z][A-Z0-9]+-\d+)"), "jira", "{0}"),
    (re.compile(r"github\.com/([\w.-]+/[\w.-]+)/(?:issues|pull)/(\d+)"), "github", "{0}#{1}"),
    (re.compile(r"pagerduty\.com/incidents/([A-Z0-9]{6,20})"), "pagerduty", "{0}"),
    (re.compile(r"/incidents/([a-z0-9]{12})\b"), "statuspage", "{0}"),
)


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """Why two containers tell of one incident.

    Sorted strongest first, then by content, so that linking is deterministic.
    """

    weight: float  # minus the score, so that the strongest sorts first
    left: Container
    right: Container
    method: str
    why: str
    event: str


def link(events: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Members of every incident.

    `events`: EVENTS rows. Returns MEMBERS: one row a container; a row with method `mention` covers its evidence event
    alone (a message in a general channel), one with method `action` is an action item of the incident.
    """
    records = find_records(events, policy)
    channels = _incident_channels(events, policy)
    spans = _spans(events)
    known = {**records, **{c: len(policy.records) for c in channels}}
    found = sorted(set(_evidence(events, policy, known, channels)))
    groups = _Groups(known, records, spans, policy)
    for item in found:
        groups.join(item)
    members = list(groups.members())
    home = {(str(m["source"]), str(m["subject"])): str(m["incident"]) for m in members}
    mentions = list(_mentions(events, home, groups))
    members += mentions + list(_conversations(events, mentions, home))
    members += _attached(events, home, policy)
    return MEMBERS.frame(members)


def find_records(events: pl.DataFrame, policy: Policy) -> dict[Container, int]:
    """Containers that are incidents under the policy, with the rank of the rule that says so (lower names the
    incident).
    """
    found: dict[Container, int] = {}
    for rank, rule in enumerate(policy.records):
        hits = events.filter(_record_condition(rule)).select("source", "subject").unique()
        for row in hits.iter_rows():
            found.setdefault(row, rank)
    return found


def _record_condition(rule: Record) -> pl.Expr:
    wanted = (pl.col("source") == rule.source) & (pl.col("kind") == rule.kind.value)
    for column in ("value", "text", "subject", "key"):
        if pattern := getattr(rule, column):
            wanted &= pl.col(column).str.contains(pattern)
    return wanted


def _incident_channels(events: pl.DataFrame, policy: Policy) -> dict[Container, str]:
    """Channels named for one incident, with the tail of the name (`1019` of `#incident-2026-10-14-1019`)."""
    pattern = re.compile(policy.linking.channel)
    chat = events.filter(pl.col("source").is_in(CHAT)).select("source", "subject").unique()
    return {(s, c): hit[1] for s, c in sorted(chat.iter_rows()) if (hit := pattern.match(c))}


def _spans(events: pl.DataFrame) -> dict[Container, tuple[datetime, datetime]]:
    # A record's span begins when it was made or its alert fired; late comments must not stretch it.
    starts = events.filter(~pl.col("kind").is_in([Kind.STATED.value, Kind.CHANGE.value]))
    grouped = starts.group_by("source", "subject").agg(
        pl.col("occurred_at").min().alias("a"), pl.col("occurred_at").max().alias("b")
    )
    return {(r[0], r[1]): (r[2], r[3]) for r in grouped.iter_rows()}


def _evidence(
    events: pl.DataFrame, policy: Policy, known: dict[Container, int], channels: dict[Container, str]
) -> Iterator[Evidence]:
    yield from _merges(events, known)
    yield from _pointers(events, known)
    yield from _channel_names(known, channels)
    yield from _titles(events, known)
    yield from _posts(events, known, channels)


def _merges(events: pl.DataFrame, known: dict[Container, int]) -> Iterator[Evidence]:
    """The tool itself says that one record went into another."""
    for row in events.filter(pl.col("kind") == Kind.MERGED.value).iter_rows(named=True):
        left, right = (row["source"], row["subject"]), (row["source"], row["value"])
        if left in known and right in known:
            yield Evidence(
                -1.0, right, left, "merged", f"{row['source']} merged {row['subject']} into {row['value']}", row["id"]
            )


def _pointers(events: pl.DataFrame, known: dict[Container, int]) -> Iterator[Evidence]:
    """A record's own link field, or the address of another record in its title, description, topic or comments."""
    there = pl.struct("source", "subject")
    hosts = pl.DataFrame(sorted(known), schema=["source", "subject"], orient="row")
    mine = events.join(hosts, on=["source", "subject"], how="semi") if known else events.clear()
    mine = mine.filter(there.is_not_null())
    text = pl.concat_str([pl.col("text"), pl.col("value").fill_null("")], separator=" ")
    hits = mine.with_columns(text.str.extract_all(_URL).alias("urls")).filter(pl.col("urls").list.len() > 0)
    for row in hits.iter_rows(named=True):
        for url in row["urls"]:
            target = container_of(url)
            here = (row["source"], row["subject"])
            if target in known and target != here:
                method, score = _strength(row, url)
                yield Evidence(-score, here, target, method, f"{here[1]} holds a link to {target[1]}", row["id"])
    keys = {subject: (source, subject) for source, subject in known if source == "jira"}
    for row in mine.filter(pl.col("kind") == Kind.LINKED.value).iter_rows(named=True):
        here, pointed = (row["source"], row["subject"]), keys.get(row["value"])
        if pointed and pointed != here:
            yield Evidence(-1.0, here, pointed, "pointer", f"{here[1]} points at {pointed[1]}", row["id"])


def _strength(row: dict[str, str], url: str) -> tuple[str, float]:
    """How much an address says: a link field most, a title or topic more than what people write underneath, which
    must not outrank the channel's own name, and "similar to" nothing at all.
    """
    if row["kind"] == Kind.LINKED.value:
        return "pointer", 1.0
    if _RELATED.search(row["text"].split(url, 1)[0]):
        return "related", 0.5
    return "url", 0.92 if row["kind"] == Kind.MESSAGE.value else 0.98


def container_of(url: str) -> Container:
    """The container an address leads to; ("", "") for any other address.

    >>> container_of("https://acme.atlassian.net/browse/OPS-7")
    ('jira', 'OPS-7')
    """
    for pattern, source, subject in _LINKS:
        if hit := pattern.search(url):
            return source, subject.format(*hit.groups())
    return "", ""


def _channel_names(known: dict[Container, int], channels: dict[Container, str]) -> Iterator[Evidence]:
    """`#incident-2026-10-14-1019` carries the number of INC-1019, `#inc-ops-12` its whole key."""
    tails: dict[str, list[Container]] = {}
    for source, subject in known:
        if source not in CHAT:
            number = re.search(r"(\d+)$", subject)
            for name in {subject.lower(), number[1] if number and source in ("jira", "github") else subject.lower()}:
                tails.setdefault(name, []).append((source, subject))
    for channel, tail in channels.items():
        first = tail.lower().split("-", 1)[0] if tail[:1].isdigit() else tail.lower()
        for name in sorted({tail.lower(), first}):
            for target in tails.get(name, []):
                yield Evidence(-0.95, target, channel, "channel name", f"{channel[1]} carries {target[1]}", "")


def _titles(events: pl.DataFrame, known: dict[Container, int]) -> Iterator[Evidence]:
    """A known key in another record's title: likely, but "same as INC-7" is written too, so a person decides."""
    keys = {subject: (source, subject) for source, subject in known if source == "jira"}
    titles = events.filter(pl.col("kind").is_in([Kind.DECLARED.value, Kind.RENAMED.value]))
    titles = titles.with_columns(
        pl.concat_str("text", pl.col("value").fill_null(""), separator=" ").str.extract_all(_KEY).alias("keys")
    )
    for row in titles.filter(pl.col("keys").list.len() > 0).iter_rows(named=True):
        here = (row["source"], row["subject"])
        for key in row["keys"]:
            if here in known and keys.get(key, here) != here:
                yield Evidence(-0.8, keys[key], here, "key in title", f"the title of {here[1]} names {key}", row["id"])


def _posts(events: pl.DataFrame, known: dict[Container, int], channels: dict[Container, str]) -> Iterator[Evidence]:
    """One post (a bot's announcement, usually) that names two containers joins them."""
    chat = events.filter(pl.col("source").is_in(CHAT) & (pl.col("kind") == Kind.MESSAGE.value))
    wanted = chat.filter(pl.col("text").str.contains(r"(?i)\bdeclared\b|\bincident\b|\bopened\b"))
    wanted = wanted.with_columns(
        pl.col("text").str.extract_all(_URL).alias("urls"), pl.col("text").str.extract_all(r"#[\w-]+").alias("names")
    )
    for row in wanted.filter(pl.col("urls").list.len() + pl.col("names").list.len() > 1).iter_rows(named=True):
        named = [c for u in row["urls"] if (c := container_of(u)) in known]
        named += [c for n in row["names"] if (c := (row["source"], n)) in channels]
        for other in sorted(set(named[1:]) - set(named[:1])):
            yield Evidence(
                -0.9, named[0], other, "announcement", f"one post names {named[0][1]} and {other[1]}", row["id"]
            )


class _Groups:
    """Union of containers, strongest evidence first, that never joins two records of one tool on its own judgement."""

    def __init__(
        self,
        known: dict[Container, int],
        records: dict[Container, int],
        spans: dict[Container, tuple[datetime, datetime]],
        policy: Policy,
    ) -> None:
        self.known, self.records, self.spans, self.policy = known, records, spans, policy
        self.root = {c: c for c in known}
        self.held = {c: {c} for c in known}
        self.used: dict[Container, Evidence] = {}

    def join(self, item: Evidence) -> None:
        if -item.weight < self.policy.linking.automatic:
            return
        a, b = self.root[item.left], self.root[item.right]
        if a == b or not (item.method == "merged" or self._may(a, b, item.method)):
            return
        for c in self.held[b]:
            self.root[c] = a
        self.held[a] |= self.held.pop(b)
        # The weaker-ranked side is the newcomer: the row that says why it belongs.
        newcomer = max(item.left, item.right, key=lambda c: (self.known[c], c))
        self.used.setdefault(item.right if item.method == "merged" else newcomer, item)

    def _may(self, a: Container, b: Container, method: str) -> bool:
        tools = {c[0] for c in self.held[a] if c in self.records}
        if tools & {c[0] for c in self.held[b] if c in self.records}:
            return False
        # An address in running text is often "similar to last month's": it joins only what began within a day.
        days = 1 if method in ("url", "announcement") else self.policy.linking.days
        return abs(self._start(a) - self._start(b)) <= timedelta(days=days)

    def _start(self, group: Container) -> datetime:
        return min(self.spans[c][0] for c in self.held[group] if c in self.spans)

    def anchor(self, group: Iterable[Container]) -> Container:
        """The record that gives the incident its name: by the policy's order; a survivor before what was merged into
        it.
        """
        gone = {c for c in group if c in self.used and self.used[c].method == "merged"}
        return min(
            group, key=lambda c: (self.known[c], c in gone, self.spans[c][0] if c in self.spans else datetime.max, c)
        )

    def members(self) -> Iterator[dict[str, object]]:
        for group in self.held.values():
            if not any(c in self.records for c in group):
                continue  # a channel nobody's record points at is no incident
            anchor = self.anchor(group)
            for source, subject in sorted(group):
                item = self.used.get((source, subject))
                why = (
                    "the record that names the incident"
                    if (source, subject) == anchor
                    else item.why
                    if item
                    else "joined through another member"
                )
                yield {
                    "incident": anchor[1],
                    "source": source,
                    "subject": subject,
                    "method": "anchor" if (source, subject) == anchor else item.method if item else "through another",
                    "score": 1.0 if (source, subject) == anchor or item is None else -item.weight,
                    "why": why,
                    "evidence": item.event if item and (source, subject) != anchor else "",
                }


def _mentions(events: pl.DataFrame, home: dict[Container, str], groups: _Groups) -> Iterator[dict[str, object]]:
    """Messages in general channels that name an incident's record while it ran: that message belongs to it, the
    channel does not.
    """
    names = {subject: incident for (source, subject), incident in home.items() if source == "jira"}
    chat = events.filter(pl.col("source").is_in(CHAT) & (pl.col("kind") == Kind.MESSAGE.value))
    chat = chat.with_columns(
        pl.col("text").str.extract_all(_URL).alias("urls"), pl.col("text").str.extract_all(_KEY).alias("keys")
    )
    for row in chat.filter(pl.col("urls").list.len() + pl.col("keys").list.len() > 0).iter_rows(named=True):
        if (row["source"], row["subject"]) in home:
            continue
        targets = {names[k] for k in row["keys"] if k in names} | {
            home[c] for u in row["urls"] if (c := container_of(u)) in home
        }
        for incident in sorted(targets):
            starts = [groups.spans[c][0] for c, i in home.items() if i == incident and c in groups.spans]
            if starts and min(starts) - timedelta(hours=1) <= row["occurred_at"] <= min(starts) + timedelta(days=7):
                yield _row(incident, row, "mention", 0.9, f"a message in {row['subject']} names {incident}")


def _conversations(
    events: pl.DataFrame, mentions: list[dict[str, object]], home: dict[Container, str]
) -> Iterator[dict[str, object]]:
    """What people write in a general channel right after a message that names an incident, until it goes quiet or
    names another.

    "Looking at it" under the pager's post carries no key, and is the first evidence that somebody was.
    """
    named: dict[str, list[str]] = {}
    for m in mentions:
        named.setdefault(str(m["evidence"]), []).append(str(m["incident"]))
    rooms = {(str(m["source"]), str(m["subject"])) for m in mentions}
    chat = events.filter(pl.col("source").is_in(CHAT) & (pl.col("kind") == Kind.MESSAGE.value))
    current: dict[Container, tuple[list[str], datetime]] = {}
    for row in chat.sort("occurred_at", "key").iter_rows(named=True):
        room = (row["source"], row["subject"])
        if room not in rooms or room in home:
            continue
        if row["id"] in named:
            current[room] = (named[row["id"]], row["occurred_at"])
        elif room in current and row["occurred_at"] - current[room][1] <= CONVERSATION and row["actor"]:
            incidents = current[room][0]
            current[room] = (incidents, row["occurred_at"])
            for incident in incidents:
                yield _row(incident, row, "conversation", 0.9, f"follows a message in {room[1]} that names {incident}")
        else:
            current.pop(room, None)


def _attached(events: pl.DataFrame, home: dict[Container, str], policy: Policy) -> Iterator[dict[str, object]]:
    """Action items that point at the incident, and corrections of it."""
    actions = events.filter(
        (pl.col("kind") == Kind.DECLARED.value) & pl.col("value").str.contains(policy.actions.value)
    )
    todo = {(r["source"], r["subject"]) for r in actions.iter_rows(named=True)} - set(home)
    subjects = {subject: incident for (_, subject), incident in home.items()}
    seen: set[Container] = set()
    for row in events.filter(pl.col("kind") == Kind.LINKED.value).sort("occurred_at", "id").iter_rows(named=True):
        here, target = (row["source"], row["subject"]), str(row["value"])
        incident = subjects.get(target) or home.get(container_of(target))
        if here in todo and incident and here not in seen:
            seen.add(here)
            yield _row(incident, row, "action", 1.0, f"action item {here[1]} points at {target}")
        # Trackers often write the link on the incident's side only.
        there = ("jira", target) if ("jira", target) in todo else container_of(target)
        if there in todo and here in home and there not in seen:
            seen.add(there)
            yield {
                **_row(home[here], row, "action", 1.0, f"{here[1]} points at action item {there[1]}"),
                "source": there[0],
                "subject": there[1],
            }
    for row in (
        events.filter(pl.col("kind") == Kind.STATED.value)
        .unique(["source", "subject"], keep="first", maintain_order=True)
        .iter_rows(named=True)
    ):
        if incident := subjects.get(row["subject"]):
            yield _row(incident, row, "correction", 1.0, f"a correction of {row['subject']}")


def _row(incident: str, event: dict[str, object], method: str, score: float, why: str) -> dict[str, object]:
    return {
        "incident": incident,
        "source": event["source"],
        "subject": event["subject"],
        "method": method,
        "score": score,
        "why": why,
        "evidence": event["id"],
    }
