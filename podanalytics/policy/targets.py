"""What people write as a target: 5, "45 minutes", "62 business hours", "next business day".

The grammar is closed, so that a word that means nothing is refused when the policy is loaded, not when it judges.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator

MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}
LONGEST = 10 * 366 * 24 * 60
EXAMPLES = '5, "45 minutes", "8 hours", "2 days", "90 business minutes", "62 business hours", "next business day"'
NAME = re.compile(r"[a-z][a-z0-9_-]*")
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?) (business )?(minute|hour|day)s?")


class Runs(StrEnum):
    """When the time of a target runs: always, in business hours only, or to the close of the next business day."""

    ALWAYS = "always"
    BUSINESS = "business"
    NEXT_BUSINESS_DAY = "next business day"


@dataclass(frozen=True, slots=True)
class Target:
    """How long something may take. `minutes` run always or in business hours; they are 0 for the next business day.

    Two ways to write one target are equal. A bare number has no `words`: it is in the unit of its clause.
    """

    minutes: float
    runs: Runs = Runs.ALWAYS
    words: str | None = field(default=None, compare=False)


NEXT_BUSINESS_DAY = Target(0.0, Runs.NEXT_BUSINESS_DAY, Runs.NEXT_BUSINESS_DAY.value)


def read_target(written: object) -> Target:
    """A target from what stands in the policy: a number, or a text. Raises ValueError with examples.

    >>> read_target(5).minutes, read_target("8 hours").minutes, read_target("62 business hours").words
    (5.0, 480.0, '62 business hours')
    """
    if isinstance(written, Target):
        return written
    if isinstance(written, int | float) and not isinstance(written, bool):
        return Target(_sound(float(written)))
    text = " ".join(written.lower().split()) if isinstance(written, str) else ""
    if text == NEXT_BUSINESS_DAY.words:
        return NEXT_BUSINESS_DAY
    found = _WRITTEN.fullmatch(text)
    if not found:
        raise ValueError(f"{_shown(written)} is no target; write one like {EXAMPLES}")
    number, business, unit = float(found[1]), bool(found[2]), found[3]
    if business and unit == "day":
        raise ValueError(
            f"{_shown(written)} could mean several things: write the hours, as in {8 * number:g} business hours"
        )
    words = f"{number:g} {'business ' if business else ''}{unit}{'' if number == 1 else 's'}"
    return Target(_sound(number * MINUTES[unit]), Runs.BUSINESS if business else Runs.ALWAYS, words)


def read_target_or_name(written: object) -> Target | str | None:
    """A clause's target: none, one of its own, or the name of a target that its severities have."""
    if written is None or (isinstance(written, str) and NAME.fullmatch(written)):
        return written
    try:
        return read_target(written)
    except ValueError as error:
        if isinstance(written, str) and _WRITTEN.fullmatch(" ".join(written.lower().split())) is None:
            raise ValueError(f"{error}; or the name of a target that the severities have") from None
        raise


def named(name: str) -> str:
    """The name of a target of a severity: lower-case, so that no name reads like a target. Raises ValueError."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a target: lower-case letters, digits, - and _, a letter first")
    return name


def _sound(minutes: float) -> float:
    if not math.isfinite(minutes) or minutes < 0:
        raise ValueError(f"a target of {minutes:g} cannot be kept: it has to be greater than or equal to 0")
    if minutes > LONGEST:
        raise ValueError(f"a target of {minutes:g} minutes is longer than ten years")
    return minutes


def _shown(written: object) -> str:
    return str(written).lower() if isinstance(written, bool) else repr(written)


WrittenTarget = Annotated[Target, BeforeValidator(read_target)]
TargetOrName = Annotated[Target | str | None, BeforeValidator(read_target_or_name)]
