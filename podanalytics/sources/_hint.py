"""What a file that no source recognises seems to be: the hint in its fault."""

from __future__ import annotations

import codecs
import re
import zipfile
from pathlib import Path
from typing import Any

from podanalytics.sources._read import DAMAGED, NOT_JSON, json_document, open_bytes, reason_of

LOOKED_AT = 65_536
LARGEST = 32 << 20  # bytes of a file that is read whole for the sake of a hint
UNPACKED = 1 << 30  # bytes that a packed one is followed for
_PLAIN_WIDE = re.compile(rb"[\t\n\r -~]\x00|\x00[\t\n\r -~]")  # without a byte order mark
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


def hint(path: Path) -> str:
    """What is damaged or unusual about the file, in words; empty when nothing is."""
    try:
        with path.open("rb") as file:
            start = file.read(LOOKED_AT)
        return _of_bytes(path, start)
    except DAMAGED as error:
        return f"the packed file is damaged: {error}"
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"


def _of_bytes(path: Path, start: bytes) -> str:
    if not start:
        return "it is empty"
    if start.startswith(b"PK\x03\x04"):
        whole = zipfile.is_zipfile(path)
        return "a ZIP without a Slack export: unpack what it holds" if whole else "the ZIP is damaged or cut off"
    if start.startswith(b"\x1f\x8b"):
        with open_bytes(path) as file:
            while file.tell() < UNPACKED and file.read(LOOKED_AT):
                pass
        return ""
    if start.startswith(_WIDE) or _PLAIN_WIDE.match(start):
        return "it is UTF-16 text: save it as UTF-8"
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if text[:1] in (b"{", b"[") and path.stat().st_size <= LARGEST:
        return _of_json(path, text)
    return "it holds NUL bytes, so it is no text" if b"\x00" in start else ""


def _of_json(path: Path, start: bytes) -> str:
    try:
        document: Any = json_document(path)
    except NOT_JSON as error:
        if b"}\n" in start or b"}\r\n" in start:
            return ""  # lines of JSON: no line by itself says that it is broken
        return f"its JSON is damaged: {reason_of(error)}"
    return "an empty list, which does not tell whose it is" if document == [] else ""
