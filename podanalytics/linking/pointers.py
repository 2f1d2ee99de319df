"""Evidence by pointers: a tool's own merge or link field, the address of another record, a known key in a title, and
one post that names two records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from podanalytics.linking.containers import URL, Known
from podanalytics.linking.evidence import MERGED, POINTER, Evidence, between
from podanalytics.model import Kind

KEY = r"\b[A-Z][A-Z0-9]+-\d+\b"
_RELATED = re.compile(
    r"(?i)\b(?:similar to|same as|like|as in|see also|cf\.?|compare|related to|unlike)\W{0,3}\w*\W{0,3}$"
)


def merges(events: pl.DataFrame, known: Known) -> Iterator[Evidence]:
    """The tool itself says that one record went into another."""
    for row in events.filter(pl.col("kind") == Kind.MERGED.value).iter_rows(named=True):
        left, right = (row["source"], row["subject"]), (row["source"], row["value"])
        if left in known and right in known:
            why = f"{row['source']} merged {row['subject']} into {row['value']}"
            yield Evidence(-1.0, right, left, MERGED, why, row["id"])


def pointers(events: pl.DataFrame, known: Known) -> Iterator[Evidence]:
    """A record's own link field, or the address of another record in its title, description, topic or comments."""
    written = events.filter(_holds(pl.col("text"), "://") | _holds(pl.col("value"), "://"))
    text = pl.concat_str([pl.col("text"), pl.col("value").fill_null("")], separator=" ")
    for row in written.with_columns(text.str.extract_all(URL).alias("urls")).iter_rows(named=True):
        here = (row["source"], row["subject"])
        for url in row["urls"] if here in known else ():
            target = known.at(url)
            method, score = _strength(row, url)
            yield from between(known, score, here, target, method, f"{here[1]} holds a link to {target[1]}", row["id"])
    if not known.keys:
        return
    for row in events.filter(pl.col("kind") == Kind.LINKED.value).iter_rows(named=True):
        here, pointed = (row["source"], row["subject"]), known.keys.get(row["value"])
        if pointed:
            yield from between(known, 1.0, here, pointed, POINTER, f"{here[1]} points at {pointed[1]}", row["id"])


def _holds(column: pl.Expr, text: str) -> pl.Expr:
    return column.str.contains(text, literal=True).fill_null(False)


def _strength(row: dict[str, str], url: str) -> tuple[str, float]:
    """How much an address says: a link field most, a title or topic more than what people write underneath, which
    must not outrank the channel's own name, and "similar to" nothing at all.
    """
    if row["kind"] == Kind.LINKED.value:
        return POINTER, 1.0
    if _RELATED.search(row["text"].split(url, 1)[0]):
        return "related", 0.5
    return "url", 0.92 if row["kind"] == Kind.MESSAGE.value else 0.98


def titles(events: pl.DataFrame, known: Known) -> Iterator[Evidence]:
    """A known key in another record's title: likely, but "same as INC-7" is written too, so a person decides."""
    if not known.keys:
        return
    told = events.filter(pl.col("kind").is_in([Kind.DECLARED.value, Kind.RENAMED.value]))
    words = pl.concat_str("text", pl.col("value").fill_null(""), separator=" ")
    told = told.with_columns(words.str.extract_all(KEY).alias("keys")).filter(pl.col("keys").list.len() > 0)
    for row in told.iter_rows(named=True):
        here = (row["source"], row["subject"])
        for key in row["keys"]:
            if named := known.keys.get(key):
                why = f"the title of {here[1]} names {key}"
                yield from between(known, 0.8, named, here, "key in title", why, row["id"])


def posts(events: pl.DataFrame, known: Known, chats: list[str]) -> Iterator[Evidence]:
    """One post (a bot's announcement, usually) that names two containers joins them; `chats` are tools."""
    chat = events.filter(pl.col("source").is_in(chats) & (pl.col("kind") == Kind.MESSAGE.value))
    wanted = chat.filter(pl.col("text").str.contains(r"(?i)\bdeclared\b|\bincident\b|\bopened\b"))
    wanted = wanted.with_columns(
        pl.col("text").str.extract_all(URL).alias("urls"), pl.col("text").str.extract_all(r"#[\w-]+").alias("names")
    )
    for row in wanted.filter(pl.col("urls").list.len() + pl.col("names").list.len() > 1).iter_rows(named=True):
        named = [c for u in row["urls"] if (c := known.at(u)) in known]
        named += [c for n in row["names"] if (c := (row["source"], n)) in known.channels]
        for other in sorted(set(named[1:]) - set(named[:1])):
            why = f"one post names {named[0][1]} and {other[1]}"
            yield from between(known, 0.9, named[0], other, "announcement", why, row["id"])
