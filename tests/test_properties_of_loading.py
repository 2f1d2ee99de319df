"""What holds of every load, whatever the exports say: twice is once, in any order and split, wholly or never."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podanalytics import intake, telling, units
from podanalytics import store as storing
from podanalytics.ledger import load_ledger
from podanalytics.model import Told
from podanalytics.store import Store
from podanalytics.tables import EVENTS, FAULTS, LOADS, PEOPLE
from podanalytics.workspace import Workspace, find_workspace, make_workspace
from tests.drawn import WORDS
from tests.story import DAY, POLICY

Row = dict[str, Any]
AFTER = st.integers(0, 600).map(lambda n: n * 15)  # seconds from the incident's beginning
WHO = ("U1", "U2", "U3")
NAMES = {"U1": "Ana Lima", "U2": "Ben Okoro", "U3": "Botty"}


def iso(after: int) -> str:
    return f"{DAY + timedelta(hours=14, seconds=after):%Y-%m-%dT%H:%M:%SZ}"


def user(id: str) -> Row:
    return {"id": id, "type": "user_reference", "summary": NAMES[id]}


@dataclass(frozen=True)
class Exports:
    """What the tools would export, record by record."""

    pages: tuple[Row, ...]  # PagerDuty's incidents, each with its log
    issues: tuple[Row, ...]  # Jira's
    entries: tuple[Row, ...]  # Statuspage's
    messages: tuple[Row, ...]  # Slack's, of the channel of INC-1
    corrections: tuple[str, ...]  # TOML, of INC-1


@st.composite
def pages(draw: st.DrawFn, number: int) -> Row:
    """A pager's incident with its log, pointing at the ticket of its number."""
    id = f"PDAAA{number}"
    kinds = st.sampled_from(["trigger", "acknowledge", "notify", "annotate", "resolve"])
    told = sorted(draw(st.lists(st.tuples(AFTER, kinds, st.sampled_from(WHO)), max_size=4)))
    log = [
        {"id": f"{id}L{n}", "type": f"{kind}_log_entry", "created_at": iso(after), "incident": {"id": id},
         "summary": kind, "agent": user(who)}
        for n, (after, kind, who) in enumerate(told)
    ]  # fmt: skip
    page = {"id": id, "incident_number": number, "title": "pod-api down", "created_at": iso(0), "service": user("U3"),
            "updated_at": iso(90_000), "incident_key": f"INC-{number}", "urgency": "high",
            "log_entries": log}  # fmt: skip
    over = {"status": "resolved", "resolved_at": iso(draw(AFTER)), "last_status_change_by": user("U1")}
    return page | (over if draw(st.booleans()) else {"status": "triggered"})


@st.composite
def issues(draw: st.DrawFn, number: int) -> Row:
    """A ticket with its changelog and comments."""
    states = draw(st.lists(st.tuples(AFTER, st.sampled_from(["Investigating", "Resolved", "Reopened"])), max_size=4))
    histories, was = [], "Open"
    for n, (after, state) in enumerate(sorted(states)):
        item = {"field": "status", "fromString": was, "toString": state}
        histories.append({"id": f"{number}{n}", "created": iso(after), "author": {"accountId": "U1"}, "items": [item]})
        was = state
    said = draw(st.lists(st.tuples(AFTER, st.sampled_from(WORDS), st.integers(0, 60)), max_size=2))
    comments = [
        {"id": f"{number}{n}", "created": iso(after), "updated": iso(after + later), "body": words,
         "author": {"accountId": "U2"}}
        for n, (after, words, later) in enumerate(said)
    ]  # fmt: skip
    fields = {"summary": "pod-api down", "created": iso(draw(st.sampled_from([0, 120, 400]))), "updated": iso(90_000),
              "issuetype": {"name": "Incident"}, "priority": {"name": draw(st.sampled_from(["P1", "P2", "P3"]))},
              "reporter": {"accountId": "U1", "displayName": NAMES["U1"]}, "status": {"name": was},
              "comment": {"comments": comments, "total": len(comments)}}  # fmt: skip
    log = {"histories": histories, "total": len(histories)}
    return {"id": str(number), "key": f"INC-{number}", "fields": fields, "changelog": log}


@st.composite
def entries(draw: st.DrawFn, number: int) -> Row:
    """A status-page entry with its posts, pointing at the ticket of its number."""
    id = f"abcdefghij{number:02d}"
    states = st.sampled_from(["investigating", "monitoring", "resolved"])
    told = sorted(draw(st.lists(st.tuples(AFTER, states), max_size=3)))
    posts = [
        {"id": f"{id}{n}", "status": state, "body": f"see https://acme.atlassian.net/browse/INC-{number}",
         "created_at": iso(after), "display_at": iso(after)}
        for n, (after, state) in enumerate(told)
    ]  # fmt: skip
    return {"id": id, "name": "API errors", "impact": "major", "status": told[-1][1] if told else "investigating",
            "created_at": iso(300), "updated_at": iso(90_000), "incident_updates": posts}  # fmt: skip


@st.composite
def messages(draw: st.DrawFn) -> list[Row]:
    """What was said in the channel, now and then edited; no two at one time, which is a message's only id."""
    times = draw(st.lists(AFTER, max_size=5, unique=True))
    update = "INCIDENT UPDATE [14:15]\nStatus: FIXING\nETA: 15:00 UTC"
    found = []
    for after in sorted(times):
        stamp = f"{int((DAY + timedelta(hours=14, seconds=after)).timestamp())}.123456"
        row = {"type": "message", "user": draw(st.sampled_from(WHO)), "ts": stamp,
               "text": draw(st.sampled_from([*WORDS, update]))}  # fmt: skip
        if draw(st.booleans()):
            row |= {"edited": {"user": row["user"], "ts": f"{stamp[:-6]}623456"}}
        found.append(row)
    return found


def correction(after: int, stated: int | None) -> str:
    when = "" if stated is None else f"stated_at = {iso(stated)}\n"
    return f'[[correct]]\nmilestone = "mitigated"\nvalue = {iso(after)}\nwhy = "the graph"\nby = "ben"\n{when}'


@st.composite
def exports(draw: st.DrawFn) -> Exports:
    """What four tools and a reviewer tell of one or two incidents."""
    numbers = range(1, draw(st.integers(1, 2)) + 1)
    corrected = draw(st.lists(AFTER, max_size=2, unique=True))
    dated = draw(st.booleans())
    return Exports(
        tuple(draw(pages(n)) for n in numbers),
        tuple(draw(issues(n)) for n in numbers),
        tuple(draw(entries(n)) for n in numbers if draw(st.booleans())),
        tuple(draw(messages())),
        tuple(correction(after, 90_000 + n if dated else None) for n, after in enumerate(corrected)),
    )


def written(home: Workspace, told: Exports, name: str = "all", log_apart: bool = False) -> list[Path]:
    """The exports as files below raw, and the corrections; the paths of what was written."""
    folder = home.raw / name
    folder.mkdir(parents=True)
    found = []

    def put(path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def page(file: str, rows: tuple[Row, ...] | list[Row], **document: Any) -> None:
        if rows:
            put(folder / file, json.dumps(document))
            found.append(folder / file)

    pages = [{**p, "log_entries": []} if log_apart else p for p in told.pages]
    page("pager.json", pages, incidents=pages)
    log = [entry for p in told.pages for entry in p["log_entries"] if log_apart]
    page("pager-log.json", log, log_entries=log)
    page("issues.json", told.issues, issues=told.issues)
    page("status.json", told.entries, page={"id": "p", "time_zone": "UTC"}, incidents=told.entries)
    if told.messages:
        created = int((DAY + timedelta(hours=14)).timestamp())
        people = [{"id": id, "name": id.lower(), "real_name": who, "is_bot": id == "U3"} for id, who in NAMES.items()]
        channel = "incident-2026-10-14-1"
        put(folder / "chat/users.json", json.dumps(people))
        put(folder / "chat/channels.json", json.dumps([{"id": "C1", "name": channel, "created": created}]))
        put(folder / f"chat/{channel}/2026-10-14.json", json.dumps(told.messages))
        found.append(folder / "chat")
    if told.corrections:
        put(home.corrections / f"{name}.toml", 'incident = "INC-1"\n' + "".join(told.corrections))
        found.append(home.corrections / f"{name}.toml")
    return found


@contextmanager
def workspace() -> Iterator[tuple[Workspace, Store]]:
    """A workspace of its own with its database, an SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        make_workspace(Path(folder) / "team")
        home = find_workspace(Path(folder) / "team")
        store = home.store()
        try:
            yield home, store
        finally:
            store.close()


def raw(store: Store) -> list[list[Row]]:
    """All that the store holds, apart from when it was loaded."""
    return [store.read(t).to_dicts() for t in (EVENTS, PEOPLE, FAULTS)] + [
        store.read(LOADS).drop("loaded_at").to_dicts()
    ]


def known(store: Store) -> dict[str, pl.DataFrame]:
    """What is known by a store, apart from where each thing was read."""
    ledger = load_ledger(store, POLICY, DAY + timedelta(days=9))
    return {
        "events": store.events().drop("file", "origin"),
        "people": store.people().drop("file"),
        "faults": ledger.faults.drop("file", "origin"),
        "members": ledger.members,
        "incidents": ledger.incidents,
        "milestones": ledger.found.milestones,
        "updates": ledger.found.updates,
        "readings": ledger.readings,
    }


def same(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> None:
    for name, frame in one.items():
        assert frame.equals(other[name]), f"{name}:\n{frame.to_dicts()}\n{other[name].to_dicts()}"


@settings(max_examples=8, derandomize=True)
@given(exports())
def test_loading_twice_is_loading_once(told: Exports) -> None:
    """Loaded again nothing is read; read again by another version of the readers, it is the same."""
    with workspace() as (home, store):
        written(home, told)
        intake.load(home, store)
        once = raw(store)
        assert {done.state for done in intake.load(home, store)} == {"unchanged"}
        assert raw(store) == once
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(intake, "__version__", "another")
            assert {done.state for done in intake.load(home, store)} == {"loaded"}
        assert [{**row, "reader": ""} for row in raw(store)[3]] == [{**row, "reader": ""} for row in once[3]]
        assert raw(store)[:3] == once[:3]


@settings(max_examples=8, derandomize=True)
@given(exports(), st.data())
def test_any_order_of_files_gives_the_same_tables(told: Exports, data: st.DataObject) -> None:
    """All at once, or one file after the other in any order, one of them twice: the store holds the same."""
    with workspace() as (home, store), workspace() as (there, other):
        written(home, told)
        intake.load(home, store)
        paths = written(there, told)
        for path in data.draw(st.permutations(paths + paths[:1])):
            intake.load(there, other, [path])
        assert raw(store)[:3] == raw(other)[:3]
        assert store.events().equals(other.events())
        assert store.people().equals(other.people())


@settings(max_examples=8, derandomize=True)
@given(exports(), st.data())
def test_any_split_of_a_file_gives_the_same_tables(told: Exports, data: st.DataObject) -> None:
    """Each record may stand in either of two exports or in both, and a pager's log beside its incidents."""

    def part(which: frozenset[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
        return lambda rows: tuple(row for row in rows if sides[id(row)] & which)

    both = (told.pages, told.issues, told.entries, told.messages, told.corrections)
    anywhere = st.sampled_from([frozenset({0}), frozenset({1}), frozenset({0, 1})])
    sides = {id(row): data.draw(anywhere) for rows in both for row in rows}
    with workspace() as (home, store), workspace() as (there, other):
        written(home, told)
        intake.load(home, store)
        for side in data.draw(st.permutations([0, 1])):
            take = part(frozenset({side}))
            written(there, Exports(*map(take, both)), f"part-{side}", log_apart=data.draw(st.booleans()))
        intake.load(there, other)
        same(known(store), known(other))


class _Stopped(BaseException):
    """Somebody pulls the plug."""


def _stopping(parse: Callable[[Path], Iterator[Told]], after: int) -> Callable[[Path], Iterator[Told]]:
    def stopped(path: Path) -> Iterator[Told]:
        for number, told in enumerate(parse(path)):
            if number == after:
                raise _Stopped
            yield told
        raise _Stopped

    return stopped


@settings(max_examples=8, derandomize=True)
@given(exports(), exports(), st.sampled_from(["reading", "writing"]), st.integers(0, 9))
def test_a_load_that_is_cut_short_leaves_the_old_or_the_new(old: Exports, new: Exports, where: str, after: int) -> None:
    """Interrupted while a file is read, or while its rows are written: every file has told all that it told before, or
    all that it tells now; and the next load makes it whole.
    """
    with workspace() as (home, store):
        written(home, old)
        intake.load(home, store)
        before = _by_file(store)
        for path in written(home, new, "new"):
            kept = home.raw / "all" / path.name if home.raw in path.parents else home.corrections / "all.toml"
            if path.is_file():
                kept.parent.mkdir(exist_ok=True)
                path.replace(kept)
        with pytest.MonkeyPatch.context() as patch:
            _interrupt(patch, where, after)
            with suppress(_Stopped):  # where nothing has changed, nothing is read
                intake.load(home, store)
        cut = _by_file(store)
        intake.load(home, store)
        whole = _by_file(store)
        for file, rows in cut.items():
            assert rows in (before.get(file), whole.get(file)), file
        fresh = Store(f"sqlite:///{home.root / 'fresh.db'}")
        intake.load(home, fresh)
        assert _by_file(fresh) == whole
        fresh.close()


def _interrupt(patch: pytest.MonkeyPatch, where: str, after: int) -> None:
    if where == "reading":
        sources = {name: replace(s, parse=_stopping(s.parse, after)) for name, s in units.all_sources().items()}
        patch.setattr(units, "all_sources", lambda: sources)
        return
    add, done = storing.Writing.add, itertools.count()

    def stopped(*given: Any) -> None:
        if next(done) == after:
            raise _Stopped
        add(*given)

    patch.setattr(storing.Writing, "add", stopped)
    patch.setattr(telling, "AT_ONCE", 1)


def _by_file(store: Store) -> dict[str, tuple[list[Row], ...]]:
    """What each file told, and the row of its load, apart from when it was loaded."""
    tables = [*(store.read(t) for t in (EVENTS, PEOPLE, FAULTS)), store.read(LOADS).drop("loaded_at")]
    files = {file for table in tables for file in table["file"]}
    return {file: tuple(t.filter(pl.col("file") == file).to_dicts() for t in tables) for file in files}
