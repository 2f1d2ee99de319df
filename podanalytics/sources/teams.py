"""Microsoft Teams: messages of Microsoft Graph and of the tenant export, beside the lists that name their channels.

Source: Microsoft Graph's List channel messages and chatMessage resource type. The tenant export writes the same records
in PascalCase. A message names its channel by an id alone: a folder that also holds the list of channels is one export,
and its messages stand under their channels' names.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, FaultRule, Kind, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._chat import People, edited, reacted
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import Item, Part, each, text_of, with_parts
from podanalytics.sources._teams_text import detail_of, members_of, message_text, property_of
from podanalytics.sources._walk import files_below

NAME = "teams"
LEVELS = 40  # of a record that are renamed: no field that is read lies deeper
MOST_FILES = 500  # of a folder, whose first records are looked at: what holds more is no export but a collection
_LIST = "value"
_NEXT = "@odata.nextLink"
_MORE = "its last page names a next one (@odata.nextLink): unless another file holds it, ask the tool for all pages"
_REPLIES = "only its first replies are here (replies@odata.nextLink): fetch /messages/{id}/replies and put it beside"


def owns(path: Path) -> bool:
    """A file of messages or channels; a folder with a list of channels, messages beside or below it, and nothing else.

    The list lies in the folder itself: a folder of several exports is none, or what an export's messages stand under
    would depend on what was put beside it.
    """
    if not path.is_dir():
        return _sort(sample(path, _LIST)) in ("message", "channel")
    files, refused = files_below(path)
    if refused or not 1 < len(files) <= MOST_FILES or not all(file.suffix == ".json" for file in files):
        return False
    sorts = {file: _sort(sample(file, _LIST)) for file in files}
    listed = any(sort == "channel" and file.parent == path for file, sort in sorts.items())
    return listed and "message" in sorts.values() and "" not in sorts.values()


def parse(path: Path) -> Iterator[Told]:
    """Channels, people, then every message with its replies; subject is `#channel`, or its id."""
    reader = _Reader()
    if not path.is_dir():
        yield from _file(path, path.name, reader)
        return
    files, refused = files_below(path)
    yield from (Fault(NAME, f"{path.name}/{p.relative_to(path).as_posix()}", why) for p, why in refused)
    ordered = sorted(files, key=lambda file: _sort(sample(file, _LIST)) == "message")  # names come before their use
    for file in ordered:
        yield from _file(file, f"{path.name}/{file.relative_to(path).as_posix()}", reader)


def _file(path: Path, name: str, reader: _Reader) -> Iterator[Told]:
    items = (_renamed(given, path.name, name) for given in records(path, NAME, _LIST))
    yield from each(NAME, with_parts(items, "/replies"), reader.read, _id)
    if reader.more:
        reader.more = False
        yield Fault(NAME, name, _MORE, rule=FaultRule.CAPPED)


def _renamed(given: Item | Fault, from_: str, to: str) -> Item | Fault:
    """The record in Graph's spelling, with the place by which the folder's origins begin."""
    if isinstance(given, Fault):
        return Fault(given.source, to + given.origin.removeprefix(from_), given.reason, given.record, given.rule)
    origin, record = given
    return to + origin.removeprefix(from_), _camel(record)


def _camel(value: Any, levels: int = LEVELS) -> Any:
    """Keys in camelCase, as Graph writes them: the tenant export has the same in PascalCase.

    >>> _camel({"Id": "1", "From": {"User": {"DisplayName": "Ann"}}, "@odata.type": "x"})
    {'id': '1', 'from': {'user': {'displayName': 'Ann'}}, '@odata.type': 'x'}
    """
    if isinstance(value, dict) and levels:
        return {key[:1].lower() + key[1:]: _camel(inside, levels - 1) for key, inside in value.items()}
    return [_camel(inside, levels - 1) for inside in value] if isinstance(value, list) and levels else value


def _sort(record: dict[str, Any] | None) -> str:
    """What a record is: message, channel, person, team; empty for anything else."""
    given = _camel(record) if record else {}
    id = str(given.get("id"))
    if "createdDateTime" in given and "messageType" in given and ("channelIdentity" in given or "chatId" in given):
        return "message"
    if id.startswith("19:") and ("membershipType" in given or "chatType" in given):
        return "channel"
    if "userPrincipalName" in given:
        return "person"
    return "team" if {"displayName", "id", "visibility"} <= given.keys() else ""


def _id(item: Any) -> Any:
    return (item.record if isinstance(item, Part) else item)["id"]


class _Reader:
    """One file, or one folder of them, being read."""

    def __init__(self) -> None:
        self._people = People(NAME)
        self._names: dict[str, str] = {}
        self.more = False  # whether the page of the last record names a next one

    def read(self, item: Any, origin: str) -> Iterator[Told]:
        record = item.record if isinstance(item, Part) else item
        if not isinstance(item, Part):
            self.more = bool((record.get("_envelope") or {}).get(_NEXT))
        sort = _sort(record)
        if sort == "channel":
            yield from self._channel(record, origin)
        elif sort == "person":
            name, mail = record.get("displayName") or None, record.get("mail") or None
            yield from self._people.tell(record["id"], name=name, handle=record["userPrincipalName"], email=mail)
        elif sort == "team":
            yield Skipped(origin, "team: no messages")
        elif sort == "message":
            yield from self._message(record, origin)
        else:
            raise ValueError("neither a message of Teams nor a channel, a team or a person")

    def _channel(self, channel: dict[str, Any], origin: str) -> Iterator[Told]:
        name = text_of(channel.get("displayName") or channel.get("topic"))
        if name:
            self._names[channel["id"]] = name
        if not channel.get("createdDateTime"):
            yield Skipped(origin, "channel without a time of creation")
            return
        at = channel["createdDateTime"]
        yield Event(
            occurred_at=iso(at),
            kind=Kind.CHANNEL,
            source=NAME,
            subject=self._subject(channel["id"]),
            key=f"{channel['id']}#created",
            origin=origin,
            precision=iso_precision(at),
            text=name,
            value="created",
            url=channel.get("webUrl") or None,
        )

    def _subject(self, id: str) -> str:
        return f"#{self._names.get(id, id)}"

    def _message(self, message: dict[str, Any], origin: str) -> Iterator[Told]:
        place = text_of((message.get("channelIdentity") or {}).get("channelId") or message.get("chatId"))
        if not place or not message["id"]:
            raise ValueError("the message names neither its channel nor its chat")
        if message.get(f"replies{_NEXT}"):
            yield Fault(NAME, origin, _REPLIES, message["id"], FaultRule.CAPPED)
        if told := detail_of(message):
            yield from self._system(message, place, *told, origin)
            return
        sort, sender = _sender(message)
        main = self._main(message, place, text_of(sender.get("id")) or None, origin)
        deleted = message.get("deletedDateTime")
        told_still = bool(main.text) or not deleted  # what is deleted is mostly emptied: no text is not what it said
        extra = [*_edits(message, main), *_reactions(message, main)] if told_still else []
        gone = [_deleted(main, deleted)] if deleted else []
        yield from self._people.tell(main.actor, name=sender.get("displayName") or None, bot=sort != "user")
        yield from ([main, *extra] if told_still else [])
        yield from gone

    def _main(self, message: dict[str, Any], place: str, actor: str | None, origin: str) -> Event:
        created, changed = message["createdDateTime"], message.get("lastEditedDateTime")
        root = message.get("replyToId")
        return Event(
            occurred_at=iso(created),
            kind=Kind.MESSAGE,
            source=NAME,
            subject=self._subject(place),
            key=f"{place}/{message['id']}",
            origin=origin,
            recorded_at=iso(changed) if changed else None,
            precision=iso_precision(created),
            actor=actor,
            text=message_text(message),
            value=f"{place}/{root}" if root else None,
            url=message.get("webUrl") or None,
        )

    def _system(
        self, message: dict[str, Any], place: str, what: str, detail: dict[str, Any], origin: str
    ) -> Iterator[Told]:
        key, at = f"{place}/{message['id']}", message["createdDateTime"]
        by = ((detail.get("initiator") or {}).get("user") or {}).get("id")
        base: dict[str, Any] = {
            "occurred_at": iso(at),
            "source": NAME,
            "subject": self._subject(place),
            "key": key,
            "origin": origin,
            "precision": iso_precision(at),
            "actor": by or None,
        }
        members, changed = members_of(what, detail), property_of(what, detail)
        if members and members[1]:
            for member in members[1]:
                yield Event(**base | {"kind": members[0], "key": f"{key}#{member}", "actor": member})
        elif changed:
            about = text_of(detail.get("channelId"))  # that a channel was made is told in another one
            if changed[0] == "created" and about:
                base |= {"subject": f"#{changed[1] or self._names.get(about, about)}", "key": f"{about}#created"}
            yield Event(**base, kind=Kind.CHANNEL, value=changed[0], text=changed[1])
        else:
            yield Event(**base, kind=Kind.OTHER, value=what, text=message_text(message))


def _sender(message: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """(user, or the application or device that posted; its entry)."""
    given = message.get("from") or {}
    return next(((sort, given[sort]) for sort in ("user", "application", "device") if given.get(sort)), ("user", {}))


def _edits(message: dict[str, Any], main: Event) -> Iterator[Event]:
    if changed := message.get("lastEditedDateTime"):
        yield edited(main, changed, iso(changed), iso_precision(changed))


def _deleted(main: Event, at: str) -> Event:
    return Event(
        occurred_at=iso(at),
        kind=Kind.DELETED,
        source=NAME,
        subject=main.subject,
        key=f"{main.key}#deleted",
        origin=main.origin,
        precision=iso_precision(at),
        value=main.key,
    )


def _reactions(message: dict[str, Any], main: Event) -> Iterator[Told]:
    unnamed = 0
    for reaction in message.get("reactions") or []:
        user = ((reaction.get("user") or {}).get("user") or {}).get("id")
        at = reaction.get("createdDateTime")
        if user:
            yield reacted(main, reaction["reactionType"], user, iso(at) if at else None, at and iso_precision(at))
        else:
            unnamed += 1
    if unnamed:
        yield Skipped(main.origin, "reaction by an unnamed user", unnamed)


source = Source(
    title="Microsoft Teams (Graph, tenant export)",
    manual="https://learn.microsoft.com/en-us/graph/api/channel-list-messages",
    owns=owns,
    parse=parse,
    group="chat",
    takes="messages of Graph or of the tenant export, a file or a folder with the list of channels",
    known_by="messages with `messageType` and a channel's or chat's id, or channels with an id `19:...`",
)
