"""A text, read word by word: whether a name stands at a place, and whether a word there is meant as the name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from podanalytics.redact._words import BEFORE_DATES, DATES, GOES_ON


class Rule(IntEnum):
    """When a word of a name is taken for the name: the first is the least strict."""

    ANY = 0
    CAPITAL = 1  # only with a capital
    SHY = 2  # only with a capital that the beginning of a sentence does not explain
    MENTION = 3  # only behind an @


class Term(NamedTuple):
    """One way to write a name: its words, and what stands between them (None: whatever may part a person's names)."""

    words: tuple[str, ...]
    gaps: tuple[str, ...] | None
    mention: bool = False


class Word(NamedTuple):
    """A word of a folded text, and where it is there."""

    text: str
    start: int
    end: int


_PARTED = re.compile(r"\s{1,2}|,\s?|[._'-]|\s-\s")
_LONGER = re.compile(r"[._-]?[^\W_]|_")  # a handle goes on
_KEY = re.compile(r"-\d")
_NEGATED = re.compile(r"'t\b")
_BEGINS = re.compile(r"(?:^|[.!?:;|\n])[\s\"'*_>(\[“#•-]*$")
_TAIL = 12  # characters before a word that tell whether it begins a sentence


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, its folded form with the place of each character, and the words of that."""

    text: str
    folded: str
    starts: Sequence[int]
    words: list[Word]

    def holds(self, term: Term, at: int) -> bool:
        """Whether a way to write a name stands at the word number `at`."""
        words = self.words[at : at + len(term.words)]
        if len(words) < len(term.words) or any(w.text != t for w, t in zip(words, term.words, strict=True)):
            return False
        if term.mention and (not self._called(words[0]) or _LONGER.match(self.folded, words[-1].end)):
            return False
        for number in range(1, len(words)):
            before, after = words[number - 1].end, words[number].start
            if term.gaps is None:
                if not _PARTED.fullmatch(self.folded, before, after):
                    return False
            elif self.folded[before:after] != term.gaps[number - 1]:
                return False
        return True

    def means(self, rule: Rule, term: Term, at: int) -> bool:
        """Whether what stands there is meant as the name, where it may be an ordinary word."""
        first, last = self.words[at], self.words[at + len(term.words) - 1]
        if self._called(first):
            return True
        if _NEGATED.match(self.folded, last.end) or (_KEY.match(self.folded, last.end) and self._loud(first, last)):
            return False  # "don't" and "ANA-12"
        if rule is Rule.ANY:
            return True
        if not all(self._capital(w) for w in self.words[at : at + len(term.words)]):
            return False
        return len(term.words) > 1 or self._is_name(rule, at)

    def escaped(self, word: Word) -> bool:
        """Whether a word begins with the letter of an escaped line break or tab, as in a logged "\\nAna"."""
        return word.text[0] in "nrt" and self.folded.startswith("\\", word.start - 1) and word.start > 0

    def owning(self, word: Word) -> bool:
        """Whether a word may be a name with a genitive's s, which German writes without an apostrophe."""
        return word.text[-1] == "s" and word.end - word.start > 4 and self._capital(word)

    def _called(self, word: Word) -> bool:
        return word.start > 0 and self.folded[word.start - 1] == "@"

    def _capital(self, word: Word) -> bool:
        first = self.text[self.starts[word.start]]
        return first.isupper() or first in "%\\"

    def _loud(self, first: Word, last: Word) -> bool:
        return self.text[self.starts[first.start] : self.starts[last.end]].isupper()

    def _is_name(self, rule: Rule, at: int) -> bool:
        word, after = self.words[at], self.words[at + 1] if at + 1 < len(self.words) else None
        follows = after is not None and self.folded[word.end : after.start].isspace()
        if word.end - word.start > 1 and self._loud(word, word):  # LINK DOWN, but: WILL can you look
            return after is not None and follows and not self._loud(after, after)
        if word.text in DATES and self._dated(at):
            return False
        begins = _BEGINS.search(self.text[max(0, self.starts[word.start] - _TAIL) : self.starts[word.start]])
        if not begins:
            return True
        return rule is Rule.CAPITAL and not (
            after is not None and follows and (after.text in GOES_ON or after.text.isdigit())
        )

    def _dated(self, at: int) -> bool:
        around = [self.words[n].text for n in (at - 1, at + 1) if 0 <= n < len(self.words)]
        return any(w[0].isdigit() for w in around) or (at > 0 and self.words[at - 1].text in BEFORE_DATES)
