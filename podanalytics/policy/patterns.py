"""What people write in a policy, checked as it is read: patterns, zones, names."""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator


def regex(pattern: str) -> str:
    """Patterns run in Rust's engine (polars), which has no look-around; try each one on an empty column when it is
    loaded.
    """
    import polars as pl

    try:
        re.compile(pattern)
        pl.Series([""]).str.contains(pattern)
    except (re.error, pl.exceptions.ComputeError) as error:
        told = re.search(r"^\s*error: (.+)$", str(error), re.MULTILINE)  # the engine draws a picture of the place, too
        why = told[1] if told else str(error).splitlines()[0]
        raise ValueError(f"the pattern {pattern!r} cannot be used (look-around is not available): {why}") from None
    return pattern


def known_zone(name: str) -> str:
    """The name of an IANA time zone; ValueError for any other."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no IANA time zone (write Europe/Berlin, America/New_York, UTC ...)") from None
    return name


def with_group(pattern: str, what: str) -> str:
    """The pattern; ValueError where it has no group for `what`."""
    if not re.compile(pattern).groups:
        raise ValueError(f"the pattern {pattern!r} needs a group in brackets: {what}")
    return pattern


Regex = Annotated[str, AfterValidator(regex)]
Zone = Annotated[str, AfterValidator(known_zone)]
Names = tuple[str, ...]
