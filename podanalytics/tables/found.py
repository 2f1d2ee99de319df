"""What was made of it: the tables that linking, reconstruction, judging and checking fill."""

from __future__ import annotations

from podanalytics.model import Precision, Verdict
from podanalytics.tables.shape import Column, Table, Type, text, time

MEMBERS = Table(
    "members",
    "which of the tools' containers belong to which incident, and why",
    (
        text("incident", "the incident's id", key=True),
        text("source", "the tool", key=True),
        text("subject", "the tool's own container", key=True),
        text("method", "what joined it: anchor, decided, merged, pointer, url, channel name, alert key ..."),
        Column("score", Type.REAL, "0 to 1; 0.9 and above join by themselves"),
        time("since", "only what it tells from then on counts: it was opened again", nullable=True),
        time("until", "only what it tells before counts: later it was opened again", nullable=True),
        text("why", "the evidence in words"),
        text("actor", "who decided so; empty for what the tools tell", nullable=True),
        text("evidence", "event id of the evidence, empty for a name; a mention covers that event alone", key=True),
    ),
    ("incident", "source", "subject", "evidence"),
)

INCIDENTS = Table(
    "incidents",
    "one row an incident",
    (
        text("incident", "the incident's id", key=True),
        text("title", "its latest title"),
        text("severity", "the severity that judges, by the policy; null: never set", nullable=True),
        text("severity_path", "every severity it had, in order"),
        text("state", "resolved, open, or excluded"),
        text("excluded", "why it is not counted: drill, test, duplicate, maintenance ...", nullable=True),
        time("began_at", "the first of its alert, its impact and its declaration"),
        time("resolved_at", "the last resolve that no reopen follows", nullable=True),
        text("detection", "how it was noticed: monitor, person, or unknown"),
        text("sources", "the tools that tell of it"),
        text("flags", "what is odd about it, separated by commas: auto-resolved, posted after the fact, reopened ..."),
    ),
    ("began_at", "incident"),
)

MILESTONES = Table(
    "milestones",
    "the moments a clock can start or stop at, with the rule that chose them",
    (
        text("incident", "the incident's id", key=True),
        text("milestone", "which moment", key=True),
        time("occurred_at", "when"),
        text("precision", "how fine that is known", among=tuple(Precision)),
        text("event", "id of the event that tells it"),
        text("source", "the tool that tells it"),
        text("rule", "the policy's rule that chose it"),
        Column("corrected", Type.BOOLEAN, "a person's correction won over the rules"),
        Column("latest", Type.BOOLEAN, "only a bound: it happened then or earlier"),
        Column("earliest", Type.BOOLEAN, "only a bound: it happened then or later"),
        text("also", "id of the reaction that marks the message, or of the message that was reacted to", nullable=True),
        text("alternatives", "JSON list of what lost: [rule, ISO time, event id, source] of each, in order"),
        time("earliest_other", "the earliest losing time", nullable=True),
        time("latest_other", "the latest losing time", nullable=True),
    ),
    ("incident", "occurred_at", "milestone"),
)

READINGS = Table(
    "readings",
    "every clause of the policy, measured, judged and proven",
    (
        text("incident", "the incident's id", key=True),
        text("measure", "the clause's id", key=True),
        text("verdict", "how it was kept", among=tuple(Verdict)),
        Column("value", Type.REAL, "what was measured, in unit", nullable=True),
        Column("target", Type.REAL, "what was promised, in unit; at the target exactly counts as met", nullable=True),
        Column("margin", Type.REAL, "target minus value", nullable=True),
        text("unit", "unit of value, target and margin"),
        text("severity", "the severity that judged", nullable=True),
        time("started_at", "when the clock started", nullable=True),
        time("ended_at", "when it stopped", nullable=True),
        time("due_at", "the latest moment that would have met it", nullable=True),
        text("evidence", "event ids, separated by blanks"),
        text("because", "one sentence: what was measured, or what would settle it"),
        text("policy", "name and version of the policy that judged"),
    ),
    ("incident", "measure"),
)

UPDATES = Table(
    "updates",
    "what was told to each audience while the incident ran: one row an update, equal tellings of one update joined",
    (
        text("incident", "the incident's id", key=True),
        text("audience", "internal or customers", key=True),
        text("event", "id of the event that tells it", key=True),
        time("occurred_at", "when it was posted"),
        text("precision", "how fine that is known", among=tuple(Precision)),
        text("source", "the tool that tells it"),
        text("status", "the status it states, in its own words", nullable=True),
        text("state", "that status in the policy's vocabulary; null: not in it", nullable=True),
        time("eta", "the resolution time it promises", nullable=True),
        text(
            "missing",
            "fields of the template it lacks, separated by commas; null where no template applies",
            nullable=True,
        ),
        text("text", "its words"),
        text("also", "ids of further events that tell the same update"),
    ),
    ("incident", "audience", "occurred_at", "event"),
)

SILENCES = Table(
    "silences",
    "the stretches without an update that a cadence clause measures, kept or not: the longest is its reading",
    (
        text("incident", "the incident's id", key=True),
        text("measure", "the clause's id", key=True),
        text("audience", "internal or customers"),
        time("began_at", "from: the clause's start, or an update", key=True),
        time("ended_at", "until: an update, or where the clause stops applying"),
        Column("minutes", Type.REAL, "how long it was"),
        Column("target", Type.REAL, "how long it may be, in minutes; exactly that is kept"),
        text("before", "id of the update it began with", nullable=True),
        text("after", "id of the update that ended it", nullable=True),
    ),
    ("incident", "measure", "began_at"),
)

SEGMENTS = Table(
    "segments",
    "the stretches in which an incident ran: several where it was reopened",
    (
        text("incident", "the incident's id", key=True),
        time("began_at", "from", key=True),
        time("ended_at", "until; null: still open", nullable=True),
        text("event", "id of the event that reopened it; empty for the first stretch"),
        text("ended_by", "id of the event that ended it; empty where the chosen resolution does"),
    ),
    ("incident", "began_at"),
)

CLOCKS = Table(
    "clocks",
    "how far two tools' clocks stand apart, from moments that both tell",
    (
        text("source", "whose clock", key=True),
        text("against", "beside whose", key=True),
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
        text("incident", "the incident's id", key=True),
        text("role", "the role's name in the policy", key=True),
        text("person", "who (a pseudonym in everything shared)", key=True),
        time("began_at", "from", key=True),
        time("ended_at", "until; null: to the end", nullable=True),
        text("how", "the rule that found it"),
        Column("inferred", Type.BOOLEAN, "shown by what somebody did; nobody said so, and no clause is met by it"),
        text("event", "id of the event that tells it"),
    ),
    ("incident", "began_at", "role", "person"),
)

WATCHES = Table(
    "watches",
    "when a role was nobody's, or somebody else than its holder acted in it",
    (
        text("incident", "the incident's id", key=True),
        text("role", "the role's name in the policy", key=True),
        text("kind", "gap or overlap", key=True, among=("gap", "overlap")),
        time("began_at", "from", key=True),
        time("ended_at", "until; null: to the end", nullable=True),
    ),
    ("incident", "began_at", "role", "kind"),
)

SPELLS = Table(
    "spells",
    "the severities an incident had, one row a spell",
    (
        text("incident", "the incident's id", key=True),
        time("began_at", "from", key=True),
        time("ended_at", "until; null: to the end", nullable=True),
        text("severity", "in the policy's words"),
        text("told", "in the source's words"),
        text("event", "id of the event that tells it"),
    ),
    ("incident", "began_at"),
)

ACTIONS = Table(
    "actions",
    "action items that came out of the incident",
    (
        text("incident", "the incident's id", key=True),
        text("source", "the tool that keeps it", key=True),
        text("subject", "its key in that tool", key=True),
        text("title", "what is to be done"),
        text("state", "its present state, in the tool's words"),
        Column("done", Type.BOOLEAN, "whether that state counts as done under the policy"),
        text("owner", "who (a pseudonym in everything shared); null: nobody", nullable=True),
        time("opened_at", "when it was opened"),
        time("due_at", "when it is due", nullable=True),
        time("done_at", "when it was done", nullable=True),
        text("url", "link to it", nullable=True),
    ),
    ("incident", "opened_at", "subject"),
)

CHECKS = Table(
    "checks",
    "data-quality expectations and how they came out",
    (
        text("tested", "the table", key=True),
        text("expectation", "what was expected", key=True),
        text("column", "of which column; - for the whole table", key=True),
        text("outcome", "passed, failed, or could not run", among=("passed", "failed", "could not run")),
        Column("count", Type.INTEGER, "rows looked at"),
        Column("failing", Type.INTEGER, "rows that broke it"),
        text("examples", "a few of the failing values or keys"),
    ),
    ("tested", "expectation", "column"),
)
