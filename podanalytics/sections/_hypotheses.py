"""What people suspected while an incident ran, and whether the record says what became of it."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from podanalytics.review import Review
from podanalytics.sections._evidence import spoken, timeline_end

VOICED = re.compile(
    r"(?i)\b(?:suspect(?:s|ed)?|hypothes[ie]s|theory|i think|could (?:it )?be|might be|looks like|smells like"
    r"|probably|my guess)\b"
)
# A proposal, a state of things or a plan is no hypothesis, though it begins like one.
PLAN = re.compile(r"(?i)\b(?:i think|probably) (?:we|you|i) (?:should|can|could|need|will|want)\b")
CONFIRMED = re.compile(
    r"(?i)\bconfirmed\b|\bthat(?:'s|’s| is| was) it\b|\breproduced\b|\bfound (?:it|the cause)\b"
    r"|\bcause(?:d by\b|:| is\b| (?:narrowed|identified|found)\b)"
    r"|\bwas right\b|\bindeed\b"
)
REFUTED = re.compile(
    r"(?i)\bruled? out\b|\bred herring\b|\bunrelated\b|\bcross(?:ed|ing) (?:that|it|this) off\b|\bdisproved?\b"
    r"|\b(?:is|was) not the\b|\bnot it\b|\b(?:isn|wasn)['’]t (?:it|the)\b|\bmade no difference\b|\bno effect\b"
)
UNSURE = re.compile(r"(?i)\bnot (?:yet )?(?:confirmed|reproduced)\b|\?\s*$|\bif\b")
_WORD = re.compile(r"[a-z0-9][a-z0-9.]+[a-z0-9]")
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "about after again before being could every first found going holds hypothesis maybe might other probably right"
        " seems should since still suspect their there these thing think those under until where which while whole"
        " whose would looks smells theory guess minutes",
    )
)
_PART = re.compile(r"[.!;,]\s+|\n+")
SHORTEST = 5  # letters of a word that says what a message is about


class Hypothesis(NamedTuple):
    """A message that voices one, and the later message that reads as its answer, with what it reads as and the words
    that say so.
    """

    voiced: dict[str, Any]
    answer: dict[str, Any] | None
    outcome: str
    words: str


def hypotheses(review: Review) -> list[Hypothesis]:
    """Every hypothesis that a person voiced while the incident ran, in time order.

    A later message answers it where a part of it confirms or rules something out in words, and stands in the same
    thread or shares a telling word. No answer means that this found none, not that there was none.
    """
    said = spoken(review)
    over = timeline_end(review)
    voiced = [m for m in said if m["occurred_at"] <= over and VOICED.search(m["text"]) and not PLAN.search(m["text"])]
    parts = [(m, part, outcome) for m in said for part in _parts(m["text"]) if (outcome := _outcome(part))]
    return [_answered(one, parts) for one in voiced]


def open_ones(review: Review) -> list[dict[str, Any]]:
    """The messages whose hypothesis nothing in the record answers."""
    return [h.voiced for h in hypotheses(review) if h.answer is None]


def _outcome(text: str) -> str:
    if UNSURE.search(text):
        return ""
    if REFUTED.search(text):
        return "ruled out"
    return "confirmed" if CONFIRMED.search(text) else ""


def _parts(text: str) -> list[str]:
    """The parts of a text that say one thing each: "the hosts are ruled out, the relay is not" says two."""
    return [part.strip() for part in _PART.split(text) if part.strip()]


def _answered(one: dict[str, Any], parts: list[tuple[dict[str, Any], str, str]]) -> Hypothesis:
    about = _telling(one["text"])
    for message, part, outcome in parts:
        later = message["number"] > one["number"]
        if later and (_one_thread(one, message) or about & _telling(part)):
            return Hypothesis(one, message, outcome, part)
    return Hypothesis(one, None, "", "")


def _one_thread(one: dict[str, Any], other: dict[str, Any]) -> bool:
    roots = {one["key"], one["value"]} - {None}
    return one["source"] == other["source"] and other["value"] in roots


def _telling(text: str) -> frozenset[str]:
    """The words that say what a text is about: long ones, and versions, in the singular."""
    words = _WORD.findall(text.lower())
    return frozenset(
        w[:-1] if w.endswith("s") else w
        for w in words
        if (len(w) >= SHORTEST and w not in _COMMON) or re.fullmatch(r"v?\d+\.\d[\w.]*", w)
    )
