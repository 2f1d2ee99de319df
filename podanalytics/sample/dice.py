"""Chance that is the same every time: a seeded stream of its own for every name, so one line more moves no other."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")

UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"
HEX = "0123456789abcdef"
DIGITS = "0123456789"


class Dice:
    """Random numbers named by `names`; uses only `Random.random`, which Python promises to keep the same.

    >>> Dice(2026, "doc").whole(1, 6) == Dice(2026, "doc").whole(1, 6)
    True
    """

    def __init__(self, seed: int, *names: object) -> None:
        digest = hashlib.sha256("\x1f".join(map(str, (seed, *names))).encode()).digest()
        self._random = random.Random(int.from_bytes(digest[:8], "big"))

    def real(self, low: float, high: float) -> float:
        """A number of [low, high)."""
        return low + (high - low) * self._random.random()

    def whole(self, low: int, high: int) -> int:
        """A whole number of low..high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.whole(0, len(items) - 1)]

    def delay(self, low: float, high: float) -> timedelta:
        """A span of [low, high) seconds, in whole microseconds."""
        return timedelta(microseconds=int(self.real(low, high) * 1_000_000))

    def code(self, alphabet: str, length: int) -> str:
        """An id as tools make them."""
        return "".join(self.pick(alphabet) for _ in range(length))
