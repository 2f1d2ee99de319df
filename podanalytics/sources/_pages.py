"""Pages of records as APIs and collectors write them: lists, wrapped lists, JSON lines, and envelopes around one
record.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podanalytics.model import Fault
from podanalytics.sources._read import Item, first_json, json_document, json_lines, members

ENVELOPE = {"url", "data"}  # one record with the request that fetched it, as Apache DevLake's collectors keep it


def sample(path: Path, *lists: str) -> dict[str, Any] | None:
    """The first record of a file, whatever it is wrapped in; None where there is none. For `owns`.

    `lists` are the names under which a page may hold its records.
    """
    found = first_json(path)
    if isinstance(found, dict):
        found = next((found[name] for name in lists if isinstance(found.get(name), list)), found)
    if isinstance(found, list):
        found = found[0] if found else None
    if isinstance(found, dict) and set(found) >= ENVELOPE and isinstance(found["data"], dict):
        return found["data"]
    return found if isinstance(found, dict) else None


def records(path: Path, source: str, *lists: str) -> Iterator[Item | Fault]:
    """Every record of the file with its place; an opened envelope's own fields stay under `_envelope`."""
    if _is_lines(path):
        for item in json_lines(path, source):
            yield item if isinstance(item, Fault) else _opened(*item)
        return
    try:
        document = json_document(path)
    except ValueError as error:
        yield Fault(source, path.name, f"not JSON: {error}")
        return
    if isinstance(document, list):
        yield from (_opened(*item) for item in members(path.name, "", document))
        return
    names = [name for name in lists if isinstance(document.get(name), list)]
    for name in names:
        yield from (_opened(*item) for item in members(path.name, f"/{name}", document[name]))
    if not names:
        yield _opened(path.name, document)


def _is_lines(path: Path) -> bool:
    from podanalytics.sources._read import head

    start = head(path).lstrip()
    lines = [line for line in start.split("\n", 3)[:2] if line.strip()]
    return (
        start.startswith("{")
        and lines[0].rstrip().endswith("}")
        and (len(lines) == 1 or lines[1].lstrip().startswith("{"))
    )


def _opened(origin: str, record: Any) -> Item:
    if isinstance(record, dict) and set(record) >= ENVELOPE and isinstance(record["data"], dict):
        envelope = {name: record[name] for name in record if name != "data"}
        return f"{origin}#/data" if "#" not in origin else f"{origin}/data", {**record["data"], "_envelope": envelope}
    return origin, record
