"""Text for the printed form: everything in it visible, and long words with places where they may be broken."""

from __future__ import annotations

import re

from podanalytics.show.escape import visible

BREAK = "\u200b"  # a place to break at; `visible` leaves none of them in what a tool said
LONGEST = 16  # characters of a word that may stand unbroken
_WORD = re.compile(rf"\S{{{LONGEST + 1},}}")
_JOINT = re.compile(r"(?<=[/._\-:=&?,;@\\|+])(?=\w)")
_STRETCH = re.compile(rf"\w{{{LONGEST}}}(?=\w)")


def printed(text: str) -> str:
    """The same text, its tabs as spaces, with breaks inside words that would not fit a narrow column.

    >>> printed("see data/raw/slack/2026-10-14.json").split(BREAK)
    ['see data/', 'raw/', 'slack/', '2026-', '10-', '14.', 'json']
    """
    return _WORD.sub(_breakable, visible(text).replace("\t", "    "))


def _breakable(word: re.Match[str]) -> str:
    return _STRETCH.sub(lambda found: found.group() + BREAK, _JOINT.sub(BREAK, word.group()))
