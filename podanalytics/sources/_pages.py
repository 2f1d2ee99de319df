"""Pages of records as APIs and collectors write them: lists, wrapped lists, JSON lines, and envelopes around one
record.

A page that breaks off (a download was cut) tells the records that stand whole before the break, and one Fault.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

from podanalytics.model import Fault, FaultRule
from podanalytics.sources._look import after, begun_json, start_of
from podanalytics.sources._read import (
    DAMAGED,
    MAX_DOCUMENT,
    MAX_LINE,
    NOT_JSON,
    Item,
    TooLargeError,
    bounded,
    first_json,
    head,
    json_document,
    json_lines,
    members,
    open_bytes,
    pointed,
    reason_of,
)

ENVELOPE = {"url", "data"}  # one record with the request that fetched it, as Apache DevLake's collectors keep it
_DECODER = json.JSONDecoder()


def sample(path: Path, *lists: str) -> dict[str, Any] | None:
    """The first record of a file, whatever it is wrapped in; None where there is none. For `owns`.

    `lists` are the names under which a page may hold its records.
    """
    document = first_json(path)
    found = _first_of(document, lists)
    if isinstance(document, list) and _is_page(found, lists):
        found = _first_of(found, lists)
    if found is None:
        start = head(path).lstrip()
        found = next((record for _, record in _before_the_break(start, lists)), None)
        found = _first_of(begun_json(start).document, lists) if found is None else found  # not even one is whole
    if isinstance(found, dict) and set(found) >= ENVELOPE and isinstance(found["data"], dict):
        return found["data"]
    return found if isinstance(found, dict) else None


def _first_of(document: Any, lists: tuple[str, ...]) -> Any:
    if names := _named(document, lists):
        document = document[names[0]]
    return next((r for r in document if isinstance(r, dict | list)), None) if isinstance(document, list) else document


def records(path: Path, source: str, *lists: str) -> Iterator[Item | Fault]:
    """Every record of the file with its place. What came around it, an envelope's or its page's own fields, is under
    `_envelope`.
    """
    if _is_lines(path, lists):
        for given in json_lines(path, source):
            yield from [given] if isinstance(given, Fault) else _spread(*given, source, lists)
        return
    try:
        document = json_document(path)
    except NOT_JSON as error:
        yield from _broken(path, source, lists, error)
    except DAMAGED as error:
        yield Fault(source, path.name, f"the packed file is damaged: {error}", rule=FaultRule.CUT_SHORT)
    except OSError as error:
        yield Fault(source, path.name, reason_of(error), rule=FaultRule.CUT_SHORT)
    else:
        yield from _spread(path.name, document, source, lists)
        yield from _capped(path.name, document, source, lists)


def _capped(origin: str, document: Any, source: str, lists: tuple[str, ...]) -> Iterator[Fault]:
    """A Fault where the last page of a document says that more follow, which this file does not hold."""
    pages = document if isinstance(document, list) and document and _is_page(document[-1], lists) else [document]
    page = pages[-1]
    if not isinstance(page, dict) or not _named(page, lists):
        return
    start, length, total = (page.get(name) for name in ("startAt", "maxResults", "total"))
    short = isinstance(total, int) and isinstance(start, int) and isinstance(length, int) and start + length < total
    paging = page.get("paging")
    short = short or (isinstance(paging, dict) and bool(paging.get("next")))  # Opsgenie: the address of the next page
    goes_on = bool(page.get("nextPageToken")) and page.get("isLast") is not True
    if goes_on or page.get("more") is True or page.get("has_more") is True or page.get("isLast") is False or short:
        why = "this page says that more follow: unless another file holds them, ask the tool for all pages"
        yield Fault(source, origin, why, rule=FaultRule.CAPPED)


def _is_lines(path: Path, lists: tuple[str, ...]) -> bool:
    """Whether the first line is an object that is whole in itself, and either more follows it or it is no page.

    A first line that is too long for one is a line where another one follows, and a document where none does.
    """
    first, more = b"", b""
    try:
        with open_bytes(path) as file:
            first = next(bounded(file), b"")
            more = file.read(4096).strip()
    except DAMAGED:
        more = b"then lines are told up to the damage"
    except OSError:
        return False
    if len(first) > MAX_LINE:
        return more.startswith(b"{")
    try:
        found = json.loads(first)
    except NOT_JSON:
        return False
    return isinstance(found, dict) and (bool(more) or not _named(found, lists))


def _named(document: Any, lists: tuple[str, ...]) -> list[str]:
    return [name for name in lists if isinstance(document, dict) and isinstance(document.get(name), list)]


def _is_page(entry: Any, lists: tuple[str, ...]) -> bool:
    """Whether an entry of a list is a page itself, as scripts collect them. What has an id is a record."""
    return isinstance(entry, list) or (isinstance(entry, dict) and "id" not in entry and bool(_named(entry, lists)))


def _spread(
    origin: str, document: Any, source: str, lists: tuple[str, ...], collected: bool = False
) -> Iterator[Item | Fault]:
    """The records that a document holds: its list, the lists it names, or itself; `collected`: it is one of a list."""
    names = _named(document, lists)
    if isinstance(document, list):
        found = members(origin, "", document)
    elif names:
        around = {name: value for name, value in document.items() if not isinstance(value, list | dict)}
        found = (
            (place, {"_envelope": around, **record} if isinstance(record, dict) else record)
            for name in names
            for place, record in members(origin, f"/{name}", document[name])
        )
    else:
        found = iter([(origin, document)])
    for place, record in found:
        if isinstance(document, list) and not collected and _is_page(record, lists):
            yield from _spread(place, record, source, lists, collected=True)
        elif isinstance(record, dict):
            yield _opened(place, record)
        else:
            yield Fault(source, place, "not a record but a bare value")


def _broken(path: Path, source: str, lists: tuple[str, ...], error: Exception) -> Iterator[Item | Fault]:
    text = start_of(path, MAX_DOCUMENT).decode("utf-8-sig", errors="replace")
    whole, place = 0, path.name
    for pointer, record in _before_the_break(text.lstrip(), lists):
        whole += 1
        yield from _spread(f"{path.name}#{pointer}", record, source, ())
        above, _, number = pointer.rpartition("/")
        place = f"{path.name}#{above}/{int(number) + 1}"
    kept = f"; {whole} whole before the break: read" if whole else ""
    why = f"not JSON: {reason_of(error)}"
    if isinstance(error, TooLargeError):
        why = f"{error}: save it in pages, or as JSON lines"
    yield Fault(source, place, f"{why}{kept}", rule=FaultRule.CUT_SHORT)


def _before_the_break(text: str, lists: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """(JSON pointer, record) of what stands whole in the lists of a document that cannot be read as one."""
    try:
        if text.startswith("["):
            yield from _elements(text, 1, "")
        place = 1
        while text.startswith("{"):
            name, place = _value(text, place)
            start = after(text, place)
            if name in lists and text.startswith("[", start):
                place = yield from _elements(text, start + 1, f"/{name}")
            else:
                _, place = _value(text, place)
    except NOT_JSON:
        return


def _elements(text: str, place: int, pointer: str) -> Generator[tuple[str, Any], None, int]:
    """A list's elements from `place` on; returns the place behind the list. Raises ValueError at the break."""
    number = 0
    while not text.startswith("]", place := after(text, place)):
        record, place = _value(text, place)
        yield f"{pointer}/{number}", record
        number += 1
    return place + 1


def before_the_list(path: Path, name: str) -> dict[str, Any]:
    """The top-level fields that a JSON object has before its list `name`; empty where it has no such list.

    Looks at the file's start only, so that neither its size nor damage further on matters.
    """
    document = first_json(path)
    if isinstance(document, dict) and isinstance(document.get(name), list):
        return dict(takewhile(lambda pair: pair[0] != name, document.items()))
    text = head(path).lstrip()
    found: dict[str, Any] = {}
    place = 1
    try:
        while text.startswith("{"):
            key, place = _value(text, place)
            start = after(text, place)
            if key == name:
                return found if text.startswith("[", start) else {}
            found[key], place = _value(text, start)
    except (*NOT_JSON, TypeError):  # a key that is no text cannot be one
        pass
    return {}


def _value(text: str, place: int) -> tuple[Any, int]:
    return _DECODER.raw_decode(text, after(text, place))


def _opened(origin: str, record: dict[str, Any]) -> Item:
    if set(record) >= ENVELOPE and isinstance(record["data"], dict):
        envelope = {name: record[name] for name in record if name != "data"}
        return pointed(origin, "/data"), {**record["data"], "_envelope": envelope}
    return origin, record
