"""Recurrence: earlier incidents that were told in like words.

Words of titles, the pager's alert among them, and the components that a status page names are compared, each weighted
by how rare it is over all incidents (inverse document frequency: Sparck Jones, K. (1972), J. Documentation 28:11-21),
as the weight of what both have over the weight of what either has. It says that the words are alike, not that the
cause is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log

import polars as pl

from podanalytics.model import Kind
from podanalytics.reconstruct.meaning import APART, SINGLE

LEAST = 0.1  # of the weight of all words, what both must share
TRAITS = 2  # shared, at least: one word, such as "outage", or one component is too little
_WORD = re.compile(r"[a-z0-9][a-z0-9._-]*[a-z0-9]|[a-z0-9]")
_ANSWER = re.compile(r"[45]\d\d")
_EMPTY = frozenset(
    re.findall(
        r"\w+",
        "the a an of on in at to is are was were be and or for with by from as it its no not all any some than above"
        " below after before when while does do did has have had up down off out over under one two every each other"
        " into second seconds minute minutes hour hours day days incident issue alert service",
    )
)
_WELL = "operational"


@dataclass(frozen=True, slots=True)
class Traits:
    """What an incident is recognised by."""

    words: frozenset[str]
    components: frozenset[str]

    @property
    def all(self) -> frozenset[tuple[str, str]]:
        """Both, told apart: a component named API is not the word."""
        return frozenset([*(("word", w) for w in self.words), *(("component", c) for c in self.components)])


@dataclass(frozen=True, slots=True)
class Alike:
    """An earlier incident, how alike it is (0 to 1), and what both share."""

    incident: str
    score: float
    words: tuple[str, ...]
    components: tuple[str, ...]


def traits(told: pl.DataFrame) -> dict[str, Traits]:
    """The traits of every incident, from what its records tell (EVENTS with `incident` and `standing`)."""
    whole = told.filter(~pl.col("standing").is_in([*SINGLE, *APART]))
    words: dict[str, set[str]] = {}
    components: dict[str, set[str]] = {}
    kinds = [Kind.DECLARED.value, Kind.RENAMED.value, Kind.COMPONENT.value]
    said = whole.filter(pl.col("kind").is_in(kinds)).select("incident", "kind", "text", "value")
    for incident, kind, text, value in said.iter_rows():
        if kind != Kind.COMPONENT.value:
            words.setdefault(incident, set()).update(_words(text))
        elif text and value != _WELL:
            components.setdefault(incident, set()).add(text)
    names = dict.fromkeys([*words, *components])
    return {i: Traits(frozenset(words.get(i, ())), frozenset(components.get(i, ()))) for i in names}


def _words(text: str | None) -> Iterator[str]:
    """Words that tell something, in the singular; of numbers, the answers of a server that failed."""
    for word in _WORD.findall((text or "").lower()):
        if word not in _EMPTY and (_ANSWER.fullmatch(word) or not word.isdigit()):
            yield word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


def alike(mine: str, known: Mapping[str, Traits], among: list[str]) -> list[Alike]:
    """Those of `among` that share two traits and `LEAST` of their weight with an incident, the most alike first; of
    equals the last of `among`. What is rare is rare among all that are `known`.
    """
    own = known.get(mine)
    if own is None:
        return []
    counts = Counter(trait for traits in known.values() for trait in traits.all)
    weight = {trait: log((len(known) + 1) / count) for trait, count in counts.items()}
    found = []
    for place, incident in enumerate(among):
        other = known.get(incident)
        if other is None or len(both := own.all & other.all) < TRAITS:
            continue
        either = own.all | other.all
        score = sum(map(weight.__getitem__, sorted(both))) / sum(map(weight.__getitem__, sorted(either)))
        if score >= LEAST:
            words, components = sorted(own.words & other.words), sorted(own.components & other.components)
            found.append((-score, -place, Alike(incident, round(score, 3), tuple(words), tuple(components))))
    return [one for _, _, one in sorted(found, key=lambda f: f[:2])]
