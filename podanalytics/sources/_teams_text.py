"""What a Teams message reads like, and what a Teams system message says: HTML, cards and event details as plain words.

Source: Microsoft Graph's chatMessage, eventMessageDetail and Adaptive Cards' TextBlock and FactSet.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from podanalytics.model import Kind
from podanalytics.sources._markup import plain
from podanalytics.sources._read import NOT_JSON, text_of

_DETAIL = "EventMessageDetail"
_MEMBERS = {
    "membersAdded": Kind.JOINED,
    "membersJoined": Kind.JOINED,
    "membersDeleted": Kind.LEFT,
    "membersLeft": Kind.LEFT,
}
# Details that say something of the channel: the property, and the field with its new content.
_CHANNEL = {
    "channelAdded": ("created", "channelDisplayName"),
    "channelRenamed": ("name", "channelDisplayName"),
    "channelDescriptionUpdated": ("purpose", "channelDescription"),
    "channelDeleted": ("archived", "channelDisplayName"),
    "chatRenamed": ("name", "chatDisplayName"),
    "teamArchived": ("archived", ""),
    "teamUnarchived": ("unarchived", ""),
    "messagePinned": ("pinned", ""),
}


def message_text(message: dict[str, Any]) -> str:
    """A message's whole text: subject, body, cards of apps; the names of its files where it says nothing else."""
    body = message.get("body") or {}
    content = text_of(body.get("content"))
    if body.get("contentType") != "text":
        content = plain(content, _mentions(message))
    attachments = message.get("attachments") or []
    parts = [text_of(message.get("subject")), content, *(line for item in attachments for line in _card(item))]
    if not any(parts):
        parts = [f"file: {text_of(item['name'])}" for item in attachments if item.get("name")]
    return "\n".join(part for part in parts if part)


def _mentions(message: dict[str, Any]) -> dict[str, str]:
    """Who a message's mentions name, by their numbers in its body: a person's id, else the words it shows."""
    found = {}
    for mention in message.get("mentions") or []:
        mentioned = mention.get("mentioned") or {}
        user = mentioned.get("user") or mentioned.get("application") or {}
        found[str(mention["id"])] = text_of(user.get("id") or mention.get("mentionText"))
    return found


def _card(attachment: dict[str, Any]) -> Iterator[str]:
    """The lines of a card; a file and a quoted message have none."""
    if "card" not in text_of(attachment.get("contentType")):
        return
    given = attachment.get("content")
    try:
        card = json.loads(given) if isinstance(given, str) else given
    except NOT_JSON:
        yield text_of(given)
        return
    yield from _lines(card)


def _lines(node: Any) -> Iterator[str]:
    for item in node if isinstance(node, list) else [node]:
        if not isinstance(item, dict):
            continue
        for name in ("title", "subtitle", "text"):
            if isinstance(item.get(name), str) and not str(item.get("type")).startswith("Action"):
                yield plain(item[name])
        yield from (f"{fact.get('title')}: {fact.get('value')}" for fact in item.get("facts") or [])
        for name in ("body", "items", "columns"):
            yield from _lines(item.get(name) or [])


def detail_of(message: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """(what a system message tells of, its details), such as `membersAdded`; None for what somebody wrote."""
    detail = message.get("eventDetail")
    if not detail:
        return None
    type_ = text_of(detail.get("@odata.type") or detail.get("odataType") or detail.get("type"))
    return type_.rpartition(".")[2].removesuffix(_DETAIL) or "systemEventMessage", detail


def members_of(what: str, detail: dict[str, Any]) -> tuple[Kind, list[str]] | None:
    """(joined or left, the members' ids) where that is what a system message tells of."""
    if what not in _MEMBERS:
        return None
    return _MEMBERS[what], [text_of(member["id"]) for member in detail.get("members") or []]


def property_of(what: str, detail: dict[str, Any]) -> tuple[str, str] | None:
    """(the channel's property, its new content) where that is what a system message tells of."""
    if what not in _CHANNEL:
        return None
    name, field = _CHANNEL[what]
    return name, text_of(detail.get(field)) if field else ""
