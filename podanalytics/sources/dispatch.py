"""Netflix Dispatch: a plain-text dump of its PostgreSQL database, read line by line.

Rows point at each other by number, and an incident's row stands behind what happened in it. So the dump is read twice:
first for the names of incidents and people, then for what is told. Its columns have no zone and hold UTC.
The tables: https://github.com/Netflix/dispatch/tree/main/src/dispatch
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from functools import cached_property
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, Kind, Person, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import iso, iso_or_none, iso_precision
from podanalytics.sources._pg_dump import FIRST_LINES, Block, Row, rows
from podanalytics.sources._read import each, head

NAME = "dispatch"
SEEN = "so it stood when the record was last updated"
ORGANISATION = "dispatch_organization_"
NAMED = ("incident", "individual_contact", "participant", "participant_role", "incident_priority", "incident_severity")
POINTING = ("conversation", "conference", "document", "storage", "ticket", "group")  # what an incident has elsewhere
TELLING = ("incident", "event", "participant_role", "task", "individual_contact", *POINTING)
OF_NO_INCIDENT = "row that belongs to no incident"
Key = tuple[str, str, str | None]  # schema, table, id


def owns(path: Path) -> bool:
    """A dump with the schemas of Dispatch."""
    start = head(path)
    return FIRST_LINES in start[:500] and (ORGANISATION in start or "dispatch_core" in start)


def parse(path: Path) -> Iterator[Told]:
    """Everything told of incidents, in the dump's order; rows of other tables are counted."""
    names = _Names()
    for given in rows(path, NAME, lambda block: block.table in NAMED):
        if not isinstance(given, Fault) and len(given) == 2:
            names.add(given[1])

    def wanted(block: Block) -> bool:
        return block.table in TELLING and names.in_use(block.schema)

    def items() -> Iterator[tuple[str, Row] | Fault]:
        for given in rows(path, NAME, wanted):
            if isinstance(given, Fault) or len(given) == 2:
                yield given
            elif given[2]:
                left = given[1]
                old = "" if names.in_use(left.schema) else ", of the time before there were organisations"
                skipped.append(Skipped(given[0], f"row of the table {left.table}{old}", given[2]))

    skipped: list[Skipped] = []
    yield from each(NAME, items(), lambda row, origin: _Telling(names, row, origin).told(), _id)
    yield from skipped


def _id(row: Any) -> str | None:
    return f"{row.table} {row.cells.get('id')}"


@dataclass
class _Names:
    """What rows call each other by: kept of the whole dump, so no more of them than is needed."""

    rows: dict[Key, dict[str, str | None]] = field(default_factory=dict)
    organisations: set[str] = field(default_factory=set)

    def add(self, row: Row) -> None:
        """Keeps what others may ask for."""
        kept = ("name", "email", "incident_id", "individual_contact_id", "participant_id", "role", "assumed_at")
        self.rows[row.schema, row.table, row.cells.get("id")] = {k: row.cells[k] for k in kept if k in row.cells}
        if row.schema.startswith(ORGANISATION):
            self.organisations.add(row.schema)

    def in_use(self, schema: str) -> bool:
        """Whether Dispatch still reads that schema: since there are organisations, each has its own."""
        return schema in self.organisations if self.organisations else True

    def of(self, schema: str, table: str, id: str | None) -> dict[str, str | None]:
        """What is kept of a row; nothing for one that is not there."""
        return self.rows.get((schema, table, id), {})

    def person(self, schema: str, contact: str | None) -> str | None:
        """The key of a person: the e-mail address, else the row's own id."""
        if contact is None:
            return None
        return self.of(schema, "individual_contact", contact).get("email") or f"{schema}/{contact}"

    def participant(self, schema: str, id: str | None) -> str | None:
        """The key of the person who takes part."""
        return self.person(schema, self.of(schema, "participant", id).get("individual_contact_id"))

    @cached_property
    def _holders(self) -> dict[tuple[str, str | None, str | None], list[tuple[str, str | None]]]:
        """By schema, incident and role: since when, and the participant, in order."""
        found: dict[tuple[str, str | None, str | None], list[tuple[str, str | None]]] = {}
        for (schema, table, _), kept in self.rows.items():
            if table == "participant_role":
                incident = self.of(schema, "participant", kept.get("participant_id")).get("incident_id")
                held = found.setdefault((schema, incident, kept.get("role")), [])
                held.append((kept.get("assumed_at") or "", kept.get("participant_id")))
        return {key: sorted(held, key=lambda h: h[0]) for key, held in found.items()}

    def before(self, row: Row, incident: str | None) -> str | None:
        """Who last took the role of a `participant_role` row before, in the same incident."""
        held = self._holders.get((row.schema, incident, row.cells.get("role")), [])
        since = row.cells.get("assumed_at") or ""
        earlier = [participant for at, participant in held if at < since]
        return self.participant(row.schema, earlier[-1]) if earlier else None


@dataclass(frozen=True)
class _Telling:
    """One row being told."""

    names: _Names
    row: Row
    origin: str

    def told(self) -> Iterator[Told]:
        table = self.row.table
        if table == "individual_contact":
            yield from self._contact()
        elif table == "incident":
            yield from self._incident()
        elif table == "participant_role":
            yield from self._role()
        elif self.row.cells.get("incident_id") is None:
            yield Skipped(self.origin, OF_NO_INCIDENT)
        elif table == "event":
            yield self._happened()
        elif table == "task":
            yield from self._task()
        else:
            yield from self._elsewhere()

    # --- what all rows need -----------------------------------------------------------------------------------------

    def cell(self, name: str) -> str:
        return self.row.cells.get(name) or ""

    def name_of(self, incident: str | None) -> str:
        """The incident's name. Raises ValueError for one that the dump does not hold."""
        if found := self.names.of(self.row.schema, "incident", incident).get("name"):
            return found
        raise ValueError(f"it belongs to the incident {incident}, which is not in the dump")

    def event(self, kind: Kind, key: str, when: str, subject: str = "", **more: Any) -> Event:
        """An event at the moment in the column `when`."""
        text = self.cell(when)
        return Event(
            kind=kind,
            source=NAME,
            subject=subject or self.name_of(self.row.cells.get("incident_id")),
            key=f"{self.row.schema}/{key}",
            occurred_at=iso(text, UTC),
            precision=iso_precision(text),
            origin=self.origin,
            **more,
        )

    # --- tables -----------------------------------------------------------------------------------------------------

    def _contact(self) -> Iterator[Person]:
        key = self.names.person(self.row.schema, self.cell("id")) or ""
        yield Person(NAME, key, self.cell("name") or None, email=self.cell("email") or None)

    def _incident(self) -> Iterator[Event]:
        name, schema = self.name_of(self.cell("id")), self.row.schema
        key = f"incident/{self.cell('id')}"
        seen = iso_or_none(self.cell("updated_at"), UTC)

        def tell(kind: Kind, what: str, when: str, **more: Any) -> Event:
            return self.event(kind, f"{key}/{what}", when, name, **more)

        by = self.names.participant(schema, self.row.cells.get("reporter_id"))
        title = self.cell("title")
        yield tell(Kind.DECLARED, "reported", "reported_at", value="incident", text=title, actor=by, recorded_at=seen)
        if text := self.cell("description"):
            yield tell(Kind.OTHER, "description", "reported_at", value="description", text=text, recorded_at=seen)
        for table in ("incident_priority", "incident_severity"):
            if word := self.names.of(schema, table, self.row.cells.get(f"{table}_id")).get("name"):
                what = table.removeprefix("incident_")
                at = f"{what}/{word}@{self.cell('updated_at')}"
                yield tell(Kind.SEVERITY, at, "updated_at", value=word, text=f"{what}: {SEEN}")
        dated = [(word, f"{word.lower()}_at") for word in ("Stable", "Closed") if self.cell(f"{word.lower()}_at")]
        for word, when in dated:
            yield tell(Kind.STATUS, f"{word}@{self.cell(when)}", when, value=word)
        status = self.cell("status")
        if status and status not in dict(dated):
            # What is active from the beginning has no time of its own; what is active again has one that is not told.
            first = status == "Active" and not dated
            text = "" if first else f"at the latest: {SEEN}"
            when = "reported_at" if first else "updated_at"
            yield tell(Kind.STATUS, f"{status}@{self.cell(when)}", when, value=status, text=text)
        if same := self.names.of(schema, "incident", self.row.cells.get("duplicate_id")).get("name"):
            yield tell(Kind.MERGED, f"duplicate/{same}", "updated_at", value=same)

    def _happened(self) -> Event:
        """An entry of the timeline: value is the part of Dispatch that wrote it, actor whoever it names as doing it."""
        details = self.cell("details")
        more = "" if details in ("", "null", "{}") else f"\n{details}"
        return self.event(
            Kind.OTHER,
            f"event/{self.cell('uuid') or self.cell('id')}",
            "started_at",
            value=self.cell("source") or "timeline",
            text=f"{self.cell('description')}{more}",
            actor=self.names.person(self.row.schema, self.row.cells.get("individual_id")),
            recorded_at=iso_or_none(self.cell("created_at"), UTC),
        )

    def _role(self) -> Iterator[Told]:
        taken = self.names.of(self.row.schema, "participant", self.row.cells["participant_id"])
        if taken.get("incident_id") is None:
            yield Skipped(self.origin, OF_NO_INCIDENT)
            return
        name, role, key = self.name_of(taken["incident_id"]), self.cell("role"), f"role/{self.cell('id')}"
        who = self.names.participant(self.row.schema, self.row.cells["participant_id"])
        was = self.names.before(self.row, taken["incident_id"])
        yield self.event(Kind.ROLE, key, "assumed_at", name, value=role, actor=who, was=was)
        if self.cell("renounced_at"):
            yield self.event(Kind.ROLE, f"{key}/renounced", "renounced_at", name, value=role, was=who)

    def _task(self) -> Iterator[Event]:
        """A task is an action item: an entry of the incident, and a record of its own that points at it."""
        incident, state, text = self.name_of(self.cell("incident_id")), self.cell("status"), self.cell("description")
        key, task = f"task/{self.cell('id')}", f"{incident}/task/{self.cell('id')}"
        by, owner = (self.names.participant(self.row.schema, self.row.cells.get(n)) for n in ("creator_id", "owner_id"))
        when = "resolved_at" if self.cell("resolved_at") else "updated_at"
        seen = iso_or_none(self.cell("updated_at"), UTC)
        yield self.event(Kind.DECLARED, key, "created_at", task, value="Task", text=text, actor=by, recorded_at=seen)
        yield self.event(Kind.LINKED, f"{key}/incident", "created_at", task, value=incident, text="incident")
        if state:
            at = f"{state}@{self.cell(when)}"
            yield self.event(Kind.ACTION, f"{key}/action/{at}", when, value=state, text=text, actor=owner)
            yield self.event(Kind.STATUS, f"{key}/status/{at}", when, task, value=state)
        if owner:
            yield self.event(Kind.ASSIGNED, f"{key}/owner", "created_at", task, value=owner, recorded_at=seen)
        if due := self.cell("resolve_by"):
            yield self.event(
                Kind.OTHER,
                f"{key}/resolve_by",
                "created_at",
                task,
                value="duedate",
                text=iso(due, UTC).isoformat(),
                recorded_at=seen,
            )

    def _elsewhere(self) -> Iterator[Told]:
        """What the incident has in other tools: its channel, ticket, documents."""
        table, link = self.row.table, self.cell("weblink") or self.cell("email")
        key = f"{table}/{self.cell('id')}"
        if table == "conversation" and self.cell("channel_id") and not self.cell("thread_id"):
            yield self.event(
                Kind.CHANNEL, f"{key}/created", "created_at", value="created", text=self.cell("channel_id")
            )
        if link:
            yield self.event(Kind.LINKED, key, "created_at", value=link, text=table)
        else:
            yield Skipped(self.origin, f"{table} without an address")


source = Source(
    title="Netflix Dispatch (database dump)",
    manual="https://netflix.github.io/dispatch/",
    owns=owns,
    parse=parse,
    group="tracker",
    takes="`pg_dump` as plain text",
    known_by="a PostgreSQL dump with Dispatch's schemas",
)
