"""What log files share: the first readable JSON line, the name of what wrote the file, how a line states its level."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from podanalytics.sources._read import NOT_JSON, first_json, head

UNSTATED = "unstated"  # the value of a line that says no level: silence is not INFO
_ROTATED = re.compile(r"(?:\.gz|\.\d{1,3}|[-.]\d{4}-?\d{2}-?\d{2}|-json\.log|\.(?:log|jsonl?|ndjson|txt|gitlog))$")
_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
_WORDS = "TRACE|DEBUG|INFO|NOTICE|WARNING|WARN|ERROR|ERR|CRITICAL|CRIT|FATAL|SEVERE|ALERT|EMERGENCY|EMERG|PANIC"
# Upper case among the first four words, `[error]`, or `level=error`: "error" further on is prose, not a level.
_LEVEL = re.compile(
    rf"^[\[(<|]?(?:\S+\s+){{0,3}}?[\[(<|]?(?P<plain>{_WORDS})\b(?![/.\w-])"
    rf"|\[(?P<boxed>(?i:{_WORDS}))\]"
    r"|\b(?:level|lvl|severity)=\"?(?P<named>[A-Za-z]+)"
)
ERROR_LEVELS = frozenset(
    ["error", "err", "critical", "crit", "fatal", "severe", "alert", "emergency", "emerg", "panic", "50", "60"]
)


def first_record(path: Path) -> dict[str, Any]:
    """The first line among the file's first ones that is a JSON object; empty when there is none. For `owns`."""
    start = head(path)
    if "\n" not in start.strip():
        found = first_json(path)
        return found if isinstance(found, dict) else {}
    for line in start.splitlines()[:20]:
        if line.lstrip().startswith("{"):
            try:
                found = json.loads(line)
            except NOT_JSON:
                continue
            return found if isinstance(found, dict) else {}
    return {}


def stem(name: str) -> str:
    """The name of what wrote a log, from its file name without rotation and packing.

    >>> stem("pod-api.log.2.gz"), stem("pod-api-json.log"), stem("worker-2026-10-03.log"), stem("pod-2")
    ('pod-api', 'pod-api', 'worker', 'pod-2')
    """
    while (short := _ROTATED.sub("", name)) and short != name:
        name = short
    return name


def plain(text: str) -> str:
    """The text without terminal colours and NUL bytes (holes that a crash leaves in a log)."""
    return _ANSI.sub("", text).replace("\x00", "") if "\x1b" in text or "\x00" in text else text


def stated_level(text: str) -> str | None:
    """The level that a line states at its head, as it writes it; None where it states none.

    >>> stated_level("2026-10-03 14:02:11 [error] 7#0: upstream"), stated_level("INFO no ERROR found")
    ('error', 'INFO')
    >>> stated_level("the error page was served") is None
    True
    """
    found = _LEVEL.search(text[:200])
    return next(word for word in found.groups() if word) if found else None


def is_error(level: str) -> bool:
    """Whether a level is ERROR or worse, in syslog's, Java's, Python's or pino's (50, 60) words."""
    return level.lower() in ERROR_LEVELS
