"""A policy: what the tools' words mean and what was promised, written in TOML by people and validated here.

The package ships `policies/pod-protocol.toml`; a team writes its own. Every clause, milestone rule and severity word is
data: no severity name and no tool's status word stands in the code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

from pydantic import AwareDatetime, Field, ValidationError, model_validator

from podanalytics.errors import PolicyError
from podanalytics.model import Milestone
from podanalytics.policy.drafts import BY_FINDING, BY_KIND, Draft, Finding
from podanalytics.policy.outward import FACTS, Notice, Public, placeholders
from podanalytics.policy.parts import (
    OVER,
    STATES,
    Actions,
    Calendar,
    Changes,
    Clause,
    Exclusion,
    Linking,
    Marker,
    Match,
    Meaning,
    MilestoneRules,
    Private,
    Record,
    RoleBehaviour,
    RoleRule,
    Rule,
    Severity,
    Updates,
    Written,
)
from podanalytics.policy.patterns import Names, Zone, known_zone
from podanalytics.policy.targets import Runs, Target

__all__ = [
    "NO_SEVERITY",
    "OVER",
    "Calendar",
    "Clause",
    "Draft",
    "Finding",
    "Match",
    "Meaning",
    "MilestoneRules",
    "Notice",
    "Policy",
    "Public",
    "Record",
    "Rule",
    "Runs",
    "Target",
    "Updates",
    "Zone",
    "known_zone",
    "load_policy",
    "meaning_of",
    "parse_policy",
    "shipped_policies",
]


WEEKS = 520  # in ten years
CHATS = ("slack", "mattermost", "teams", "discord", "telegram", "irc")


def _unknown(saying: str, names: Iterable[str], known: set[str], what: str) -> Iterator[str]:
    if strange := sorted(set(names) - known):
        yield f"{saying} {', '.join(strange)}; known {what}: {', '.join(sorted(known))}"


def _twice(what: str, ids: list[str]) -> Iterator[str]:
    for id in sorted({i for i in ids if ids.count(i) > 1}):
        yield f"{what} {id} is written twice"


Judge = Literal["prospective", "at_start", "peak", "current"]


NO_SEVERITY = "none"  # what a word means that states no severity, such as a status page's impact "none"


def meaning_of(source: str, word: str | None, vocabulary: tuple[Meaning, ...]) -> str | None:
    """What a tool's word means by a vocabulary, first match first; None for a word that it does not hold."""
    if word is None:
        return None
    for entry in vocabulary:
        if (not entry.source or source in entry.source) and re.search(entry.like, word.strip()):
            return entry.means
    return None


class Policy(Written):
    """A whole policy file. `judge` says what a change of severity does to the clocks.

    `prospective`: each severity judges from the moment it was set (the incident goes by the worst one it had for five
    minutes or more). `at_start`, `peak`, `current`: that one severity judges the whole incident, as if it had had no
    other. Reopened more than `reopen_days` after its end, it is another incident.
    """

    name: str
    version: str
    effective: AwareDatetime
    definitions: str
    judge: Judge = "prospective"
    skew_minutes: float = Field(default=2, ge=0)
    reopen_days: float = Field(default=7, gt=0)
    roles: Names
    statuses: Names
    reopening: Names
    tools: Mapping[str, Names] = Field(default_factory=dict)
    calendar: Calendar = Calendar()
    updates: Updates
    linking: Linking
    actions: Actions
    changes: Changes = Changes()
    severities: tuple[Severity, ...] = Field(alias="severity")
    severity_words: tuple[Meaning, ...] = Field(alias="severity_word")
    state_words: tuple[Meaning, ...] = Field(alias="state_word")
    role_rules: tuple[RoleRule, ...] = Field(alias="role_rule", default=())
    markers: tuple[Marker, ...] = Field(alias="marker", default=())
    role_behaviours: tuple[RoleBehaviour, ...] = Field(alias="role_behaviour", default=())
    private: tuple[Private, ...] = ()
    public: Public = Public()
    notices: tuple[Notice, ...] = Field(alias="notice", default=())
    records: tuple[Record, ...] = Field(alias="record")
    exclusions: tuple[Exclusion, ...] = Field(alias="exclude", default=())
    milestones: tuple[MilestoneRules, ...] = Field(alias="milestone")
    clauses: tuple[Clause, ...] = Field(alias="clause")
    drafts: dict[Finding, Draft] = Field(alias="draft", default={})

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for complaint in self._complaints():
            raise ValueError(complaint)
        return self

    def _complaints(self) -> Iterator[str]:
        known = {s.id for s in self.severities}
        for clause in self.clauses:
            yield from _unknown(f"clause {clause.id} applies to", clause.applies_to, known, "severities")
            yield from _unknown(f"clause {clause.id} is read so for", clause.reading_for, known, "severities")
            yield from self._targets(clause)
        for word in self.severity_words:
            yield from _unknown(f"the word {word.like!r} means", [word.means], known | {NO_SEVERITY}, "severities")
        for word in self.state_words:
            yield from _unknown(f"the word {word.like!r} means", [word.means], set(STATES), "states")
        yield from _unknown("reopening names", self.reopening, set(STATES), "states")
        for exclusion in self.exclusions:
            yield from _unknown(f"exclude {exclusion.reason} names", exclusion.state, set(STATES), "states")
        for field, states in self.updates.not_needed.items():
            yield from _unknown("updates.not_needed names", [field], set(self.updates.fields), "fields")
            yield from _unknown(f"updates.not_needed.{field} names", states, set(STATES), "states")
        for field in filter(None, (self.updates.status_field, self.updates.eta_field, self.updates.impact_field)):
            yield from _unknown("updates names", [field], set(self.updates.fields), "fields")
        for role in [*(r.role for r in self.role_rules), *(r.role for r in self.role_behaviours)]:
            yield from _unknown("a role rule names", [role], set(self.roles), "roles")
        for notice in self.notices:
            yield from self._outward(notice)
        yield from _twice("marker of emoji", [emoji for marker in self.markers for emoji in marker.emoji])
        yield from _twice("notice", [n.id for n in self.notices])
        yield from _twice("clause", [c.id for c in self.clauses])
        yield from _twice("severity", [s.id for s in self.severities])
        yield from _twice("severity rank", [str(s.rank) for s in self.severities])
        yield from _twice("milestone", [m.id.value for m in self.milestones])

    def _outward(self, notice: Notice) -> Iterator[str]:
        """Complaints about a notice that could not be filled in, or of which nobody knows when it is due."""
        fields = set(placeholders(notice.text))
        yield from _unknown(f"notice {notice.id} has", fields, {*FACTS, *self.updates.fields}, "fields")
        yield from _unknown(f"notice {notice.id}: told names", notice.told, fields, "fields of its text")
        timed = {clause.id for clause in self.clauses if clause.kind == "elapsed"}
        yield from _unknown(f"notice {notice.id} is due by", [notice.clause], timed, "clauses with one clock")

    def _targets(self, clause: Clause) -> Iterator[str]:
        """Complaints about a clause whose target a severity does not have, or the calendar never reaches."""
        severities = [s for s in self.severities if s.id in clause.applies_to or not clause.applies_to]
        targets = [clause.target]
        if isinstance(clause.target, str):
            for severity in severities:
                saying = f"severity {severity.id} has no target for clause {clause.id}:"
                yield from _unknown(saying, [clause.target], set(severity.targets), "targets of it")
            targets = [s.targets.get(clause.target) for s in severities]
        longest = self.calendar.week * WEEKS
        for target in targets:
            if isinstance(target, Target) and target.runs is Runs.BUSINESS and target.minutes > longest:
                yield f"clause {clause.id}: {target.words} are more than this calendar has in ten years"

    @property
    def chats(self) -> list[str]:
        """The tools whose channels may be an incident's: those of the kind `chat`, or all that are read as such."""
        return list(self.tools.get("chat", CHATS))

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
        for rules in self.milestones:
            if rules.id == id:
                return rules
        return MilestoneRules(id=id)

    def state_of(self, source: str, word: str | None) -> str | None:
        """What a tool's status word means; None for one that the policy gives no meaning."""
        return meaning_of(source, word, self.state_words)

    def severity_of(self, source: str, word: str | None) -> str | None:
        """Which severity a tool's word means; None for one that states none, or that the policy gives no meaning."""
        found = meaning_of(source, word, self.severity_words)
        return None if found == NO_SEVERITY else found

    def draft_for(self, finding: Clause | Finding) -> Draft:
        """The action item to draft for a clause that was missed, or for a finding: the policy's own, or the usual."""
        if isinstance(finding, Clause):
            return finding.draft or BY_KIND[finding.kind]
        return self.drafts.get(finding) or BY_FINDING[finding]

    def has_clause(self, id: str) -> bool:
        """Whether it has a clause of that id."""
        return any(clause.id == id for clause in self.clauses)

    def target(self, clause: str, severity: str | None) -> Target | None:
        """A clause's target, as that severity has it where the clause names one; None where there is none."""
        target = self.clause(clause).target
        if isinstance(target, str):
            return self.severity(severity).targets.get(target) if severity else None
        return target

    def clause(self, id: str) -> Clause:
        """The clause of that id. Raises KeyError."""
        for clause in self.clauses:
            if clause.id == id:
                return clause
        raise KeyError(id)


def load_policy(name: str | Path) -> Policy:
    """The policy shipped under that name, or the one in that file. Raises PolicyError in a sentence."""
    return parse_policy(policy_text(name), str(name))


def policy_text(name: str | Path) -> str:
    """The text of the policy shipped under that name, or of that file. Raises PolicyError in a sentence."""
    shipped = files("podanalytics") / "policies" / f"{name}.toml"
    try:
        return shipped.read_text("utf-8") if shipped.is_file() else Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(
            f"policy {name}: cannot be read ({error}); shipped policies: {', '.join(shipped_policies())}"
        ) from None


def label_in(text: str, where: str) -> str:
    """Name and version of the policy in a TOML text, for which the rest of it need not be understood."""
    try:
        told = tomllib.loads(text)
        return f"{told['name']} {told['version']}"
    except (tomllib.TOMLDecodeError, KeyError):
        return parse_policy(text, where).label


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
