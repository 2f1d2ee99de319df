"""A policy: what the tools' words mean and what was promised, written in TOML by people and validated here.

The package ships `policies/pod-protocol.toml`; a team writes its own. Every clause, milestone rule and severity word is
data: no severity name and no tool's status word stands in the code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import datetime, time
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from podanalytics.errors import PolicyError
from podanalytics.model import Kind, Milestone

NEXT_BUSINESS_DAY = "next business day"
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
)
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


def _regex(pattern: str) -> str:
    """Patterns run in Rust's engine (polars), which has no look-around; try each one on an empty column when it is
    loaded.
    """
    import polars as pl

    try:
        re.compile(pattern)
        pl.Series([""]).str.contains(pattern)
    except (re.error, pl.exceptions.ComputeError) as error:
        raise ValueError(f"the pattern {pattern!r} cannot be used (look-around is not available): {error}") from None
    return pattern


def known_zone(name: str) -> str:
    """The name of an IANA time zone; ValueError for any other."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no IANA time zone (write Europe/Berlin, America/New_York, UTC ...)") from None
    return name


Regex = Annotated[str, AfterValidator(_regex)]
Zone = Annotated[str, AfterValidator(known_zone)]
Names = tuple[str, ...]


class _Written(BaseModel):
    """What people write: an unknown word is refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Severity(_Written):
    """One severity: its target for the response, in minutes or `next business day`."""

    id: str
    name: str
    rank: int = Field(ge=1)
    response: float | Literal["next business day"]
    criteria: Names = ()


class Meaning(_Written):
    """A tool's word and what it means here; the first that matches wins. Without `source` it holds for every tool."""

    like: Regex
    means: str
    source: Names = ()


class Match(_Written):
    """Which events a rule looks at: every condition given must hold."""

    kind: tuple[Kind, ...] = ()
    source: Names = ()
    subject: Regex | None = None
    value: Regex | None = None
    was: Regex | None = None
    text: Regex | None = None
    actor: Actor = "any"
    state: Names = ()
    role: str | None = None
    update: bool | None = None
    severity: bool | None = None

    @model_validator(mode="after")
    def _known_states(self) -> Self:
        if unknown := set(self.state) - set(STATES):
            raise ValueError(f"unknown state {', '.join(sorted(unknown))}; known: {', '.join(STATES)}")
        return self


class Rule(Match):
    """One way to find a milestone.

    `pick` says which of the matching events; `after` only those not before that milestone.

    `last_standing` is the last one that no reopening follows in the same record.
    """

    rule: str
    pick: Literal["first", "last", "last_standing"] = "first"
    after: Milestone | None = None


class MilestoneRules(_Written):
    """How a milestone is found: by the first rule that matches, or by the earliest of all matches.

    `told_by` are the tools that would tell of it: where one of them covers the time and is silent, it did not happen;
    where none does, nobody knows.
    """

    id: Milestone
    choose: Literal["first_rule", "earliest"] = "first_rule"
    told_by: Names = ()
    settle: str = ""
    rules: tuple[Rule, ...] = ()


class Clause(_Written):
    """One promise of the workflow. Targets are minutes unless `unit` says otherwise; a target met exactly is met.

    `early` clauses may be kept before their clock starts (a record made before the alert fired); for the others that
    is a contradiction between clocks.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    text: str
    kind: ClauseKind
    applies_to: Names = ()
    start: tuple[Milestone, ...] = Field(default=(), alias="from")
    stop: Milestone | None = Field(default=None, alias="to")
    target: float | Literal["response"] | None = None
    unit: str = "min"
    audience: str | None = None
    match: tuple[Match, ...] = ()
    steps: tuple[tuple[Match, ...], ...] = ()
    unless: tuple[Match, ...] = ()
    names: Names = ()
    early: bool = False
    agenda: int | None = None
    reading: str = ""
    settle: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs: dict[str, Names] = {
            "elapsed": ("start", "stop", "target"),
            "cadence": ("audience", "target"),
            "presence": ("match",),
            "rollback": ("steps",),
            "members": ("target",),
        }
        missing = [name for name in needs.get(self.kind, ()) if not getattr(self, name)]
        if missing:
            written = {"start": "from", "stop": "to"}
            raise ValueError(f"a clause of kind {self.kind} needs {', '.join(written.get(n, n) for n in missing)}")
        return self


class RoleRule(_Written):
    """How a role is declared in a text: `like` with a group `person` names somebody, else the writer takes it."""

    role: str
    like: Regex


class Updates(_Written):
    """How internal updates are recognised and what they must hold; `not_needed` names states in which a field may be
    left out.
    """

    header: Regex
    fields: Names
    not_needed: dict[str, Names] = {}
    status_field: str
    eta_field: str


class Record(_Written):
    """Which of a tool's containers are incidents, in the order in which they give the incident its name."""

    source: str
    kind: Kind = Kind.DECLARED
    value: Regex | None = None
    text: Regex | None = None
    subject: Regex | None = None
    key: Regex | None = None


class Exclusion(_Written):
    """Why an incident is not counted: a match in its title or one of its labels, or a state of its record."""

    reason: str
    like: Regex | None = None
    state: Names = ()
    value: Regex | None = None


class Linking(_Written):
    """How containers of different tools are joined. Scores of 0.9 and above join by themselves."""

    channel: Regex
    days: float = 7
    automatic: float = 0.9
    review: float = 0.5


class Actions(_Written):
    """Which records are action items, and which of their states count as done."""

    source: Names = ()
    value: Regex
    done: Regex


class Calendar(_Written):
    """Business hours, in `zone`."""

    zone: Zone = "UTC"
    opens: time = time(9)
    closes: time = time(17)
    workdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    holidays: tuple[str, ...] = ()


def _unknown(saying: str, names: Iterable[str], known: set[str], what: str) -> Iterator[str]:
    if strange := sorted(set(names) - known):
        yield f"{saying} {', '.join(strange)}; known {what}: {', '.join(sorted(known))}"


def _twice(what: str, ids: list[str]) -> Iterator[str]:
    for id in sorted({i for i in ids if ids.count(i) > 1}):
        yield f"{what} {id} is written twice"


class Policy(_Written):
    """A whole policy file. `judge` says which severity judges where one is needed."""

    name: str
    version: str
    effective: AwareDatetime
    definitions: str
    judge: Literal["at_start", "peak", "current"] = "peak"
    skew_minutes: float = 2
    roles: Names
    statuses: Names
    reopening: Names
    calendar: Calendar = Calendar()
    updates: Updates
    linking: Linking
    actions: Actions
    severities: tuple[Severity, ...] = Field(alias="severity")
    severity_words: tuple[Meaning, ...] = Field(alias="severity_word")
    state_words: tuple[Meaning, ...] = Field(alias="state_word")
    role_rules: tuple[RoleRule, ...] = Field(alias="role_rule", default=())
    records: tuple[Record, ...] = Field(alias="record")
    exclusions: tuple[Exclusion, ...] = Field(alias="exclude", default=())
    milestones: tuple[MilestoneRules, ...] = Field(alias="milestone")
    clauses: tuple[Clause, ...] = Field(alias="clause")

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for complaint in self._complaints():
            raise ValueError(complaint)
        return self

    def _complaints(self) -> Iterator[str]:
        known = {s.id for s in self.severities}
        for clause in self.clauses:
            yield from _unknown(f"clause {clause.id} applies to", clause.applies_to, known, "severities")
        for word in self.severity_words:
            yield from _unknown(f"the word {word.like!r} means", [word.means], known, "severities")
        for word in self.state_words:
            yield from _unknown(f"the word {word.like!r} means", [word.means], set(STATES), "states")
        for rule in self.role_rules:
            yield from _unknown("a role rule names", [rule.role], set(self.roles), "roles")
        yield from _twice("clause", [c.id for c in self.clauses])
        yield from _twice("severity", [s.id for s in self.severities])
        yield from _twice("milestone", [m.id.value for m in self.milestones])

    @property
    def label(self) -> str:
        """Name and version, as stamped into every output.

        >>> load_policy("pod-protocol").label
        'pod-protocol 2026.1'
        """
        return f"{self.name} {self.version}"

    @cached_property
    def _ranks(self) -> dict[str, Severity]:
        return {s.id: s for s in self.severities}

    def severity(self, id: str) -> Severity:
        """The severity of that id. Raises KeyError."""
        return self._ranks[id]

    def worst(self, ids: list[str]) -> str | None:
        """The id of lowest rank number; None of none."""
        return min(ids, key=lambda i: self._ranks[i].rank, default=None)

    def milestone(self, id: Milestone) -> MilestoneRules:
        """The rules of a milestone; one without rules is found by corrections alone."""
        return next((m for m in self.milestones if m.id == id), MilestoneRules(id=id))

    def clause(self, id: str) -> Clause:
        """The clause of that id. Raises KeyError."""
        for clause in self.clauses:
            if clause.id == id:
                return clause
        raise KeyError(id)


def load_policy(name: str | Path) -> Policy:
    """The policy shipped under that name, or the one in that file. Raises PolicyError in a sentence."""
    shipped = files("podanalytics") / "policies" / f"{name}.toml"
    try:
        text = shipped.read_text("utf-8") if shipped.is_file() else Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(
            f"policy {name}: cannot be read ({error}); shipped policies: {', '.join(shipped_policies())}"
        ) from None
    return parse_policy(text, str(name))


def parse_policy(text: str, where: str) -> Policy:
    """A policy from TOML text; `where` names it in errors."""
    try:
        return Policy.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"policy {where}: not TOML: {error}") from None
    except ValidationError as error:
        raise PolicyError(
            f"policy {where}: " + "; ".join(_complaint(e) for e in error.errors(include_url=False))
        ) from None


def _complaint(error: object) -> str:
    assert isinstance(error, dict)
    place = ".".join(str(part) for part in error["loc"]) or "the file"
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{place}: {message}" + (
        f" (found {error['input']!r})" if isinstance(error["input"], str | int | float) else ""
    )


def shipped_policies() -> list[str]:
    """Names of the policies in the package."""
    return sorted(
        p.name.removesuffix(".toml") for p in (files("podanalytics") / "policies").iterdir() if p.name.endswith(".toml")
    )


def in_force(policies: list[Policy], when: datetime) -> Policy:
    """The latest policy effective at `when`; the earliest one for times before all of them."""
    ordered = sorted(policies, key=lambda p: p.effective)
    return next((p for p in reversed(ordered) if p.effective <= when), ordered[0])
