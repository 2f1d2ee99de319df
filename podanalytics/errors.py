"""The errors a user can meet: each says what is wrong, where, and what to do; the CLI prints them without a traceback.

Unreadable *input* is not an error but a `Fault` (see `model`): the run goes on without it. An error here means that the
run cannot go on. Anything else that escapes is our own bug and keeps its traceback.
"""

from __future__ import annotations

import json
from itertools import islice


class PodError(Exception):
    """A sentence for the user. `exit_code` is what the CLI exits with."""

    exit_code = 1


class PolicyError(PodError):
    """A policy file that cannot be used: unknown milestone, bad regex, missing severity."""


class StoreError(PodError):
    """A database that cannot be opened, read or written."""


class LoadError(PodError):
    """A file whose reading was ended from outside; nothing of it was taken over."""


class UnknownIncidentError(PodError):
    """An incident id that the ledger does not know; names the nearest known ids."""

    exit_code = 2


class WorkspaceError(PodError):
    """A folder, settings file or path that does not fit."""

    exit_code = 2


class PullError(PodError):
    """What a vendor did not give. `whole`: nothing else of this vendor will come either, so nothing more is asked."""

    def __init__(self, told: str, whole: bool = False) -> None:
        super().__init__(told)
        self.whole = whole


class NotebookError(PodError):
    """A notebook that stopped: which cell, why, and where the partial notebook lies, which is told by `kept`."""

    def __init__(self, told: str, kept: str = "") -> None:
        super().__init__(f"{told}; {kept}" if kept else told)
        self.told = told


def shown(value: object) -> str:
    """The beginning of a wrong value, as JSON: never all of it, for it may be any size.

    >>> shown({"a": [None] * 10**6})
    '{"a": [null, null, null, null, null, null, null, null, null, null, null, null, n'
    """
    return json.dumps(_begun(value, 4), default=repr)[:80]


def _begun(value: object, levels: int) -> object:
    if isinstance(value, str):
        return value[:80]
    if not isinstance(value, list | dict):
        return value
    if not levels:
        return "..."
    if isinstance(value, list):
        return [_begun(inside, levels - 1) for inside in value[:20]]
    return {str(name)[:80]: _begun(inside, levels - 1) for name, inside in islice(value.items(), 20)}
