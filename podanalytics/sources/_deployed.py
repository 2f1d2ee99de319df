"""What the readers of deployments share: the version that went out, and the two events that tell of one deployment.

A deployment is a change at the moment it began, and a status for each state it came to. Both carry the tool's own id,
so that a list, a page of statuses and a webhook tell the same events.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from podanalytics.model import Event, Kind, Precision
from podanalytics.places import outcome_key

SHORT = 7  # characters of a hash, as git abbreviates it
# What a commit, a workflow or a job says when it is about what runs, and not about the code alone.
SPOKEN = re.compile(r"\b(?:re-?)?(?:deploy|roll(?:ed|ing|s)?[ -]?back|revert|release|hot-?fix|config)", re.IGNORECASE)
_NUMBERED = re.compile(r"\d+[._-]\d+")
_HASH = re.compile(r"[0-9a-f]{7,64}$")


def version_of(ref: str | None, sha: str | None) -> str:
    """What a deployment put out: its tag, where the ref reads like one, else the short hash, else the ref.

    >>> version_of("refs/tags/v2.3.1", "f95f852bd8fc"), version_of("main", "f95f852bd8fc"), version_of("main", None)
    ('v2.3.1', 'f95f852', 'main')
    """
    name = re.sub(r"^refs/(?:tags|heads)/", "", ref or "")
    if name and _NUMBERED.search(name) and not _HASH.fullmatch(name):
        return name
    found = sha or name
    return found[:SHORT] if _HASH.fullmatch(found) else found


def outcome(change: str, word: str, when: datetime, fine: Precision, told: dict[str, Any], own: str = "") -> Event:
    """What became of the change with this key. `own` tells apart what came to one state several times."""
    key = outcome_key(change, f"{word.lower()}{own}")
    fields = {**told, "key": key, "occurred_at": when, "precision": fine}
    return Event(kind=Kind.STATUS, value=word, **fields)
