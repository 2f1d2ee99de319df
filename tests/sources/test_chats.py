"""Chats other than Slack: real exports and fixtures told whole, the order of files, and what a packet makes of them."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from podanalytics.model import Event, Fault, Kind, Person, Skipped, Told
from podanalytics.sources import all_sources, owners
from tests.story import alert, event, tell, ticket

HERE = Path(__file__).parent
T = 1791986460000  # 2026-10-14, 14:01


def told_by(path: Path, tool: str) -> list[Told]:
    assert owners(path) == [tool]
    return list(all_sources()[tool].parse(path))


def events(told: Iterable[Told]) -> list[Event]:
    return [entry for entry in told if isinstance(entry, Event)]


def test_every_line_of_the_mattermost_export_is_told(shared: Path) -> None:
    path = shared / "data/chat/mattermost/zulip_Apache2/export.json"
    told = told_by(path, "mattermost")
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert len(lines) == 16
    skipped = sum(entry.count for entry in told if isinstance(entry, Skipped))
    people = sum(isinstance(entry, Person) for entry in told)
    posts = {e.origin for e in events(told) if "#" not in e.origin}
    assert (skipped, people, len(posts)) == (9, 2, 5) and skipped + people + len(posts) == len(lines)
    replies = [e for e in events(told) if e.value and e.kind is Kind.MESSAGE]
    assert [(e.actor, e.text) for e in replies] == [("ron", "The weather is so hot!")]
    root = next(e for e in events(told) if e.key == replies[0].value)
    assert replies[0].occurred_at < root.occurred_at, "replies are in no order"
    assert sum(e.kind is Kind.REACTED for e in events(told)) == 5
    assert all(e.occurred_at > root.occurred_at for e in events(told) if e.value == "grin"), "with a time of its own"


def test_every_message_of_the_tenant_export_is_told(shared: Path) -> None:
    path = shared / "data/chat/teams/zulip_Apache2/messages_excerpt.json"
    told = told_by(path, "teams")
    raw = json.loads(path.read_bytes())
    said = [e for e in events(told) if e.kind is Kind.MESSAGE]
    assert [e.key.rpartition("/")[2] for e in said] == [message["Id"] for message in raw]
    assert not [entry for entry in told if isinstance(entry, Fault | Skipped)]
    assert said[1].value == said[0].key and "<" not in said[0].text and said[1].text.endswith("\N{GHOST}")
    assert [e.occurred_at.isoformat() for e in events(told) if e.kind is Kind.REACTED] == ["2025-10-09T13:03:04+00:00"]


def mattermost(path: Path) -> None:
    def post(user: str, message: str, minutes: float, **more: Any) -> dict[str, Any]:
        at = T + int(minutes * 60_000)
        return {"team": "pod", "channel": "inc-1", "user": user, "message": message, "create_at": at, **more}

    reply = post("bea", "on it, looking at the dashboards", 2)
    posts = [
        post("ana", "ana joined the channel.", 0, type="system_join_channel"),
        post("ana", "I am the Incident Commander", 1, replies=[reply]),
    ]
    rows = [{"type": "version", "version": 1}, *({"type": "post", "post": each} for each in posts)]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")


def teams(path: Path) -> None:
    channel = "19:x@thread.tacv2"

    def message(minutes: int, user: str, text: str) -> dict[str, Any]:
        place = {"channelId": channel}
        sender = {"user": {"id": user, "displayName": user}}
        at = f"2026-10-14T14:{1 + minutes:02d}:00Z"
        body = {"contentType": "html", "content": f"<p>{text}</p>"}
        return {"id": str(minutes), "messageType": "message", "createdDateTime": at, "from": sender, "body": body,
                "channelIdentity": place}  # fmt: skip

    path.mkdir()
    named = {"id": channel, "displayName": "inc-1", "membershipType": "standard"}
    (path / "channels.json").write_text(json.dumps({"value": [named]}))
    said = [message(1, "ana", "I am the Incident Commander"), message(2, "bea", "on it, looking at the dashboards")]
    (path / "messages.json").write_text(json.dumps({"value": said}))


def discord(path: Path) -> None:
    def message(minutes: int, user: str, text: str) -> dict[str, Any]:
        at = f"2026-10-14T{16}:{1 + minutes:02d}:00+02:00"
        return {"id": str(900 + minutes), "type": "Default", "timestamp": at, "timestampEdited": None, "content": text,
                "author": {"id": user, "name": user, "isBot": False}}  # fmt: skip

    said = [message(1, "ana", "I am the Incident Commander"), message(2, "bea", "on it, looking at the dashboards")]
    channel = {"id": str((T - 1_420_070_400_000) << 22), "type": "GuildTextChat", "name": "inc-1"}
    path.write_text(json.dumps({"guild": {"id": "1", "name": "pod"}, "channel": channel, "messages": said}))


def telegram(path: Path) -> None:
    def message(minutes: int, user: str, text: str) -> dict[str, Any]:
        return {"id": minutes, "type": "message", "date_unixtime": str(T // 1000 + 60 * minutes), "from": user,
                "from_id": user, "text": text}  # fmt: skip

    said = [message(1, "ana", "I am the Incident Commander"), message(2, "bea", "on it, looking at the dashboards")]
    path.write_text(json.dumps({"name": "inc-1", "type": "private_group", "id": 5, "messages": said}))


CHATS = {"mattermost": mattermost, "teams": teams, "discord": discord, "telegram": telegram}


@pytest.mark.parametrize("tool", CHATS)
def test_a_chat_tells_an_incident_s_milestones(tool: str, tmp_path: Path) -> None:
    path = tmp_path / ("export" if tool == "teams" else "export.json")
    CHATS[tool](path)
    told = told_by(path, tool)
    assert {e.subject for e in events(told)} == {"#inc-1"}
    found = tell(alert("14:00"), ticket("14:00"), events(told), as_of="15:00")
    assert (tool, "#inc-1") in found.members.select("source", "subject").rows()
    clocks = {name: found.moment(name) for name in ("channel_opened", "commanded", "responded", "investigated")}
    assert {name: row["source"] for name, row in clocks.items() if row} == dict.fromkeys(clocks, tool)
    assert clocks["commanded"]["occurred_at"].strftime("%H:%M") == "14:02"  # type: ignore[index]
    assert found.reading("members")["verdict"] == "met" and "14:03" in found.reading("members")["because"]


@pytest.mark.parametrize("tool", CHATS)
def test_files_in_any_order_and_twice_tell_the_same(tool: str, tmp_path: Path) -> None:
    cases = [c for c in sorted((HERE / tool).iterdir()) if not c.name.endswith(".expected.jsonl")]
    copies = [shutil.copytree(c, tmp_path / f"again-{c.name}") if c.is_dir() else c for c in cases]
    told = [events(all_sources()[tool].parse(path)) for path in [*cases, *copies]]
    once = {e.id for each in told[: len(cases)] for e in each}
    random.Random(5).shuffle(told)
    assert {e.id for each in told for e in each} == once


def test_an_edited_post_is_the_post_that_was_told_before(tmp_path: Path) -> None:
    post = {"team": "pod", "channel": "ops", "user": "ana", "create_at": T}
    found = []
    for name, more in (("a", {"message": "down"}), ("b", {"message": "down again", "edit_at": T + 60_000})):
        path = tmp_path / f"{name}.jsonl"
        path.write_text(json.dumps({"type": "post", "post": {**post, **more}}) + "\n", "utf-8")
        found.append(events(told_by(path, "mattermost")))
    (first,), (later, change) = found
    assert first.id == later.id and later.recorded_at == change.occurred_at and change.value == first.key


def test_a_folder_is_of_teams_only_if_nothing_else_lies_in_it(tmp_path: Path) -> None:
    folder = shutil.copytree(HERE / "teams/plain", tmp_path / "teams")
    assert owners(folder) == ["teams"]
    (folder / "notes.txt").write_text("not of Teams")
    assert owners(folder) == [] and owners(folder / "messages.json") == ["teams"]


def test_an_address_of_a_message_leads_to_its_channel(tmp_path: Path) -> None:
    """As with Slack: the channel's id is all that the address holds."""
    shutil.copytree(HERE / "teams/plain", tmp_path / "teams")
    told = events(told_by(tmp_path / "teams", "teams"))
    made = min(e.occurred_at for e in told if e.subject == "#inc-1423")
    url = "https://teams.microsoft.com/l/message/19%3Aa1b2c3%40thread.tacv2/1791036420200?tenantId=t"
    linked = event(made, "linked", "jira", "INC-1", value=url, text="room")
    record = event(made, "declared", "jira", "INC-1", value="Incident", text="sends fail")
    members = tell(record, linked, told).members.select("incident", "source", "subject", "method").rows()
    assert ("INC-1", "teams", "#inc-1423", "url") in members or ("INC-1", "teams", "#inc-1423", "pointer") in members
