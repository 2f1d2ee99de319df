"""Atlassian Document Format to plain text: what Jira's v3 API writes instead of a string."""

from __future__ import annotations

from typing import Any

from podanalytics.sources._read import text_of

BLOCKS = {"paragraph", "heading", "listItem", "codeBlock", "blockquote", "tableRow", "rule"}


def plain_text(body: Any) -> str:
    """A v2 text as it is, a v3 document as its words, blocks on lines of their own.

    >>> words = {"type": "text", "text": "Rolled back"}
    >>> plain_text({"type": "doc", "content": [{"type": "paragraph", "content": [words]}]})
    'Rolled back'
    """
    if body is None:
        return ""
    if isinstance(body, str):
        return body.replace("\r\n", "\n")
    return _flat(body).strip()


def _flat(node: dict[str, Any]) -> str:
    kind, attributes = node.get("type"), node.get("attrs") or {}
    if kind == "text":
        links = [m["attrs"]["href"] for m in node.get("marks") or [] if m.get("type") == "link"]
        return text_of(node.get("text")) + "".join(f" ({link})" for link in links if link != node.get("text"))
    if kind == "hardBreak":
        return "\n"
    if kind == "mention":
        return f"@{attributes.get('id') or attributes.get('text', '').lstrip('@')}"
    if kind in ("inlineCard", "blockCard", "emoji", "date", "status"):
        return text_of(
            attributes.get("url")
            or attributes.get("text")
            or attributes.get("shortName")
            or attributes.get("timestamp")
        )
    inside = "".join(_flat(child) for child in node.get("content") or [])
    return f"{inside}\n" if kind in BLOCKS else inside
