"""Wrong values in any field of a record: what reaches the store is text, can be stored, and has a sane time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from podanalytics.keepable import EARLIEST, LATEST
from podanalytics.model import Event, Fault, Kind, Person, Skipped, Told
from podanalytics.sources import all_sources
from podanalytics.sources._clock import epoch, epoch_us, iso, iso_or_none
from podanalytics.sources._read import pointed, text_of

WHEN = datetime(2026, 10, 14, 14, tzinfo=UTC)
BAD: list[Any] = [7, True, 1.5, ["x"], {"a": 1}, b"x", datetime.now(UTC)]
MESSAGE = {"type": "message", "ts": "1791036420.000100", "user": "U1", "text": "hi"}
LOG = {"log": "ERROR x\n", "stream": "stderr", "time": "2026-10-14T13:00:00Z"}


def event(**changes: Any) -> Event:
    given = {"occurred_at": WHEN, "kind": Kind.OTHER, "source": "s", "subject": "i", "key": "k", "origin": "o"}
    return Event(**{**given, "value": "v", **changes})


@pytest.mark.parametrize("name", ["source", "subject", "key", "origin", "actor", "text", "was", "value", "url"])
def test_an_event_holds_text_or_is_refused(name: str) -> None:
    for bad in BAD:
        with pytest.raises(ValueError, match=f"its {name} is not text but"):
            event(**{name: bad})
    told = event(**{name: "half \ud83d, NUL \x00, whole \U0001f600"})
    assert getattr(told, name) == "half \ufffd, NUL \ufffd, whole \U0001f600"
    assert len(told.id) == 16


@pytest.mark.parametrize("name", ["source", "key", "name", "handle", "email", "zone"])
def test_a_person_holds_text_or_is_refused(name: str) -> None:
    for bad in BAD:
        with pytest.raises(ValueError, match=f"its {name} is not text but"):
            Person(**{"source": "s", "key": "k", name: bad})  # type: ignore[arg-type]
    assert getattr(Person(**{"source": "s", "key": "k", name: "\ud83d"}), name) == "\ufffd"  # type: ignore[arg-type]


def test_a_person_without_a_key_and_an_event_without_text_are_refused() -> None:
    with pytest.raises(ValueError, match="needs key"):
        Person("s", "")
    with pytest.raises(ValueError, match="its text is not text but null"):
        event(text=None)


def test_faults_and_skipped_can_be_stored_whatever_they_quote() -> None:
    assert Fault("s", "a\ud800", "b\ud800", "c\x00") == Fault("s", "a\ufffd", "b\ufffd", "c\ufffd")
    assert Skipped("a\ud800", "b\ud800") == Skipped("a\ufffd", "b\ufffd")


@pytest.mark.parametrize("name", ["occurred_at", "recorded_at"])
def test_a_time_outside_the_calendar_is_refused(name: str) -> None:
    ahead, behind = timezone(timedelta(hours=14)), timezone(-timedelta(hours=12))
    for bad in (
        EARLIEST - timedelta(microseconds=1), LATEST, datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=ahead), datetime.max.replace(tzinfo=behind), datetime.min.replace(tzinfo=UTC),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="lies outside the years 1990 to 2099"):
            event(**{name: bad})
    assert event(**{name: EARLIEST.astimezone(behind)}) and event(**{name: LATEST - timedelta(seconds=1)})


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-05:00", "1989-12-31T23:59:59Z", "2100-01-01T00:00:00Z"])
def test_iso_refuses_the_ends_of_the_calendar(text: str) -> None:
    with pytest.raises(ValueError, match="outside the years"):
        iso(text)


def test_gos_zero_time_is_never() -> None:
    assert iso_or_none("0001-01-01T00:00:00Z") is None
    with pytest.raises(ValueError, match="Go's zero time"):
        iso("0001-01-01T00:00:00+05:00")


@pytest.mark.parametrize("bad", ["0", "5", "-1", "NaN", "Infinity", "1e9999999", "9" * 30, True, None, "", "x", "1e99"])
def test_a_clock_of_seconds_refuses_what_is_no_moment(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"number of seconds since 1970|outside the years"):
        epoch(bad)
    with pytest.raises(ValueError, match=r"number of microseconds since 1970|outside the years"):
        epoch_us(bad)


def test_text_of_writes_numbers_out_and_refuses_the_rest() -> None:
    assert [text_of(v) for v in (None, "x", 7, 1.5)] == ["", "x", "7", "1.5"]
    for bad in (True, ["x"], {"a": 1}):
        with pytest.raises(ValueError, match="stands where text is wanted"):
            text_of(bad)


def test_a_pointer_is_added_behind_a_name_with_a_hash() -> None:
    assert pointed("a#b.json", "/0") == "a#b.json#/0"
    assert pointed("we#/2026-10-03.json", "/0") == "we#/2026-10-03.json#/0"
    assert pointed("a#b.json:7#/data", "/issues/0") == "a#b.json:7#/data/issues/0"


def export(folder: Path, *messages: dict[str, Any], users: Any = ()) -> Path:
    (folder / "ops").mkdir(parents=True)
    (folder / "channels.json").write_text('[{"id": "C1", "name": "ops", "created": 1791000000}]', "utf-8")
    (folder / "users.json").write_text(json.dumps(list(users)), "utf-8")
    (folder / "ops/2026-10-03.json").write_text(json.dumps(messages), "utf-8")
    return folder


def wrong(record: Any) -> Iterator[Any]:
    """The record with a wrong value in each place of it, one at a time."""
    for key in record if isinstance(record, dict) else range(len(record)):
        copy = json.loads(json.dumps(record))
        for bad in (
            7,
            True,
            ["x"],
            {"a": 1},
            "\ud800",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59-10:00",
            -1,
            10**30,
        ):
            copy[key] = bad
            yield json.loads(json.dumps(copy))
        if isinstance(record[key], dict | list):
            for inside in wrong(record[key]):
                copy[key] = inside
                yield copy


def assert_storable(told: list[Told]) -> None:
    for entry in told:
        for name in (field.name for field in fields(entry)):
            value = getattr(entry, name)
            assert value is None or isinstance(value, str | int | datetime), (name, value)
            str(value).encode()


def test_slack_messages_with_wrong_values_are_faults(tmp_path: Path) -> None:
    reaction, attachment = {"name": "eyes", "users": ["U2"], "count": 1}, {"title": "x", "fields": [{"title": "a"}]}
    edited = {"user": "U1", "ts": "1791036430.000100"}
    topic = {**MESSAGE, "subtype": "channel_topic", "topic": "new", "old_topic": "old"}
    rich = {"type": "rich_text", "elements": [{"type": "x", "elements": [{"type": "link", "url": "u", "text": "t"}]}]}
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
    full = {**MESSAGE, "edited": edited, "reactions": [reaction], "attachments": [attachment], "bot_id": "B1"}
    messages = [m for base in (full, topic, {**MESSAGE, "blocks": [block, rich]}) for m in wrong(base)]
    told = list(all_sources()["slack"].parse(export(tmp_path / "chat", *messages)))
    assert_storable(told)
    assert not [e for e in told if isinstance(e, Event) and (e.actor or "").startswith(("[", "{", "True"))]


@pytest.mark.parametrize("ts", ["0", "5", "-1", "1e9999999", "NaN"])
def test_a_slack_message_without_a_real_moment_is_a_fault(tmp_path: Path, ts: str) -> None:
    told = list(all_sources()["slack"].parse(export(tmp_path / "chat", {**MESSAGE, "ts": ts}, MESSAGE)))
    assert [e.text for e in told if isinstance(e, Event)] == ["ops", "hi"]
    assert len([e for e in told if isinstance(e, Fault)]) == 1


def test_a_slack_file_nested_to_no_end_is_a_fault(tmp_path: Path) -> None:
    folder = export(tmp_path / "chat", MESSAGE)
    (folder / "ops/2026-10-04.json").write_text("[" * 100_000, "utf-8")
    (folder / "integration_logs.json").write_text("[" * 100_000, "utf-8")
    told = list(all_sources()["slack"].parse(folder))
    assert sorted(e.origin for e in told if isinstance(e, Fault)) == [
        "chat/integration_logs.json",
        "chat/ops/2026-10-04.json",
    ]
    assert [e.text for e in told if isinstance(e, Event)] == ["ops", "hi"]


@pytest.mark.parametrize(
    ("tool", "record"),
    [
        ("docker_json", {**LOG, "attrs": {"tag": "pod"}}),
        ("docker_json", {**LOG, "log": json.dumps({"level": "error", "msg": "x"}) + "\n"}),
        ("docker_json", {**LOG, "log": '{"level": "", "msg": "Started x"}\n'}),
        ("journald", {"__REALTIME_TIMESTAMP": "1791036420000000", "MESSAGE": "x", "PRIORITY": "3", "_HOSTNAME": "h"}),
    ],
    ids=["docker", "docker json", "docker without level", "journald"],
)
def test_log_records_with_wrong_values_are_faults(tmp_path: Path, tool: str, record: dict[str, Any]) -> None:
    path = tmp_path / "pod-api.log"
    lines = [json.dumps(record), *(json.dumps(bad) for bad in wrong(record)), json.dumps(record)]
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    told = list(all_sources()[tool].parse(path))
    assert_storable(told)
    assert [e for e in told if isinstance(e, Event)] and isinstance(told[-1], Event | Skipped)


def test_a_log_line_nested_to_no_end_is_a_line(tmp_path: Path) -> None:
    path = tmp_path / "pod-api.log"
    path.write_text(json.dumps({**LOG, "log": "{" + '"a":{' * 99_999 + "\n"}) + "\n" + json.dumps(LOG) + "\n", "utf-8")
    assert [type(entry) for entry in all_sources()["docker_json"].parse(path)] == [Event, Skipped]


def test_records_without_an_id_do_not_share_one(tmp_path: Path) -> None:
    """An id of null once became the word None, and the second such issue replaced the first."""
    when, home = "2026-10-14T14:00:00Z", "github.com/a/b/issues/1"
    issue = {"number": 1, "state": "open", "title": "x", "created_at": when, "updated_at": when}
    issue |= {"url": f"https://{home}", "html_url": f"https://{home}"}
    path = tmp_path / "issues.json"
    path.write_text(json.dumps([{**issue, "id": None}, {**issue, "id": ["x"]}, {**issue, "id": 7}]), "utf-8")
    told = list(all_sources()["github"].parse(path))
    assert [e.origin for e in told if isinstance(e, Fault)] == ["issues.json#/0", "issues.json#/1"]
    assert {e.key for e in told if isinstance(e, Event)} == {"7/opened", "7/opened/status"}


@pytest.mark.parametrize(
    ("tool", "document"),
    [
        ("github", {"issue": "https://github.com/a/b/issues/1", "timeline": [None, 5, {"event": "closed"}]}),
        ("statuspage", {"page": {"id": "x", "time_zone": "UTC"}, "incidents": 7}),
        ("statuspage", {"page": {"id": "x", "time_zone": "UTC"}, "incidents": [None, 7]}),
        ("github", {"issue_url": "https://github.com/a/b/issues/1", "timeline": [{"event": "closed", "issue": 7}]}),
    ],
)
def test_what_stands_around_the_records_is_a_fault_too(tmp_path: Path, tool: str, document: Any) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps(document), "utf-8")
    told = list(all_sources()[tool].parse(path))
    assert told and all(isinstance(entry, Fault) for entry in told)
