"""Slack beyond its cases: where dates come from, ZIPs that must not be trusted, what a text reads like."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from podanalytics.model import Event, Fault, Kind, Precision, Told
from podanalytics.sources import slack
from podanalytics.sources._bundle import MAX_MEMBER
from podanalytics.sources._slack_text import block_text, mrkdwn

HERE = Path(__file__).parent / "slack"
LOS_ANGELES = ZoneInfo("America/Los_Angeles")


def events(path: Path) -> list[Event]:
    return [entry for entry in slack.source.parse(path) if isinstance(entry, Event)]


def write(folder: Path, files: Mapping[str, Any]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    return folder


def export(messages: list[dict[str, Any]], day: str = "2026-10-03") -> dict[str, Any]:
    return {"channels.json": [{"id": "C1", "name": "ops", "created": 1791000000}], f"ops/{day}.json": messages}


@pytest.fixture
def hourly(tmp_path: Path) -> Path:
    """Three days of hourly messages, laid into day files the way Slack does: cut at midnight in Los Angeles."""
    moments = [datetime(2026, 10, 3, tzinfo=UTC) + timedelta(hours=n) for n in range(72)]
    days: dict[str, list[dict[str, Any]]] = {}
    for moment in moments:
        name = f"ops/{moment.astimezone(LOS_ANGELES).date()}.json"
        days.setdefault(name, []).append({"type": "message", "user": "U1", "ts": f"{int(moment.timestamp())}.000100"})
    return write(tmp_path / "hourly", {"channels.json": [{"id": "C1", "name": "ops", "created": 1791000000}], **days})


def wrong_days(told: list[Event], zone: Any) -> int:
    """How many messages stand in a day file that is not their day in `zone`."""
    said = [e for e in told if e.kind is Kind.MESSAGE]
    days = [date.fromisoformat(e.origin.partition(".json")[0].rpartition("/")[2]) for e in said]
    return sum(day != e.occurred_at.astimezone(zone).date() for day, e in zip(days, said, strict=True))


def test_day_files_are_cut_in_los_angeles(hourly: Path) -> None:
    assert wrong_days(events(hourly), LOS_ANGELES) == 0
    assert wrong_days(events(hourly), UTC) == 21, "seven hours of each day stand in the file of the day before"


def test_dates_never_come_from_file_names(hourly: Path, tmp_path: Path) -> None:
    renamed = tmp_path / "renamed"
    shutil.copytree(hourly, renamed)
    for number, path in enumerate(sorted(renamed.glob("ops/*.json"))):
        path.rename(path.with_name(f"1999-01-0{number + 1}.json"))
    assert [(e.id, e.occurred_at) for e in events(renamed)] == [(e.id, e.occurred_at) for e in events(hourly)]


@pytest.mark.parametrize(
    ("ts", "micros", "precision"),
    [
        ("1433558319.000002", 2, Precision.SECOND),  # 2015: a counter
        ("1612384495.000400", 400, Precision.SECOND),  # 2021: a counter in hundreds
        ("1643200000.123456", 123_456, Precision.MICROSECOND),  # since 2022: true microseconds
        ("1643200000.999999", 999_999, Precision.MICROSECOND),
        ("1643200000", 0, Precision.SECOND),
    ],
)
def test_ts_keeps_its_microseconds(tmp_path: Path, ts: str, micros: int, precision: Precision) -> None:
    told = events(write(tmp_path / "x", export([{"type": "message", "user": "U1", "text": "a", "ts": ts}])))[-1]
    assert (told.occurred_at.microsecond, told.precision, told.key) == (micros, precision, f"C1/{ts}")
    assert int(told.occurred_at.timestamp()) == int(ts.partition(".")[0])


def test_a_broadcast_reply_is_told_once_and_its_root_not_again() -> None:
    said = [e for e in events(HERE / "plain") if e.kind is Kind.MESSAGE]
    root, *replies = [e for e in said if "1791036420.200300" in (e.key + (e.value or ""))]
    assert [reply.value for reply in replies] == [root.key, root.key] and root.value is None
    assert not any("a copy that is not a message" in e.text for e in said)


def test_a_deletion_and_the_message_it_deletes_are_two_events(tmp_path: Path) -> None:
    before = write(
        tmp_path / "a", export([{"type": "message", "user": "U1", "text": "oops", "ts": "1791036420.000100"}])
    )
    after = write(
        tmp_path / "b",
        export(
            [{"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "text": "-", "ts": "1791036420.000100"}]
        ),
    )
    message, deletion = events(before)[-1], events(after)[-1]
    assert deletion.kind is Kind.DELETED and deletion.value == message.key and deletion.id != message.id


def test_a_log_of_edits_tells_what_a_message_said_before(tmp_path: Path) -> None:
    """The entry is the same event as the edit that the message itself tells of, whichever comes first."""
    ts, stamp = "1791036420.000100", "1791036480.000000"
    now = {"type": "message", "user": "U1", "text": "resolved", "ts": ts, "edited": {"user": "U1", "ts": stamp}}
    first = {"type": "message", "user": "U1", "text": "looking", "ts": ts}
    change = {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "ts": "1791036480.000200",
        "message": now,
    }
    gone = {"type": "message", "subtype": "message_deleted", "ts": "1791036500.000300", "deleted_ts": ts, "user": "U1"}
    log = [now, change | {"previous_message": first}, gone | {"previous_message": now}]
    message, edit, entry, deletion = events(write(tmp_path / "x", export(log)))[1:]
    assert edit.id == entry.id and (entry.was, entry.text, entry.value) == ("looking", "resolved", message.key)
    assert edit.was is None and entry.recorded_at and not edit.recorded_at, "the one that knows more is to stand"
    assert deletion.kind is Kind.DELETED and (deletion.was, deletion.value) == ("resolved", message.key)
    assert deletion.occurred_at > entry.occurred_at


def test_a_folder_and_its_zip_tell_the_same(tmp_path: Path) -> None:
    packed = tmp_path / "plain.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted((HERE / "plain").rglob("*.json")):
            archive.write(path, path.relative_to(HERE / "plain").as_posix())
    assert slack.source.owns(packed)
    one, other = events(HERE / "plain"), events(packed)
    assert [e.id for e in one] == [e.id for e in other]
    assert [e.origin.removeprefix("plain/") for e in one] == [e.origin.removeprefix("plain.zip/") for e in other]


def faults(told: list[Told]) -> list[str]:
    return [entry.reason for entry in told if isinstance(entry, Fault)]


def test_an_entry_that_declares_too_much_is_refused(tmp_path: Path) -> None:
    packed = tmp_path / "bomb.zip"
    day = [{"type": "message", "user": "U1", "text": "kept", "ts": "1791036420.000100"}]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in export(day).items():
            archive.writestr(name, json.dumps(content))
        archive.writestr("ops/2026-10-04.json", "[]")
    data = packed.read_bytes()
    place = data.rindex(b"PK\x01\x02", 0, data.rindex(b"ops/2026-10-04.json"))  # its entry in the directory
    packed.write_bytes(data[: place + 24] + (MAX_MEMBER + 1).to_bytes(4, "little") + data[place + 28 :])
    told = list(slack.source.parse(packed))
    assert [entry.text for entry in told if isinstance(entry, Event)][-1] == "kept"
    assert len(faults(told)) == 1 and "declares" in faults(told)[0]


def test_entries_that_point_outside_are_refused() -> None:
    told = list(slack.source.parse(HERE / "zipped.zip"))
    assert len(faults(told)) == 1 and "outside" in faults(told)[0]
    assert [entry.text for entry in told if isinstance(entry, Event)][-1] == "told from a ZIP"


def test_a_damaged_zip_is_one_fault(tmp_path: Path) -> None:
    path = tmp_path / "cut.zip"
    path.write_bytes((HERE / "zipped.zip").read_bytes()[:300])
    assert not slack.source.owns(path)
    assert len(faults(list(slack.source.parse(path)))) == 1


def test_a_damaged_member_is_one_fault_and_the_rest_is_told(tmp_path: Path) -> None:
    path = tmp_path / "flipped.zip"
    with zipfile.ZipFile(path, "w") as archive:  # stored, so that a flipped byte hits the content and not the format
        for day in ("2026-10-03", "2026-10-04"):
            message = {"type": "message", "user": "U1", "text": f"of {day}", "ts": "1791036420.000100"}
            for name, content in export([message], day).items():
                if name not in archive.namelist():
                    archive.writestr(name, json.dumps(content))
    path.write_bytes(path.read_bytes().replace(b"of 2026-10-03", b"of 2026-10-0X"))
    told = list(slack.source.parse(path))
    assert len(faults(told)) == 1 and "unpacked" in faults(told)[0]
    assert [entry.text for entry in told if isinstance(entry, Event)][-1] == "of 2026-10-04"


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("<@U061A1R2R|micah> hi", "@U061A1R2R hi"),
        ("<#C1|ops> <#C2> <#C9>", "#ops #alerts #C9"),
        ("<https://a.example/?x=1&amp;y=2|the page>", "the page (https://a.example/?x=1&y=2)"),
        ("<https://a.example>", "https://a.example"),
        ("<!here|@here> <!channel> <!everyone>", "@here @channel @everyone"),
        ("<!subteam^S1|@oncall> <!subteam^S2>", "@oncall @S2"),
        ("<!date^1791036420^{date} at {time}|3 October>", "3 October"),
        ("<!date^1791036420^{date}^https://a.example>", "2026-10-03T14:07:00Z"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("&amp;lt; stays an entity, &quot; is none of Slack's", "&lt; stays an entity, &quot; is none of Slack's"),
        ("&lt;@U1&gt; is not a mention", "<@U1> is not a mention"),
        ("half an emoji \ud83d", "half an emoji ?"),
    ],
)
def test_mrkdwn(raw: str, read: str) -> None:
    assert mrkdwn(raw, {"C2": "alerts"}) == read


def test_blocks_of_unknown_types_are_no_fault() -> None:
    blocks: list[dict[str, Any]] = [
        {"type": "divider"},
        {"type": "call", "call_id": "R1"},
        {"type": "section", "text": None},
        {},
    ]
    assert block_text(blocks, {}) == ""


def test_hostile_text_is_kept_as_text(tmp_path: Path) -> None:
    message = {
        "type": "message",
        "user": "U1",
        "text": "&lt;script&gt;alert(1)&lt;/script&gt;",
        "ts": "1791036420.000100",
    }
    assert events(write(tmp_path / "x", export([message])))[-1].text == "<script>alert(1)</script>"


def test_a_lone_day_file_or_an_empty_folder_is_no_export(tmp_path: Path) -> None:
    lone = write(tmp_path / "lone", {"2026-10-03.json": [{"ts": "1.0"}]})
    half = write(tmp_path / "half", {"channels.json": [], "ops/notes.json": []})
    assert not slack.source.owns(lone) and not slack.source.owns(lone / "2026-10-03.json")
    assert not slack.source.owns(half)


def test_an_export_is_known_though_it_begins_with_a_very_long_message(tmp_path: Path) -> None:
    write(tmp_path, export([{"type": "message", "text": "\u65e5" * 40_000, "user": "U1", "ts": "1791000060.000100"}]))
    assert slack.source.owns(tmp_path)
    assert [len(event.text or "") for event in events(tmp_path) if event.kind is Kind.MESSAGE] == [40_000]
