"""The Slack workspace as files: users, channels, and day files cut in Los Angeles, as Slack cuts them."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from podanalytics.sample.forms import Files, document, epoch_text
from podanalytics.sample.people import CAST
from podanalytics.sample.stage import Stage

OPS = "ops"
TEAM = "T07LANTERNR"
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
# The two exports overlap by some days: the same message is then told twice and must stay one.
SPRING_ENDS, REST_BEGINS = "2026-05-31", "2026-05-28"
SPRING_MADE = datetime(2026, 6, 1, 12, tzinfo=UTC)
STANDING = {
    "general": "Company-wide announcements and work-based matters",
    OPS: "Deploys, alerts, on-call chatter",
    "incidents": "One line per incident, from podbot",
}
# Slack leaves shared and converted channels out of channels.json, though their folders are there.
UNLISTED = "vendor-slotwright"


class Workspace:
    """Rooms and posts while they are being told."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.rooms: dict[str, dict[str, Any]] = {}
        self.posts: dict[str, list[dict[str, Any]]] = {}
        founded = datetime(2024, 2, 5, 9, tzinfo=UTC)
        for name, purpose in STANDING.items():
            self.open(name, "marisol", founded, "", purpose)
            self.rooms[name]["members"] = [stage.slack_user(key) for key in CAST]
        self.open(UNLISTED, "chidi", founded, "")

    def open(self, name: str, who: str, at: datetime, topic: str, purpose: str = "") -> None:
        """A new channel."""
        creator, epoch = self.stage.slack_user(who), int(at.timestamp())
        about = {"value": topic, "creator": creator if topic else "", "last_set": epoch + 2 if topic else 0}
        self.rooms[name] = {
            "id": self.stage.slack_channel(name),
            "name": name,
            "created": epoch,
            "creator": creator,
            "is_archived": False,
            "is_general": name == "general",
            "members": [],
            "topic": about,
            "purpose": {"value": purpose, "creator": creator if purpose else "", "last_set": epoch if purpose else 0},
        }
        self.posts[name] = []

    def post(self, room: str, at: datetime, **fields: Any) -> dict[str, Any]:
        """A message; its ts is its id, so two in a room never share one."""
        taken = {post["ts"] for post in self.posts[room]}
        while (stamp := epoch_text(at)) in taken:
            at += timedelta(microseconds=10)
        body = {"type": "message", **fields, "ts": stamp}
        if "user" in fields and "subtype" not in fields:
            body["team"] = TEAM
        self.posts[room].append(body)
        return body

    def bot_post(self, room: str, at: datetime, name: str, text: str, **more: Any) -> dict[str, Any]:
        """A bot's message: no user, but a name and a bot id."""
        bot = "B07" + self.stage.dice("bot", name).code("ABCDEFGHJKLMNPQRSTUVWXYZ", 8)
        return self.post(room, at, subtype="bot_message", text=text, username=name, bot_id=bot, **more)


def export(workspace: Workspace) -> Files:
    """Both exports: `slack-2026-spring.zip` and the folder `slack/`."""
    spring = _files(workspace, "", SPRING_ENDS, SPRING_MADE)
    rest = _files(workspace, REST_BEGINS, "9999", datetime(2026, 11, 1, tzinfo=UTC))
    return {"slack-2026-spring.zip": _zip(spring)} | {f"slack/{name}": data for name, data in rest.items()}


def _files(workspace: Workspace, first: str, last: str, made: datetime) -> Files:
    stage = workspace.stage
    rooms = [room for name, room in workspace.rooms.items() if name != UNLISTED and room["created"] <= made.timestamp()]
    files = {
        "users.json": document([*(_user(stage, key, made) for key in CAST), _bot_user(stage)]),
        "channels.json": document([room | {"members": list(dict.fromkeys(room["members"]))} for room in rooms]),
        "integration_logs.json": document([]),
    }
    for name, posts in workspace.posts.items():
        days: dict[str, list[dict[str, Any]]] = {}
        for post in sorted(posts, key=lambda post: Decimal(post["ts"])):
            day = f"{datetime.fromtimestamp(int(post['ts'].split('.')[0]), LOS_ANGELES):%Y-%m-%d}"
            days.setdefault(day, []).append(post)
        files |= {f"{name}/{day}.json": document(told) for day, told in days.items() if first <= day <= last}
    return files


def _user(stage: Stage, key: str, made: datetime) -> dict[str, Any]:
    member = CAST[key]
    gone = bool(member.left and member.left <= f"{made:%Y-%m-%d}")
    return {
        "id": stage.slack_user(key),
        "team_id": TEAM,
        "name": key,
        "deleted": gone,
        "real_name": member.name,
        "tz": member.zone,
        "profile": {"title": member.job, "real_name": member.name, "display_name": key, "email": member.email},
        "is_bot": False,
        "is_app_user": False,
    }


def _bot_user(stage: Stage) -> dict[str, Any]:
    profile = {"real_name": "podbot", "display_name": "podbot", "api_app_id": "A07PODBOT0"}
    return {
        "id": stage.slack_user("podbot"),
        "team_id": TEAM,
        "name": "podbot",
        "deleted": False,
        "profile": profile,
        "is_bot": True,
    }


def _zip(files: Files) -> bytes:
    """A zip that is the same every time: stored, one fixed date, names in order."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (2026, 6, 1, 12, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, data)
    return packed.getvalue()
