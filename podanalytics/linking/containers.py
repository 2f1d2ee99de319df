"""What is linked: the tools' containers (tickets, pager incidents, status entries, channels), and how an address leads
to one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import polars as pl

from podanalytics.model import Kind
from podanalytics.policy import Policy, Record

Container = tuple[str, str]  # (source, subject)
Span = tuple[datetime, datetime]

URL = r"https?://[^\s<>|)\]\"']+"
_NOWHERE: Container = ("", "")
_NAMES = ("source", "subject", "value")
# Addresses that hold no subject but another name of the container: a channel's id, the file of a cState issue.
_NAMED = re.compile(
    r"(?:\bslack\.com/(?:archives/|app_redirect\?channel=)|discord(?:app)?\.com/channels/\d+/"
    r"|teams\.microsoft\.com/l/(?:channel|message)/|/issues/(?=\d{4}-\d{2}-\d{2}-))(?P<id>[\w.%@:-]+)"
)
_NUMBERED = ("jira", "github")  # tools whose records people call by their number alone
# How the tools write links to their own containers: (pattern, source, how to make the subject of the groups).
_LINKS = (
    (re.compile(r"/browse/([A-Z][A-Z0-9]+-\d+)"), "jira", "{0}"),
    (re.compile(r"github\.com/([\w.-]+/[\w.-]+)/(?:issues|pull)/(\d+)"), "github", "{0}#{1}"),
    (re.compile(r"pagerduty\.com/incidents/([A-Z0-9]{6,20})"), "pagerduty", "{0}"),
    (re.compile(r"/a/grafana-(?:irm|incident)-app/incidents/(\d+)"), "grafana_irm", "irm-{0}"),
    (re.compile(r"/a/grafana-(?:oncall|irm)-app/alert-groups/([A-Z0-9]+)"), "grafana_oncall", "{0}"),
    (re.compile(r"sentry[\w.-]*/(?:organizations/[\w-]+/)?issues/(\d+)"), "sentry", "{0}"),
    (re.compile(r"/incidents/([a-z0-9]{12})\b"), "statuspage", "{0}"),
)


def _written_out(id: str) -> str:
    """An id as it is, that an address writes with signs for `:` and `@`."""
    return id.replace("%3a", ":").replace("%3A", ":").replace("%40", "@")


def container_of(url: str) -> Container:
    """The container an address leads to; ("", "") for any other address.

    >>> container_of("https://acme.atlassian.net/browse/OPS-7")
    ('jira', 'OPS-7')
    """
    for pattern, source, subject in _LINKS:
        if hit := pattern.search(url):
            return source, subject.format(*hit.groups())
    return _NOWHERE


@dataclass(frozen=True)
class Known:
    """The containers that can be linked: records under the policy, channels named for an incident, alerts, and
    whatever else a person has decided about.

    An alert is a container of its own, one for each time it fired, of a tool that makes no records. It is no incident,
    whatever happens to it: it only belongs to one.

    `records` have the rank of the rule that says so (lower names the incident), `spans` the first and last moment of
    each container. `addresses` are where records say they are to be found, and the ids of channels.
    """

    records: dict[Container, int]
    channels: dict[Container, tuple[str, ...]] = field(default_factory=dict)  # the names it had, the present one first
    alerts: frozenset[Container] = frozenset()
    others: frozenset[Container] = frozenset()
    spans: dict[Container, Span] = field(default_factory=dict)
    addresses: dict[str, Container] = field(default_factory=dict)
    former: dict[Container, Container] = field(default_factory=dict)  # other names of records → the one they have now
    last: int = 0  # the rank of what is no record

    def __contains__(self, container: Container) -> bool:
        return (
            container in self.records
            or container in self.channels
            or container in self.alerts
            or container in self.others
        )

    def rank(self, container: Container) -> int:
        """Lower names the incident."""
        return self.records.get(container, self.last)

    @cached_property
    def all(self) -> list[Container]:
        """Every one, in order."""
        return sorted({*self.records, *self.channels, *self.alerts, *self.others})

    @cached_property
    def keys(self) -> dict[str, Container]:
        """Records of trackers that people call by their key alone: `INC-7`."""
        own = {subject: (source, subject) for source, subject in self.records if source == "jira"}
        former = {name: now for (source, name), now in self.former.items() if source == "jira" and now in self.records}
        return {name: now for name, now in former.items() if not name.isdecimal()} | own

    @cached_property
    def numbers(self) -> dict[str, list[Container]]:
        """Records by what a channel's name may call them, in lower case: the whole subject, or its number."""
        found: dict[str, list[Container]] = {}
        former = [(name, now) for name, now in self.former.items() if now in self.records and not name[1].isdecimal()]
        for (source, subject), now in sorted([*((record, record) for record in self.records), *former]):
            names = {subject.lower()}
            if source in _NUMBERED and (number := re.search(r"(\d+)$", subject)):
                names.add(number[1])
            for name in names:
                if now not in found.setdefault(name, []):
                    found[name].append(now)
        return found

    def at(self, url: str) -> Container:
        """The known container that an address leads to; ("", "") for any other address."""
        found = container_of(url)
        found = self.former.get(found, found)
        if found in self:
            return found
        named = _NAMED.search(url)
        return self.addresses.get(_written_out(named["id"]) if named else url.rstrip("/.,;"), _NOWHERE)


def look_over(events: pl.DataFrame, policy: Policy, decided: Iterable[Container] = ()) -> Known:
    """The containers that these events tell of. `decided`: those that a person has said something about."""
    records = find_records(events, policy)
    channels = _channels(events, policy)
    alerts = _alerts(events, policy) - records.keys()
    wanted = set(decided) - records.keys() - channels.keys() - alerts
    told = set(events.select("source", "subject").unique().iter_rows()) if wanted else set()
    return Known(
        records=records,
        channels=channels,
        alerts=alerts,
        others=frozenset(wanted & told),
        spans=_spans(events),
        addresses={**_addresses(events, records), **_rooms(events, channels)},
        former=_former(events),
        last=len(policy.records),
    )


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


def _alerts(events: pl.DataFrame, policy: Policy) -> frozenset[Container]:
    """What fired, of tools that know alerts alone: the policy calls nothing of theirs an incident."""
    fired = events.filter(
        (pl.col("kind") == Kind.ALERTED.value) & ~pl.col("source").is_in([rule.source for rule in policy.records])
    )
    return frozenset(fired.select("source", "subject").unique().iter_rows())


def _channels(events: pl.DataFrame, policy: Policy) -> dict[Container, tuple[str, ...]]:
    """Channels named for one incident, now or before they were renamed, with all their names."""
    pattern = re.compile(policy.linking.channel)
    chat = events.filter(pl.col("source").is_in(policy.chats))
    names: dict[Container, list[str]] = {(s, c): [c] for s, c in chat.select("source", "subject").unique().iter_rows()}
    renamed = chat.filter((pl.col("kind") == Kind.CHANNEL.value) & (pl.col("value") == "name"))
    for row in renamed.sort("occurred_at", "id").iter_rows(named=True):
        before = (row["was"], row["text"])
        names[(row["source"], row["subject"])] += [f"#{name.removeprefix('#')}" for name in before if name]
    return {
        channel: tuple(dict.fromkeys(given))
        for channel, given in sorted(names.items())
        if any(pattern.match(name) for name in given)
    }


def _former(events: pl.DataFrame) -> dict[Container, Container]:
    """What records are called, too, by their own tool. Their events have the present name already."""
    told = events.filter((pl.col("kind") == Kind.ALIAS.value) & (pl.col("value") != pl.col("subject")))
    return {(source, other): (source, subject) for source, subject, other in told.select(_NAMES).iter_rows()}


def _spans(events: pl.DataFrame) -> dict[Container, Span]:
    # A record's span begins when it was made or its alert fired; late comments must not stretch it.
    starts = events.filter(~pl.col("kind").is_in([Kind.STATED.value, Kind.CHANGE.value, Kind.ALIAS.value]))
    grouped = starts.group_by("source", "subject").agg(
        pl.col("occurred_at").min().alias("a"), pl.col("occurred_at").max().alias("b")
    )
    return {(source, subject): (a, b) for source, subject, a, b in grouped.iter_rows()}


def _addresses(events: pl.DataFrame, records: dict[Container, int]) -> dict[str, Container]:
    """Where records are to be found (a status page's short link), unless two are there."""
    made = events.filter((pl.col("kind") == Kind.DECLARED.value) & pl.col("url").is_not_null())
    found: dict[str, set[Container]] = {}
    for source, subject, url in made.select("source", "subject", "url").unique().iter_rows():
        if (source, subject) in records:
            found.setdefault(url.rstrip("/"), set()).add((source, subject))
    for source, subject in records:
        if source == "cstate":
            found.setdefault(subject.rpartition("/")[2], set()).add((source, subject))
    return {url: next(iter(owners)) for url, owners in found.items() if len(owners) == 1}


def _rooms(events: pl.DataFrame, channels: dict[Container, tuple[str, ...]]) -> dict[str, Container]:
    """The chat's own ids of the channels: an address of a message holds no name."""
    made = events.filter((pl.col("kind") == Kind.CHANNEL.value) & (pl.col("value") == "created"))
    rows = made.select("source", "subject", "key").iter_rows()
    found = {key.partition("#")[0]: (source, subject) for source, subject, key in rows}
    return {id: container for id, container in found.items() if container in channels}
