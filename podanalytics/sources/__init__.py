"""Sources: one file a tool. Each offers `source = Source(...)`: recognise a file by its content, parse it into events.

The contract is `Source`. `owns` looks at a file or folder (a few kilobytes, never the name alone) and says whether it
is this tool's; `parse` is pure: bytes in, `Event | Fault | Skipped | Person` out, no network, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from podanalytics.model import Told
from podanalytics.plugins import discover
from podanalytics.sources._look import looking_once

GROUPS = ("tracker", "pager", "alerts", "status page", "chat", "change history", "logs", "any tool", "by hand")


@dataclass(frozen=True, slots=True)
class Source:
    """The whole plugin contract of a source.

    `manual` links to the tool's own description of this export. `group` is what kind of tool it is (GROUPS), `takes`
    which of its exports are read and `known_by` what they are recognised by, as Markdown for docs/sources.md.
    """

    title: str
    manual: str
    owns: Callable[[Path], bool]
    parse: Callable[[Path], Iterator[Told]]
    group: str = "any tool"
    takes: str = ""
    known_by: str = ""


@cache
def all_sources() -> dict[str, Source]:
    """Every known source by name (the name events carry as `source` may differ: two readers can speak for one tool)."""
    return dict(discover("podanalytics.sources", "source"))


def owners(path: Path) -> list[str]:
    """Names of the sources that recognise `path`. None or several is for the caller to report."""
    with looking_once():
        return [name for name, source in all_sources().items() if source.owns(path)]
