"""Suggestions: records of two tools that began within minutes of each other, speak of the same service and have
titles alike. They say too little to join anything; a person is asked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import polars as pl

from podanalytics.linking.containers import Container, Known
from podanalytics.linking.evidence import OFFERED, Evidence, between
from podanalytics.model import Kind

WITHIN = timedelta(minutes=15)
ALIKE = 0.3  # of the words of both titles, the share that both have
_WORD = re.compile(r"[a-z0-9][a-z0-9._-]*[a-z0-9]|[a-z0-9]", re.IGNORECASE)
_SERVICE = re.compile(r"[._-]")  # pod-api, ci.example.org: plain words are no names of services
_EMPTY = frozenset(["the", "a", "an", "of", "on", "in", "at", "to", "is", "are", "and", "for", "with", "by", "from"])


def similar(events: pl.DataFrame, known: Known, may_join: Callable[[Container, Container], bool]) -> Iterator[Evidence]:
    """Pairs of records that may be one: 15 minutes, one service, titles alike.

    `may_join` says whether two could become one: what is together already, or never will be, needs no suggestion.
    """
    if len({source for source, _ in known.records}) < 2:
        return
    titles = _titles(events, known)
    by_service: dict[str, list[tuple[datetime, Container]]] = defaultdict(list)
    for container, named in _services(events, known, titles).items():
        for service in named:
            by_service[service].append((known.spans[container][0], container))
    for service, found in sorted(by_service.items()):
        found.sort()
        for number, (at, left) in enumerate(found):
            for other_at, right in found[number + 1 :]:
                if other_at - at > WITHIN:
                    break
                if left[0] != right[0] and may_join(left, right) and _share(titles[left], titles[right]) >= ALIKE:
                    why = f"{left[1]} and {right[1]} began within 15 minutes, both about {service}, in like words"
                    yield from between(known, OFFERED, left, right, "similar", why)


def words(text: str) -> frozenset[str]:
    """The words of a text that tell something, in lower case."""
    return frozenset(w.lower() for w in _WORD.findall(text)) - _EMPTY


def services(events: pl.DataFrame, known: Known) -> dict[Container, frozenset[str]]:
    """What each record says is affected; records that name no service are left out."""
    return _services(events, known, _titles(events, known))


def _titles(events: pl.DataFrame, known: Known) -> dict[Container, frozenset[str]]:
    told = events.filter(pl.col("kind") == Kind.DECLARED.value).sort("occurred_at", "id")
    found: dict[Container, frozenset[str]] = {}
    for source, subject, text in told.select("source", "subject", "text").iter_rows():
        if (source, subject) in known.records and (source, subject) in known.spans:
            found.setdefault((source, subject), words(text))
    return found


def _services(
    events: pl.DataFrame, known: Known, titles: dict[Container, frozenset[str]]
) -> dict[Container, frozenset[str]]:
    """What each record says is affected: components of a status page, and names of services in titles."""
    found = {container: {w for w in said if _SERVICE.search(w)} for container, said in titles.items()}
    touched = events.filter(pl.col("kind") == Kind.COMPONENT.value).select("source", "subject", "text").unique()
    for source, subject, text in touched.iter_rows():
        if (source, subject) in found and text:
            found[(source, subject)].add(text.lower())
    return {container: frozenset(names) for container, names in found.items() if names}


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0
