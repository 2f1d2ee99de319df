"""Who is one person: accounts of several tools joined by address and full name, and by what the key remembers.

A person is known by nodes: `id:slack:U07`, `mail:a@b.example`, `name:ana quispe`, or `?:zed` for somebody who is in no
directory. Whoever shares a node is one person, and is called by the first of their nodes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from podanalytics.redact._fold import WORD, fold
from podanalytics.redact._names import Names
from podanalytics.redact._words import NEVER

if TYPE_CHECKING:
    import polars as pl

BY_HAND = ("corrections", "decisions")  # the sources whose actors are names that somebody wrote, and no ids
STRANGER = "?:"
_Row = Mapping[str, str | bool | None]


class Directory:
    """Everybody that the tools' directories hold, those who act without being in one, and what they are called."""

    def __init__(
        self,
        people: pl.DataFrame,
        strangers: Iterable[tuple[str, str]] = (),
        remembered: Iterable[Iterable[str]] = (),
    ) -> None:
        """`people`: PEOPLE rows. `strangers`: (source, actor) of whoever acts. `remembered`: the nodes of each person
        that a key holds.
        """
        self.names = Names()
        self._above: dict[str, str] = {}
        self._bots: dict[tuple[str, str], str] = {}
        self._known: dict[tuple[str, str], str] = {}
        self._written: dict[str, set[str]] = defaultdict(set)
        self._called: dict[str, dict[str, None]] = defaultdict(dict)
        rows = sorted(people.iter_rows(named=True), key=lambda r: (r["source"], r["key"]))
        for nodes in remembered:
            self._unite(nodes)
        for row in rows:
            self._join(row)
        for row in rows:
            self._learn(row)
        for source, actor in strangers:
            self._meet(source, actor)
        self.names.ready()

    # --- joining ----------------------------------------------------------------------------------------------------

    def _join(self, row: _Row) -> None:
        """One person in several tools: the same address, or the same full name, is the same person."""
        if row["bot"]:
            self._bots[(str(row["source"]), str(row["key"]))] = str(row["name"] or row["handle"] or row["key"])
            return
        words = WORD.findall(fold(str(row["name"] or ""))[0])
        full = len(words) > 1 and not all(w in NEVER for w in words)
        nodes = [f"id:{row['source']}:{row['key']}"]
        nodes += [f"mail:{str(row['email']).casefold()}"] if row["email"] else []
        nodes += [f"name:{' '.join(words)}"] if full else []
        self._unite(nodes)

    def _unite(self, nodes: Iterable[str]) -> None:
        nodes = list(nodes)
        roots = {self.root(node) for node in nodes}
        self._above.update(dict.fromkeys([*nodes, *roots], min(roots)))

    def root(self, node: str) -> str:
        """The node that stands for the person whom a node belongs to."""
        while (above := self._above.get(node, node)) != node:
            node = above
        return node

    def people(self) -> dict[str, list[str]]:
        """Everybody: the node that stands for each, and all their nodes, sorted."""
        found: dict[str, list[str]] = defaultdict(list)
        for node in sorted(self._above):
            found[self.root(node)].append(node)
        return dict(found)

    # --- learning ---------------------------------------------------------------------------------------------------

    def _learn(self, row: _Row) -> None:
        if row["bot"]:
            return
        source, key, handle, name, email = (str(row[c] or "") for c in ("source", "key", "handle", "name", "email"))
        who = self._known[(source, key)] = self.root(f"id:{source}:{key}")
        for written in filter(None, (key, handle, name, email)):
            self._written[fold(written)[0]].add(who)
        self._called[who].update(dict.fromkeys(filter(None, (name, handle, email, f"{source}: {key}"))))
        for id in filter(None, (key, handle)):
            self.names.learn_id(id, who)
        if email:
            self.names.learn_address(email, who)
        if name:
            self.names.learn_name(name, who)

    def _meet(self, source: str, actor: str) -> None:
        """Somebody who acts and is in no directory: known by what the tool calls them."""
        node = STRANGER + actor
        if actor.casefold() in NEVER or self.bot(actor, source) or self._found(actor, source):
            return
        who = self.root(node)
        self._above.setdefault(node, who)
        self._called[who][f"{source}: {actor}" if source and source not in BY_HAND else actor] = None
        # A tool may call a tool an actor: its plain name ("datadog") is a word of many texts.
        self.names.learn_id(actor, who, alone=source in ("", *BY_HAND) or not actor.isalpha())
        if source in BY_HAND:
            self.names.learn_name(actor, who)

    # --- asking -----------------------------------------------------------------------------------------------------

    def bot(self, actor: str, source: str) -> str | None:
        """The name of the bot that an actor is; None for whoever is none."""
        if source or (found := self._written.get(fold(actor)[0])):
            return self._bots.get((source, actor))
        return None if found else next((n for (_, key), n in self._bots.items() if key == actor), None)

    def named(self, text: str) -> set[str]:
        """Everybody who goes by just this name, handle, id or address."""
        return self._written.get(fold(text)[0], set())

    def listed(self, actor: str, source: str) -> bool:
        """Whether a tool's own directory holds the actor by id."""
        return (source, actor) in self._known

    def who(self, actor: str, source: str = "") -> str:
        """The node that stands for an actor."""
        return self._found(actor, source) or self.root(STRANGER + actor)

    def called(self, who: str) -> Iterator[str]:
        """What somebody is called, by every tool: for the eyes of the key's owner."""
        yield from self._called.get(who, ())

    def _found(self, actor: str, source: str) -> str | None:
        if (source, actor) in self._known:
            return self._known[(source, actor)]
        found = self.named(actor.removeprefix("@")) or {self.root(who) for who in self.names.only(actor)}
        return next(iter(found)) if len(found) == 1 else None
