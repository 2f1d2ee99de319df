"""HTML as chats keep it, as plain text: blocks on lines of their own, links with where they lead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser

_BLOCKS = frozenset(["p", "div", "br", "li", "ul", "ol", "tr", "table", "blockquote", "pre", "hr"])
_BLOCKS |= {f"h{level}" for level in range(1, 7)}
_BLANKS = re.compile(r"[ \t\u00a0]+")
_EMPTY = re.compile(r"\n\s*\n+")


def plain(markup: str, mentions: Mapping[str, str] | None = None) -> str:
    """The text that a reader sees; `mentions` are who the `<at id="0">` of the text name, by their numbers.

    >>> plain('<p>ask <at id="0">Dev</at>&nbsp;now</p><ul><li>see <a href="https://a.example">the page</a></li></ul>',
    ...       {"0": "u-1"})
    'ask @u-1 now\\n• see the page (https://a.example)'
    """
    reader = _Reader(mentions or {})
    reader.feed(markup)
    reader.close()
    return _EMPTY.sub("\n", _BLANKS.sub(" ", "".join(reader.parts))).replace("\n ", "\n").replace(" \n", "\n").strip()


class _Reader(HTMLParser):
    """Collects the text of one message."""

    def __init__(self, mentions: Mapping[str, str]) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._mentions = mentions
        self._link = ""
        self._link_from = 0
        self._in_mention = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS:
            self.parts.append("\n• " if tag == "li" else "\n")
        elif tag == "a":
            self._link, self._link_from = given.get("href", ""), len(self.parts)
        elif tag == "at":
            self.parts.append(f"@{self._mentions.get(given.get('id', ''), '')}")
            self._in_mention = given.get("id", "") in self._mentions
        elif tag in ("emoji", "img"):
            self.parts.append(given.get("alt", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")
        elif tag == "a" and self._link:
            if "".join(self.parts[self._link_from :]).strip() != self._link:
                self.parts.append(f" ({self._link})")
            self._link = ""
        elif tag == "at":
            self._in_mention = False

    def handle_data(self, data: str) -> None:
        if not self._in_mention:  # the name that the tool shows; who it is stands in the people's table
            self.parts.append(data)
