"""Mattermost: a bulk export, JSON lines with a version, teams, channels, users, and posts with their replies inside.

Source: Mattermost's Bulk export tool and Bulk loading data. The file has no ids: names are keys, and a post is known by
its channel, its writer and its millisecond. Replies stand in no order, and before their root if the clock says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, Kind, Person, Precision, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._chat import People, edited, reacted
from podanalytics.sources._clock import epoch_ms
from podanalytics.sources._logfile import first_record
from podanalytics.sources._read import Item, Part, digest, each, json_lines, text_of, with_parts
from podanalytics.sources._slack_text import attachment_text

NAME = "mattermost"
POSTS = ("post", "direct_post")
UNREADABLE = (KeyError, TypeError, AttributeError, ValueError)  # what a broken post raises
KNOWN = ("version", "scheme", "role", "team", "channel", "user", "bot", "direct_channel", "emoji", *POSTS)
# System posts that say something of the channel: the property, the fields with the new and the old content.
_CHANNEL = {
    "system_header_change": ("topic", "new_header", "old_header"),
    "system_purpose_change": ("purpose", "new_purpose", "old_purpose"),
    "system_displayname_change": ("name", "new_displayname", "old_displayname"),
    "system_channel_deleted": ("archived", "", ""),
    "system_channel_restored": ("unarchived", "", ""),
}
# System posts about a member of the channel: what happened, and the field that names whom (else the writer).
_MEMBER = {
    "system_join_channel": (Kind.JOINED, ""),
    "system_add_to_channel": (Kind.JOINED, "addedUsername"),
    "system_join_team": (Kind.JOINED, ""),
    "system_add_to_team": (Kind.JOINED, "addedUsername"),
    "system_leave_channel": (Kind.LEFT, ""),
    "system_remove_from_channel": (Kind.LEFT, "removedUsername"),
    "system_leave_team": (Kind.LEFT, ""),
    "system_remove_from_team": (Kind.LEFT, "removedUsername"),
}
_SENTENCES = {"joined the channel.": Kind.JOINED, "left the channel.": Kind.LEFT}  # older exports drop the type


def owns(path: Path) -> bool:
    """JSON lines of which the first names its type, and holds an object under that name (or the format's version)."""
    first = first_record(path)
    kind = first.get("type")
    if kind == "version":
        return isinstance(first.get("version"), int)
    return kind in KNOWN and isinstance(first.get(kind), dict)


def parse(path: Path) -> Iterator[Told]:
    """People, then every post with its replies; subject is `#channel` by the name in its address."""
    reader = _Reader(_first_texts(path))
    yield from each(NAME, _items(path), reader.read, _record)
    for reason, count in sorted(reader.skipped.items()):
        yield Skipped(path.name, reason, count)


def _items(path: Path) -> Iterator[Item | Fault]:
    return with_parts(json_lines(path, NAME), *(f"/{kind}/replies" for kind in POSTS))


def _first_texts(path: Path) -> dict[str, str]:
    """Of two posts with one key the text that has it, by key: the first by its digest, wherever it stands in the file.

    A post has no id here, only who wrote it when: two of one millisecond must not become one.
    """
    found: dict[str, str] = {}
    for given in _items(path):
        if not isinstance(given, Fault):
            with suppress(*UNREADABLE):  # what cannot be read is told when it is read to be told
                post, root = _post_of(given[1])
                key, text = _key(post, _place(root)), digest(_text(post))
                found[key] = min(text, found.get(key, text))
    return found


def _post_of(item: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """(a post or a reply, the post that it stands under or is itself). Raises KeyError for any other line."""
    if isinstance(item, Part):
        return item.record, next(item.owner[kind] for kind in POSTS if kind in item.owner)
    post = item[item["type"] if item["type"] in POSTS else POSTS[0]]
    return post, post


def _record(item: Any) -> Any:
    given = item.record if isinstance(item, Part) else item.get(item.get("type"))
    return given.get("create_at") or given.get("username") or given.get("name")


class _Reader:
    """One file being read."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.skipped: Counter[str] = Counter()
        self._people = People(NAME)
        self._texts = texts

    def read(self, item: Any, origin: str) -> Iterator[Told]:
        if isinstance(item, Part):
            yield from self._reply(item, origin)
            return
        if not isinstance(item, dict):
            raise ValueError("not a record but a bare value")
        kind = item["type"]
        if kind not in KNOWN:
            raise ValueError(f"a line of the type {kind!r} is none of a bulk export")
        if kind in POSTS:
            yield from self._post(item[kind], origin)
        elif kind in ("user", "bot"):
            yield from self._person(item[kind], kind == "bot")
        else:
            self.skipped[f"{kind}: no messages, no times"] += 1

    def _person(self, user: dict[str, Any], bot: bool) -> Iterator[Person]:
        name = user.get("display_name") or " ".join(filter(None, (user.get("first_name"), user.get("last_name"))))
        key = user["username"]
        email = user.get("email") or None
        if not key:
            raise ValueError("a user without a name")
        yield from self._people.tell(key, name=name or None, handle=key, email=email, bot=bot)

    def _post(self, post: dict[str, Any], origin: str) -> Iterator[Told]:
        yield from self._told(post, _place(post), None, origin)

    def _reply(self, part: Part, origin: str) -> Iterator[Told]:
        reply, root = _post_of(part)
        place = _place(root)
        yield from self._told(reply, place, self._own_key(root, place), origin)

    def _told(self, post: dict[str, Any], place: tuple[str, str], root: str | None, origin: str) -> Iterator[Told]:
        main = self._main(post, place, root, origin)
        yield from self._bot(post, main)
        yield main
        if changed := post.get("edit_at"):
            yield edited(main, str(changed), epoch_ms(changed), Precision.MILLISECOND)
        for reaction in post.get("reactions") or []:
            at = reaction.get("create_at")
            yield reacted(main, reaction["emoji_name"], reaction["user"], epoch_ms(at) if at else None)

    def _main(self, post: dict[str, Any], place: tuple[str, str], root: str | None, origin: str) -> Event:
        text = _text(post)
        kind, value, actor, words, was = _meaning(post, text)
        changed = post.get("edit_at")
        return Event(
            occurred_at=epoch_ms(post["create_at"]),
            kind=kind,
            source=NAME,
            subject=place[1],
            key=self._own_key(post, place),
            origin=origin,
            recorded_at=epoch_ms(changed) if changed else None,
            precision=Precision.MILLISECOND,
            actor=actor,
            text=words,
            was=was,
            value=root if kind is Kind.MESSAGE else value,
        )

    def _own_key(self, post: dict[str, Any], place: tuple[str, str]) -> str:
        key, text = _key(post, place), digest(_text(post))
        return key if self._texts.get(key, text) == text else f"{key}~{text}"

    def _bot(self, post: dict[str, Any], main: Event) -> Iterator[Person]:
        """A webhook posts under the name of whoever set it up: the person is not the one who speaks."""
        props = _props(post)
        if props.get("from_webhook") or props.get("from_bot"):
            yield from self._people.tell(main.actor, name=props.get("override_username") or None, bot=True)


def _props(post: dict[str, Any]) -> dict[str, Any]:
    return post.get("props") or {}


def _place(post: dict[str, Any]) -> tuple[str, str]:
    """(what keys begin with, subject) of the channel that a post stands in."""
    if "channel_members" in post:
        name = f"dm-{digest(' '.join(sorted(post['channel_members'])))}"  # a name of members would name people
        return name, f"#{name}"
    return f"{post['team']}/{post['channel']}", f"#{post['channel']}"


def _key(post: dict[str, Any], place: tuple[str, str]) -> str:
    return f"{place[0]}/{post['user']}@{post['create_at']}"


def _text(post: dict[str, Any]) -> str:
    """What a post reads like: its message, what an integration attached to it, else the names of its files."""
    parts = [text_of(post.get("message"))]
    parts += [attachment_text(item, {}) for item in _props(post).get("attachments") or []]
    if not any(parts):
        parts += [f"file: {text_of(file.get('path')).rpartition('/')[2]}" for file in post.get("attachments") or []]
    return "\n".join(part for part in parts if part)


def _meaning(post: dict[str, Any], text: str) -> tuple[Kind, str | None, str | None, str, str | None]:
    """(kind, value, actor, text, was) by the post's type."""
    type_, props, user = post.get("type") or "", _props(post), post["user"]
    if type_ in _CHANNEL:
        property_, new, old = _CHANNEL[type_]
        return Kind.CHANNEL, property_, user, text_of(props.get(new)) or text, text_of(props.get(old)) or None
    if type_ in _MEMBER:
        kind, whom = _MEMBER[type_]
        return kind, None, text_of(props.get(whom)) or user, text, None
    if type_.startswith("system_"):
        return Kind.OTHER, type_, user, text, None
    if not type_ and (kind := _SENTENCES.get(text.removeprefix(f"{user} "), Kind.MESSAGE)) is not Kind.MESSAGE:
        return kind, None, user, text, None
    by_app = props.get("from_webhook") and (props.get("override_username") or f"{user} (webhook)")
    return Kind.MESSAGE, None, by_app or user, text, None


source = Source(
    title="Mattermost bulk export (JSON lines)",
    manual="https://docs.mattermost.com/manage/bulk-export-tool.html",
    owns=owns,
    parse=parse,
    group="chat",
    takes="bulk export, JSON lines",
    known_by="lines that name their type (`version`, `post` ...) and hold it under that name",
)
