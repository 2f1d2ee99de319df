"""The parts of a policy file, one class for each kind of table that people write in it."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from podanalytics.model import Kind, Milestone
from podanalytics.policy.drafts import ActionType, Draft
from podanalytics.policy.patterns import Names, Regex, Zone, regex, with_group
from podanalytics.policy.public_holidays import known_country, known_subdivision
from podanalytics.policy.targets import Runs, Target, TargetOrName, WrittenTarget, named
from podanalytics.show.words import plural

STATES = (
    "open",
    "acknowledged",
    "snoozed",
    "investigating",
    "identified",
    "fixing",
    "monitoring",
    "mitigated",
    "resolved",
    "reopened",
    "closed",
    "cancelled",
    "reported",
    "waiting",
    "unchanged",
)
PAUSABLE = (Milestone.MITIGATED, Milestone.RESOLVED, Milestone.CLOSED)
OVER = ("resolved", "closed")  # the states in which what was going on has ended
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Actor = Literal["human", "bot", "any"]
ClauseKind = Literal[
    "elapsed",
    "cadence",
    "template",
    "order",
    "eta",
    "members",
    "roles",
    "channel",
    "rollback",
    "presence",
    "agenda",
    "blameless",
]


class Written(BaseModel):
    """What people write: an unknown word is refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Severity(Written):
    """One severity, with its own targets by name: a clause that gives such a name as its target is judged by them.

    `public` is what customers may read of it; without one the public report names no severity.
    """

    id: str
    name: str
    rank: int = Field(ge=1)
    targets: dict[Annotated[str, AfterValidator(named)], WrittenTarget] = {}
    criteria: Names = ()
    public: str = ""


class Meaning(Written):
    """A tool's word and what it means here; the first that matches wins. Without `source` it holds for every tool."""

    like: Regex
    means: str
    source: Names = ()


class Match(Written):
    """Which events a rule looks at: every condition given must hold.

    `text` with `not_text` holds where one sentence has the one and not the other: "not passing yet" is no pass.
    `not_text` alone holds where the text has it nowhere. `reacted`: a person put one of these emoji on the message.
    """

    kind: tuple[Kind, ...] = ()
    source: Names = ()
    subject: Regex | None = None
    value: Regex | None = None
    was: Regex | None = None
    text: Regex | None = None
    not_text: Regex | None = None
    actor: Actor = "any"
    state: Names = ()
    role: str | None = None
    update: bool | None = None
    severity: bool | None = None
    reacted: Names = ()

    @model_validator(mode="after")
    def _known_states(self) -> Self:
        if unknown := set(self.state) - set(STATES):
            raise ValueError(f"unknown state {', '.join(sorted(unknown))}; known: {', '.join(STATES)}")
        return self


class Rule(Match):
    """One way to find a milestone.

    `pick` says which of the matching events; `after` only those not before that milestone.

    `last_standing` is the first one that no reopening follows, soon enough, in the same record. With `latest` it is
    only a bound: what it finds happened then or earlier.
    """

    rule: str
    pick: Literal["first", "last", "last_standing"] = "first"
    latest: bool = False
    after: Milestone | None = None


class MilestoneRules(Written):
    """How a milestone is found: by the first rule that matches, or by the earliest of all matches.

    `told_by` are the tools that would tell of it: where one of them covers the time and is silent, it did not happen;
    where none does, nobody knows.
    """

    id: Milestone
    choose: Literal["first_rule", "earliest"] = "first_rule"
    told_by: Names = ()
    settle: str = ""
    rules: tuple[Rule, ...] = ()


class Clause(Written):
    """One promise of the workflow. A bare number is minutes unless `unit` says otherwise; a target met exactly is met.

    `early` clauses may be kept before their clock starts (a record made before the alert fired); for the others that
    is a contradiction between clocks. `pauses` are states whose time is subtracted: waiting for a customer, say; what
    was measured without and with them is told. `reading` is how an ambiguous promise is read, of the severities in
    `reading_for` (none given: of all). Where it was
    missed, `draft` is the action item that a packet suggests and `ask` the question it puts to the review.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    text: str
    kind: ClauseKind
    applies_to: Names = ()
    start: tuple[Milestone, ...] = Field(default=(), alias="from")
    stop: Milestone | None = Field(default=None, alias="to")
    target: TargetOrName = None
    unit: str = "min"
    audience: Literal["internal", "customers"] | None = None
    match: tuple[Match, ...] = ()
    steps: tuple[tuple[Match, ...], ...] = ()
    unless: tuple[Match, ...] = ()
    names: Names = ()
    early: bool = False
    pauses: Names = ()
    agenda: int | None = None
    reading: str = ""
    reading_for: Names = ()
    settle: str = ""
    draft: Draft | None = None
    ask: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs: dict[str, Names] = {
            "elapsed": ("start", "stop", "target"),
            "channel": ("start", "stop", "target", "names"),
            "cadence": ("start", "audience", "target"),
            "presence": ("start", "match"),
            "rollback": ("steps",),
            "members": ("start", "target"),
            "roles": ("start", "target"),
            "agenda": ("match", "names"),
        }
        missing = [name for name in needs.get(self.kind, ()) if getattr(self, name) in (None, ())]
        if missing:
            written = {"start": "from", "stop": "to"}
            raise ValueError(f"a clause of kind {self.kind} needs {', '.join(written.get(n, n) for n in missing)}")
        if self.stop is not None and self.stop in self.start:
            raise ValueError(f"its clock would stop where it starts: {self.stop}")
        if self.pauses and (self.kind != "elapsed" or self.stop not in PAUSABLE):
            raise ValueError(
                f"only a clock that stops at {', '.join(PAUSABLE)} may pause: nobody else waits for anybody"
            )
        if unknown := set(self.pauses) - set(STATES):
            raise ValueError(f"pauses names the states {', '.join(sorted(unknown))}; known: {', '.join(STATES)}")
        self._can_be_counted()
        if self.kind == "channel":
            for pattern in self.names:
                with_group(regex(pattern), "the date in the channel's name")
        return self

    def _can_be_counted(self) -> None:
        """Raises ValueError for a target that a clause of this kind or unit cannot be measured by."""
        if isinstance(self.target, str) and self.kind not in ("elapsed", "channel"):
            raise ValueError(f"a clause of kind {self.kind} needs a target of its own, not {self.target!r}")
        if not isinstance(self.target, Target):
            return
        if self.target.words and self.unit != "min":
            raise ValueError(f"a target of {self.target.words} is no number of {self.unit}")
        if self.target.runs is not Runs.ALWAYS and self.kind not in ("elapsed", "channel", "members", "roles"):
            raise ValueError(f"a clause of kind {self.kind} needs its target in minutes, not {self.target.words!r}")

    @property
    def limit(self) -> float | None:
        """The target as a plain number, in `unit`; None where it runs in business time or is the severity's."""
        return self.target.minutes if isinstance(self.target, Target) and self.target.runs is Runs.ALWAYS else None


class RoleRule(Written):
    """How a role is declared in a text: `like` with a group `person` names somebody, else the writer takes it; not in a
    message that matches `not_like`. With `leaves` the writer gives the role up, and nobody has it until it is taken.
    """

    role: str
    like: Regex
    not_like: Regex | None = None
    leaves: bool = False


class RoleBehaviour(Written):
    """What shows that somebody acts in a role without having said so: doing what `match` finds at least `least` times.

    Shown beside the declared roles; no clause is met by it.
    """

    role: str
    match: Match
    least: int = Field(default=2, ge=1)


class Marker(Written):
    """What one of these emoji on a message says of it: the packet's timeline names it beside the message, which it then
    shows whatever it is.
    """

    emoji: Annotated[Names, Field(min_length=1)]
    means: str = Field(min_length=1)


class Updates(Written):
    """How internal updates are recognised and what they must hold; `not_needed` names states in which a field may be
    left out.
    """

    header: Regex
    fields: Names
    not_needed: dict[str, Names] = {}
    status_field: str
    eta_field: str
    impact_field: str = ""
    actor: Actor = "any"


class Record(Written):
    """Which of a tool's containers are incidents, in the order in which they give the incident its name."""

    source: str
    kind: Kind = Kind.DECLARED
    value: Regex | None = None
    text: Regex | None = None
    subject: Regex | None = None
    key: Regex | None = None


class Exclusion(Written):
    """Why an incident is not counted: a match in its title or one of its labels, its type, or a state of its record.

    With `source` it looks at records of these tools alone; `not_like` takes back what `like` says of a word. With
    `window` it holds only for what was announced beforehand and was over when planned: an overrun counts, from the end
    of its window on.
    """

    reason: str
    source: Names = ()
    like: Regex | None = None
    not_like: Regex | None = None
    state: Names = ()
    value: Regex | None = None
    window: bool = False


class Private(Written):
    """Which incidents are private: a match in the title or one of its labels. They are never named in anything that
    holds more than the one incident, and are counted there only where `counted` says so.
    """

    like: Regex
    counted: bool = False


class Linking(Written):
    """How containers of different tools are joined: a channel's name, whose first group is what it is named after;
    evidence joins by itself from the score `automatic` on, and over `days` at most.
    """

    channel: Annotated[Regex, AfterValidator(lambda p: with_group(p, "what the channel is named after"))]
    days: float = 7
    automatic: float = 0.9


class Changes(Written):
    """What a tool's words say of how a change ended: `failed`, so that it did not take over, or `done`; every other
    word leaves it open.
    """

    failed: Regex = (
        r"(?i)^(?:fail\w*|error\w*|cancell?ed|timed[ _-]?out|rejected|aborted|skipped|stale|startup_failure"
        r"|action_required)$"
    )
    done: Regex = r"(?i)^(?:success\w*|succeeded|completed?|done|ok|deployed|active|inactive|finished|healthy)$"


class Actions(Written):
    """Which records are action items, and which of their states count as done.

    A record that is linked with one of the incident's is an item by its type (`value`), by a label on it (`labels`), or
    by how the link is called: `links` on the incident's side, `back` on the item's.
    An item without a date of its own is due `slo_days` after it was opened; a draft is due `days` of its type after the
    review.
    """

    value: Regex
    done: Regex
    labels: Regex | None = None
    links: Regex | None = None
    back: Regex | None = None
    slo_days: int | None = Field(default=None, ge=1)
    days: dict[ActionType, Annotated[int, Field(ge=1)]] = {}


class Calendar(Written):
    """Business hours, in `zone`; they end on the next date where `closes` is not after `opens`.

    Closed are the `holidays`, and the public holidays of `country` and its `subdivision`, except `not_holidays`. From
    `cutoff` on, a start counts as one of the next date for targets of the next business day.
    """

    zone: Zone = "UTC"
    opens: time = time(9)
    closes: time = time(17)
    cutoff: time | None = None
    workdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field(default=(1, 2, 3, 4, 5), min_length=1)
    country: Annotated[str, AfterValidator(known_country)] | None = None
    subdivision: str | None = None
    holidays: tuple[date, ...] = ()
    not_holidays: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        for name, clock in (("opens", self.opens), ("closes", self.closes), ("cutoff", self.cutoff)):
            if clock is not None and clock.tzinfo:
                raise ValueError(f"{name} is a time of day in {self.zone}: write it without an offset")
        if self.subdivision is not None:
            if self.country is None:
                raise ValueError(f"the subdivision {self.subdivision!r} needs a country")
            known_subdivision(self.country, self.subdivision)
        if both := sorted(set(self.holidays) & set(self.not_holidays)):
            raise ValueError(f"{both[0]} is named as a holiday and as none")
        return self

    def __str__(self) -> str:
        """In a line: `Mon Tue Wed Thu Fri, 09:00 to 17:00 UTC`."""
        days = " ".join(DAYS[number - 1] for number in sorted(set(self.workdays)))
        ends = "" if self.opens < self.closes else "the next day's "
        region = "-".join(part for part in (self.country, self.subdivision) if part)
        closed = [f"the public holidays of {region}"] if region else []
        closed += [plural(len(self.holidays), "date")] if self.holidays else []
        out = f", not on {' and '.join(closed)}" if closed else ""
        return f"{days}, {self.opens:%H:%M} to {ends}{self.closes:%H:%M} {self.zone}{out}"

    @property
    def week(self) -> float:
        """Minutes of business in a week without holidays and clock changes."""
        opens, closes = ((t.hour * 60 + t.minute) + t.second / 60 for t in (self.opens, self.closes))
        return len(set(self.workdays)) * (closes - opens if self.opens < self.closes else 24 * 60 - opens + closes)
