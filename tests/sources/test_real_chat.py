"""Slack exports of real workspaces, kept outside this project: every message is told, by the clock it carries."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections import Counter
from datetime import UTC, date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from podanalytics.model import Event, Fault, Kind, Person, Skipped, Told
from podanalytics.sources import owners, slack

EXTRA = {Kind.REACTED, Kind.EDITED}


@pytest.fixture(scope="module")
def exports(shared: Path) -> Path:
    return shared / "data" / "chat" / "slack"


@pytest.fixture(scope="module")
def houston(exports: Path) -> list[object]:
    return list(slack.source.parse(exports / "houstondatavis_MIT"))


def told_of(entries: list[object]) -> list[Event]:
    """One event per message: without reactions, edits and the channels' creations."""
    events = [entry for entry in entries if isinstance(entry, Event)]
    return [e for e in events if e.kind not in EXTRA and e.value != "created"]


def test_every_message_is_told(exports: Path, houston: list[object]) -> None:
    assert owners(exports / "houstondatavis_MIT") == ["slack"]
    events = told_of(houston)
    files = sorted((exports / "houstondatavis_MIT").glob("*/*.json"))
    places = {
        f"houstondatavis_MIT/{path.parent.name}/{path.name}#/{n}"
        for path in files
        for n in range(len(json.loads(path.read_bytes())))
    }
    assert {e.origin for e in events} == places
    assert len(events) == 1_382
    assert len({e.id for e in events}) == 1_382
    assert len({e.subject for e in events}) == 16
    assert not [entry for entry in houston if isinstance(entry, Fault)]


def test_what_was_told_is_what_the_files_hold(exports: Path, houston: list[object]) -> None:
    """Counted from the raw files with nothing but a JSON reader."""
    raw = [m for path in (exports / "houstondatavis_MIT").glob("*/*.json") for m in json.loads(path.read_bytes())]
    kinds = Counter(e.kind for e in houston if isinstance(e, Event))
    assert kinds[Kind.JOINED] == sum(m.get("subtype") == "channel_join" for m in raw) == 320
    assert kinds[Kind.LEFT] == sum(m.get("subtype") == "channel_leave" for m in raw)
    assert kinds[Kind.EDITED] == sum("edited" in m for m in raw) == 37
    said = (None, "file_share", "file_comment")
    assert kinds[Kind.MESSAGE] == sum(m.get("subtype") in said for m in raw) == 1_031
    unnamed = sum(e.count for e in houston if isinstance(e, Skipped) and "reaction" in e.reason)
    assert kinds[Kind.REACTED] + unnamed == sum(r["count"] for m in raw for r in m.get("reactions", []))


def test_people_and_channels(exports: Path, houston: list[object]) -> None:
    people = [entry for entry in houston if isinstance(entry, Person)]
    users = json.loads((exports / "houstondatavis_MIT" / "users.json").read_bytes())
    assert len(users) == len({user["id"] for user in users}) == 71
    assert {person.key for person in people} >= {user["id"] for user in users}
    assert sum(isinstance(e, Event) and e.value == "created" for e in houston) == 16
    renames = [(e.was, e.text) for e in houston if isinstance(e, Event) and e.value == "name"]
    assert ("random", "meetup-") in renames


def test_no_markup_is_left_in_the_texts(houston: list[object]) -> None:
    texts = [e.text for e in told_of(houston)]
    assert not [text for text in texts if "&amp;" in text or "<@" in text or "<http" in text or "<!" in text]


def test_day_files_are_cut_in_los_angeles(houston: list[object]) -> None:
    zones = {"la": ZoneInfo("America/Los_Angeles"), "utc": UTC}
    wrong = Counter(
        name
        for e in told_of(houston)
        for name, zone in zones.items()
        if date.fromisoformat(Path(e.origin.partition("#")[0]).stem) != e.occurred_at.astimezone(zone).date()
    )
    assert wrong["la"] == 0
    assert wrong["utc"] == 431


def test_a_zip_is_read_without_unpacking_it(exports: Path) -> None:
    entries = list(slack.source.parse(exports / "hfaran_testarchive.zip"))
    assert owners(exports / "hfaran_testarchive.zip") == ["slack"]
    events = told_of(list(entries))
    assert {e.subject for e in events} == {"#enrique", "#traveling-sailor"}
    assert len(events) == len({e.id for e in events}) == 158
    assert not [entry for entry in entries if isinstance(entry, Fault)]
    assert any("attachments" not in e.text and "commit" in e.text for e in events), (
        "a bot's words are in its attachments"
    )


def beside(entry: Event | Skipped | Fault) -> bool:
    """Whether it is told beside a record, as its edits and reactions are."""
    if isinstance(entry, Skipped):
        return "reaction" in entry.reason
    return isinstance(entry, Event) and entry.kind in EXTRA


@pytest.mark.parametrize(("name", "records"), [("houstondatavis_MIT", 1_382), ("hfaran_testarchive.zip", 158)])
def test_every_record_of_an_export_is_an_event_or_skipped_or_a_fault(
    exports: Path, tmp_path: Path, name: str, records: int
) -> None:
    """Every file of it, by every entry: messages, people, channels, and what lies beside them."""
    folder = exports / name
    if name.endswith(".zip"):
        folder = tmp_path / name  # unpacked for the count alone: it is read as the ZIP that it is
        zipfile.ZipFile(exports / name).extractall(folder)
    told: list[Told] = list(slack.source.parse(exports / name))
    counted: Counter[str] = Counter()
    for path in (path for path in folder.rglob("*") if path.is_file()):
        given = json.loads(path.read_bytes()) if path.suffix == ".json" else None
        counted[path.relative_to(folder).as_posix()] = len(given) if isinstance(given, list) else 1
    main: Counter[str] = Counter()
    for entry in told:
        if isinstance(entry, Person):
            main["users.json"] += not entry.key.startswith("B")  # bots are named by their messages
        elif not beside(entry):
            place = entry.origin.removeprefix(f"{name}/").partition("#")[0]
            main[place] += entry.count if isinstance(entry, Skipped) else 1
    days = {place: count for place, count in counted.items() if "/" in place}
    assert sum(days.values()) == records == sum(main[place] for place in days)
    assert {place: main[place] for place in counted} == dict(counted)


def test_a_broadcast_reply_of_a_real_export_is_told_once(exports: Path, tmp_path: Path) -> None:
    day = exports / "zulip_Apache2/thread_with_broadcast_reply.json"
    (tmp_path / "export/random").mkdir(parents=True)
    (tmp_path / "export/channels.json").write_text('[{"id": "C1", "name": "random", "created": 1434139000}]')
    shutil.copy(day, tmp_path / "export/random/2015-06-12.json")
    events = told_of(list(slack.source.parse(tmp_path / "export")))
    assert len(events) == len(json.loads(day.read_bytes())) == 3
    assert [e.value for e in events] == [None, events[0].key, events[0].key]


def test_a_lone_day_file_is_not_an_export(exports: Path) -> None:
    lone = exports / "zulip_Apache2"
    assert not slack.source.owns(lone)
    assert not any(slack.source.owns(path) for path in lone.iterdir())
