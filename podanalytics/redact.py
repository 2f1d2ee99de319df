"""Redaction: people become role pseudonyms, secrets are masked, before anything can be shared.

A Redactor belongs to one incident: `IC-1`, `Responder-3` are counted in the order in which people appear in it. The
key from pseudonym to person never leaves this value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

MASKED = "[masked]"
E_MAIL = "[e-mail]"

# Shapes of secrets that people paste into chats: provider tokens, keys, passwords in assignments and addresses.
_SECRETS = re.compile(
    r"""xox[abeoprs]-[\w-]{8,}                                   # Slack
      | gh[pousr]_\w{16,} | github_pat_\w{16,}                   # GitHub
      | (?:AKIA|ASIA)[A-Z0-9]{12,}                               # AWS key id
      | eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*                          # JWT
      | -----BEGIN[ A-Z]*PRIVATE\ KEY-----[\s\S]*?(?:-----END[ A-Z]*PRIVATE\ KEY-----|\Z)
      | (?<=://)[^/\s:@]+:[^/\s@]+(?=@)                          # user:password in an address
      | (?i:\bbearer\s+)[\w.~+/-]{12,}=*
      | (?i:\b(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|authorization|cookie)\b\s*[:=]\s*["']?)
        [^\s"',;]{6,}
    """,
    re.VERBOSE,
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
# First names that are also words: masking them would garble sentences more than it would protect anybody.
_WORDS = frozenset(
    [
        "will",
        "mark",
        "may",
        "rose",
        "grace",
        "hope",
        "art",
        "bill",
        "rob",
        "drew",
        "grant",
        "chase",
        "hunter",
        "jack",
        "pat",
        "sue",
        "dawn",
        "summer",
        "june",
        "april",
        "august",
        "faith",
        "ray",
        "guy",
        "dean",
        "max",
        "miles",
        "page",
        "frank",
        "rich",
        "stone",
        "long",
        "young",
        "king",
        "day",
        "west",
        "north",
        "bot",
        "admin",
        "root",
        "ops",
        "dev",
        "test",
        "team",
        "user",
    ]
)
ABBREVIATIONS = {
    "Incident Commander": "IC",
    "Technical Lead": "TL",
    "DevOps Engineer": "DevOps",
    "Product Manager": "PM",
    "Customer Success": "CS",
}


class Redactor:
    """Pseudonyms for one incident's people, and the masking of its texts."""

    def __init__(self, people: pl.DataFrame, appearing: Iterable[tuple[str, str]], roles: Mapping[str, str]) -> None:
        """`people`:

        PEOPLE rows. `appearing`: (source, actor) in the order they appear. `roles`: actor → the first role held.
        """
        self._identity: dict[tuple[str, str], str] = {}
        self._bots: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._terms: dict[str, str] = {}
        self._roles: dict[str, str] = {}
        rows = sorted(people.iter_rows(named=True), key=lambda r: (r["source"], r["key"]))
        for row in rows:
            self._learn(row)
        self._pattern = self._compile()
        for actor, role in roles.items():
            self._roles.setdefault(self._who(actor), role)
        for source, actor in appearing:
            self.person(actor, source)

    def _learn(self, row: Mapping[str, str | bool | None]) -> None:
        source, key, email, name = str(row["source"]), str(row["key"]), row["email"], row["name"]
        if row["bot"]:
            self._bots[key] = str(name or row["handle"] or key)
            return
        # One person in several tools: the same address, or the same full name, is the same person.
        who = str(email or "").casefold() or (str(name).casefold() if name and " " in str(name) else f"{source}:{key}")
        for known in (
            f"name:{str(name).casefold()}" if name and " " in str(name) else "",
            f"mail:{str(email).casefold()}" if email else "",
        ):
            who = self._identity.setdefault(("", known), who) if known else who
        self._identity[(source, key)] = who
        for term in self._names(row):
            self._terms.setdefault(term, who)

    @staticmethod
    def _names(row: Mapping[str, str | bool | None]) -> Iterable[str]:
        key, handle, name, email = (str(row[c]) if row[c] else "" for c in ("key", "handle", "name", "email"))
        yield from (term for term in (key, f"@{handle}" if handle else "", email, name) if len(term) > 2)
        if len(handle) > 3 and handle.casefold() not in _WORDS:
            yield handle
        for part in name.split():
            if len(part) > 2 and part[0].isupper() and part.casefold() not in _WORDS:
                yield part

    def _compile(self) -> re.Pattern[str] | None:
        # Longest first, so that a full name is replaced before its parts.
        terms = sorted(self._terms, key=lambda t: (-len(t), t))
        return re.compile(r"(?<![\w-])(?:" + "|".join(re.escape(t) for t in terms) + r")(?!\w)") if terms else None

    def _who(self, actor: str, source: str = "") -> str:
        if (source, actor) in self._identity:
            return self._identity[(source, actor)]
        return self._terms.get(actor) or self._terms.get(f"@{actor}") or f"?:{actor}"

    def person(self, actor: str | None, source: str = "") -> str | None:
        """The pseudonym of an actor (bots keep their name); None stays None."""
        if actor is None:
            return None
        if actor in self._bots:
            return self._bots[actor]
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
        '[masked] to [e-mail]'
        """
        if not text:
            return text
        masked = _SECRETS.sub(MASKED, text)
        if self._pattern:
            masked = self._pattern.sub(self._replacement, masked)
        return _ADDRESS.sub(E_MAIL, masked)

    def _replacement(self, hit: re.Match[str]) -> str:
        at = "@" if hit[0].startswith("@") else ""
        return at + self._label(self._terms[hit[0]])
