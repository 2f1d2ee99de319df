"""Hostile text made inert: one function for each form it can end in (HTML, Markdown, CSV, a script element, a link)."""

from __future__ import annotations

import html as _html
import json
import re
from typing import Any
from urllib.parse import quote, urlsplit

# What a reader cannot see but a terminal, a browser or a spreadsheet obeys: controls, bidirectional overrides and
# marks, zero-width characters, tags, lone surrogates. Joiners (U+200C, U+200D) stay: emoji and many scripts need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"
)
_BREAKS = re.compile("\r\n|[\u2028\u2029\u0085]")
_MARKDOWN = re.compile(r"[`*\[\]|~&<>$\\\t]|(?<![^\W_])_|_(?![^\W_])")
_ENTITIES = {
    "&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "<span>&#36;</span>", "\\": "<span>&#92;</span>", "\t": " ",
}  # fmt: skip
_STARTS = re.compile(r"^(?:([#+\-=])|(\d{1,9})([.)]))")
_FORMULA = re.compile(r"^[\s\x00-\x20]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


def _picture(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"\u27e8U+{code:04X}\u27e9"


def visible(text: str) -> str:
    """The same text with everything invisible shown: an escape as its picture, an override as its code point.

    Newline and tab stay; other line breaks become newlines. Doing it twice changes nothing more.

    >>> visible("a\\x1b[31mb\\u202ec")
    'a␛[31mb⟨U+202E⟩c'
    """
    return _UNSEEN.sub(_picture, _BREAKS.sub("\n", text))


def html_text(text: str) -> str:
    """Text for an HTML element or a quoted attribute.

    >>> html_text('<a href="x">')
    '&lt;a href=&quot;x&quot;&gt;'
    """
    return _html.escape(visible(text), quote=True)


def html_lines(text: str) -> str:
    """Text for an HTML element, its line breaks kept."""
    return html_text(text).replace("\n", "<br>")


def _inert(found: re.Match[str]) -> str:
    char = found.group()
    return _ENTITIES.get(char) or f"\\{char}"


def markdown_text(text: str) -> str:
    """Text for one line of Markdown or one table cell, inert on GitHub and in JupyterLab.

    A dollar sign and a backslash stand in an element of their own: a backslash before them does not keep GitHub or
    MathJax from reading mathematics, and `\\href` is a way to a script.

    >>> markdown_text("a|b *c* <d> snake_case")
    'a\\\\|b \\\\*c\\\\* &lt;d&gt; snake_case'
    """
    safe = _MARKDOWN.sub(_inert, visible(text).strip())
    safe = _STARTS.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", safe)
    return re.sub(r"\s*\n\s*", "<br>", safe)


def csv_text(text: str) -> str:
    """Text for a CSV cell: what a spreadsheet would take for a formula gets a leading apostrophe.

    >>> csv_text("=cmd()"), csv_text("plain")
    ("'=cmd()", 'plain')
    """
    seen = visible(text)
    return f"'{seen}" if _FORMULA.match(text) or _FORMULA.match(seen) else seen


def script_json(value: Any) -> str:
    """JSON for inside a script element: it cannot end the element, start a comment or break a line.

    >>> script_json("</script>")
    '"\\\\u003c/script\\\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def safe_url(url: str) -> str | None:
    """The address if it is http or https with an ASCII host and no user part, fit for HTML and Markdown; else None.

    >>> safe_url("https://example.org/a b"), safe_url("javascript:alert(1)")
    ('https://example.org/a%20b', None)
    """
    if visible(url) != url or any(char in url for char in "\n\t\\\u27e8"):
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not _HOST.fullmatch(parts.netloc):
        return None
    return quote(url.strip(), safe=":/?#@!&'+,;=%~-._")


def slug(name: str, what: str) -> str:
    """The name if it is fit for a file and an element id; ValueError otherwise."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name):
        raise ValueError(f"{what} {name!r} must be lower-case letters, digits, - and _")
    return name


_HARMLESS = re.compile(r"&lt;(br|/?b|/?i|/?extra)&gt;")


def plotly_text(text: str) -> str:
    """Text for any place in a figure, where Plotly draws a small HTML of its own, links included.

    Only line breaks, bold and italic stay markup.

    >>> plotly_text('<b>x</b> <a href="javascript:y">z</a>')
    '<b>x</b> &lt;a href="javascript:y"&gt;z&lt;/a&gt;'
    """
    safe = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _HARMLESS.sub(r"<\1>", safe)
