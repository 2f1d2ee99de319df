"""Docker: the json-file logging driver's lines, of which the notable ones become events.

Source: Docker's JSON File logging driver. Docker cuts a long line at 16 kB; only the last part ends in a line end, so
parts of one stream are joined until it comes. `time` is the engine's clock, always with a zone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from podanalytics.model import Fault, Precision, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._logfile import UNSTATED, first_record, plain, stated_level, stem
from podanalytics.sources._notable import LogLine, Notable
from podanalytics.sources._read import NOT_JSON, each, json_lines, text_of

NAME = "docker"
MAX_LINE = 262_144  # characters of one joined line


def owns(path: Path) -> bool:
    """Lines of JSON with the driver's `log` and `time` (and `stream`, which every writer but the oldest gives)."""
    record = first_record(path)
    return isinstance(record.get("log"), str) and isinstance(record.get("time"), str) and "__CURSOR" not in record


def parse(path: Path) -> Iterator[Told]:
    """The container's notable lines; subject is the container's name (its tag), or the file's stem."""
    reader = _Reader(path)
    yield from each(NAME, json_lines(path, NAME), reader.read)
    yield from reader.rest()


class _Reader:
    """Joins the parts of long lines, stream by stream, and hands whole lines on."""

    def __init__(self, path: Path) -> None:
        self._container = stem(path.name)
        self._notable = Notable(NAME, path.name)
        self._open: dict[str, LogLine] = {}

    def read(self, record: dict[str, Any], origin: str) -> Iterator[Told]:
        part = record["log"]
        if not isinstance(part, str):
            raise ValueError("log is not text")
        stream = str(record.get("stream", ""))
        begun = self._open.pop(stream, None)
        line = replace(begun, text=begun.text + part) if begun else self._begin(record, part, origin)
        if part.endswith("\n"):
            yield from self._notable.tell(_whole(line))
        elif len(line.text) > MAX_LINE:
            yield Fault(NAME, line.origin, f"a line of more than {MAX_LINE} characters was cut there")
            yield from self._notable.tell(_whole(line))
        else:
            self._open[stream] = line

    def rest(self) -> Iterator[Told]:
        """Lines whose last part is missing (the file was still being written), then the bursts' ends."""
        for stream in sorted(self._open):
            yield from self._notable.tell(_whole(self._open[stream]))
        yield from self._notable.rest()

    def _begin(self, record: dict[str, Any], part: str, origin: str) -> LogLine:
        attributes = record.get("attrs") or {}
        subject = attributes.get("tag") or attributes.get("name") or self._container
        finest = Precision.MICROSECOND if "." in record["time"] else iso_precision(record["time"])
        return LogLine(iso(record["time"]), UNSTATED, part, text_of(subject), origin, finest)


def _whole(line: LogLine) -> LogLine:
    """The line with its level, and with its message where the service itself writes JSON."""
    text = plain(line.text).rstrip("\r\n")
    inner = _json(text)
    level = inner.get("level", inner.get("severity", inner.get("lvl")))
    message = inner.get("msg", inner.get("message"))
    if isinstance(level, str | int) and isinstance(message, str):
        return replace(line, level=str(level) or UNSTATED, text=message)
    return replace(line, level=stated_level(text) or UNSTATED, text=text)


def _json(text: str) -> dict[str, Any]:
    if not text.startswith("{"):
        return {}
    try:
        found = json.loads(text)
    except NOT_JSON:
        return {}
    return found if isinstance(found, dict) else {}


source = Source(
    title="Docker container log (json-file)",
    manual="https://docs.docker.com/engine/logging/drivers/json-file/",
    owns=owns,
    parse=parse,
    group="logs",
    takes="the json-file driver's log",
    known_by="lines with `log` and `time`",
)
