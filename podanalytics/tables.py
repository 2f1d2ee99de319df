"""Every tidy table, declared once: column, type, meaning.

The store, the frames, the checks and docs/tables.md read it from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from podanalytics.model import FaultRule, Kind, Precision, Verdict

if TYPE_CHECKING:
    import polars as pl


class Type(StrEnum):
    """The few types a tidy column has. TIME is aware UTC, microseconds."""

    TEXT = "text"
    TIME = "time"
    REAL = "real"
    INTEGER = "integer"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, type and meaning; `among` are the only values it may hold."""

    name: str
    type: Type
    meaning: str
    key: bool = False
    nullable: bool = False
    among: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One tidy table. `order` are the columns its rows are sorted by wherever it is shown or written."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(c.name for c in self.columns)

    def schema(self) -> dict[str, Any]:
        """The polars schema."""
        import polars as pl

        types: Mapping[Type, Any] = {
            Type.TEXT: pl.String,
            Type.TIME: pl.Datetime("us", "UTC"),
            Type.REAL: pl.Float64,
            Type.INTEGER: pl.Int64,
            Type.BOOLEAN: pl.Boolean,
        }
        return {c.name: types[c.type] for c in self.columns}

    def frame(self, rows: Iterable[Mapping[str, Any]] = ()) -> pl.DataFrame:
        """A polars frame of exactly these columns and types, sorted by `order`."""
        from podanalytics.packed import Packed

        names, packed = self.names, Packed(self)
        for row in rows:
            packed.add(tuple(map(row.get, names)))
        return packed.frame()


def _text(name: str, meaning: str, **more: Any) -> Column:
    return Column(name, Type.TEXT, meaning, **more)


def _time(name: str, meaning: str, **more: Any) -> Column:
    return Column(name, Type.TIME, meaning, **more)


EVENTS = Table(
    "events",
    "what happened, as the sources tell it: one row a thing and a file that tells it",
    (
        _text("id", "hash of source and key: the same thing told twice has the same id", key=True),
        _text("file", "the loaded file or folder that told it (see loads)", key=True),
        _time("occurred_at", "when it happened"),
        _time("recorded_at", "when the tool learned of it, where that differs", nullable=True),
        _text("precision", "how fine the source's clock writes", among=tuple(Precision)),
        _text("kind", "what sort of thing it is", among=tuple(Kind)),
        _text("source", "the tool that tells it"),
        _text("subject", "the tool's own container: ticket, channel, host and service"),
        _text("key", "the tool's own id of this thing"),
        _text("actor", "who did it, by the tool's own id; null: automation or not told", nullable=True),
        _text("text", "what was written, in the source's words"),
        _text("was", "the former value", nullable=True),
        _text("value", "the value; its meaning depends on kind", nullable=True),
        _text("url", "link to it in the tool", nullable=True),
        _text("origin", "file and place in it: the way back to the raw line"),
    ),
    ("occurred_at", "source", "key", "file"),
)

PEOPLE = Table(
    "people",
    "the tools' own directories of people and bots; never leaves the machine",
    (
        _text("source", "the tool", key=True),
        _text("key", "the tool's own id, as events name it in actor", key=True),
        _text("file", "the loaded file that told it", key=True),
        _text("name", "display name", nullable=True),
        _text("handle", "handle or login", nullable=True),
        _text("email", "e-mail address", nullable=True),
        Column("bot", Type.BOOLEAN, "a bot or an integration, not a person"),
        _text("zone", "IANA time zone", nullable=True),
    ),
    ("source", "key", "file"),
)

FAULTS = Table(
    "faults",
    "what could not be read, or makes no sense as it stands: kept, counted, shown",
    (
        _text("file", "the loaded file", key=True),
        _text("origin", "file and place in it", key=True),
        _text("reason", "what is wrong with it", key=True),
        _text("source", "the tool, or - when no source recognised the file"),
        _text("record", "the record's own id where it has one", nullable=True),
        _text("rule", "which kind of fault it is", among=tuple(FaultRule)),
    ),
    ("file", "origin", "reason"),
)

LOADS = Table(
    "loads",
    "what was loaded: one row a file (or folder that is one export)",
    (
        _text("file", "the file's name in this workspace: the start of every origin", key=True),
        _text("source", "the source that recognised it, or - for none"),
        _text("sha256", "hash of its bytes"),
        Column("bytes", Type.INTEGER, "its size"),
        Column("events", Type.INTEGER, "events it told"),
        Column("faults", Type.INTEGER, "faults in it"),
        Column("people", Type.INTEGER, "directory entries in it"),
        _text("skipped", "JSON object: records read and deliberately not kept, by reason"),
        _text("path", "where it lies on this machine; never leaves it"),
        _text("reader", "version of podanalytics that read it"),
        _time("loaded_at", "when it was loaded"),
    ),
    ("file",),
)

MEMBERS = Table(
    "members",
    "which of the tools' containers belong to which incident, and why",
    (
        _text("incident", "the incident's id", key=True),
        _text("source", "the tool", key=True),
        _text("subject", "the tool's own container", key=True),
        _text("method", "what joined it: anchor, decided, merged, pointer, url, channel name, alert key ..."),
        Column("score", Type.REAL, "0 to 1; 0.9 and above join by themselves"),
        _text("why", "the evidence in words"),
        _text("actor", "who decided so; empty for what the tools tell", nullable=True),
        _text("evidence", "event id of the evidence, empty for a name; a mention covers that event alone", key=True),
    ),
    ("incident", "source", "subject", "evidence"),
)

INCIDENTS = Table(
    "incidents",
    "one row an incident",
    (
        _text("incident", "the incident's id", key=True),
        _text("title", "its latest title"),
        _text("severity", "the severity that judges, by the policy; null: never set", nullable=True),
        _text("severity_path", "every severity it had, in order"),
        _text("state", "resolved, open, or excluded"),
        _text("excluded", "why it is not counted: drill, test, duplicate, maintenance ...", nullable=True),
        _time("began_at", "the first of its alert, its impact and its declaration"),
        _time("resolved_at", "the last resolve that no reopen follows", nullable=True),
        _text("detection", "how it was noticed: monitor, person, or unknown"),
        _text("sources", "the tools that tell of it"),
        _text("flags", "what is odd about it, separated by commas: auto-resolved, posted after the fact, reopened ..."),
    ),
    ("began_at", "incident"),
)

MILESTONES = Table(
    "milestones",
    "the moments a clock can start or stop at, with the rule that chose them",
    (
        _text("incident", "the incident's id", key=True),
        _text("milestone", "which moment", key=True),
        _time("occurred_at", "when"),
        _text("precision", "how fine that is known", among=tuple(Precision)),
        _text("event", "id of the event that tells it"),
        _text("source", "the tool that tells it"),
        _text("rule", "the policy's rule that chose it"),
        Column("corrected", Type.BOOLEAN, "a person's correction won over the rules"),
        Column("latest", Type.BOOLEAN, "only a bound: it happened then or earlier"),
        _text("alternatives", "JSON list of what lost: [rule, ISO time, event id, source] of each, in order"),
        _time("earliest_other", "the earliest losing time", nullable=True),
        _time("latest_other", "the latest losing time", nullable=True),
    ),
    ("incident", "occurred_at", "milestone"),
)

READINGS = Table(
    "readings",
    "every clause of the policy, measured, judged and proven",
    (
        _text("incident", "the incident's id", key=True),
        _text("measure", "the clause's id", key=True),
        _text("verdict", "how it was kept", among=tuple(Verdict)),
        Column("value", Type.REAL, "what was measured, in unit", nullable=True),
        Column("target", Type.REAL, "what was promised, in unit; at the target exactly counts as met", nullable=True),
        Column("margin", Type.REAL, "target minus value", nullable=True),
        _text("unit", "unit of value, target and margin"),
        _text("severity", "the severity that judged", nullable=True),
        _time("started_at", "when the clock started", nullable=True),
        _time("ended_at", "when it stopped", nullable=True),
        _time("due_at", "the latest moment that would have met it", nullable=True),
        _text("evidence", "event ids, separated by blanks"),
        _text("because", "one sentence: what was measured, or what would settle it"),
        _text("policy", "name and version of the policy that judged"),
    ),
    ("incident", "measure"),
)

UPDATES = Table(
    "updates",
    "what was told to each audience while the incident ran: one row an update, equal tellings of one update joined",
    (
        _text("incident", "the incident's id", key=True),
        _text("audience", "internal or customers", key=True),
        _text("event", "id of the event that tells it", key=True),
        _time("occurred_at", "when it was posted"),
        _text("precision", "how fine that is known", among=tuple(Precision)),
        _text("source", "the tool that tells it"),
        _text("status", "the status it states, in its own words", nullable=True),
        _text("state", "that status in the policy's vocabulary; null: not in it", nullable=True),
        _time("eta", "the resolution time it promises", nullable=True),
        _text(
            "missing",
            "fields of the template it lacks, separated by commas; null where no template applies",
            nullable=True,
        ),
        _text("text", "its words"),
        _text("also", "ids of further events that tell the same update"),
    ),
    ("incident", "audience", "occurred_at", "event"),
)

SILENCES = Table(
    "silences",
    "the stretches without an update that a cadence clause measures, kept or not: the longest is its reading",
    (
        _text("incident", "the incident's id", key=True),
        _text("measure", "the clause's id", key=True),
        _text("audience", "internal or customers"),
        _time("began_at", "from: the clause's start, or an update", key=True),
        _time("ended_at", "until: an update, or where the clause stops applying"),
        Column("minutes", Type.REAL, "how long it was"),
        Column("target", Type.REAL, "how long it may be, in minutes; exactly that is kept"),
        _text("before", "id of the update it began with", nullable=True),
        _text("after", "id of the update that ended it", nullable=True),
    ),
    ("incident", "measure", "began_at"),
)

SEGMENTS = Table(
    "segments",
    "the stretches in which an incident ran: several where it was reopened",
    (
        _text("incident", "the incident's id", key=True),
        _time("began_at", "from", key=True),
        _time("ended_at", "until; null: still open", nullable=True),
        _text("event", "id of the event that reopened it; empty for the first stretch"),
        _text("ended_by", "id of the event that ended it; empty where the chosen resolution does"),
    ),
    ("incident", "began_at"),
)

CLOCKS = Table(
    "clocks",
    "how far two tools' clocks stand apart, from moments that both tell",
    (
        _text("source", "whose clock", key=True),
        _text("against", "beside whose", key=True),
        Column("minutes", Type.REAL, "median of source minus against, in minutes"),
        Column("pairs", Type.INTEGER, "how many moments both tell"),
        Column("agreeing", Type.INTEGER, "how many lie within two minutes of the median"),
        Column("steady", Type.BOOLEAN, "enough pairs, and enough of them agree"),
        Column("shift", Type.REAL, "the whole number of half hours, in minutes, that it is off by", nullable=True),
    ),
    ("source", "against"),
)

ROLES = Table(
    "roles",
    "who held which role in the response, from when to when",
    (
        _text("incident", "the incident's id", key=True),
        _text("role", "the role's name in the policy", key=True),
        _text("person", "who (a pseudonym in everything shared)", key=True),
        _time("began_at", "from", key=True),
        _time("ended_at", "until; null: to the end", nullable=True),
        _text("how", "the rule that found it"),
        Column("inferred", Type.BOOLEAN, "shown by what somebody did; nobody said so, and no clause is met by it"),
        _text("event", "id of the event that tells it"),
    ),
    ("incident", "began_at", "role", "person"),
)

WATCHES = Table(
    "watches",
    "when a role was nobody's, or somebody else than its holder acted in it",
    (
        _text("incident", "the incident's id", key=True),
        _text("role", "the role's name in the policy", key=True),
        _text("kind", "gap or overlap", key=True, among=("gap", "overlap")),
        _time("began_at", "from", key=True),
        _time("ended_at", "until; null: to the end", nullable=True),
    ),
    ("incident", "began_at", "role", "kind"),
)

SPELLS = Table(
    "spells",
    "the severities an incident had, one row a spell",
    (
        _text("incident", "the incident's id", key=True),
        _time("began_at", "from", key=True),
        _time("ended_at", "until; null: to the end", nullable=True),
        _text("severity", "in the policy's words"),
        _text("told", "in the source's words"),
        _text("event", "id of the event that tells it"),
    ),
    ("incident", "began_at"),
)

ACTIONS = Table(
    "actions",
    "action items that came out of the incident",
    (
        _text("incident", "the incident's id", key=True),
        _text("source", "the tool that keeps it", key=True),
        _text("subject", "its key in that tool", key=True),
        _text("title", "what is to be done"),
        _text("state", "its present state, in the tool's words"),
        Column("done", Type.BOOLEAN, "whether that state counts as done under the policy"),
        _text("owner", "who (a pseudonym in everything shared); null: nobody", nullable=True),
        _time("opened_at", "when it was opened"),
        _time("due_at", "when it is due", nullable=True),
        _time("done_at", "when it was done", nullable=True),
        _text("url", "link to it", nullable=True),
    ),
    ("incident", "opened_at", "subject"),
)

CHECKS = Table(
    "checks",
    "data-quality expectations and how they came out",
    (
        _text("tested", "the table", key=True),
        _text("expectation", "what was expected", key=True),
        _text("column", "of which column; - for the whole table", key=True),
        _text("outcome", "passed, failed, or could not run", among=("passed", "failed", "could not run")),
        Column("count", Type.INTEGER, "rows looked at"),
        Column("failing", Type.INTEGER, "rows that broke it"),
        _text("examples", "a few of the failing values or keys"),
    ),
    ("tested", "expectation", "column"),
)

ALL: tuple[Table, ...] = (
    EVENTS,
    PEOPLE,
    FAULTS,
    LOADS,
    MEMBERS,
    INCIDENTS,
    MILESTONES,
    READINGS,
    UPDATES,
    SILENCES,
    SEGMENTS,
    CLOCKS,
    ROLES,
    WATCHES,
    SPELLS,
    ACTIONS,
    CHECKS,
)
