"""Every way the sample's people are called, and where a text holds one of them."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from podanalytics.sample.people import CAST


def names_of(people: pl.DataFrame) -> set[str]:
    """Names, their parts, handles, logins, addresses and ids of the sample's people: from the truth behind it, and from
    the directories that were loaded.
    """
    told = people.filter(~pl.col("bot"))
    found = {value for column in ("key", "name", "handle", "email") for value in told[column].drop_nulls()}
    for member in CAST.values():
        found |= {member.key, member.name, *member.name.split(), member.email, member.login}
    return found


def plain(text: str) -> str:
    """Without case and accents; not by the code that is tested."""
    return re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", text)).casefold()


def leaks(text: str, names: Iterable[str]) -> list[str]:
    """The names that a text holds, whatever their case and accents, between what is neither letter nor digit."""
    folded = plain(text)
    held = [name for name in {plain(name) for name in names} if name in folded]
    return sorted(n for n in held if re.search(rf"(?<![^\W_]){re.escape(n)}(?![^\W_])", folded))


def told_by(path: Path) -> str:
    """Everything a file says, its own name too."""
    data = path.read_bytes()
    if path.suffix == ".pdf":
        from pypdf import PdfReader

        reader = PdfReader(io.BytesIO(data))
        pages = [" ".join(page.extract_text().split()) for page in reader.pages]  # a name may stand across two lines
        size: Any = reader.trailer["/Size"]
        objects = [reader.get_object(number) for number in range(1, size)]
        unseen = [
            str(o.get(key, "")) for o in objects if isinstance(o, dict) for key in ("/Alt", "/Contents", "/A", "/T")
        ]
        return "\n".join([path.name, *pages, *unseen, str(reader.metadata)])
    if path.suffix == ".parquet":
        return "\n".join([path.name, *(str(row) for row in pl.read_parquet(io.BytesIO(data)).iter_rows(named=True))])
    return f"{path.name}\n{data.decode('utf-8', 'replace')}"
