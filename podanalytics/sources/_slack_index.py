"""Slack's index files: who the people are, and which channel a folder of the export stands for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from podanalytics.model import Event, Kind, Person, Skipped, Told
from podanalytics.sources._clock import epoch

NAME = "slack"
USERS = "users.json"
INDEXES = ("channels.json", "groups.json", "mpims.json", "dms.json")


@dataclass(frozen=True, slots=True)
class Place:
    """The channel that a folder stands for."""

    id: str
    subject: str
    export: Export

    def key(self, ts: str) -> str:
        """A message's key: its `ts` is an id within its channel only."""
        return f"{self.id}/{ts}"


@dataclass(frozen=True, slots=True)
class Export:
    """What the index files tell: channels by id and by name, names by id, and which people were named already."""

    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    people: set[str] = field(default_factory=set)

    def add(self, channel: dict[str, Any]) -> None:
        """Remember a channel by its id and by its name of today."""
        name = channel.get("name") or channel["id"]
        self.names[channel["id"]] = name
        self.channels[channel["id"]] = self.channels[name] = channel

    def place(self, folder: str) -> Place:
        """The folder's channel by its name or id; a folder that no index names is its own channel."""
        identity = self.channels.get(folder, {}).get("id", folder)
        return Place(identity, f"#{self.names.get(identity, folder)}", self)


def person(user: Any, origin: str, export: Export) -> Iterator[Told]:
    """A user's entry; deactivated users stay."""
    profile = _object(user).get("profile") or {}
    export.people.add(user["id"])
    yield Person(
        source=NAME,
        key=user["id"],
        name=user.get("real_name") or profile.get("real_name") or None,
        handle=user.get("name") or None,
        email=profile.get("email") or None,
        bot=bool(user.get("is_bot")),
        zone=user.get("tz") or None,
    )


def channel(entry: Any, origin: str, export: Export) -> Iterator[Told]:
    """A channel's creation. Its topic and purpose are told by the messages that set them."""
    export.add(_object(entry))
    if not int(entry.get("created") or 0):
        yield Skipped(origin, "channel without a time of creation")
        return
    place = export.place(entry["id"])
    yield Event(
        occurred_at=epoch(entry["created"]),
        kind=Kind.CHANNEL,
        source=NAME,
        subject=place.subject,
        key=f"{place.id}#created",
        origin=origin,
        actor=entry.get("creator") or None,
        text=export.names[place.id],
        value="created",
    )


def _object(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise ValueError("not an entry but a bare value")
    return entry
