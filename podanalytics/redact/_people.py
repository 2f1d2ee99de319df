"""Who is one person: accounts of several tools joined by address and full name, and by what the key remembers.

A person is known by nodes: `id:slack:U07`, `mail:a@b.example`, `name:ana quispe`, or `?:zed` for somebody who is in no
directory. Whoever shares a node is one person, and is called by the first of their nodes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from podanalytics.redact._fold import WORD, fold
from podanalytics.redact._names import Names
from podanalytics.redact._words import NEVER

if TYPE_CHECKING:
    import polars as pl

BY_HAND = ("corrections", "decisions")  # the sources whose actors are names that somebody wrote, and no ids
ACCOUNTS_OF = {"github_deployments": "github"}  # readers of one tool, whose people have the same accounts
STRANGER = "?:"
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")
_Row = Mapping[str, str | bool | None]


@dataclass(frozen=True)
class Keyed:
    """One person of a key: their number, the nodes they are known by, their names, their handles and addresses."""

    number: int
    nodes: tuple[str, ...]
    names: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()


class Directory:
    """Everybody that the tools' directories hold, those who act without being in one, and what they are called."""

    def __init__(
        self,
        people: pl.DataFrame,
        strangers: Iterable[tuple[str, str]] = (),
        remembered: Iterable[Keyed] = (),
        same: Iterable[tuple[str, str]] = (),
    ) -> None:
        """`people`: PEOPLE rows. `strangers`: (source, actor) of whoever acts. `remembered`: whom a key holds, masked
        even where no directory tells of them any more. `same`: pairs of nodes that are one person.
        """
        self.names = Names()
        self._above: dict[str, str] = {}
        self._bots: dict[tuple[str, str], str] = {}
        self._known: dict[tuple[str, str], str] = {}
        self._written: dict[str, set[str]] = defaultdict(set)
        self._names: dict[str, dict[str, None]] = defaultdict(dict)
        self._handles: dict[str, dict[str, None]] = defaultdict(dict)
        remembered = list(remembered)
        rows = sorted(people.iter_rows(named=True), key=lambda r: (r["source"], r["key"]))
        for nodes in (*(person.nodes for person in remembered), *same):
            self._unite(nodes)
        for row in rows:
            self._join(row)
        for person in remembered:
            self._recall(person)
        for row in rows:
            if not row["bot"]:
                self._learn(*(str(row[c] or "") for c in ("source", "key", "name", "handle", "email")))
        for source, actor in strangers:
            self._meet(source, actor)
        self.names.ready()

    # --- joining ----------------------------------------------------------------------------------------------------

    def _join(self, row: _Row) -> None:
        """One person in several tools: the same address, full name, or account of one tool is the same person."""
        if row["bot"]:
            self._bots[(str(row["source"]), str(row["key"]))] = str(row["name"] or row["handle"] or row["key"])
            return
        words = WORD.findall(fold(str(row["name"] or ""))[0])
        full = len(words) > 1 and not all(w in NEVER for w in words)
        nodes = [f"id:{row['source']}:{row['key']}"]
        nodes += [f"id:{home}:{row['key']}"] if (home := ACCOUNTS_OF.get(str(row["source"]))) else []
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

    def _recall(self, person: Keyed) -> None:
        who = self.root(person.nodes[0])
        for node in person.nodes:
            kind, _, rest = node.partition(":")
            if kind == "id":
                source, _, key = rest.partition(":")
                self._known[(source, key)] = who
                self._call(who, key)
        for name in person.names:
            self._named(who, name)
        for handle in person.handles:
            self._call(who, handle)
        self._names[who].update(dict.fromkeys(person.names))
        self._handles[who].update(dict.fromkeys(person.handles))

    def _learn(self, source: str, key: str, name: str, handle: str, email: str) -> None:
        who = self._known[(source, key)] = self.root(f"id:{source}:{key}")
        self._call(who, key)
        for called in filter(None, (handle, email)):
            self._call(who, called)
            self._handles[who][called] = None
        if name:
            self._named(who, name)
            self._names[who][name] = None

    def _call(self, who: str, written: str) -> None:
        """A handle, an id or an address of somebody."""
        self._written[fold(written)[0]].add(who)
        if _MAIL.fullmatch(written):
            self.names.learn_address(written, who)
        self.names.learn_id(written, who)

    def _named(self, who: str, name: str) -> None:
        self._written[fold(name)[0]].add(who)
        self.names.learn_name(name, who)

    def _meet(self, source: str, actor: str) -> None:
        """Somebody who acts and is in no directory: known by what the tool calls them."""
        node = STRANGER + actor
        if actor.casefold() in NEVER or self.bot(actor, source) or self._found(actor, source):
            return
        who = self.root(node)
        self._above.setdefault(node, who)
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

    def called(self, who: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Somebody's names, and their handles and addresses."""
        return tuple(self._names.get(who, ())), tuple(self._handles.get(who, ()))

    def _found(self, actor: str, source: str) -> str | None:
        if (source, actor) in self._known:
            return self._known[(source, actor)]
        found = self.named(actor.removeprefix("@")) or {self.root(who) for who in self.names.only(actor)}
        return next(iter(found)) if len(found) == 1 else None
