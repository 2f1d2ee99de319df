"""What was done to messages afterwards: edits, which must not speak for the moment before them, and reactions.

An edited message says what it said when it was sent, as far as that is told; what it says since counts from its edit. A
reaction marks its message. When it was given most tools do not tell: it then stands at its message's own moment, and is
known to have come then or later.
"""

from __future__ import annotations

import polars as pl

from podanalytics.model import Kind
from podanalytics.policy import Match, Policy

_SAME = ["incident", "source"]
_UNKNOWN = pl.Datetime("us", "UTC")


def as_sent(told: pl.DataFrame) -> pl.DataFrame:
    """The events with every message's text as it was when it was sent, and `edited_at`: when it was last edited, where
    its former words are not told.
    """
    edits = told.filter(pl.col("kind") == Kind.EDITED.value).sort("occurred_at", "key")
    first = edits.group_by(*_SAME, pl.col("value").alias("key"), maintain_order=True).agg(
        pl.col("was").first().alias("sent"), pl.col("occurred_at").last().alias("edited_at")
    )
    joined = told.join(first, on=[*_SAME, "key"], how="left", maintain_order="left")
    message = pl.col("kind") == Kind.MESSAGE.value
    return joined.with_columns(
        pl.when(message).then(pl.coalesce("sent", "text")).otherwise("text").alias("text"),
        pl.when(message & pl.col("sent").is_null()).then("edited_at").cast(_UNKNOWN).alias("edited_at"),
    ).drop("sent")


def rewritten(told: pl.DataFrame) -> pl.DataFrame:
    """What messages say since they were edited, as messages of the moment of their edit: where their former words are
    told, so that the message itself speaks with these.
    """
    edits = told.filter((pl.col("kind") == Kind.EDITED.value) & pl.col("was").is_not_null())
    roots = told.filter(pl.col("kind") == Kind.MESSAGE.value).select(
        *_SAME, pl.col("key").alias("value"), pl.col("value").alias("root")
    )
    found = edits.join(roots, on=[*_SAME, "value"], how="inner", maintain_order="left")
    return found.with_columns(pl.lit(Kind.MESSAGE.value).alias("kind"), pl.col("root").alias("value")).drop("root")


def with_reactions(told: pl.DataFrame) -> pl.DataFrame:
    """Annotated events with `emoji`: what people put on each message."""
    given = _by_people(told).group_by(*_SAME, pl.col("was").alias("key")).agg(pl.col("value").unique().alias("emoji"))
    return told.join(given, on=[*_SAME, "key"], how="left", maintain_order="left")


def _by_people(told: pl.DataFrame) -> pl.DataFrame:
    return told.filter((pl.col("kind") == Kind.REACTED.value) & pl.col("human"))


def paired(hits: pl.DataFrame, told: pl.DataFrame, match: Match) -> pl.DataFrame:
    """A match's hits with `also`, the id of a reaction's message or of the reaction that marks a message, and
    `earliest`: whether it is a reaction of which only its message's moment is told.
    """
    plain = hits.with_columns(pl.lit(None, pl.String).alias("also"), pl.lit(False).alias("earliest"))
    if match.reacted:
        given = _by_people(told).filter(pl.col("value").is_in(list(match.reacted))).sort("occurred_at", "key")
        first = given.group_by(*_SAME, pl.col("was").alias("key"), maintain_order=True).agg(
            pl.col("id").first().alias("also")
        )
        return plain.drop("also").join(first, on=[*_SAME, "key"], how="left", maintain_order="left")
    if Kind.REACTED.value not in hits["kind"]:
        return plain
    messages = told.filter(pl.col("kind") != Kind.REACTED.value).select(
        *_SAME, pl.col("key").alias("was"), pl.col("id").alias("also"), pl.col("occurred_at").alias("sent_at")
    )
    found = plain.drop("also").join(messages, on=[*_SAME, "was"], how="left", maintain_order="left")
    given_then = (pl.col("kind") == Kind.REACTED.value) & (pl.col("occurred_at") == pl.col("sent_at"))
    return found.with_columns(
        pl.when(pl.col("kind") == Kind.REACTED.value).then("also").alias("also"),
        given_then.fill_null(False).alias("earliest"),
    ).drop("sent_at")


def marked(told: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """id, role: what the policy's markers say of the messages that carry them. `told`: annotated events of one or more
    incidents.
    """
    means = {emoji: f"{marker.means} ({shown(emoji)})" for marker in policy.markers for emoji in marker.emoji}
    rows = [
        {"id": id, "role": means[emoji]}
        for id, given in told.filter(pl.col("emoji").is_not_null()).select("id", "emoji").iter_rows()
        for emoji in sorted(given)
        if emoji in means
    ]
    return pl.DataFrame(rows, schema={"id": pl.String, "role": pl.String})


def shown(emoji: str) -> str:
    """An emoji as people write it: a name between colons, a sign as it is."""
    return f":{emoji}:" if emoji.isascii() else emoji
