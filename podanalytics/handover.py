"""A ledger judged once and handed to the kernels of its packets, so that not each has to judge everything again.

It goes through a pipe to a kernel that waits (see `kernels`) and never lies in a file: a ledger has people's names.
"""

from __future__ import annotations

import pickle
from datetime import datetime
from pathlib import Path

from podanalytics.ledger import Ledger

_received = b""


def packed(root: Path, ledger: Ledger) -> bytes:
    """The ledger of the workspace in `root`, to be handed over."""
    return pickle.dumps((str(root), ledger.found.as_of, ledger), protocol=5)


def receive(given: bytes) -> None:
    """Called in a kernel before its first cell, with what it was given; empty: nothing."""
    global _received  # noqa: PLW0603 - a kernel has one, for its one notebook
    _received = given


def received(root: Path, as_of: datetime) -> Ledger | None:
    """The ledger this kernel was given, if it is that workspace's at that moment: a notebook may ask for another."""
    if not _received:
        return None
    of, at, ledger = pickle.loads(_received)
    return ledger if (of, at) == (str(root), as_of) else None
