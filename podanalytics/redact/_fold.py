"""Text as it is compared: without case, accents, kinds of quotes and invisible characters; and where each came from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import unquote_to_bytes

# Scripts written without blanks between words, where a name may stand inside a run of letters.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7ff\U00020000-\U0003ffff"
)
WORD = re.compile(rf"[^\W_{UNSPACED}]+")
_ALIKE = {
    **dict.fromkeys("’‘‛ʼʹ`´′＇", "'"),
    **dict.fromkeys("‐‑‒–—−", "-"),
    **{"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"},
}
_SPELLED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"}
)
_DROPPED = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]")
# One character of the text, or one that is written as an escape of an address or of JSON.
_PIECE = re.compile(r"(?:%[0-9A-Fa-f]{2})+|\\u[0-9A-Fa-f]{4}|.", re.DOTALL)


def fold(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, and for each of its characters (and its end) the place in `text` where that begins.

    >>> fold("Jos%C3%A9!")
    ('jose!', [0, 1, 2, 3, 9, 10])
    """
    if text.isascii() and "%" not in text and "\\u" not in text:
        return text.lower(), range(len(text) + 1)
    parts = list(map(_plain, text))
    if "%" not in text and "\\u" not in text and len(text) == sum(map(len, parts)) and all(parts):
        return "".join(parts), range(len(text) + 1)
    folded: list[str] = []
    starts: list[int] = []
    for hit in _PIECE.finditer(text):
        at = hit.start()
        for character, length in _characters(hit[0]):
            for part in _plain(character):
                folded.append(part)
                starts.append(at)
            at += length
    return "".join(folded), [*starts, len(text)]


def _characters(piece: str) -> Sequence[tuple[str, int]]:
    """Each character that a piece stands for, and how much of the text it takes."""
    if len(piece) == 1:
        return ((piece, 1),)
    if piece[0] == "\\":
        return ((chr(int(piece[2:], 16)), len(piece)),)
    try:
        return [(c, 3 * len(c.encode())) for c in unquote_to_bytes(piece).decode()]
    except UnicodeDecodeError:
        return [(c, 1) for c in piece]


@lru_cache(maxsize=8192)
def _plain(character: str) -> str:
    whole = unicodedata.normalize("NFKD", character).casefold()
    return _DROPPED.sub("", "".join(_ALIKE.get(c, c) for c in whole))


def spelled_out(text: str) -> str:
    """With German and Nordic letters in the spelling of those who lack them: Müller, Mueller.

    >>> spelled_out("Müller")
    'Mueller'
    """
    return unicodedata.normalize("NFC", text).translate(_SPELLED)
