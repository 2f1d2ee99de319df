"""The vocabulary of the simulation: a simulated team, its incidents, and what was done in them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from podanalytics.sample.dice import Dice

PAGER, TRACKER, CHAT, PAGE = "pagerduty", "jira", "slack", "statuspage"
TOOLS = (PAGER, TRACKER, CHAT, PAGE)
MAJOR = ("P1", "P2")
ROLES = ("Incident Commander", "Technical Lead", "DevOps Engineer", "Product Manager", "Customer Success")
MILESTONES = (
    "impact_started", "alert_fired", "team_notified", "acknowledged", "responded", "declared", "severity_set",
    "investigated", "triaged", "channel_opened", "commanded", "first_update", "status_page_started", "first_notice",
    "mitigated", "resolved", "resolution_notice", "closed", "reviewed", "reported",
)  # fmt: skip
# Which tool would tell of it, had it happened: that tool's silence says that it did not. The others are told by people
# alone, and nobody writes down what did not happen.
WITNESS: Mapping[str, tuple[str, ...]] = {
    "alert_fired": (PAGER,), "team_notified": (PAGER,), "acknowledged": (PAGER,), "responded": (PAGER, CHAT),
    "declared": (TRACKER,), "severity_set": (TRACKER,), "investigated": (CHAT,), "channel_opened": (CHAT,),
    "commanded": (CHAT,), "first_update": (CHAT,), "status_page_started": (PAGE,), "first_notice": (PAGE,),
    "resolution_notice": (PAGE,),
}  # fmt: skip
PEOPLE_ONLY = ("triaged", "mitigated", "health", "reviewed", "reported", "last_good", "impact_started")
NAMES = (
    "mira", "tomas", "levi", "ilka", "anke", "marta", "chike", "theo", "rafa", "odile", "sami", "anil", "devika",
    "piotr", "kwame", "yuki",
)  # fmt: skip
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "America/Los_Angeles")


@dataclass
class Act:
    """Something that was done (or fired) at `at`, and what a reader could take from its record.

    `tells` are the moments that its record tells of, each with whether it is that very moment (True) or a later
    witness of it (False). `lag`: it was written down so much later. `gone`: why there is no record of it.
    """

    at: datetime
    verb: str
    who: str = ""
    text: str = ""
    value: str = ""
    tells: dict[str, bool] = field(default_factory=dict)
    lag: timedelta = timedelta(0)
    gone: str = ""
    edited: bool = False
    twice: bool = False
    room: str = ""  # for what is said: "" the incident's own channel once there is one


@dataclass
class Update:
    """What an audience was told: when, with which status, and which fields of the template it lacked."""

    at: datetime
    status: str
    lacks: tuple[str, ...] = ()


@dataclass
class Truth:
    """What really happened in one incident; a moment that is None never was."""

    severities: list[tuple[datetime, str]]
    moments: dict[str, datetime | None]
    internal: list[Update] = field(default_factory=list)
    public: list[Update] = field(default_factory=list)
    roles: dict[str, datetime] = field(default_factory=dict)
    present: list[datetime] = field(default_factory=list)  # when each person was first in the channel
    channel: str = ""
    opened_on: tuple[str, ...] = ()  # the dates on the walls of the team when it began
    steps: dict[str, datetime] = field(default_factory=dict)  # last_good, rollback, health (the first one after)
    health: list[datetime] = field(default_factory=list)
    no_impact: datetime | None = None
    agenda: tuple[str, ...] = ()
    blame: int = 0
    spoken: bool = False


@dataclass
class Incident:
    """One incident: its names in the tools, its truth, and everything that was done."""

    number: int
    key: str
    pager: str
    page: str
    title: str
    truth: Truth
    acts: list[Act]
    kind: str = "ordinary"
    duplicate: str = ""  # the pager's id of an alert that was merged into this one
    dice: Dice = field(default_factory=lambda: Dice(0))


@dataclass(frozen=True)
class Hole:
    """A tool that was not exported for a stretch of time."""

    tool: str
    since: datetime
    until: datetime


@dataclass
class Team:
    """One simulated organisation, whose exports fill one ledger."""

    name: str
    seed: int
    starts: datetime
    ends: datetime
    as_of: datetime
    people: tuple[str, ...]
    holes: tuple[Hole, ...] = ()
    skew: dict[str, timedelta] = field(default_factory=dict)
    shifted: str = ""  # the tool whose people wrote local time labelled UTC
    pager_priority: bool = True
    incidents: list[Incident] = field(default_factory=list)

    def exported(self, tool: str, at: datetime) -> bool:
        """Whether the tool's export covers that moment."""
        return not any(h.tool == tool and h.since <= at < h.until for h in self.holes)

    def zone(self, who: str) -> str:
        """Where that person lives."""
        return ZONES[NAMES.index(who) % len(ZONES)] if who in NAMES else "Etc/UTC"


def normal(dice: Dice) -> float:
    """A standard normal number (Box and Muller 1958), from the dice's uniform ones."""
    return math.sqrt(-2 * math.log(1 - dice.real(0, 1))) * math.cos(2 * math.pi * dice.real(0, 1))


def delay(dice: Dice, median: float, spread: float, least: float = 0.05) -> timedelta:
    """A lognormal delay of that median in minutes, to the millisecond (so that no platform's `exp` shows)."""
    minutes = max(least, median * math.exp(spread * normal(dice)))
    return timedelta(milliseconds=round(minutes * 60_000))


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)
