"""Slack's Web API as `podanalytics pull` keeps it: a folder of answers, and a manifest with the address of each.

A page of messages does not name its channel, its address does; who people are and what channels are called is on pages
of their own. So the folder is one unit. A message is the same event here and in an export of the workspace, and on
every page that has it; of pages that tell it differently the later edit stands.
Source: https://docs.slack.dev/reference/methods (users.list, conversations.list, .history, .replies).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from podanalytics.model import Fault, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._manifest import MANIFEST, manifest_lines
from podanalytics.sources._read import NOT_JSON, Item, each, members, reason_of, text_of
from podanalytics.sources._slack_index import NAME, Export, channel, person
from podanalytics.sources._walk import files_below
from podanalytics.sources.slack import _message

# The methods whose answers are read, and the list that each has.
LISTS = {
    "users.list": "members",
    "conversations.list": "channels",
    "conversations.history": "messages",
    "conversations.replies": "messages",
}
MESSAGES = ("conversations.history", "conversations.replies")
_LOOKED_AT = 5  # lines of a manifest


def owns(path: Path) -> bool:
    """A folder with a manifest of pulled pages, the first of which are answers of Slack's methods."""
    return path.is_dir() and any(_method(line["url"]) for line in islice(manifest_lines(path / MANIFEST), _LOOKED_AT))


def _method(url: str) -> str:
    method = urlsplit(str(url)).path.rpartition("/")[2]
    return method if method in LISTS else ""


def parse(path: Path) -> Iterator[Told]:
    """People, channels, then messages, whatever the names of their pages; subject is `#channel`."""
    addresses: dict[str, str] = {}
    for line in manifest_lines(path / MANIFEST):  # in the order in which the pages were seen last
        addresses.pop(str(line.get("file")), None)
        addresses[str(line.get("file"))] = str(line["url"])
    files, refused = files_below(path)
    yield from (Fault(NAME, f"{path.name}/{odd.relative_to(path).as_posix()}", why) for odd, why in refused)
    names = {file.relative_to(path).as_posix() for file in files if not file.name.startswith(".")}
    pages = [(name, url) for name, url in addresses.items() if name in names and _method(url)]
    export = Export()
    for method, read in (("users.list", person), ("conversations.list", channel)):
        rows = (row for name, url in pages if _method(url) == method for row in _rows(path, name, method))
        yield from each(NAME, _latest(rows), partial(_indexed, read, export))
    for name, url in pages:
        if (method := _method(url)) in MESSAGES:
            yield from _messages(path, name, url, method, export)
    for name in sorted(names - {name for name, _ in pages}):
        yield Skipped(f"{path.name}/{name}", "file that the manifest does not name as an answer of Slack's")


def _indexed(read: Callable[[Any, str, Export], Iterator[Told]], export: Export, row: Any, at: str) -> Iterator[Told]:
    return read(row, at, export)


def _latest(rows: Iterable[Item | Fault]) -> list[Item | Fault]:
    """Of each user and channel what was told last: names change."""
    found: dict[Any, Item | Fault] = {}
    for number, given in enumerate(rows):
        known = not isinstance(given, Fault) and isinstance(given[1], dict) and text_of(given[1].get("id"))
        key = known or number
        found.pop(key, None)
        found[key] = given
    return list(found.values())


def _messages(path: Path, name: str, url: str, method: str, export: Export) -> Iterator[Told]:
    asked = (parse_qs(urlsplit(url).query).get("channel") or [""])[0]
    if not asked:
        yield Fault(NAME, f"{path.name}/{name}", "its address in the manifest names no channel")
        return
    place = export.place(asked)
    read = _rows(path, name, method)
    yield from each(NAME, read, lambda item, at: _message(item, at, place), lambda item: item.get("ts"))


def _rows(path: Path, name: str, method: str) -> Iterator[Item | Fault]:
    """What the list of an answer holds; one Fault where it is none."""
    origin, wanted = f"{path.name}/{name}", LISTS[method]
    try:
        document = json.loads((path / name).read_bytes().decode("utf-8-sig"))
        rows = document.get(wanted) if isinstance(document, dict) else None
        if not isinstance(rows, list):
            raise ValueError(f"no answer to {method}: it has no list {wanted}")
    except (*NOT_JSON, OSError) as error:
        yield Fault(NAME, origin, f"not readable: {reason_of(error)}")
        return
    yield from members(origin, f"/{wanted}", rows)


source = Source(
    title="Slack's Web API, as pulled",
    manual="https://docs.slack.dev/reference/methods/conversations.history",
    owns=owns,
    parse=parse,
    group="chat",
    takes="the folder that `podanalytics pull slack` writes",
    known_by="a manifest with addresses of Slack's methods",
)
