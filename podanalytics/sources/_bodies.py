"""Bodies that a webhook sent, as whatever received them keeps them: bare, or inside a record of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from podanalytics.model import Fault
from podanalytics.sources._read import NOT_JSON, Item, pointed

WRAPPED = ("body", "payload", "data")  # what a record may call the body in it: JSON, or text that is JSON


def unwrapped(origin: str, record: dict[str, Any], is_body: Callable[[dict[str, Any]], bool]) -> Item:
    """The body and its place; the record itself where it holds none. Raises ValueError for text that breaks off."""
    for name in () if is_body(record) else WRAPPED:
        inner = record.get(name)
        if isinstance(inner, str) and inner.lstrip().startswith("{"):
            try:
                inner = json.loads(inner)
            except NOT_JSON:
                raise ValueError(f"{name} is not JSON: the body was cut when it was kept") from None
        if isinstance(inner, dict) and is_body(inner):
            return pointed(origin, f"/{name}"), inner
    return origin, record


def bodies(
    items: Iterable[Item | Fault], source: str, is_body: Callable[[dict[str, Any]], bool]
) -> Iterator[Item | Fault]:
    """Every record, or the body that it holds; one whose body cannot be read is a Fault."""
    for given in items:
        if isinstance(given, Fault):
            yield given
            continue
        try:
            yield unwrapped(*given, is_body)
        except ValueError as error:
            yield Fault(source, given[0], str(error))
