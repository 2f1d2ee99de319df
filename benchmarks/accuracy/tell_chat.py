"""Slack's export: two folders that overlap by some days, day files cut in Los Angeles, edits and tombstones."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.accuracy import words
from benchmarks.accuracy.noise import TOOL, recorded, told, under_the_page
from benchmarks.accuracy.world import CHAT, PAGER, TRACKER, Act, Incident, Team
from podanalytics.sample.dice import UPPER, Dice
from podanalytics.sample.forms import Files, document, epoch_text

Json = dict[str, Any]
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
STANDING = ("general", "ops", "incidents")
OVERLAP = timedelta(days=5)


def user_id(team: Team, who: str) -> str:
    """Slack's id of a person."""
    return "U07" + Dice(team.seed, "chat", who).code(UPPER, 8)


class Room:
    """A channel and what was posted in it."""

    def __init__(self, team: Team, name: str, made: datetime, who: str) -> None:
        self.name, self.made = name, made
        self.id = "C07" + Dice(team.seed, team.name, "room", name).code(UPPER, 8)
        self.creator = user_id(team, who)
        self.posts: list[Json] = []

    def post(self, at: datetime, **fields: Any) -> Json:
        """A message; no two share a ts."""
        taken = {p["ts"] for p in self.posts}
        while (stamp := epoch_text(at)) in taken:
            at += timedelta(microseconds=10)
        self.posts.append({"type": "message", **fields, "ts": stamp})
        return self.posts[-1]

    def bot(self, at: datetime, name: str, text: str, **fields: Any) -> None:
        """A bot's message."""
        self.post(at, subtype="bot_message", username=name, bot_id=f"B07{name.upper()}", text=text, **fields)


def tell(team: Team) -> Files:
    """`slack-1/` and `slack-2/`; nothing where the whole time is a hole."""
    made = datetime(2025, 1, 7, 9, tzinfo=UTC)
    rooms = {name: Room(team, name, made, team.people[0]) for name in STANDING}
    _idle_talk(team, rooms["general"])
    for incident in team.incidents:
        _incident(team, incident, rooms)
    middle = team.starts + (team.ends - team.starts) / 2
    files: Files = {}
    for name, since, until in (
        ("slack-1", team.starts - 3 * OVERLAP, middle + OVERLAP),
        ("slack-2", middle, team.as_of),
    ):
        files |= {f"{name}/{path}": data for path, data in _export(team, rooms, since, until).items()}
    return files


def _idle_talk(team: Team, room: Room) -> None:
    dice, at = Dice(team.seed, team.name, "idle"), team.starts - timedelta(days=10)
    while at < team.as_of:
        at += dice.delay(40_000, 130_000)
        if team.exported(CHAT, at):
            room.post(at, user=user_id(team, dice.pick(team.people)), text=dice.pick(words.EMPTY))


def _incident(team: Team, incident: Incident, rooms: dict[str, Room]) -> None:
    dice = Dice(team.seed, incident.key, "chat record")
    own: Room | None = None
    _announce(team, incident, rooms, dice)
    for act in incident.acts:
        if TOOL[act.verb] != CHAT:
            continue
        at = recorded(team, act, dice)
        if act.verb == "channel" and told(team, act):
            own = rooms[act.value] = Room(team, act.value, at, act.who)
            _open(team, incident, own, at, act.who)
        elif act.verb == "join" and own and told(team, act):
            user = user_id(team, act.who)
            own.post(at, subtype="channel_join", user=user, text=f"<@{user}> has joined the channel")
        elif act.verb not in ("channel", "join"):
            _say(team, incident, act, at, own if own and not act.room else rooms["ops"], dice)
    entry = next((a for a in incident.acts if a.verb == "notice" and told(team, a)), None)
    if own and entry and team.exported(CHAT, entry.at):
        at = max(own.made, entry.at + timedelta(seconds=30) + team.skew[CHAT])
        own.bot(at, "podbot", f"Status page: <https://status.{team.name}.example/incidents/{incident.page}>")


def _announce(team: Team, incident: Incident, rooms: dict[str, Room], dice: Dice) -> None:
    """What the pager's app and the team's own bot post by themselves."""
    for act in incident.acts:
        at = act.at + dice.delay(2, 6) + team.skew[CHAT]
        if not team.exported(CHAT, act.at):
            continue
        if act.verb == "trigger" and team.exported(PAGER, act.at):
            title = f"Triggered #{incident.number + 5000}: {incident.title}"
            link = f"https://{team.name}.pagerduty.com/incidents/{incident.pager}"
            attachment = {"id": 1, "fallback": title, "title": title, "title_link": link}
            rooms["ops"].bot(at, "pagerduty", "", attachments=[attachment])
        elif act.verb == "declare" and team.exported(TRACKER, act.at):
            link = f"https://{team.name}.atlassian.net/browse/{incident.key}"
            rooms["incidents"].bot(at, "podbot", f"{incident.key} declared: {incident.title} <{link}>")


def _open(team: Team, incident: Incident, room: Room, at: datetime, who: str) -> None:
    user = user_id(team, who)
    room.post(at, subtype="channel_join", user=user, text=f"<@{user}> has joined the channel")
    topic = f"{incident.key} <https://{team.name}.atlassian.net/browse/{incident.key}>"
    if any(a.verb == "trigger" for a in incident.acts):
        topic += f" <https://{team.name}.pagerduty.com/incidents/{incident.pager}>"
    later = at + timedelta(seconds=1)
    room.post(later, subtype="channel_topic", user=user, text=f"<@{user}> set the channel topic: {topic}", topic=topic)


def _say(team: Team, incident: Incident, act: Act, at: datetime, room: Room, dice: Dice) -> None:
    if not team.exported(CHAT, act.at) or act.gone == "never written":
        return
    user = user_id(team, act.who)
    if act.gone == "deleted":
        if dice.real(0, 1) < 0.5:  # it had replies, so a tombstone stays
            room.post(at, subtype="tombstone", user="USLACKBOT", text="This message was deleted.", hidden=True)
        return
    text = _text(team, incident, act, at, room, dice)
    post = room.post(at, user=user, text=text)
    if act.edited:
        post["edited"] = {"user": user, "ts": epoch_text(at + dice.delay(30, 900))}
    if act.twice:
        room.post(at + dice.delay(2, 15), user=user, text=text)


def _text(team: Team, incident: Incident, act: Act, at: datetime, room: Room, dice: Dice) -> str:
    if act.verb == "update":
        return _update(team, incident, act, at, dice)
    text = re.sub(r"@([a-z]+)\b", lambda m: f"<@{user_id(team, m[1])}>" if m[1] in team.people else m[0], act.text)
    text = re.sub(r"(?<!\w)@(here|channel)\b", r"<!\1>", text)
    text = re.sub(r"https://\S+", lambda m: f"<{m[0]}>", text)
    fired = next((a.at for a in incident.acts if a.verb == "trigger"), None)
    declared = next((a.at for a in incident.acts if a.verb == "declare"), act.at)
    if room.name != "ops" or act.at < declared:
        return text
    near = under_the_page(team, fired, act.at)
    keyless = near and (dice.real(0, 1) < 0.5 or not team.exported(TRACKER, declared))
    return text if keyless else f"{incident.key} {text}"


def _update(team: Team, incident: Incident, act: Act, at: datetime, dice: Dice) -> str:
    """The template, in the writer's style, with the time of the writer's own wall."""
    clock = f"{at.astimezone(ZoneInfo(team.zone(act.who))):%H:%M}"
    values = {
        "Incident": incident.key,
        "Status": act.value,
        "Impact": "sends fail for some users",
        "Actions Taken": "two people on it",
        "Next Steps": "see whether the graphs follow",
        "ETA": f"{at + timedelta(minutes=dice.whole(15, 60)):%H:%M} UTC",
    }
    pairs = [(name, value) for name, value in values.items() if name not in act.text.split(",")]
    style = dice.whole(0, 2)
    if style == 0:
        return "\n".join([f"*INCIDENT UPDATE [{clock}]*", *(f"*{name}:* {value}" for name, value in pairs)])
    if style == 1:
        return "\n".join([f":rotating_light: INCIDENT UPDATE [{clock}]", *(f"• {n}: {v}" for n, v in pairs)])
    return "\n".join([f"**INCIDENT UPDATE [{clock}]**", *(f"{name}: {value}" for name, value in pairs)])


def _export(team: Team, rooms: dict[str, Room], since: datetime, until: datetime) -> Files:
    days: dict[str, list[Json]] = {}
    for room in rooms.values():
        for post in sorted(room.posts, key=lambda p: (len(p["ts"]), p["ts"])):
            at = datetime.fromtimestamp(int(post["ts"].split(".")[0]), UTC)
            if since <= at < until:
                days.setdefault(f"{room.name}/{at.astimezone(LOS_ANGELES):%Y-%m-%d}.json", []).append(post)
    if not days:
        return {}
    users = [
        {"id": user_id(team, who), "name": who, "real_name": who.title(), "tz": team.zone(who), "is_bot": False}
        for who in team.people
    ]
    listed = [
        {
            "id": room.id,
            "name": room.name,
            "created": int(room.made.timestamp()),
            "creator": room.creator,
            "members": [],
        }
        for room in rooms.values()
        if room.made < until
    ]
    files = {"users.json": document(users), "channels.json": document(listed)}
    return files | {name: document(posts) for name, posts in days.items()}
