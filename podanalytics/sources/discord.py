"""Discord: a channel as DiscordChatExporter writes it in JSON, a file a channel or a part of one.

Source: DiscordChatExporter's JSON format; Discord's Snowflakes (an id holds its moment) and message types. Ids are text
and stay so: they are larger than a float holds. Deleted messages are in no export.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Kind, Precision, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._chat import People, edited, reacted
from podanalytics.sources._clock import epoch_ms, iso, iso_precision
from podanalytics.sources._pages import before_the_list, records
from podanalytics.sources._read import each, id_of, text_of

NAME = "discord"
FIRST_MS = 1_420_070_400_000  # Discord's own epoch, the first second of 2015
_MENTION = re.compile(r"<@!?(\d+)>")
_EMOJI = re.compile(r"<a?(:\w+:)\d+>")
_SAID = frozenset({"Default", "Reply", "20", "23"})  # the last two are commands, of which the exporter has the number
_MEMBER = {"RecipientAdd": Kind.JOINED, "GuildMemberJoin": Kind.JOINED, "RecipientRemove": Kind.LEFT}
_CHANNEL = {"ChannelNameChange": "name", "ChannelPinnedMessage": "pinned"}


def owns(path: Path) -> bool:
    """An object that names its guild and its channel before its messages."""
    around = before_the_list(path, "messages")
    return isinstance(around.get("guild"), dict) and isinstance(around.get("channel"), dict)


def parse(path: Path) -> Iterator[Told]:
    """The channel, people, then every message; subject is `#channel`."""
    reader = _Reader(before_the_list(path, "messages").get("channel") or {})
    yield from each(NAME, [(f"{path.name}#/channel", reader.channel)], reader.opened)
    yield from each(NAME, records(path, NAME, "messages"), reader.read)


class _Reader:
    """One file being read."""

    def __init__(self, channel: dict[str, Any]) -> None:
        self.channel = channel
        self._people = People(NAME)

    def opened(self, channel: dict[str, Any], origin: str) -> Iterator[Told]:
        """When the channel was made, by its id. A thread has the id of the message that it hangs on: not its own."""
        id = id_of(channel)
        if self._thread:
            yield Skipped(origin, "thread: its id does not tell when it was opened")
            return
        yield Event(
            occurred_at=epoch_ms((int(id) >> 22) + FIRST_MS),
            kind=Kind.CHANNEL,
            source=NAME,
            subject=self._subject(),
            key=f"{id}#created",
            origin=origin,
            precision=Precision.MILLISECOND,
            text=text_of(channel.get("name")),
            value="created",
        )

    @property
    def _thread(self) -> bool:
        return "Thread" in text_of(self.channel.get("type"))

    def _subject(self) -> str:
        """The channel's name; a thread is part of the channel above it, which the exporter calls its category."""
        name = self._thread and text_of(self.channel.get("category"))
        return f"#{name or text_of(self.channel.get('name')) or id_of(self.channel)}"

    def _root(self, message: dict[str, Any]) -> str | None:
        """The key of what a message answers; in a thread that is the message of the thread's own id."""
        reference = message.get("reference") or {}
        if message["type"] == "Reply" and reference.get("messageId"):
            return f"{reference.get('channelId') or id_of(self.channel)}/{reference['messageId']}"
        above = self.channel.get("categoryId")
        return f"{above}/{id_of(self.channel)}" if self._thread and above else None

    def read(self, message: dict[str, Any], origin: str) -> Iterator[Told]:
        key, at, changed = f"{id_of(self.channel)}/{id_of(message)}", message["timestamp"], message["timestampEdited"]
        author = message["author"]
        kind, value, actor, text = self._meaning(message)
        main = Event(
            occurred_at=iso(at),
            kind=kind,
            source=NAME,
            subject=self._subject(),
            key=key,
            origin=origin,
            recorded_at=iso(changed) if changed else None,
            precision=iso_precision(at),
            actor=actor,
            text=text,
            value=value,
        )
        told: list[Told] = [main, *_reactions(message, main)]
        if changed:
            told.append(edited(main, changed, iso(changed), iso_precision(changed)))
        yield from self._person(author)
        for user in message.get("mentions") or []:
            yield from self._person(user)
        yield from told

    def _person(self, user: dict[str, Any]) -> Iterator[Told]:
        name, handle = user.get("nickname") or None, user.get("name") or None
        yield from self._people.tell(id_of(user), name=name, handle=handle, bot=bool(user.get("isBot")))

    def _meaning(self, message: dict[str, Any]) -> tuple[Kind, str | None, str, str]:
        """(kind, value, actor, text) by the message's type."""
        type_, author, text = text_of(message["type"]), id_of(message["author"]), _text(message)
        if type_ in _SAID:
            return Kind.MESSAGE, self._root(message), author, text
        if type_ in _MEMBER:
            mentioned = [id_of(user) for user in message.get("mentions") or []]
            return _MEMBER[type_], None, mentioned[0] if mentioned else author, text
        if type_ in _CHANNEL:
            return Kind.CHANNEL, _CHANNEL[type_], author, text.removeprefix("Changed the channel name: ")
        return Kind.OTHER, type_, author, text


def _reactions(message: dict[str, Any], main: Event) -> Iterator[Told]:
    for reaction in message.get("reactions") or []:
        emoji, users = reaction["emoji"], reaction.get("users") or []
        name = text_of(emoji.get("code") or emoji["name"])
        yield from (reacted(main, name, id_of(user)) for user in users)
        if (unnamed := int(reaction.get("count") or 0) - len(users)) > 0:
            yield Skipped(main.origin, "reaction by an unnamed user", unnamed)


def _text(message: dict[str, Any]) -> str:
    """A message's whole text: its content, what an app laid out in embeds, else the names of its files.

    Previews of links that a person posted are left out: they are not the person's words.
    """
    content = _EMOJI.sub(r"\1", _MENTION.sub(r"@\1", text_of(message.get("content"))))
    parts = [content]
    if not content or message["author"].get("isBot"):
        parts += [line for embed in message.get("embeds") or [] for line in _embed(embed)]
    if not any(parts):
        parts += [f"file: {text_of(file.get('fileName'))}" for file in message.get("attachments") or []]
    if not any(parts):
        parts += [f"sticker: {text_of(sticker.get('name'))}" for sticker in message.get("stickers") or []]
    return "\n".join(part for part in parts if part)


def _embed(embed: dict[str, Any]) -> Iterator[str]:
    yield from (text_of(embed.get(name)) for name in ("title", "url", "description"))
    yield from (f"{field.get('name')}: {field.get('value')}" for field in embed.get("fields") or [])
    yield text_of((embed.get("footer") or {}).get("text"))


source = Source(
    title="Discord channel (DiscordChatExporter, JSON)",
    manual="https://github.com/Tyrrrz/DiscordChatExporter",
    owns=owns,
    parse=parse,
    group="chat",
    takes="DiscordChatExporter's JSON, a file a channel",
    known_by="`guild` and `channel` before `messages`",
)
