"""journald: lines of `journalctl -o json`, of which the notable ones become events.

Source: systemd's Journal JSON Format. Times are microseconds since 1970 in a string; MESSAGE is text, null (too large,
or not asked for), an array of bytes (not UTF-8) or an array of values (the field was given more than once).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podanalytics.model import Told
from podanalytics.sources import Source
from podanalytics.sources._clock import epoch_us
from podanalytics.sources._logfile import UNSTATED, first_record, plain, stated_level
from podanalytics.sources._notable import LogLine, Notable
from podanalytics.sources._read import each, json_lines, text_of

NAME = "journald"
PRIORITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")  # syslog's names for 0 to 7
NOTICE = 5


def owns(path: Path) -> bool:
    """Lines of JSON with the journal's own clock field."""
    return "__REALTIME_TIMESTAMP" in first_record(path)


def parse(path: Path) -> Iterator[Told]:
    """The journal's notable lines; subject is `host/unit`."""
    notable = Notable(NAME, path.name)
    yield from each(
        NAME,
        json_lines(path, NAME),
        lambda record, origin: notable.tell(_line(record, origin)),
        record=lambda record: record.get("__CURSOR"),
    )
    yield from notable.rest()


def _line(record: dict[str, Any], origin: str) -> LogLine:
    text = plain(_message(record.get("MESSAGE")))
    return LogLine(epoch_us(record["__REALTIME_TIMESTAMP"]), _level(record, text), text, _subject(record), origin)


def _message(value: Any) -> str:
    if isinstance(value, list):
        if all(isinstance(part, int) for part in value):
            return bytes(value).decode("utf-8", errors="replace")
        return "\n".join(_message(part) for part in value)
    return text_of(value)


def _level(record: dict[str, Any], text: str) -> str:
    """The journal's priority; where that only says that a service wrote to stdout, the level the line itself states."""
    given = record.get("PRIORITY")
    priority = int(_last(given)) if given is not None else None
    if priority is not None and not 0 <= priority < len(PRIORITIES):
        raise ValueError(f"PRIORITY {priority} is not between 0 and 7")
    if priority is None or priority >= NOTICE:
        stated = stated_level(text)
        if stated or priority is None:
            return stated or UNSTATED
    return PRIORITIES[priority]


def _subject(record: dict[str, Any]) -> str:
    """`host/unit`; what systemd says *about* a unit belongs to that unit, not to systemd."""
    names = ("UNIT", "_SYSTEMD_UNIT", "SYSLOG_IDENTIFIER", "_COMM")
    unit = next((text_of(_last(record[name])) for name in names if record.get(name)), "journal")
    return f"{_last(record.get('_HOSTNAME')) or 'localhost'}/{unit.removesuffix('.service')}"


def _last(value: Any) -> Any:
    return value[-1] if isinstance(value, list) and value else value


source = Source(
    title="systemd journal (journalctl -o json)",
    manual="https://systemd.io/JOURNAL_EXPORT_FORMATS/",
    owns=owns,
    parse=parse,
    group="logs",
    takes="`journalctl -o json`",
    known_by="`__REALTIME_TIMESTAMP`",
)
