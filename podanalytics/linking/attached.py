"""What belongs to an incident without being one of its records: single messages in general channels, the talk below
them, action items, corrections and decisions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import UTC, datetime, timedelta

import polars as pl

from podanalytics.linking.containers import URL, Container, Known
from podanalytics.linking.decisions import SOURCE, Decision
from podanalytics.linking.pointers import KEY
from podanalytics.linking.todo import action_items
from podanalytics.model import Kind
from podanalytics.policy import Policy

CONVERSATION = timedelta(minutes=10)  # a pause after which what is said is about something else
BEFORE, AFTER = timedelta(hours=1), timedelta(days=7)  # around an incident's begin: when its name means it
NEVER = datetime(1, 1, 3, tzinfo=UTC)
Row = dict[str, object]


def attached(
    events: pl.DataFrame,
    home: dict[Container, str],
    known: Known,
    policy: Policy,
    decided: Iterable[Decision],
    again: Set[str],
) -> list[Row]:
    """MEMBERS rows. `home`: the incident of each container that was joined; `decided`: the decisions in force; `again`:
    the names of incidents that began when a record was opened again.
    """
    chat = events.filter(pl.col("source").is_in(policy.chats) & (pl.col("kind") == Kind.MESSAGE.value))
    mentions = list(_mentions(chat, home, known))
    return [
        *mentions,
        *_conversations(chat, mentions, home),
        *action_items(events, home, known, policy),
        *_corrections(events, home, again),
        *_decisions(decided, home),
    ]


def _mentions(chat: pl.DataFrame, home: dict[Container, str], known: Known) -> Iterator[Row]:
    """Messages in general channels that name an incident's record while it ran: that message belongs to it, the
    channel does not.
    """
    if chat.is_empty():
        return
    names = {key: home[record] for key, record in known.keys.items() if record in home}
    names |= {subject: incident for (source, subject), incident in home.items() if source == "jira"}
    begins: dict[str, datetime] = {}
    for container, incident in home.items():
        if container in known.spans:
            begin = known.spans[container][0]
            begins[incident] = min(begin, begins.get(incident, begin))
    naming = chat.with_columns(
        pl.col("text").str.extract_all(URL).alias("urls"), pl.col("text").str.extract_all(KEY).alias("keys")
    )
    for row in naming.filter(pl.col("urls").list.len() + pl.col("keys").list.len() > 0).iter_rows(named=True):
        if (row["source"], row["subject"]) in home:
            continue
        targets = {names[k] for k in row["keys"] if k in names}
        targets |= {home[c] for u in row["urls"] if (c := known.at(u)) in home}
        for incident in sorted(targets):
            begin = begins.get(incident, NEVER)
            if begin - BEFORE <= row["occurred_at"] <= begin + AFTER:
                yield _row(incident, row, "mention", 0.9, f"a message in {row['subject']} names {incident}")


def _conversations(chat: pl.DataFrame, mentions: list[Row], home: dict[Container, str]) -> Iterator[Row]:
    """What people write in a general channel right after a message that names an incident, until it goes quiet or
    names another.

    "Looking at it" under the pager's post carries no key, and is the first evidence that somebody was.
    """
    told: dict[str, list[str]] = defaultdict(list)
    for m in mentions:
        told[str(m["evidence"])].append(str(m["incident"]))
    rooms = {(str(m["source"]), str(m["subject"])) for m in mentions} - home.keys()
    if not rooms:
        return
    talk = chat.join(pl.DataFrame(sorted(rooms), schema=["source", "subject"], orient="row"), on=["source", "subject"])
    current: dict[Container, tuple[list[str], datetime]] = {}
    for row in talk.sort("occurred_at", "key").iter_rows(named=True):
        room = (row["source"], row["subject"])
        if row["id"] in told:
            current[room] = (told[row["id"]], row["occurred_at"])
        elif room in current and row["occurred_at"] - current[room][1] <= CONVERSATION and row["actor"]:
            incidents = current[room][0]
            current[room] = (incidents, row["occurred_at"])
            for incident in incidents:
                yield _row(incident, row, "conversation", 0.9, f"follows a message in {room[1]} that names {incident}")
        else:
            current.pop(room, None)


def _corrections(events: pl.DataFrame, home: dict[Container, str], again: Set[str]) -> Iterator[Row]:
    """Corrections of the incident, by its id or that of any of its records."""
    stated = events.filter((pl.col("kind") == Kind.STATED.value) & (pl.col("source") != SOURCE))
    subjects = {subject: incident for (_, subject), incident in home.items()} if stated.height else {}
    subjects |= {incident: incident for incident in again}
    first = stated.sort("occurred_at", "id").unique(["source", "subject"], keep="first", maintain_order=True)
    for row in first.iter_rows(named=True):
        if incident := subjects.get(row["subject"]):
            yield _row(incident, row, "correction", 1.0, f"a correction of {row['subject']}")


def _decisions(decided: Iterable[Decision], home: dict[Container, str]) -> Iterator[Row]:
    """What people decided about one of the incident's records, which brings the decision itself into its timeline."""
    for decision in sorted(decided, key=lambda d: (d.stated_at, d.event)):
        left, right = (" ".join(record) for record in (decision.left, decision.right))
        said = "the same" if decision.same else "different"
        why = f"{decision.by} decided that {left} and {right} are {said}: {decision.why}"
        row = {"source": SOURCE, "subject": left, "id": decision.event}
        for incident in dict.fromkeys(home.get(record, "") for record in (decision.left, decision.right)):
            if incident:
                yield {**_row(incident, row, "decision", 1.0, why), "actor": decision.by}


def _row(incident: str, event: Mapping[str, object], method: str, score: float, why: str) -> Row:
    return {
        "incident": incident,
        "source": event["source"],
        "subject": event["subject"],
        "method": method,
        "score": score,
        "why": why,
        "evidence": event["id"],
    }
