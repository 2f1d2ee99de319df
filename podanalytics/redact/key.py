"""The key: which number stands for which person, in every packet and report of a workspace.

The number is the person's; the word before it is the role first held in one incident: `IC-4` here is `Responder-4`
there. Numbers are given once: who is known keeps theirs, and one that is retired is never given again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from podanalytics.redact._people import STRANGER, Directory, Keyed

__all__ = ["Key", "Keyed", "numbered"]

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Key:
    """Everybody who has a number, by number; `retired` are numbers of people who turned out to be somebody known."""

    people: tuple[Keyed, ...] = ()
    retired: tuple[tuple[int, int], ...] = ()  # (number, the number that stands for them now)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Node → number."""
        return {node: person.number for person in self.people for node in person.nodes}

    @property
    def last(self) -> int:
        """The highest number ever given."""
        return max([p.number for p in self.people] + [number for number, _ in self.retired], default=0)


def numbered(key: Key, people: pl.DataFrame, acting: Iterable[tuple[str, str]]) -> Key:
    """The key with everybody in it: who has no number yet gets the next one, in the order of `acting` ((source, actor)
    pairs), then those of PEOPLE who never act.

    Two known people who are one by now keep the smaller number.

    >>> import polars as pl
    >>> nobody = pl.DataFrame(schema=["source", "key", "name", "handle", "email", "bot"])
    >>> [(p.number, p.nodes) for p in numbered(Key(), nobody, [("jira", "zed"), ("jira", "amy")]).people]
    [(1, ('?:zed',)), (2, ('?:amy',))]
    """
    acting = list(dict.fromkeys(acting))
    directory = _directory(people, acting, key)
    nodes = directory.people()
    order = [directory.who(actor, source) for source, actor in acting if not directory.bot(actor, source)]
    known, retired = _known(key, directory)
    fresh = dict.fromkeys(who for who in (*order, *nodes) if who not in known)
    numbers = known | {who: number for number, who in enumerate(fresh, key.last + 1)}
    found = [Keyed(number, tuple(nodes[who]), *directory.called(who)) for who, number in numbers.items()]
    return Key(tuple(sorted(found, key=lambda p: p.number)), retired)


def _directory(people: pl.DataFrame, acting: list[tuple[str, str]], key: Key) -> Directory:
    """Everybody, by every name that somebody acts under: by these they are found again where less is loaded."""
    directory = Directory(people, acting, key.people)
    names = [
        (STRANGER + actor, directory.who(actor, source))
        for source, actor in acting
        if not directory.bot(actor, source) and not directory.listed(actor, source)
    ]
    return Directory(people, acting, key.people, names) if names else directory


def _known(key: Key, directory: Directory) -> tuple[dict[str, int], tuple[tuple[int, int], ...]]:
    """The number of each person who has one, and the numbers that are retired."""
    known: dict[str, int] = {}
    now = dict(key.retired)
    for person in sorted(key.people, key=lambda p: p.number):
        number = known.setdefault(directory.root(person.nodes[0]), person.number)
        if number != person.number:
            now[person.number] = number
    return known, tuple(sorted((number, now.get(other, other)) for number, other in now.items()))
