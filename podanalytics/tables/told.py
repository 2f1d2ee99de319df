"""What sources told: the tables that are filled by loading."""

from __future__ import annotations

from podanalytics.model import FaultRule, Kind, Precision
from podanalytics.tables.shape import Column, Table, Type, text, time

EVENTS = Table(
    "events",
    "what happened, as the sources tell it: one row a thing and a file that tells it",
    (
        text("id", "hash of source and key: the same thing told twice has the same id", key=True),
        text("file", "the loaded file or folder that told it (see loads)", key=True),
        time("occurred_at", "when it happened"),
        time("recorded_at", "when the tool learned of it, where that differs", nullable=True),
        text("precision", "how fine the source's clock writes", among=tuple(Precision)),
        text("kind", "what sort of thing it is", among=tuple(Kind)),
        text("source", "the tool that tells it"),
        text("subject", "the tool's own container: ticket, channel, host and service"),
        text("key", "the tool's own id of this thing"),
        text("actor", "who did it, by the tool's own id; null: automation or not told", nullable=True),
        text("text", "what was written, in the source's words"),
        text("was", "the former value", nullable=True),
        text("value", "the value; its meaning depends on kind", nullable=True),
        text("url", "link to it in the tool", nullable=True),
        text("origin", "file and place in it: the way back to the raw line"),
    ),
    ("occurred_at", "source", "key", "file"),
)

PEOPLE = Table(
    "people",
    "the tools' own directories of people and bots; never leaves the machine",
    (
        text("source", "the tool", key=True),
        text("key", "the tool's own id, as events name it in actor", key=True),
        text("file", "the loaded file that told it", key=True),
        text("name", "display name", nullable=True),
        text("handle", "handle or login", nullable=True),
        text("email", "e-mail address", nullable=True),
        Column("bot", Type.BOOLEAN, "a bot or an integration, not a person"),
        text("zone", "IANA time zone", nullable=True),
    ),
    ("source", "key", "file"),
)

FAULTS = Table(
    "faults",
    "what could not be read, or makes no sense as it stands: kept, counted, shown",
    (
        text("file", "the loaded file", key=True),
        text("origin", "file and place in it", key=True),
        text("reason", "what is wrong with it", key=True),
        text("source", "the tool, or - when no source recognised the file"),
        text("record", "the record's own id where it has one", nullable=True),
        text("rule", "which kind of fault it is", among=tuple(FaultRule)),
    ),
    ("file", "origin", "reason"),
)

LOADS = Table(
    "loads",
    "what was loaded: one row a file (or folder that is one export)",
    (
        text("file", "the file's name in this workspace: the start of every origin", key=True),
        text("source", "the source that recognised it, or - for none"),
        text("sha256", "hash of its bytes"),
        Column("bytes", Type.INTEGER, "its size"),
        Column("events", Type.INTEGER, "events it told"),
        Column("faults", Type.INTEGER, "faults in it"),
        Column("people", Type.INTEGER, "directory entries in it"),
        text("skipped", "JSON object: records read and deliberately not kept, by reason"),
        text("path", "where it lies on this machine; never leaves it"),
        text("reader", "version of podanalytics that read it"),
        time("loaded_at", "when it was loaded"),
    ),
    ("file",),
)
