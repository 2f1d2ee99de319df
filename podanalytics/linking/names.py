"""Evidence by a channel's name: `#incident-2026-10-14-1019` carries the number of INC-1019, `#inc-ops-12` its whole
key. A channel keeps what it was called before it was renamed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from podanalytics.linking.containers import Known
from podanalytics.linking.evidence import Evidence, between
from podanalytics.policy import Policy

_DATE = re.compile(r"(?:19|20)\d{2}-?\d{2}-?\d{2}(?:-|$)")
_NUMBER = re.compile(r"(\d+)(?:-|$)")
_KEY = re.compile(r"([a-z][a-z0-9]*-\d+)(?:-|$)")


def channel_names(known: Known, policy: Policy) -> Iterator[Evidence]:
    """Records whose key or number a channel's name carries, now or before it was renamed."""
    if not known.channels:
        return
    pattern = re.compile(policy.linking.channel)
    for channel, names in known.channels.items():
        for name in names:
            hit = pattern.match(name)
            for called in called_for(hit[1]) if hit else ():
                for target in known.numbers.get(called, ()):
                    before = "" if name == channel[1] else f", then called {name},"
                    why = f"{channel[1]}{before} carries {target[1]}"
                    yield from between(known, 0.95, target, channel, "channel name", why)


def called_for(tail: str) -> list[str]:
    """What a channel may be named after, by the tail of its name: whole, or what stands before further words.

    >>> called_for("1019-login-down"), called_for("OPS-12"), called_for("2026-10-14")
    (['1019', '1019-login-down'], ['ops-12'], [])
    """
    plain = tail.lower().replace("_", "-")
    if _DATE.match(plain):
        return []  # a day, and perhaps words: nobody's key
    found = {plain, tail.lower()}
    for pattern in (_NUMBER, _KEY):
        if hit := pattern.match(plain):
            found.add(hit[1])
    return sorted(found)
