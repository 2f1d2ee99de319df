"""What holds of every source's exports, whichever come when: twice is once, in any order, split, overlapping, edited.

The rules are those of the store's design: nothing is lost or told twice, later words stand, and a load that was broken
off is made good by the next. Every golden case of every source, those of sources to come as well.
"""

from __future__ import annotations

import itertools
import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from podanalytics import intake
from podanalytics.ledger import load_ledger, told_by
from podanalytics.model import Event
from podanalytics.sources import all_sources
from podanalytics.store import Store, Writing
from podanalytics.tables import EVENTS, FAULTS, LOADS, PEOPLE
from podanalytics.workspace import Workspace, find_workspace, make_workspace
from tests.story import POLICY

HERE = Path(__file__).parent
TOOLS = sorted(all_sources())
EACH = pytest.mark.parametrize("tool", TOOLS)
Tables = dict[str, pl.DataFrame]


def cases(tool: str) -> list[Path]:
    return [path for path in sorted((HERE / tool).iterdir()) if not path.name.endswith(".expected.jsonl")]


def home_in(folder: Path) -> Workspace:
    make_workspace(folder)
    return find_workspace(folder)


def put(case: Path, place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    (shutil.copytree if case.is_dir() else shutil.copyfile)(case, place)
    return place


def laid(home: Workspace, tool: str) -> list[Path]:
    other = HERE / ("applog/plain.log" if tool != "applog" else "gitlog/plain.gitlog")
    put(other, home.raw / tool / "aside.log")  # so that no reader takes all cases for one export
    return [put(case, home.raw / tool / str(number) / case.name) for number, case in enumerate(cases(tool))]


def whole(store: Store) -> Tables:
    """All that a store holds, apart from when it was loaded."""
    loads = store.read(LOADS).drop("loaded_at", "path", "reader")
    return {"events": store.read(EVENTS), "people": store.read(PEOPLE), "faults": store.read(FAULTS), "loads": loads}


def known(store: Store) -> Tables:
    """What is known by a store, wherever it was read."""
    return {"events": store.events().drop("file", "origin"), "people": store.people().drop("file")}


def assert_same(one: Tables, other: Tables) -> None:
    for name, frame in one.items():
        assert frame.to_dicts() == other[name].to_dicts(), name


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Workspace, Store]]]:
    """A workspace for each source with all its cases loaded at once; nobody loads anything else into it."""
    made: dict[str, tuple[Workspace, Store]] = {}

    class Made(dict[str, tuple[Workspace, Store]]):
        def __missing__(self, tool: str) -> tuple[Workspace, Store]:
            home = home_in(tmp_path_factory.mktemp("home") / "team")
            laid(home, tool)
            store = home.store()
            intake.load(home, store)
            made[tool] = self[tool] = (home, store)
            return self[tool]

    yield Made()
    for _, store in made.values():
        store.close()


Homes = dict[str, tuple[Workspace, Store]]


@EACH
def test_twice_is_once(homes: Homes, tool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 1. Nothing is read again; read again by other readers, it is the same."""
    home, store = homes[tool]
    once = whole(store)
    assert len(once["events"]) and {done.state for done in intake.load(home, store)} == {"unchanged"}
    assert_same(whole(store), once)
    monkeypatch.setattr(intake, "__version__", "another")
    assert {done.state for done in intake.load(home, store)} == {"loaded"}
    assert_same(whole(store), once)


@EACH
def test_any_order_is_the_same(homes: Homes, tool: str, tmp_path: Path) -> None:
    """Rule 2. One file after the other, some of them twice."""
    home = home_in(tmp_path / "team")
    paths = [path.parent for path in laid(home, tool)]  # a case's own folder: a mapping alone would be one with it
    store = home.store()
    random.Random(tool).shuffle(paths)
    for path in (*paths, *paths[:2], home.raw / tool / "aside.log"):
        intake.load(home, store, [path])
    assert_same(whole(store), whole(homes[tool][1]))
    assert_same(known(store), known(homes[tool][1]))
    store.close()


@EACH
def test_a_load_that_was_broken_off_is_made_good_by_the_next(
    homes: Homes, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 7. Broken off between two files, and in the middle of one."""
    home = home_in(tmp_path / "team")
    paths = laid(home, tool)
    store = home.store()
    added, whole_files = Writing.add, itertools.count()

    def broken(writing: Writing, table: Any, columns: Any) -> None:
        added(writing, table, columns)
        if table is PEOPLE and next(whole_files) == len(paths) // 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Writing, "add", broken)
    with pytest.raises(KeyboardInterrupt):
        intake.load(home, store)
    monkeypatch.undo()
    assert len(store.read(LOADS)) == len(paths) // 2
    assert set(store.read(EVENTS)["file"]) <= set(store.read(LOADS)["file"]), "a file is there wholly or not at all"
    store.close()
    again = home.store()
    intake.load(home, again)
    assert_same(whole(again), whole(homes[tool][1]))
    again.close()


@EACH
def test_what_was_known_at_a_moment_holds_nothing_later(homes: Homes, tool: str) -> None:
    """Rule 6."""
    told = homes[tool][1].events()
    moments = sorted(told["occurred_at"])
    middle = moments[len(moments) // 2]
    ledger = load_ledger(homes[tool][1], POLICY, middle)
    seen = ledger.events.filter(pl.col("source") != "decisions")
    assert seen["occurred_at"].max() in (None, middle)
    assert not [at for at in ledger.found.milestones["occurred_at"] if at and at > middle]
    assert told_by(told, moments[-1]).equals(told)


# --- records that stand in several exports --------------------------------------------------------------------------

# What these tell of a record depends on the records around it, so one export cannot be taken apart anywhere.
TOGETHER = {
    "applog": "bursts",
    "docker_json": "bursts",
    "journald": "bursts",
    "gitlog": "the tag before",
    "uptime": "the probe before",
    "mattermost/twice.jsonl": "posts of one moment have no ids",
}


def is_whole(case: Path) -> bool:
    return "broken" not in case.name and "cut" not in case.name


def parted(case: Path) -> tuple[bytes, bytes] | None:
    """An export taken apart into two that overlap by one record; None for one that cannot be."""
    if case.is_dir() or case.suffix not in (".json", ".jsonl", ".ndjson"):
        return None
    data = case.read_bytes()
    try:
        document = json.loads(data)
    except ValueError:
        lines = data.splitlines(keepends=True)
        middle = len(lines) // 2
        if len(lines) < 2 or not all(line.startswith(b"{") for line in lines):
            return None
        return b"".join(lines[: middle + 1]), b"".join(lines[middle:])
    found = [(None, document)] if isinstance(document, list) else []
    found += (
        [(key, value) for key, value in document.items() if isinstance(value, list)]
        if isinstance(document, dict)
        else []
    )
    if not found or len((longest := max(found, key=lambda pair: len(pair[1])))[1]) < 2:
        return None
    key, entries = longest
    middle = len(entries) // 2
    one, two = entries[: middle + 1], entries[middle:]
    made = [part if key is None else {**document, key: part} for part in (one, two)]
    return json.dumps(made[0]).encode(), json.dumps(made[1]).encode()


PARTED = [
    pytest.param(case, id=f"{tool}/{case.name}")
    for tool in TOOLS
    if tool not in TOGETHER
    for case in cases(tool)
    if f"{tool}/{case.name}" not in TOGETHER and is_whole(case) and parted(case)
]


@pytest.fixture(scope="module")
def parts_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Store, Path]]:
    folder = tmp_path_factory.mktemp("parts")
    home = home_in(folder / "team")
    store = home.store()
    yield home, store, folder
    store.close()


@pytest.mark.parametrize("case", PARTED)
def test_exports_that_overlap_are_one(parts_home: tuple[Workspace, Store, Path], case: Path) -> None:
    """Rules 2, 5 and 8. Whole or in two parts, in either order; that a record is missing from the last export means
    nothing."""
    home, store, folder = parts_home
    places = [folder / case.parent.name / case.name / name / case.name for name in ("a", "b", "c")]
    one, two = parted(case) or (b"", b"")
    for place, data in zip(places, (one, two, case.read_bytes()), strict=True):
        place.parent.mkdir(parents=True)
        place.write_bytes(data)

    def loaded(*paths: Path) -> Tables:
        for load in store.read(LOADS)["file"]:
            store.forget_file(load)
        for path in paths:
            intake.load(home, store, [path])
        return known(store)

    as_one = loaded(places[2])
    assert_same(loaded(places[0], places[1]), as_one)
    assert_same(loaded(places[1], places[0]), as_one)
    assert_same(loaded(places[2], places[1]), as_one)


# --- edits ----------------------------------------------------------------------------------------------------------

UPDATED = re.compile(r"updated|edited|modified|last_?edit", re.IGNORECASE)
STAMP = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})(?=T)|(?P<epoch>\d{4,7})(?=\d{6}(?:\.\d+)?$)")
LATER = "2026-12-24"
WRITTEN = ("declared", "message", "notice")  # kinds whose text people write, and edit


def bumped(value: Any) -> Any:
    """A time, as ISO or as an epoch in seconds to microseconds, some months on."""
    text = STAMP.sub(
        lambda found: LATER if found["day"] else str(int(found["epoch"]) + 10 ** (len(found[0]) - 3)), str(value)
    )
    return text if isinstance(value, str) else int(text)


def is_time(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and bool(STAMP.match(str(value)))


def edited(document: Any, texts: frozenset[str]) -> Any:
    """The document as an export made later has it: every text that is told is another one, in records that say when
    they were last updated."""
    if isinstance(document, list):
        return [edited(entry, texts) for entry in document]
    if not isinstance(document, dict):
        return document
    stamps = [key for key, value in document.items() if UPDATED.search(key) and is_time(value)]
    found = {}
    for key, value in document.items():
        if key in stamps:
            value = bumped(value)
        elif stamps and isinstance(value, str) and value in texts:
            value = f"{value} (edited)"
        found[key] = edited(value, texts)
    return found


def later(case: Path) -> bytes:
    told = [event for event in all_sources()[case.parent.name].parse(case) if isinstance(event, Event)]
    texts = frozenset(event.text for event in told if event.kind in WRITTEN and " " in event.text)
    data = case.read_bytes()
    try:
        return json.dumps(edited(json.loads(data), texts)).encode()
    except ValueError:
        return b"\n".join(json.dumps(edited(json.loads(line), texts)).encode() for line in data.splitlines())


def editable(case: Path) -> bool:
    if "webhook" in case.name:
        return False  # a delivery says what was at one moment, and is never made again
    if case.is_dir() or case.suffix not in (".json", ".jsonl") or not is_whole(case):
        return False
    try:
        return b"(edited)" in later(case)
    except ValueError:
        return False


EDITED = [pytest.param(case, id=f"{tool}/{case.name}") for tool in TOOLS for case in cases(tool) if editable(case)]


def test_some_exports_say_when_a_record_was_updated() -> None:
    assert {param.values[0].parent.name for param in EDITED} >= {"github", "jira", "statuspage"}  # type: ignore[union-attr]


@pytest.mark.parametrize("case", EDITED)
def test_of_two_exports_the_later_words_stand_and_the_older_can_be_had(
    parts_home: tuple[Workspace, Store, Path], case: Path
) -> None:
    """Rules 3 and 4. The same event, whichever export is loaded last and whichever name sorts first."""
    home, store, folder = parts_home
    for load in store.read(LOADS)["file"]:
        store.forget_file(load)
    ids = [e.id for e in all_sources()[case.parent.name].parse(case) if isinstance(e, Event)]
    log = [id for id, count in Counter(ids).items() if count > 1]  # a log of what it was is no export of what it is
    base = folder / "edits" / case.parent.name / case.name
    for number, (name, data) in enumerate((n, d) for n in "ab" for d in (case.read_bytes(), later(case))):
        place = base / str(number // 2) / f"{name}{number % 2}" / case.name
        place.parent.mkdir(parents=True)
        place.write_bytes(data)
    orders = ([base / "0/a0", base / "1/b1"], [base / "1/b1", base / "0/a0"], [base / "0/a1", base / "1/b0"])
    for order in orders:
        for load in store.read(LOADS)["file"]:
            store.forget_file(load)
        for path in order:
            intake.load(home, store, [path])
        told = store.read(EVENTS)
        told = told.filter(pl.col("kind").is_in(WRITTEN) & ~pl.col("id").is_in(log))
        new = told.filter(pl.col("text").str.ends_with("(edited)")).unique("id", keep="first")
        texts = dict(store.events().select("id", "text").iter_rows())
        both = set(new["id"]) & set(told.filter(~pl.col("text").str.ends_with("(edited)"))["id"])
        assert both or not set(ids) - set(log), "an edit makes no other event of it"
        assert not [id for id in both if not texts[id].endswith("(edited)")]
        standing = store.events().filter(pl.col("id").is_in(list(both)))
        assert not standing.filter(pl.col("recorded_at") <= pl.col("occurred_at"))["key"].to_list(), "it is marked"
