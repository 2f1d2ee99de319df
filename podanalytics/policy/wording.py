"""Wording that blames and what to write in its place: `wording.toml`, validated as it is read, looked for in texts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from podanalytics.errors import PolicyError
from podanalytics.policy.parts import Written
from podanalytics.policy.patterns import Names, regex
from podanalytics.show.words import prefixes

Text = Annotated[str, Field(min_length=1)]
_WHO = "{who}"
_SENTENCE = re.compile(r"(?:[.!?;](?=\s|$)|\n)+")  # a dot inside v2.13 ends none


class Wording(Written):
    """One way to blame: how it is found, why it matters, what to write in its place; texts that have it or have not."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    like: Text
    not_like: str = ""
    why: Text
    instead: Text
    says: Names = Field(min_length=2)
    not_says: Names = Field(min_length=2)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for pattern in (self.like, self.not_like):
            regex(_filled(pattern, ()))
        return self


class _File(Written):
    wording: tuple[Wording, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _apart(self) -> Self:
        ids = [w.id for w in self.wording]
        if twice := sorted({id for id in ids if ids.count(id) > 1}):
            raise ValueError(f"the wording {twice[0]} is written twice")
        return self


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase found in a text: its entry, the sentence it stands in, and its place there."""

    wording: Wording
    sentence: str
    start: int
    end: int


@cache
def wordings() -> tuple[Wording, ...]:
    """Every entry that the package ships. Raises PolicyError."""
    name = "wording.toml"
    try:
        return read_wordings(files("podanalytics.policy").joinpath(name).read_text("utf-8"))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise PolicyError(f"{name}: {error}") from None


def read_wordings(text: str) -> tuple[Wording, ...]:
    """The entries of a file. Raises ValidationError and TOMLDecodeError."""
    return _File.model_validate(tomllib.loads(text)).wording


class Wordings:
    """The entries, ready to be looked for in texts where people go by pseudonyms of these roles."""

    def __init__(self, roles: Iterable[str]) -> None:
        """`roles`: the policy's."""
        known = prefixes(roles)
        self._entries = [
            (
                wording,
                _pattern(wording.like, known),
                _pattern(wording.not_like, known) if wording.not_like else None,
            )
            for wording in wordings()
        ]

    @property
    def patterns(self) -> list[str]:
        """What finds every text that may hold one of them, for a quick look at many: one after the other is faster
        than all in one.
        """
        return [f"(?i){like.pattern}" for _, like, _ in self._entries]

    def phrases(self, text: str) -> Iterator[Phrase]:
        """The phrases of a text, in order, each place once: by the first entry that has it."""
        for sentence in filter(None, (part.strip() for part in _SENTENCE.split(text))):
            found: list[Phrase] = []
            for wording, like, not_like in self._entries:
                if not like.search(sentence) or (not_like and not_like.search(sentence)):
                    continue
                for hit in like.finditer(sentence):
                    if not any(hit.start() < f.end and f.start < hit.end() for f in found):
                        found.append(Phrase(wording, sentence, hit.start(), hit.end()))
            yield from sorted(found, key=lambda f: f.start)


@cache
def _pattern(pattern: str, prefixes: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(_filled(pattern, prefixes), re.IGNORECASE)


def _filled(pattern: str, prefixes: tuple[str, ...]) -> str:
    known = "|".join(map(re.escape, prefixes or ("Responder",)))
    return pattern.replace(_WHO, rf"(?:@?\b(?:{known})-\d+|\[name\])")
