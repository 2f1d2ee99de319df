"""Slack: a workspace export, as a folder or as the ZIP that Slack hands out, in its old and its new layout.

Source: Slack's How to read Slack data exports. A message's only clock is its `ts`: day files are cut at midnight in Los
Angeles whatever the workspace's zone, so their names say nothing. An export tells neither when a reaction was given nor
when a message was deleted: both carry the message's own time.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, Kind, Person, Precision, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._bundle import Bundle, bundle
from podanalytics.sources._chat import edited as changed
from podanalytics.sources._chat import reacted
from podanalytics.sources._clock import epoch
from podanalytics.sources._read import NOT_JSON, each, members, reason_of, text_of
from podanalytics.sources._slack_index import INDEXES, NAME, USERS, Export, Place, channel, person
from podanalytics.sources._slack_text import attachment_text, message_text, mrkdwn

DAYS_LOOKED_AT = 20  # day files that `owns` opens at most, for the first may be damaged
START = 1_000_000  # bytes of one: a message's text stands before its time, and 40,000 letters may be 480,000 bytes
_DAY = re.compile(r"(?P<folder>[^/]+)/\d{4}-\d{2}-\d{2}\.json")
# Subtypes that say something of the channel: the property, the fields with the new and the old content.
_CHANNEL = {
    "topic": ("topic", "topic", "old_topic"),
    "purpose": ("purpose", "purpose", "old_purpose"),
    "name": ("name", "name", "old_name"),
    "archive": ("archived", "", ""),
    "unarchive": ("unarchived", "", ""),
}
_LOGGED = frozenset({"message_changed", "message_deleted"})
_SAID = frozenset({"file_share", "file_comment", "bot_message", "me_message", "thread_broadcast"})


def owns(path: Path) -> bool:
    """A folder or ZIP with an index (channels, users ...) and a channel folder whose day file holds messages."""
    if not path.is_dir() and not zipfile.is_zipfile(path):
        return False
    try:
        with bundle(path) as export:
            names = _first_names(path, export)
            days = sorted(name for name in names if _DAY.fullmatch(name))[:DAYS_LOOKED_AT]
            indexed = any(name in names for name in (*INDEXES, USERS))
            return indexed and any(_holds_messages(export, day) for day in days)
    except (ValueError, OSError):
        return False


def _holds_messages(export: Bundle, day: str) -> bool:
    try:
        start = export.read(day, START)
    except (ValueError, OSError):
        return False  # the next day may be readable
    return b'"ts"' in start or start.strip() == b"[]"


def _first_names(path: Path, export: Bundle) -> set[str]:
    """A ZIP's names are in its directory; of a folder only the top and what lies right below it are looked at."""
    if export.folder is None:
        return set(export.names())
    return {
        found.relative_to(path).as_posix()
        for pattern in ("*.json", "*/????-??-??.json")
        for found in path.glob(pattern)
        if not found.is_symlink() and found.is_file()
    }


def parse(path: Path) -> Iterator[Told]:
    """People, channels, then every message of every channel, by folder and day; subject is `#channel`."""
    with ExitStack() as stack:
        try:
            unit = stack.enter_context(bundle(path))
        except ValueError as error:
            yield Fault(NAME, path.name, str(error))
            return
        yield from (Fault(NAME, origin, reason) for origin, reason in unit.refused)
        names = unit.names()
        export = Export()
        for name in (USERS, *INDEXES):
            if name in names:
                yield from _index(unit, name, export)
        for name in names:
            if found := _DAY.fullmatch(name):
                yield from _day(unit, name, export.place(found["folder"]))
            elif name not in (*INDEXES, USERS):
                yield from each(NAME, [(unit.origin(name), name)], lambda n, o: _aside(unit, n, o))


def _index(unit: Bundle, name: str, export: Export) -> Iterator[Told]:
    read = person if name == USERS else channel
    items = list(_records(unit, name))
    yield from each(NAME, items, lambda item, origin: read(item, origin, export))


def _day(unit: Bundle, name: str, place: Place) -> Iterator[Told]:
    yield from each(NAME, _records(unit, name), lambda m, origin: _message(m, origin, place), lambda m: m.get("ts"))


def _records(unit: Bundle, name: str) -> Iterator[tuple[str, Any] | Fault]:
    """(origin, record) of a file that holds a JSON list; one Fault when it does not."""
    try:
        records = json.loads(unit.read(name).decode("utf-8-sig"))
        if not isinstance(records, list):
            raise ValueError("not a JSON list")
    except (*NOT_JSON, OSError) as error:
        yield Fault(NAME, unit.origin(name), f"not readable: {reason_of(error)}")
        return
    yield from members(unit.origin(name), "", records)


def _aside(unit: Bundle, name: str, origin: str) -> Iterator[Told]:
    """Files without messages are counted: integration logs, canvases, lists, huddles, and what was laid beside them."""
    if "/" in name or not name.endswith(".json"):
        yield Skipped(origin, "file without messages")
        return
    records = json.loads(unit.read(name).decode("utf-8-sig"))
    yield Skipped(
        origin, f"{name.removesuffix('.json')}: no messages", len(records) if isinstance(records, list) else 1
    )


def _message(message: dict[str, Any], origin: str, place: Place) -> list[Told]:
    if not isinstance(message, dict):
        raise ValueError("not a message but a bare value")
    if message.get("subtype") in _LOGGED:
        return [_logged(message, origin, place)]
    main = _main(message, origin, place)
    told: list[Told] = [] if message.get("user") else [*_bot(message, place.export)]
    told.append(main)
    if message.get("edited"):
        told += _edited(message, main)
    if message.get("reactions"):
        told += _reactions(message, main)
    return told


def _logged(message: dict[str, Any], origin: str, place: Place) -> Event:
    """An entry of the log of edits and deletions that some workspaces keep: it alone tells what a message said before.

    It is the same event as the one that the message itself tells of its last edit.
    """
    before = message.get("previous_message") or message.get("original") or {}
    now = message.get("message") or {}
    names, stamp = place.export.names, message["ts"]
    deleted = message["subtype"] == "message_deleted"
    key = place.key(message.get("deleted_ts") or now.get("ts") or before["ts"])
    edited = now.get("edited") or {}
    stamp = stamp if deleted else edited.get("ts") or stamp
    return Event(
        occurred_at=epoch(stamp),
        kind=Kind.DELETED if deleted else Kind.EDITED,
        source=NAME,
        subject=place.subject,
        key=f"{key}#deleted" if deleted else f"{key}#edited/{stamp}",
        origin=origin,
        recorded_at=epoch(message["ts"]),
        precision=_precision(stamp),
        actor=edited.get("user") or message.get("user") or None,
        text="" if deleted else message_text(now, names),
        was=message_text(before, names) or None,
        value=key,
    )


def _main(message: dict[str, Any], origin: str, place: Place) -> Event:
    """The one event that each message is."""
    ts, edited = message["ts"], (message.get("edited") or {}).get("ts")
    kind, value, text, was = _meaning(message, place)
    return Event(
        occurred_at=epoch(ts),
        kind=kind,
        source=NAME,
        subject=place.subject,
        # a deletion stands beside the message that an earlier export may have told under the same ts
        key=place.key(ts) + ("#deleted" if kind is Kind.DELETED else ""),
        origin=origin,
        recorded_at=epoch(edited) if edited else None,  # of two exports the one with the edited text is to stand
        precision=_precision(ts),
        actor=None if kind is Kind.DELETED else _actor(message),
        text=text,
        was=was,
        value=value,
    )


def _meaning(message: dict[str, Any], place: Place) -> tuple[Kind, str | None, str, str | None]:
    """(kind, value, text, was) by the message's subtype."""
    subtype = message.get("subtype")
    names = place.export.names
    text = message_text(message, names)
    if message.get("type", "message") != "message":
        return Kind.OTHER, text_of(message["type"]), text, None
    if subtype is None or subtype in _SAID:
        root = message.get("thread_ts")
        return Kind.MESSAGE, place.key(root) if root and root != message["ts"] else None, text, None
    if subtype == "tombstone":
        return Kind.DELETED, place.key(message["ts"]), text, None
    if subtype == "pinned_item":
        pinned = "\n".join(attachment_text(item, names) for item in message.get("attachments") or [])
        return Kind.CHANNEL, "pinned", pinned or text, None
    return _about_channel(subtype, message, text, place)


def _about_channel(
    subtype: str, message: dict[str, Any], text: str, place: Place
) -> tuple[Kind, str | None, str, str | None]:
    scope, _, what = subtype.partition("_")
    if scope in ("channel", "group"):  # a private channel was a "group"
        if what in ("join", "leave"):
            return Kind.JOINED if what == "join" else Kind.LEFT, None, text, None
        if what in _CHANNEL:
            property_, new, old = _CHANNEL[what]
            content = mrkdwn(text_of(message.get(new)), place.export.names) if new else text
            return Kind.CHANNEL, property_, content, message.get(old) or None
    return Kind.OTHER, subtype, text, None


def _actor(message: dict[str, Any]) -> str | None:
    comment = message.get("comment") or {}
    found = message.get("user") or comment.get("user") or message.get("bot_id") or message.get("username")
    return found or None


def _bot(message: dict[str, Any], export: Export) -> Iterator[Person]:
    """An app that no user entry stands for, named once."""
    key = message.get("bot_id") or message.get("username")
    if not message.get("comment") and key and key not in export.people:
        export.people.add(key)
        profile = message.get("bot_profile") or {}
        yield Person(NAME, key, name=message.get("username") or profile.get("name"), bot=True)


def _edited(message: dict[str, Any], main: Event) -> Iterator[Event]:
    edited = message["edited"]
    if edited.get("ts"):
        stamp = edited["ts"]
        yield changed(main, stamp, epoch(stamp), _precision(stamp), edited.get("user") or None)


def _reactions(message: dict[str, Any], main: Event) -> Iterator[Told]:
    for reaction in message["reactions"]:
        emoji, users = reaction["name"], reaction.get("users") or []
        for user in users:
            yield reacted(main, emoji, user)
        if (unnamed := int(reaction.get("count") or 0) - len(users)) > 0:
            yield Skipped(main.origin, "reaction by an unnamed user", unnamed)


def _precision(ts: str) -> Precision:
    """Old exports count messages within a second behind the dot, in `000123` or `012300`: that is no fraction of it."""
    fraction = str(ts).partition(".")[2]
    counted = not fraction or fraction.endswith("00") or fraction.startswith("00")
    return Precision.SECOND if counted else Precision.MICROSECOND


source = Source(
    title="Slack workspace export (folder or ZIP)",
    manual="https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports",
    owns=owns,
    parse=parse,
    group="chat",
    takes="workspace export, folder or ZIP",
    known_by="an index (`channels.json`, `users.json` ...) and a day file with messages",
)
