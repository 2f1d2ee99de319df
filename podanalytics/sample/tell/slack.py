"""Slack tells: the chat of channels and threads, bot announcements, edits and tombstones, as an export keeps them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from podanalytics.sample.forms import Files
from podanalytics.sample.people import CAST
from podanalytics.sample.stage import JIRA_SITE, REPOSITORY, Cue, Stage, mentions
from podanalytics.sample.tell.git import SERVICES, Release, releases
from podanalytics.sample.tell.slack_chatter import chatter
from podanalytics.sample.tell.slack_export import OPS, Workspace, export

Post = dict[str, Any]

BOT, PAGER_APP = "podbot", "PagerDuty"
FIELDS = ("Status", "Impact", "Actions Taken", "Next Steps", "ETA")
# Everybody has a way of typing the update template; a reader must cope with all of them.
STYLES = {"marisol": "bold", "sharmistha": "bullets"}
_URL = re.compile(r"https?://[^\s<>|)]+[^\s<>|).,;:]")
_ROOM = re.compile(r"(?<![\w&/])#([a-z][\w-]+)")


def tell(stage: Stage) -> Files:
    """The workspace, cut into two exports: spring as a zip, the rest as a folder."""
    workspace = Workspace(stage)
    for plot in stage.plots:
        _Incident(workspace, stage).play(stage.cues(plot))
    for service in SERVICES:
        for release in releases(stage, service):
            _deployed(workspace, release)
    for room, who, moment, text in chatter(stage):
        workspace.post(room, moment, user=stage.slack_user(who), text=rich(workspace, text))
    return export(workspace)


def _deployed(workspace: Workspace, release: Release) -> None:
    """podbot's line for a release: all of it in the attachment, none in the text."""
    if release.version:
        line = f"{release.service} {release.version} deployed to production by {CAST[release.who].name}"
        attachment = {"id": 1, "fallback": line, "color": "2eb67d", "title": line, "text": release.subject}
        at = release.deployed + workspace.stage.dice("deployed", release.service, release.version).delay(0.5, 3)
        workspace.bot_post(OPS, at, BOT, "", attachments=[attachment])


def rich(workspace: Workspace, text: str) -> str:
    """Plain text as Slack stores it: entities, mentions, links."""
    stage = workspace.stage
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _URL.sub(lambda found: f"<{found[0]}>", text)
    text = mentions(text, lambda key: f"<@{stage.slack_user(key)}>")
    text = re.sub(r"(?<!\w)@(here|channel)\b", r"<!\1>", text)
    text = re.sub(r"(?<!\w)@responders\b", f"<!subteam^{stage.slack_group()}|@responders>", text)

    def room(found: re.Match[str]) -> str:
        known = workspace.rooms.get(found[1])
        return f"<#{known['id']}|{found[1]}>" if known else found[0]

    return _ROOM.sub(room, text)


def update_text(who: str, incident: str, clock: str, values: list[str]) -> str:
    """An internal update by the template, in the writer's style; a `-` leaves its field out."""
    style = STYLES.get(who, "plain")
    pairs = [("Incident", incident)] + [pair for pair in zip(FIELDS, values, strict=False) if pair[1] != "-"]
    if style == "bold":
        return "\n".join([f"*INCIDENT UPDATE [{clock}]*"] + [f"*{name}:* {value}" for name, value in pairs])
    if style == "bullets":
        return "\n".join([f"INCIDENT UPDATE [{clock}]"] + [f"• {name}: {value}" for name, value in pairs])
    return "\n".join([f"**INCIDENT UPDATE [{clock}]**"] + [f"{name}: {value}" for name, value in pairs])


class _Incident:
    """One play told in chat. `room` is where people are talking: #ops until the incident's channel is open."""

    def __init__(self, workspace: Workspace, stage: Stage) -> None:
        self.workspace, self.stage = workspace, stage
        self.room = OPS
        self.labels: dict[str, tuple[str, Post]] = {}

    def play(self, cues: list[Cue]) -> None:
        verbs: dict[str, Callable[[Cue, datetime], None]] = {
            "say": self.say, "update": self.update, "reply": self.reply, "broadcast": self.reply, "edit": self.edit,
            "delete": self.delete, "react": self.react, "declare": self.declare, "severity": self.severity,
            "channel": self.channel, "join": self.join, "role": self.role, "rollback": self.rollback,
            "alert": self.alert, "status": self.status,
        }  # fmt: skip
        for cue in cues:
            if act := verbs.get(cue.verb):
                act(cue, self.stage.told("slack", cue, 0.05, 0.9))

    def _write(self, cue: Cue, at: datetime, text: str, **more: Any) -> Post:
        room = cue.room or self.room
        body = rich(self.workspace, text)
        post = self.workspace.post(room, at, user=self.stage.slack_user(cue.who), text=body, **more)
        if cue.label and cue.verb != "reply":
            self.labels[cue.label] = (room, post)
        return post

    def _announce(self, room: str, at: datetime, text: str, **attachment: Any) -> None:
        more = {"attachments": [{"id": 1, **attachment}]} if attachment else {}
        self.workspace.bot_post(room, at, BOT, rich(self.workspace, text), **more)

    def say(self, cue: Cue, at: datetime) -> None:
        self._write(cue, at, cue.text)

    def update(self, cue: Cue, at: datetime) -> None:
        values = cue.fields
        status, _, zone = values[0].partition(" ")
        clock = self.stage.fill("{berlin}" if zone == "berlin" else "{now}", cue.plot, cue.moment)
        self._write(cue, at, update_text(cue.who, cue.plot.id, clock, [status, *values[1:]]))

    def reply(self, cue: Cue, at: datetime) -> None:
        room, root = self.labels[str(cue.label)]
        more: Post = {"thread_ts": root["ts"], "parent_user_id": root.get("user", "USLACKBOT")}
        if cue.verb == "broadcast":
            more |= {
                "subtype": "thread_broadcast",
                "root": {k: root[k] for k in ("type", "user", "text", "ts") if k in root},
            }
        user = self.stage.slack_user(cue.who)
        post = self.workspace.post(room, at, user=user, text=rich(self.workspace, cue.text), **more)
        root["thread_ts"] = root["ts"]
        root.setdefault("replies", []).append({"user": user, "ts": post["ts"]})
        users = list(dict.fromkeys(one["user"] for one in root["replies"]))
        root |= {"reply_count": len(root["replies"]), "reply_users_count": len(users), "reply_users": users}
        root["latest_reply"] = post["ts"]

    def edit(self, cue: Cue, at: datetime) -> None:
        _, post = self.labels[str(cue.label)]
        post["text"] = rich(self.workspace, cue.text)
        post["edited"] = {"user": post["user"], "ts": f"{int(at.timestamp())}.000000"}

    def delete(self, cue: Cue, at: datetime) -> None:
        room, post = self.labels[str(cue.label)]
        if "replies" not in post:
            self.workspace.posts[room].remove(post)
            return
        post |= {"subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT", "hidden": True}

    def react(self, cue: Cue, at: datetime) -> None:
        _, post = self.labels[str(cue.label)]
        kept = post.setdefault("reactions", [])
        kept.append({"name": cue.text, "users": [self.stage.slack_user(cue.who)], "count": 1})

    def declare(self, cue: Cue, at: datetime) -> None:
        plot = cue.plot
        if plot.one("record") == "github":
            link = f"https://github.com/{REPOSITORY}/issues/{plot.number}"
            self.workspace.post(
                OPS, at, user=self.stage.slack_user(cue.who), text=rich(self.workspace, f"filed {link}")
            )
            return
        opened = [one.moment for one in self.stage.cues(plot, "channel")]
        room = f" #{plot.one('channel')}" if opened and opened[0] - cue.moment < timedelta(minutes=3) else ""
        team = " @responders" if cue.text in ("P1", "P2") else ""
        link = f"{JIRA_SITE}/browse/{plot.id}"
        later = at + self.stage.dice("announce", plot.id).delay(2, 5)
        self._announce("incidents", later, f"{plot.id} {cue.text} declared: {plot.title} — {link}{room}{team}")

    def severity(self, cue: Cue, at: datetime) -> None:
        if cue.plot.one("record") != "github":
            to, reason = cue.fields[0], cue.fields[-1]
            self._announce("incidents", at, f"{cue.plot.id} severity changed to {to}: {reason}")

    def status(self, cue: Cue, at: datetime) -> None:
        if cue.text in ("Resolved", "Reopened"):
            self._announce("incidents", at, f"{cue.plot.id} is now {cue.text}")

    def channel(self, cue: Cue, at: datetime) -> None:
        name = cue.text or cue.plot.one("channel")
        topic = f"{cue.plot.id} · {JIRA_SITE}/browse/{cue.plot.id}"
        self.workspace.open(name, cue.who, at, topic)
        user = self.stage.slack_user(cue.who)
        self._joined(name, at, user)
        later = at + self.stage.dice("topic", name).delay(1, 3)
        linked = rich(self.workspace, topic)
        text = f"<@{user}> set the channel topic: {linked}"
        self.workspace.post(name, later, subtype="channel_topic", user=user, text=text, topic=linked)
        self.room = name

    def join(self, cue: Cue, at: datetime) -> None:
        self._joined(cue.room or self.room, at, self.stage.slack_user(cue.who))

    def _joined(self, name: str, at: datetime, user: str) -> None:
        self.workspace.rooms[name]["members"].append(user)
        self.workspace.post(name, at, subtype="channel_join", user=user, text=f"<@{user}> has joined the channel")

    def role(self, cue: Cue, at: datetime) -> None:
        self._announce(cue.room or self.room, at, f"{cue.text}: @{cue.who}")

    def rollback(self, cue: Cue, at: datetime) -> None:
        line = f"{cue.text} deployed to production by {CAST[cue.who].name} (rollback)"
        attachment = {"id": 1, "fallback": line, "color": "ecb22e", "title": line}
        self.workspace.bot_post(OPS, at, BOT, "", attachments=[attachment])

    def alert(self, cue: Cue, at: datetime) -> None:
        number = self.stage.pager_number(cue.plot)
        title = f"#{number}: {cue.text}"
        link = f"https://lanternrelay.pagerduty.com/incidents/{self.stage.pager_id(cue.plot)}"
        later = at + self.stage.dice("pager app", cue.plot.id, cue.place).delay(2, 6)
        attachment = {"id": 1, "fallback": f"Triggered {title}", "color": "a30200", "title": title, "title_link": link}
        self.workspace.bot_post(
            OPS, later, PAGER_APP, "", attachments=[attachment | {"text": f"*Service:* {cue.plot.service}"}]
        )
