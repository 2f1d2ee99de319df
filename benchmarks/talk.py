"""A Slack workspace of any size as the ZIP that Slack hands out: 200 people, 60 channels, 500,000 messages in 2 years.

Always the same bytes. The first half is written as Slack wrote until 2018 (bare messages, counted fractions), the
second as it writes today (blocks, profiles, ids of the client). A smaller workspace has fewer days, not emptier ones.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from podanalytics.sample.dice import HEX, UPPER, Dice
from podanalytics.sample.forms import epoch_text
from podanalytics.sample.tell.slack_export import LOS_ANGELES, TEAM

PEOPLE, CHANNELS, BOTS = 200, 60, ("deploybot", "pagerbot", "ci")
A_DAY = 500_000 / 730  # messages, in all channels
BEGIN = datetime(2024, 11, 4, 8, tzinfo=UTC)
EMOJI = ("eyes", "+1", "white_check_mark", "fire", "tada", "rotating_light")
WORDS = ("pool", "connections", "still", "at", "the", "limit", "after", "rollback", "in", "ams", "and", "fra", "looks",
         "better", "now", "requests", "waiting", "deploy", "of", "v2.14.0", "compare", "graphs", "again", "naïve",
         "why", "is", "queue", "depth", "growing", "since", "noon", "café", "a &amp; b", "&lt; 1s", "🚀")  # fmt: skip
Row = dict[str, Any]


class Talk:
    """What is said, channel by channel."""

    def __init__(self, messages: int) -> None:
        self.messages, self.days = messages, max(1, round(messages / A_DAY))
        dice = Dice(2026, "people")
        self.users = [f"U{dice.code(UPPER, 10)}" for _ in range(PEOPLE)]
        self.rooms = [(f"C{dice.code(UPPER, 10)}", f"team-{number:02d}") for number in range(CHANNELS)]
        self.bots = {name: f"B{dice.code(UPPER, 10)}" for name in BOTS}

    def directory(self) -> Iterator[tuple[str, list[Row]]]:
        """The index files."""
        yield "users.json", [self._person(number, user) for number, user in enumerate(self.users)]
        yield "channels.json", [
            {"id": id, "name": name, "created": int(BEGIN.timestamp()), "creator": self.users[0], "is_archived": False,
             "is_general": not number, "members": self.users[number : number + 40],
             "topic": {"value": "", "creator": "", "last_set": 0}}
            for number, (id, name) in enumerate(self.rooms)
        ]  # fmt: skip
        yield "integration_logs.json", []

    def _person(self, number: int, user: str) -> Row:
        name = f"Person {number}"
        profile = {
            "real_name": name,
            "display_name": f"person{number}",
            "email": f"person{number}@lanternrelay.example",
        }
        return {"id": user, "team_id": TEAM, "name": f"person{number}", "deleted": number % 17 == 0, "real_name": name,
                "tz": "Europe/Berlin", "is_bot": False, "profile": profile}  # fmt: skip

    def room(self, number: int) -> Iterator[Row]:
        """A channel's messages in time order: as many as its share of all."""
        _, name = self.rooms[number]
        dice = Dice(2026, "room", name)
        share = self.messages // CHANNELS + (number < self.messages % CHANNELS)
        span = timedelta(days=self.days)
        roots: list[Row] = []
        for place in range(share):
            at = BEGIN + span * ((place + dice.real(0, 0.9)) / share)
            modern = at >= BEGIN + span / 2
            row = self._said(dice, at, place, modern)
            chance = dice.real(0, 1)
            if chance < 0.3 and roots:
                _reply(row, dice.pick(roots), dice)
            elif "user" in row:
                roots = [*roots[-7:], row]
            _decorate(row, at, dice, self.users)
            yield row

    def _said(self, dice: Dice, at: datetime, place: int, modern: bool) -> Row:
        # until 2018 the fraction counted the messages of a second
        stamp = epoch_text(at) if modern else f"{int(at.timestamp())}.{place % 1000:06d}"
        if dice.real(0, 1) < 0.08:
            return self._by_bot(dice, stamp)
        user = dice.pick(self.users)
        if dice.real(0, 1) < 0.02:
            return {"user": user, "type": "message", "subtype": "channel_join", "ts": stamp,
                    "text": f"<@{user}> has joined the channel"}  # fmt: skip
        parts = list(self._parts(dice))
        row = {"user": user, "type": "message", "ts": stamp, "text": " ".join(text for text, _ in parts)}
        return row | self._modern(dice, user, parts) if modern else row

    def _parts(self, dice: Dice) -> Iterator[tuple[str, Row]]:
        """What a message is made of, each as mrkdwn and as an element of a block."""
        said = " ".join(dice.pick(WORDS) for _ in range(dice.whole(3, 24)))
        plain = said.replace("&amp;", "&").replace("&lt;", "<")
        yield said, {"type": "text", "text": plain}
        if dice.real(0, 1) < 0.25:
            user = dice.pick(self.users)
            yield f"<@{user}>", {"type": "user", "user_id": user}
        if dice.real(0, 1) < 0.12:
            url = f"https://lanternrelay.atlassian.net/browse/REL-{dice.whole(1, 9999)}"
            yield f"<{url}|the ticket>", {"type": "link", "url": url, "text": "the ticket"}
        if dice.real(0, 1) < 0.05:
            id, name = dice.pick(self.rooms)
            yield f"<#{id}|{name}>", {"type": "channel", "channel_id": id}

    def _modern(self, dice: Dice, user: str, parts: list[tuple[str, Row]]) -> Row:
        number = self.users.index(user)
        section = {"type": "rich_text_section", "elements": [element for _, element in parts]}
        block = {"type": "rich_text", "block_id": dice.code(HEX, 5), "elements": [section]}
        profile = {"avatar_hash": dice.code(HEX, 12), "image_72": f"https://avatars.example/{user}_72.png",
                   "first_name": "Person", "real_name": f"Person {number}", "display_name": f"person{number}",
                   "team": TEAM, "name": f"person{number}", "is_restricted": False,
                   "is_ultra_restricted": False}  # fmt: skip
        return {"client_msg_id": "-".join(dice.code(HEX, n) for n in (8, 4, 4, 4, 12)), "team": TEAM,
                "user_team": TEAM, "source_team": TEAM, "user_profile": profile, "blocks": [block]}  # fmt: skip

    def _by_bot(self, dice: Dice, stamp: str) -> Row:
        name = dice.pick(BOTS)
        line = f"#{dice.whole(1, 99999)}: {' '.join(dice.pick(WORDS) for _ in range(6))}"
        attachment = {"id": 1, "fallback": line, "color": "ecb22e", "title": line, "text": "*Service:* pod-api",
                      "title_link": f"https://lanternrelay.pagerduty.com/incidents/Q{dice.code(UPPER, 12)}",
                      "fields": [{"title": "Urgency", "value": "high", "short": True}]}  # fmt: skip
        return {"type": "message", "subtype": "bot_message", "text": "", "ts": stamp, "username": name,
                "bot_id": self.bots[name], "attachments": [attachment]}  # fmt: skip


def _reply(row: Row, root: Row, dice: Dice) -> None:
    """Makes a message a reply; the root counts it, as Slack does."""
    root.setdefault("thread_ts", root["ts"])
    root["reply_count"] = root.get("reply_count", 0) + 1
    root.setdefault("replies", []).append({"user": row.get("user"), "ts": row["ts"]})
    row |= {"thread_ts": root["ts"], "parent_user_id": root["user"]}
    if dice.real(0, 1) < 0.04 and "subtype" not in row:
        row["subtype"] = "thread_broadcast"


def _decorate(row: Row, at: datetime, dice: Dice, users: list[str]) -> None:
    """Edits, reactions, files and tombstones, each on its share of the messages."""
    chance = dice.real(0, 1)
    if chance < 0.04 and "user" in row:
        row["edited"] = {"user": row["user"], "ts": f"{int(at.timestamp()) + dice.whole(5, 600)}.000000"}
    elif chance < 0.12:
        names = sorted({dice.pick(EMOJI) for _ in range(dice.whole(1, 2))})
        given = [(name, sorted({dice.pick(users) for _ in range(dice.whole(1, 3))})) for name in names]
        row["reactions"] = [{"name": name, "users": who, "count": len(who)} for name, who in given]
    elif chance < 0.13:
        row["files"] = [
            {"id": f"F{dice.code(UPPER, 10)}", "name": "graph.png", "title": "graph", "mimetype": "image/png"}
        ]
    elif chance < 0.132 and "user" in row:
        row |= {"subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT", "hidden": True}


def write(path: Path, messages: int) -> None:
    """Writes the workspace's export, day files cut in Los Angeles and indented by four, as Slack does."""
    talk = Talk(messages)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, rows in talk.directory():
            _add(archive, name, rows)
        for number, (_, room) in enumerate(talk.rooms):
            days: dict[str, list[Row]] = {}
            for row in talk.room(number):
                day = f"{datetime.fromtimestamp(float(row['ts']), LOS_ANGELES):%Y-%m-%d}"
                days.setdefault(day, []).append(row)
            for day, rows in days.items():
                _add(archive, f"{room}/{day}.json", rows)


def _add(archive: zipfile.ZipFile, name: str, rows: list[Row]) -> None:
    entry = zipfile.ZipInfo(name, (2026, 11, 4, 12, 0, 0))
    entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
    archive.writestr(entry, json.dumps(rows, indent=4))


def walk(path: Path) -> int:
    """The floor: `json.load` of every file of the ZIP, and the messages counted. What is read is thrown away."""
    with zipfile.ZipFile(path) as archive:
        return sum(_counted(archive, name) for name in archive.namelist())


def _counted(archive: zipfile.ZipFile, name: str) -> int:
    with archive.open(name) as file:
        rows = json.load(file)
    return len(rows) if "/" in name else 0


if __name__ == "__main__":
    what, where, *size = sys.argv[1:]
    if what == "write":
        write(Path(where), int(size[0]))
    else:
        print(walk(Path(where)))
