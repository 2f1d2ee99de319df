"""Whether an action item can be told to be done: owner, date, bounds, a state to verify, one outcome, a system.

The questions are those of Google's SRE workbook, chapter "Postmortem Culture": actionable, specific, bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import Any

from podanalytics.policy import Policy

VAGUE = re.compile(
    r"(?i)\b(improve|investigate|look into|consider|better|think about|evaluate|explore|review|revisit)\b"
)
CARE = re.compile(
    r"(?i)\b(?:be more careful|more careful(?:ly)?|pay (?:more )?attention|remember to|make sure|remind (?:people"
    r"|everybody|the team)|train (?:people|the team|staff)|human error|double[- ]check)\b"
)
UNBOUNDED = re.compile(
    r"(?i)\b(everything|everywhere|always|ongoing|continu(?:e|ally|ously)|in general|across the board|all (?:services"
    r"|systems|teams|alerts|tests)|etc)\b"
)
# Two outcomes: two sentences, or a second verb behind "and"; "with a test" is one outcome and how it is verified.
TWO = re.compile(
    r"(?i)[;]|\.\s+\S|\band (?:also |then )?(?:add|alert|build|change|check|clean|create|define|document|fix|migrate"
    r"|move|raise|remove|rename|replace|rotate|set|switch|test|update|write)\b"
)


def remarks(action: dict[str, Any], people: Set[str], policy: Policy) -> list[str]:
    """What to change about an action item (a row of ACTIONS), most needed first; nothing where it is fine as it is."""
    return list(_remarks(action, people, policy))


def _remarks(action: dict[str, Any], people: Set[str], policy: Policy) -> Iterator[str]:
    title = action["title"]
    if not action["owner"]:
        yield "no owner: name one person or role that will be asked about it"
    if not action["due_at"]:
        days = policy.actions.slo_days
        yield "no due date: give it one" + (f", or the policy's {days} days hold" if days else "")
    if found := VAGUE.search(title):
        yield f"nobody can tell when “{found[0]}” is done: name the state that will be true"
    if found := UNBOUNDED.search(title):
        yield f"“{found[0]}” has no end: say which, and how many"
    if TWO.search(title):
        yield "two outcomes: split it, so that each can be done by itself"
    if CARE.search(title):
        yield "asks people to take care: name the change to the system that makes care needless"
    if named := sorted(p for p in people if re.search(rf"(?<!\w){re.escape(p)}(?!\w)", title)):
        yield f"names {named[0]}: name the system, and let the owner's field say who"
