"""What a Slack message reads like: its mrkdwn, blocks and attachments as plain text.

Source: Slack's Formatting text for app surfaces (escaping, `<...>` links and mentions), Block Kit reference. User ids
stay ids (`@U061A1R2R`): who they are is in the people's table, and pseudonyms are put in later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from podanalytics.sources._clock import epoch
from podanalytics.sources._read import text_of

_TAG = re.compile(r"<([^<>]+)>")
LAYOUT = frozenset(
    {"section", "header", "context", "image", "markdown", "table", "video"}
)  # blocks of apps, not of people


def mrkdwn(text: str, channels: Mapping[str, str]) -> str:
    """The text as a reader saw it; `channels` are names by id, for mentions that carry only the id.

    >>> mrkdwn("<@U1|ann> see <#C1|ops> &lt;b&gt; <https://a.example|the page> <!here>", {})
    '@U1 see #ops <b> the page (https://a.example) @here'
    """
    if "<" in text:
        text = _TAG.sub(lambda m: _tag(m[1], channels), text)
    if "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")  # last, as it begins the others
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", errors="replace").decode("utf-8")  # half an emoji cannot be stored
    return text


def _tag(inside: str, channels: Mapping[str, str]) -> str:
    target, _, label = inside.partition("|")
    mark, name = target[:1], target[1:]
    if mark == "@":
        return f"@{name}"
    if mark == "#":
        return f"#{label or channels.get(name, name)}"
    if mark == "!":
        return _special(name, label)
    if target.startswith(("mailto:", "tel:")):
        return label or target.partition(":")[2]
    return target if not label or label == target else f"{label} ({target})"


def _special(name: str, label: str) -> str:
    kind, _, rest = name.partition("^")
    if kind == "date":
        return label or _date(rest)
    if kind == "subteam":
        return label or f"@{rest}"
    return f"@{kind}"


def _date(rest: str) -> str:
    try:
        return epoch(rest.partition("^")[0]).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return rest


def message_text(message: Mapping[str, Any], channels: Mapping[str, str]) -> str:
    """A message's whole text: what an app laid out in blocks where it did, else its text; then attachments and files.

    Previews of links that a person wrote are left out: they are not the person's words.
    """
    text = mrkdwn(message.get("text") or "", channels)
    blocks = message.get("blocks")
    if blocks and (not text or any(block.get("type") in LAYOUT for block in blocks)):
        text = block_text(blocks, channels) or text
    attachments = message.get("attachments") or []
    if text and not attachments:
        return text
    by_app = bool(message.get("bot_id") or message.get("subtype") == "bot_message")
    parts = [text] if text else []
    for attachment in attachments:
        preview = attachment.get("from_url") or attachment.get("is_msg_unfurl")
        if not text or (by_app and not preview):
            parts.append(attachment_text(attachment, channels))
    if not text:
        parts += [
            f"file: {file.get('title') or file.get('name') or file.get('id')}" for file in message.get("files") or []
        ]
    return "\n".join(part for part in parts if part)


def attachment_text(attachment: Mapping[str, Any], channels: Mapping[str, str]) -> str:
    """An attachment's lines: pretext, title, text, its fields as `title: value`, its blocks; else its fallback."""
    lines = [mrkdwn(text_of(attachment[key]), channels) for key in ("pretext", "title", "text") if attachment.get(key)]
    if attachment.get("title_link"):
        # Where the title leads is evidence: a pager's post names its incident by nothing else.
        lines.append(text_of(attachment["title_link"]))
    for each_field in attachment.get("fields") or []:
        title, value = (mrkdwn(text_of(each_field.get(key)), channels) for key in ("title", "value"))
        lines.append(f"{title}: {value}" if title else value)
    lines.append(block_text(attachment.get("blocks") or [], channels))
    told = "\n".join(line for line in lines if line)
    return told or mrkdwn(text_of(attachment.get("fallback")), channels)


def block_text(blocks: list[dict[str, Any]], channels: Mapping[str, str]) -> str:
    """The text of Block Kit blocks, a line each; dividers, buttons and unknown blocks have none."""
    lines = [line for block in blocks for line in _block(block, channels)]
    return "\n".join(line for line in lines if line.strip())


def _block(block: Mapping[str, Any], channels: Mapping[str, str]) -> Iterator[str]:
    kind = block.get("type")
    if kind == "rich_text":
        for element in block.get("elements") or []:
            yield from _rich(element, channels)
    elif kind == "context":
        yield " ".join(_words(element, channels) for element in block.get("elements") or [])
    elif kind in LAYOUT:
        yield _words(block.get("text"), channels)
        for each_field in block.get("fields") or []:
            yield _words(each_field, channels)
        yield text_of(block.get("alt_text"))


def _words(given: Any, channels: Mapping[str, str]) -> str:
    if isinstance(given, str):
        return mrkdwn(given, channels)
    if not isinstance(given, dict):
        return ""
    text = text_of(given.get("text") or given.get("alt_text"))
    return text if given.get("type") == "plain_text" else mrkdwn(text, channels)


def _rich(element: Mapping[str, Any], channels: Mapping[str, str]) -> Iterator[str]:
    inside = element.get("elements") or []
    if element.get("type") == "rich_text_list":
        for item in inside:
            yield "• " + "\n".join(_rich(item, channels))
    else:
        yield "".join(_inline(part, channels) for part in inside)


def _inline(part: Mapping[str, Any], channels: Mapping[str, str]) -> str:
    kind = part.get("type")
    if kind == "link":
        url, label = text_of(part.get("url")), part.get("text")
        return f"{label} ({url})" if label and label != url else url
    if kind == "channel":
        name = str(part.get("channel_id"))
        return f"#{channels.get(name, name)}"
    if kind == "date":
        return str(part.get("fallback") or _date(str(part.get("timestamp"))))
    named = {"user": "user_id", "usergroup": "usergroup_id", "broadcast": "range"}.get(str(kind))
    if named:
        return f"@{part.get(named)}"
    return f":{part.get('name')}:" if kind == "emoji" else text_of(part.get("text"))
