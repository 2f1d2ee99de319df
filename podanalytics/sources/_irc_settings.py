"""What an IRC log does not say of itself and somebody declares: its clock's zone, its channel, its day, who is a bot.

In the file's own first lines (`# zone: Europe/Berlin`), or for all logs of a folder in a TOML file with `[irc]`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from podanalytics.sources._handwritten import toml
from podanalytics.sources._logfile import stem
from podanalytics.sources._read import head
from podanalytics.sources._wallclock import declared_zone

KEYS = ("zone", "channel", "date", "bots")
_TABLE = re.compile(r"^[ \t]*\[[ \t]*irc[ \t]*\]", re.MULTILINE)
_COMMENT = re.compile(r"#\s*(?P<key>(?:time)?zone|channel|date|bots)\s*[:=]\s*(?P<value>\S.*)", re.IGNORECASE)
_NAMED = re.compile(r"#+[^\s.#]+")
_DAY = re.compile(r"(?<!\d)(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})(?!\d)")
_IN_LINES = re.compile(r"(?:has (?:joined|left)|the topic of|changed topic for|-!- mode/) ?(#+[^\s\[\]]+)")
_EDGES = " -_."


@dataclass(frozen=True, slots=True)
class Declared:
    """What is declared of a log; None where nothing is."""

    zone: ZoneInfo | None = None
    channel: str | None = None
    day: date | None = None
    bots: frozenset[str] = frozenset()

    def told(self, line: str) -> Declared | None:
        """This with what a line in the log's head declares; None for a line that declares nothing."""
        found = _COMMENT.match(line)
        if found is None:
            return None
        key = found["key"].lower().removeprefix("time")
        value: Any = [name.strip() for name in found["value"].split(",")] if key == "bots" else found["value"].strip()
        return self.having({key: value})

    def having(self, settings: dict[str, Any]) -> Declared:
        """This with these settings. Raises ValueError that says what to write instead."""
        if unknown := sorted(settings.keys() - set(KEYS)):
            raise ValueError(f"unknown key {unknown[0]!r} in [irc]; known: {', '.join(KEYS)}")
        made = self
        for key, value in settings.items():
            if key == "bots":
                if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
                    raise ValueError('bots is a list of nicks, such as bots = ["pagerbot"]')
                made = replace(made, bots=frozenset(value))
            elif key == "date":
                made = replace(made, day=value if isinstance(value, date) else _date(value))
            elif not isinstance(value, str) or not value:
                raise ValueError(f"{key} in [irc] is text, not {value!r}")
            elif key == "zone":
                made = replace(made, zone=declared_zone(value))
            else:
                made = replace(made, channel=value.removeprefix("#"))
        return made

    def of_file(self, path: Path) -> Declared:
        """This with channel and day by the file's name, its first lines or its folder, where they are not declared."""
        return replace(self, channel=self.channel or _channel(path), day=self.day or day_of(path.name))


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"date {value!r} is none: write it as 2026-10-03") from None


def day_of(name: str) -> date | None:
    """The day in a file's name: `2026-10-03.log`, `#ops_20261003.log`; None where it holds none, or two."""
    found = set()
    for parts in _DAY.findall(name):
        try:
            found.add(date(*map(int, parts)))
        except ValueError:
            continue
    return found.pop() if len(found) == 1 else None


def _channel(path: Path) -> str:
    """`ops` of `#ops_20261003.log`, `irc.libera.#ops.weechatlog`, `#ops/2026-10-03.log`, else of the only channel that
    the first lines name, else of `ops.log`.
    """
    for name in (path.name, path.parent.name):
        if marked := _NAMED.search(_DAY.sub("", name)):
            return marked[0].lstrip("#").rstrip(_EDGES) or name
    named = set(_IN_LINES.findall(head(path)))
    if len(named) == 1:
        return str(named.pop()).lstrip("#")
    plain = stem(_DAY.sub("", path.name).strip(_EDGES)).strip(_EDGES)
    return plain if plain not in ("", "log") else path.parent.name or path.name


def settings_in(folder: Path) -> list[Path]:
    """The TOML files right below a folder that hold a table `[irc]`."""
    found = (p for p in folder.glob("*.toml") if p.is_file() and not p.is_symlink() and not p.name.startswith("."))
    return sorted(path for path in found if is_settings(path))


def is_settings(path: Path) -> bool:
    """Whether a file is such a TOML file: looked for as text, so that a broken one is reported by its owner."""
    return path.suffix == ".toml" and bool(_TABLE.search(head(path)))


def read_settings(text: str) -> Declared:
    """What a TOML text declares. Raises ValueError that says what to write instead."""
    document = toml(text)
    if set(document) != {"irc"} or not isinstance(document["irc"], dict):
        raise ValueError("write one table [irc], and nothing beside it")
    return Declared().having(document["irc"])
