"""Redaction: people become role pseudonyms, secrets are masked, before anything can be shared.

A Redactor belongs to one incident: `IC-1`, `Responder-3` are counted in the order in which people appear in it. The
key from pseudonym to person never leaves this value.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from podanalytics.redact._fold import WORD, fold
from podanalytics.redact._names import Names
from podanalytics.redact._secrets import E_MAIL, MASKED, without_addresses, without_secrets
from podanalytics.redact._words import NEVER
from podanalytics.show.words import ABBREVIATIONS

if TYPE_CHECKING:
    import polars as pl

__all__ = ["E_MAIL", "MASKED", "SOMEBODY", "Redactor"]

SOMEBODY = "[name]"  # where a part of a name may mean several people
BY_HAND = ("corrections", "decisions")  # the sources whose actors are names that somebody wrote, and no ids
_GROUP = re.compile(r"\bmpdm-([\w.-]{1,400})-(\d{1,4})(?![\w-])")  # Slack names a group message by its handles
_Row = Mapping[str, str | bool | None]


class Redactor:
    """Pseudonyms for one incident's people, and the masking of its texts."""

    def __init__(
        self,
        people: pl.DataFrame,
        appearing: Iterable[tuple[str, str]],
        roles: Mapping[str, str],
        strangers: Iterable[tuple[str, str]] = (),
    ) -> None:
        """`people`: PEOPLE rows. `appearing`: (source, actor) in the order they appear, each of whom gets the next
        number. `roles`: actor → the first role held. `strangers`: more actors, for those who are in no directory.
        """
        self._joined: dict[str, str] = {}
        self._bots: dict[tuple[str, str], str] = {}
        self._known: dict[tuple[str, str], str] = {}
        self._written: dict[str, set[str]] = defaultdict(set)
        self._labels: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._done: dict[str, str] = {}
        self._names = Names()
        appearing = list(appearing)
        rows = sorted(people.iter_rows(named=True), key=lambda r: (r["source"], r["key"]))
        for row in rows:
            self._join(row)
        for row in rows:
            self._learn(row)
        for source, actor in (*appearing, *strangers):
            self._meet(source, actor)
        self._names.ready()
        self._roles: dict[str, str] = {}
        for actor, role in roles.items():
            self._roles.setdefault(self._who(actor), role)
        for source, actor in appearing:
            self.person(actor, source)

    # --- who is who -------------------------------------------------------------------------------------------------

    def _join(self, row: _Row) -> None:
        """One person in several tools: the same address, or the same full name, is the same person."""
        if row["bot"]:
            self._bots[(str(row["source"]), str(row["key"]))] = str(row["name"] or row["handle"] or row["key"])
            return
        words = WORD.findall(fold(str(row["name"] or ""))[0])
        full = len(words) > 1 and not all(w in NEVER for w in words)
        roots = {self._root(f"id:{row['source']}:{row['key']}")}
        roots |= {self._root(f"mail:{str(row['email']).casefold()}")} if row["email"] else set()
        roots |= {self._root(f"name:{' '.join(words)}")} if full else set()
        self._joined.update(dict.fromkeys(roots - {min(roots)}, min(roots)))

    def _root(self, node: str) -> str:
        while (above := self._joined.get(node, node)) != node:
            node = above
        return node

    def _learn(self, row: _Row) -> None:
        if row["bot"]:
            return
        source, key, handle, name, email = (str(row[c] or "") for c in ("source", "key", "handle", "name", "email"))
        who = self._known[(source, key)] = self._root(f"id:{source}:{key}")
        for written in filter(None, (key, handle, name, email)):
            self._written[fold(written)[0]].add(who)
        for id in filter(None, (key, handle)):
            self._names.learn_id(id, who)
        if email:
            self._names.learn_address(email, who)
        if name:
            self._names.learn_name(name, who)

    def _meet(self, source: str, actor: str) -> None:
        """Somebody who acts and is in no directory: known by what the tool calls them."""
        who = f"?:{actor}"
        if actor.casefold() in NEVER or self._bot(actor, source) or self._who(actor, source) != who:
            return
        # A tool may call a tool an actor: its plain name ("datadog") is a word of many texts.
        self._names.learn_id(actor, who, alone=source in ("", *BY_HAND) or not actor.isalpha())
        if source in BY_HAND:
            self._names.learn_name(actor, who)

    def _bot(self, actor: str, source: str) -> str | None:
        if source or (found := self._written.get(fold(actor)[0])):
            return self._bots.get((source, actor))
        return None if found else next((n for (_, key), n in self._bots.items() if key == actor), None)

    def _who(self, actor: str, source: str = "") -> str:
        if (source, actor) in self._known:
            return self._known[(source, actor)]
        found = self._written.get(fold(actor.removeprefix("@"))[0]) or self._names.only(actor)
        return next(iter(found)) if len(found) == 1 else f"?:{actor}"

    # --- what is shown ----------------------------------------------------------------------------------------------

    def person(self, actor: str | None, source: str = "") -> str | None:
        """The pseudonym of an actor; None stays None.

        Bots keep their name, masked like any text: some post under the name of a person.
        """
        if actor is None:
            return None
        if bot := self._bot(actor, source):
            named = self._written.get(fold(bot)[0], set())
            return self._label(next(iter(named))) if len(named) == 1 else self.text(bot)
        return self._label(self._who(actor, source))

    def _label(self, who: str) -> str:
        if who not in self._labels:
            role = self._roles.get(who)
            prefix = ABBREVIATIONS.get(role, role) if role else "Responder"
            self._counts[prefix] = self._counts.get(prefix, 0) + 1
            self._labels[who] = f"{prefix}-{self._counts[prefix]}"
        return self._labels[who]

    def text(self, text: str | None) -> str | None:
        """A text with names, handles, addresses and secrets replaced.

        >>> import polars as pl
        >>> nobody = pl.DataFrame(schema=["source", "key", "name", "handle", "email", "bot"])
        >>> Redactor(nobody, [], {}).text("token=abcdef123 to a@b.example")
        'token=[masked] to [e-mail]'
        """
        if not text:
            return text
        if text not in self._done:
            masked = without_secrets(text)
            if "mpdm-" in masked:
                masked = _GROUP.sub(self._group, masked)
            self._done[text] = without_addresses(self._names.replace(masked, self._anyone))
        return self._done[text]

    def _anyone(self, people: frozenset[str]) -> str:
        return self._label(next(iter(people))) if len(people) == 1 else SOMEBODY

    def _group(self, hit: re.Match[str]) -> str:
        people = [self._label(self._who(handle)) for handle in hit[1].split("--")]
        return f"mpdm-{'--'.join(people)}-{hit[2]}"
