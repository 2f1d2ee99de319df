"""Redaction: people become role pseudonyms, secrets are masked, before anything can be shared.

A Redactor belongs to one incident or month. The number of a pseudonym is the person's own, from the workspace's key;
the word before it is the role that they first held here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from podanalytics.redact._detectors import without_known_tokens
from podanalytics.redact._ips import without_ips
from podanalytics.redact._people import Directory
from podanalytics.redact._secrets import E_MAIL, MASKED, without_addresses, without_secrets
from podanalytics.redact.key import Key, numbered
from podanalytics.show.words import ABBREVIATIONS, NO_ROLE

if TYPE_CHECKING:
    import polars as pl

__all__ = ["E_MAIL", "MASKED", "SOMEBODY", "Redactor", "handles_in"]

SOMEBODY = "[name]"  # where a part of a name may mean several people, and for whom nobody ever gave a number
_GROUP = re.compile(r"\bmpdm-([\w.-]{1,400})-(\d{1,4})(?![\w-])")  # Slack names a group message by its handles


def handles_in(text: str) -> Iterator[str]:
    """The handles of which a group message's name is made.

    >>> list(handles_in("#mpdm-ana--bo-1"))
    ['ana', 'bo']
    """
    for hit in _GROUP.finditer(text):
        yield from hit[1].split("--")


class Redactor:
    """Pseudonyms for people, and the masking of texts."""

    def __init__(
        self,
        people: pl.DataFrame,
        acting: Iterable[tuple[str, str]],
        roles: Mapping[str, str],
        key: Key | None = None,
        mask_ips: bool = False,
    ) -> None:
        """`people`: PEOPLE rows. `acting`: (source, actor) of everybody who acts, some of whom are in no directory.
        `roles`: actor → the first role held. `key`: who has which number; without one it is made from these people.
        `mask_ips`: whether network addresses are masked, too.
        """
        acting = list(acting)
        key = numbered(Key(), people, acting) if key is None else key
        self._people = Directory(people, acting, key.people)
        self._numbers = key.numbers
        self._mask_ips = mask_ips
        self._done: dict[str, str] = {}
        self._roles: dict[str, str] = {}
        for actor, role in roles.items():
            self._roles.setdefault(self._people.who(actor), role)

    def who(self, actor: str, source: str = "") -> str:
        """What stands for a person within this value: to count people, never to be shown."""
        return self._people.who(actor, source)

    def person(self, actor: str | None, source: str = "") -> str | None:
        """The pseudonym of an actor; None stays None.

        Bots keep their name, masked like any text: some post under the name of a person.
        """
        if actor is None:
            return None
        if bot := self._people.bot(actor, source):
            named = self._people.named(bot)
            return self._label(next(iter(named))) if len(named) == 1 else self.text(bot)
        return self._label(self.who(actor, source))

    def _label(self, who: str) -> str:
        if who not in self._numbers:
            return SOMEBODY
        role = self._roles.get(who)
        return f"{ABBREVIATIONS.get(role, role) if role else NO_ROLE}-{self._numbers[who]}"

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
            masked = without_known_tokens(without_secrets(text))
            if "mpdm-" in masked:
                masked = _GROUP.sub(self._group, masked)
            masked = without_addresses(self._people.names.replace(masked, self._anyone))
            self._done[text] = without_ips(masked) if self._mask_ips else masked
        return self._done[text]

    def _anyone(self, people: frozenset[str]) -> str:
        found = {self._people.root(who) for who in people}
        return self._label(found.pop()) if len(found) == 1 else SOMEBODY

    def _group(self, hit: re.Match[str]) -> str:
        people = [self._label(self.who(handle)) for handle in hit[1].split("--")]
        return f"mpdm-{'--'.join(people)}-{hit[2]}"
