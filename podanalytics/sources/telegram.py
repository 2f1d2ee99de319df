"""Telegram: `result.json` of Telegram Desktop, of one chat or of a whole account.

Source: Telegram Desktop's Export chat history, in machine-readable JSON. `date` is the exporting computer's wall clock
without a zone; `date_unixtime` beside it is the moment. A text is a string or a list of pieces, each with its sort.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, FaultRule, Kind, Precision, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._chat import People, edited, reacted
from podanalytics.sources._clock import epoch
from podanalytics.sources._pages import before_the_list, records
from podanalytics.sources._read import (
    DAMAGED,
    NOT_JSON,
    Item,
    each,
    first_json,
    head,
    id_of,
    json_document,
    members,
    reason_of,
    text_of,
)

NAME = "telegram"
CHATS = ("chats", "left_chats")
_CHAT = ("name", "type", "id")
_JOINS = frozenset({"invite_members", "join_group_by_link", "join_group_by_request"})
# Actions that say something of the chat: the property, and the field with its new content.
_CHANNEL = {
    "create_group": ("created", "title"),
    "create_channel": ("created", "title"),
    "edit_group_title": ("name", "title"),
    "pin_message": ("pinned", "message_id"),
}
_PLAIN = "messages have a date without a zone and no date_unixtime: export again with a newer Telegram Desktop"


def owns(path: Path) -> bool:
    """A chat with its sort and id before its messages, or an account's export with its list of such chats."""
    around = before_the_list(path, "messages")
    if around:
        return "type" in around and "id" in around and not {"guild", "channel"} & around.keys()
    if _holds_chats(first_json(path)):
        return True
    start = head(path).lstrip()
    if not start.startswith("{"):
        return False
    listed = '"chats"' in start and '"list"' in start and '"date_unixtime"' in start
    return listed or ('"about"' in start[:20] and "Telegram" in start[:1_000] and '"personal_information"' in start)


def _holds_chats(document: Any) -> bool:
    """Whether a document is an account's export, with a message in one of its chats."""
    lists = [document.get(name) for name in CHATS] if isinstance(document, dict) else []
    chats = [chat for listed in lists if isinstance(listed, dict) for chat in _dicts(listed.get("list"))]
    return any("date_unixtime" in message for chat in chats for message in _dicts(chat.get("messages")))


def parse(path: Path) -> Iterator[Told]:
    """People, then every message of every chat; subject is `#` and the chat's name."""
    reader = _Reader(path.name)
    chat = before_the_list(path, "messages")
    items = list(records(path, NAME, "messages") if chat else _account(path))
    reader.acquaint(given[1] for given in items if not isinstance(given, Fault))
    yield from each(NAME, items, lambda item, origin: reader.read(item, origin, chat))
    yield from reader.rest()


def _account(path: Path) -> Iterator[Item | Fault]:
    """Every message of an account's export, with its chat under `_chat`."""
    try:
        document = json_document(path)
        if not isinstance(document, dict):
            raise ValueError("no export of an account")
    except (*NOT_JSON, *DAMAGED, OSError) as error:
        why = f"not readable: {reason_of(error)}; export chat by chat to read what is whole"
        yield Fault(NAME, path.name, why, rule=FaultRule.CUT_SHORT)
        return
    for name in CHATS:
        listed = document[name].get("list") if isinstance(document.get(name), dict) else None
        for place, chat in members(path.name, f"/{name}/list", listed if isinstance(listed, list) else []):
            if not isinstance(chat, dict) or not isinstance(chat.get("messages"), list):
                yield Fault(NAME, place, "not a chat with its messages")
                continue
            around = {key: chat.get(key) for key in _CHAT}
            for origin, message in members(place, "/messages", chat["messages"]):
                yield origin, {**message, "_chat": around} if isinstance(message, dict) else message


class _Reader:
    """One file being read."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._people = People(NAME)
        self._naive: Counter[str] = Counter()
        self._names: dict[str, str] = {}  # as shown last, by id
        self._ids: dict[str, set[str]] = defaultdict(set)  # by name

    def acquaint(self, messages: Iterable[Any]) -> None:
        """Learns who is who, for members that come and go are told by their names alone."""
        for message in messages:
            given = message if isinstance(message, dict) else {}
            reactions = given.get("reactions")
            shown = [user for r in _dicts(reactions) for user in _dicts(r.get("recent"))]
            for entry, id, name in ((given, "from_id", "from"), (given, "actor_id", "actor"),
                                    *((user, "from_id", "from") for user in shown)):  # fmt: skip
                if isinstance(entry.get(id), str) and isinstance(entry.get(name), str):
                    self._names[entry[id]] = entry[name]
                    self._ids[entry[name]].add(entry[id])

    def _member(self, name: Any) -> str:
        """The id of whoever is the only one of that name in the file; else the name."""
        ids = self._ids.get(text_of(name), set())
        return next(iter(ids)) if len(ids) == 1 else text_of(name) or "deleted account"

    def read(self, message: Any, origin: str, chat: dict[str, Any]) -> Iterator[Told]:
        """What one message tells."""
        if not isinstance(message, dict):
            raise ValueError("not a message but a bare value")
        message.pop("_envelope", None)
        if not message.get("date_unixtime"):
            if message.get("date"):
                self._naive[origin] += 1
                return
            raise ValueError("the message has no time")
        yield from self._told(message, origin, message.get("_chat") or chat)

    def rest(self) -> Iterator[Told]:
        """What could not be dated."""
        if self._naive:
            count, first = self._naive.total(), next(iter(self._naive))
            yield Fault(NAME, first, f"{count} {_PLAIN}")

    def _told(self, message: dict[str, Any], origin: str, chat: dict[str, Any]) -> Iterator[Told]:
        place, name, changed = id_of(chat), text_of(chat.get("name")), message.get("edited_unixtime")
        base: dict[str, Any] = {
            "occurred_at": epoch(message["date_unixtime"]),
            "source": NAME,
            "subject": f"#{name or place}",
            "key": f"{place}/{id_of(message)}",
            "origin": origin,
            "actor": text_of(message.get("from_id") or message.get("actor_id")) or None,
        }
        if message.get("type") == "service":
            told: list[Told] = list(self._service(message, base))
        else:
            root = message.get("reply_to_message_id")
            main = Event(
                **base,
                kind=Kind.MESSAGE,
                recorded_at=epoch(changed) if changed else None,
                text=_text(message),
                value=f"{place}/{root}" if root else None,
            )
            told = [main, *_reactions(message, main)]
            if changed:
                told.append(edited(main, text_of(changed), epoch(changed), Precision.SECOND))
        for actor in dict.fromkeys(entry.actor for entry in told if isinstance(entry, Event)):
            if actor:
                yield from self._people.tell(actor, name=self._names.get(actor, actor))
        yield from told

    def _service(self, message: dict[str, Any], base: dict[str, Any]) -> Iterator[Event]:
        """What Telegram itself writes into a chat: who came and went, the chat's name, pins; of the rest its action."""
        action = text_of(message["action"])
        if action in _JOINS or action == "remove_members":
            kind = Kind.LEFT if action == "remove_members" else Kind.JOINED
            named = [self._member(member) for member in message.get("members") or []]
            for number, member in enumerate(named or [base["actor"]], 1):
                yield Event(**base | {"key": f"{base['key']}#{number}", "actor": member}, kind=kind)
        elif action in _CHANNEL:
            name, field = _CHANNEL[action]
            content = text_of(message.get(field))
            yield Event(
                **base, kind=Kind.CHANNEL, value=name, text=f"message {content}" if field == "message_id" else content
            )
        else:
            yield Event(**base, kind=Kind.OTHER, value=action, text=_text(message))


def _dicts(given: Any) -> list[dict[str, Any]]:
    return [entry for entry in given if isinstance(entry, dict)] if isinstance(given, list) else []


def _text(message: dict[str, Any]) -> str:
    """A message's whole text: its words with where its links lead, else what was sent in their place."""
    given = message.get("text")
    words = "".join(_piece(piece) for piece in given) if isinstance(given, list) else text_of(given)
    if words:
        return words
    sent = next((name for name in ("file_name", "file", "photo", "media_type") if message.get(name)), None)
    if sent:
        return f"file: {text_of(message.get('sticker_emoji') or message[sent])}"
    return text_of((message.get("poll") or {}).get("question"))


def _piece(piece: Any) -> str:
    if not isinstance(piece, dict):
        return text_of(piece)
    words = text_of(piece.get("text"))
    if piece.get("type") == "text_link" and piece.get("href") != words:
        return f"{words} ({piece.get('href')})"
    return f"@user{piece['user_id']}" if piece.get("type") == "mention_name" and piece.get("user_id") else words


def _reactions(message: dict[str, Any], main: Event) -> Iterator[Told]:
    for reaction in message.get("reactions") or []:
        emoji = text_of(reaction.get("emoji") or reaction.get("document_id") or reaction["type"])
        named = [text_of(user.get("from_id")) for user in reaction.get("recent") or []]
        yield from (reacted(main, emoji, user) for user in named if user)
        if (unnamed := int(reaction.get("count") or 0) - sum(map(bool, named))) > 0:
            yield Skipped(main.origin, "reaction by an unnamed user", unnamed)


source = Source(
    title="Telegram (result.json of Telegram Desktop)",
    manual="https://telegram.org/blog/export-and-more",
    owns=owns,
    parse=parse,
    group="chat",
    takes="`result.json` of one chat or of an account",
    known_by="a chat's `type` and `id` before its messages, or a list of such chats",
)
