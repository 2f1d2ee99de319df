"""Tokens: from the environment or the system's key store only, and out of everything that is written.

A `Secret` does not show itself. A `Scrubber` takes it out of texts and bytes, in every form that it may take in an
address, a header or JSON; what else looks like a secret in an address goes, too.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from podanalytics.errors import PullError

SERVICE = "podanalytics"  # of the key store's entries
MASK = "[secret]"
SHORTEST = 8  # characters: to mask anything shorter would mask ordinary words
_USER = re.compile(r"(?<=://)[^/@\s?#]{1,512}@")
_QUERY = re.compile(
    r"(?i)([?&;](?:[\w.-]*(?:token|secret|signature|passw\w*|api_?key)|sig|key|code|jwt)=)[^&#\s\"'<>]+"
)


class Secret:
    """A token. Only `reveal` gives it out."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The token itself, for a header and nothing else."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__


def find(name: str) -> Secret | None:
    """The token under that name: the environment's, else the key store's where `keyring` is installed; None if neither.

    Raises PullError for one that cannot be a token. The sentence does not show it.
    """
    given, place = (os.environ.get(name) or "").strip(), f"the environment's {name}"
    if not given:
        given, place = (_stored(name) or "").strip(), f"the key store's entry {SERVICE} {name}"
    if not given:
        return None
    if not (given.isascii() and given.isprintable()) or " " in given:
        raise PullError(f"{place} holds blanks, line breaks or letters that no token has: set it again")
    if len(given) < SHORTEST:
        raise PullError(f"{place} is too short to be a token")
    return Secret(given)


def _stored(name: str) -> str | None:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    try:
        return keyring.get_password(SERVICE, name)
    except (keyring.errors.KeyringError, OSError, RuntimeError):
        return None  # no key store here, or one that is locked


class Scrubber:
    """Takes secrets out. `further` are what is made of them: the value of a Basic header, for instance."""

    def __init__(self, secrets: Iterable[Secret | str] = ()) -> None:
        plain = {s.reveal() if isinstance(s, Secret) else s for s in secrets}
        self._forms = sorted({form for value in plain if len(value) >= SHORTEST for form in _forms(value)}, key=len)
        self._forms.reverse()  # the longest first: none leaves a rest of itself

    def __repr__(self) -> str:
        return f"Scrubber({len(self._forms)} forms)"

    def text(self, given: str) -> str:
        """The text without secrets, without users in addresses and without an address's own secrets."""
        for form in self._forms:
            given = given.replace(form, MASK)
        return _QUERY.sub(rf"\1{MASK}", _USER.sub("", given))

    def body(self, given: bytes) -> bytes:
        """A page without our own tokens; every other byte as it came."""
        for form in self._forms:
            given = given.replace(form.encode(), MASK.encode())
        return given


def _forms(value: str) -> set[str]:
    raw = value.encode()
    # Inside longer text the base64 form depends on where it begins: what is sure of it at each of the three offsets.
    cores = {base64.b64encode(b"\0" * n + raw).decode()[(n * 4 + 2) // 3 :].rstrip("=")[:-2] for n in range(3)}
    return {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]} | {
        core for core in cores if len(core) >= SHORTEST
    }
