"""Damage, as disks, networks, editors and other people's programs do it, drawn from a generator of random numbers."""

from __future__ import annotations

import codecs
import gzip
import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

LARGEST = 400_000  # bytes; a case that grew beyond it is cut
TOKENS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\r", b"\n", b"\n\n", b'"', b"\\",
    b"\\u0000", b"\\ud83d", b"{", b"}", b"[", b"]", b",", b":", b"NaN", b"-Infinity", b"1e999", b"9" * 400, b"9" * 5000,
    b"null", b"0000-00-00T00:00:00Z", b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59-12:00", b"+275760-09-13T00:00:00Z",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<![CDATA[", b"]]>", b"---", b"+++", b"[[", b"''' ", b"# zone: Mars/Olympus",
    b"&a [*a,*a]", b"\x1b[31m", b"commit 0000000", b"PK\x03\x04", b"\x1f\x8b",
)  # fmt: skip
BLOWN = (
    b" ",
    b"a",
    b"0",
    b"-",
    b"<",
    b"[",
    b'{"a":',
    b"\t",
    b"\n",
    b'"',
    b"\\",
    b"(",
    b"*",
    b"\xf0\x9f\x98\x80",
    b": ",
    b"a.",
)
JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 7, 1.5, 1e308, float("inf"), float("nan"), 10**18, 10**400, "", "x", "\ud83d", "\x00",
    "7", "1e999", "0001-01-01T00:00:00Z", "0000-01-01", "9999-12-31T23:59:59-12:00", "+275760-09-13T00:00:00Z",
    "2026-10-14", [], [None], ["x"], [[]], {}, {"x": 1}, {"": None}, {"id": {}}, "x" * 70_000,
)  # fmt: skip


def mutated(data: bytes, chance: random.Random, others: Sequence[bytes] = ()) -> bytes:
    """The bytes with one to three damages; `others` are files that parts may come from."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        data = chance.choice(DAMAGES)(data, chance, others or (data,))[:LARGEST]
    return data


def _span(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 1, 3, 20, 200)))


def _flip(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(min(len(data), chance.choice((1, 1, 4, 20)))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _headless(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    return data[chance.randrange(len(data) + 1) :]


def _removed(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    start, end = _span(data, chance)
    return data[:start] + data[end:]


def _doubled(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    start, end = _span(data, chance)
    return data[:end] + data[start:]


def _told_in(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    start, end = _span(data, chance)
    return data[:start] + chance.choice(TOKENS) + data[end if chance.random() < 0.5 else start :]


def _spliced(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    other = chance.choice(others)
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def _blown(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    start = chance.randrange(len(data) + 1)
    return data[:start] + chance.choice(BLOWN) * chance.choice((300, 5_000, 60_000)) + data[start:]


def _lines(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    how = chance.randrange(4)
    place = chance.randrange(len(lines))
    if how == 0:
        chance.shuffle(lines)
    elif how == 1:
        lines.insert(place, chance.choice(lines))
    elif how == 2:
        del lines[place]
    else:
        lines = lines[:place] * 2 + lines[place:]
    return (b"\r\n" if chance.random() < 0.1 else b"\n").join(lines)


def _encoded(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    text = data.decode("utf-8", "replace")
    return chance.choice(
        (
            codecs.BOM_UTF8 + data,
            codecs.BOM_UTF16_LE + data,
            text.encode("utf-16"),
            text.encode("utf-16-be"),
            text.encode("utf-32"),
            text.encode("latin-1", "replace"),
            gzip.compress(data),
            gzip.compress(data)[:-9],
            gzip.compress(gzip.compress(data)),
        )
    )


def _member(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """A member of a JSON document, or of one line of several, goes, comes twice, or is something else."""
    lines = data.split(b"\n")
    number: int | None = None
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        number = chance.randrange(len(lines))
        try:
            document = json.loads(lines[number])
        except (ValueError, RecursionError):
            return _flip(data, chance, ())
    try:
        places = list(_places(document))
        text = _changed(document, places, chance) if places else json.dumps(chance.choice(JUNK)).encode()
    except RecursionError:  # it was damaged so before
        return _flip(data, chance, ())
    if number is None:
        return text
    return b"\n".join([*lines[:number], text, *lines[number + 1 :]])


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key or number) of every value inside."""
    inside = (
        list(document) if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else ()
    )
    for key in inside:
        yield document, key
        yield from _places(document[key])


def _changed(document: Any, places: list[tuple[Any, Any]], chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 5))):
        container, key = chance.choice(places)
        other, its = chance.choice(places)
        if not _there(container, key) or not _there(other, its):
            continue
        how = chance.randrange(6)
        if how == 0:
            del container[key]
        elif how == 1:
            container[key] = json.loads(json.dumps(other[its]))
        elif how == 2 and isinstance(container, list):
            container.insert(key, json.loads(json.dumps(container[key])))
        elif how == 3 and isinstance(container, dict):
            container["@twice@" + key] = chance.choice(JUNK)  # written below as a second member of that name
        elif how == 4:
            deep: Any = chance.choice(JUNK)
            for _ in range(chance.choice((2, 30, 400))):
                deep = [deep] if chance.random() < 0.5 else {"a": deep}
            container[key] = deep
        else:
            container[key] = chance.choice(JUNK)
    return (
        json.dumps(document, ensure_ascii=chance.random() < 0.5)
        .encode("utf-8", "surrogatepass")
        .replace(b"@twice@", b"")
    )


def _there(container: Any, key: Any) -> bool:
    return key in container if isinstance(container, dict) else key < len(container)


DAMAGES: tuple[Callable[[bytes, random.Random, Sequence[bytes]], bytes], ...] = (
    _flip, _cut, _headless, _removed, _doubled, _told_in, _told_in, _spliced, _blown, _lines, _encoded,
    _member, _member, _member, _member, _member,
)  # fmt: skip
