"""What the events mean under the policy: whose they are, in which state, how severe, whether a person did it."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from podanalytics.model import Kind
from podanalytics.policy import NO_SEVERITY, Match, Meaning, Policy, meaning_of
from podanalytics.reconstruct.template import bare_status, parse_update

SINGLE = ("mention", "conversation")  # methods of members that bring one event, not the whole container
APART = ("action",)  # methods of members that bring none
_SENTENCE = r"(?s).+?(?:[.!?;](?:\s|$)|\n|$)"  # a dot inside v2.13 ends none
WAIVER = -1  # the step of the marks that waive a clause


def tell(events: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """The incidents' events:

    EVENTS columns plus `incident` and `standing` (how its record stands: anchor, merged, or another method), in time
    order. A mention brings its one event, an action item none.
    """
    whole = (
        members.filter(~pl.col("method").is_in([*SINGLE, *APART]))
        .select("incident", "source", "subject", "since", "until", pl.col("method").alias("standing"))
        .unique(["incident", "source", "subject"], keep="first", maintain_order=True)
    )
    single = members.filter(pl.col("method").is_in(SINGLE)).select(
        "incident", pl.col("evidence").alias("id"), pl.col("method").alias("standing")
    )
    events = events.filter(pl.col("kind") != Kind.ALIAS.value)  # what a record is called, too, is no moment of it
    parts = [_in_time(events.join(whole, on=["source", "subject"])), events.join(single, on="id")]
    told = pl.concat(parts, how="diagonal")
    return told.unique(["incident", "id"], keep="first", maintain_order=True).sort(
        "incident", "occurred_at", "source", "key"
    )


# What a record said of itself before it was opened again still holds when it is.
_LASTING = [k.value for k in (Kind.DECLARED, Kind.RENAMED, Kind.SEVERITY, Kind.LABELLED)]


def _in_time(told: pl.DataFrame) -> pl.DataFrame:
    """What members tell from `since` on and before `until`; what had been said of the record stands at `since`."""
    at, since, until = pl.col("occurred_at"), pl.col("since"), pl.col("until")
    inside = told.filter((since.is_null() | (at >= since)) & (until.is_null() | (at < until)))
    if told["since"].null_count() < told.height:
        before = told.filter((at < since) & pl.col("kind").is_in(_LASTING)).sort("occurred_at", "key")
        last = before.unique(["incident", "source", "subject", "kind"], keep="last", maintain_order=True)
        inside = pl.concat([inside, last.with_columns(since.alias("occurred_at"))])
    return inside.drop("since", "until")


def annotate(told: pl.DataFrame, people: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Adds `human`, `update`, `state` and `severity_id`: the policy's reading of each event."""
    bots = (
        people.filter(pl.col("bot"))
        .select("source", pl.col("key").alias("actor"))
        .unique()
        .with_columns(pl.lit(True).alias("bot"))
    )
    known = told.join(bots, on=["source", "actor"], how="left", nulls_equal=False)
    known = known.with_columns((pl.col("actor").is_not_null() & pl.col("bot").is_null()).alias("human")).drop("bot")
    is_update = (pl.col("kind") == Kind.MESSAGE.value) & pl.col("text").str.contains(policy.updates.header)
    if policy.updates.actor != "any":
        is_update &= pl.col("human") if policy.updates.actor == "human" else ~pl.col("human")
    known = known.with_columns(is_update.alias("update"))
    known = known.with_columns(_stated_status(known, policy).alias("stated"))
    # A status post and an update both state a status; whichever has one.
    words = known.select(
        "source",
        pl.coalesce(
            pl.when(pl.col("kind").is_in([Kind.STATUS.value, Kind.NOTICE.value])).then("value"), "stated"
        ).alias("word"),
    )
    tells = pl.col("kind").is_in([Kind.SEVERITY.value, Kind.LABELLED.value])
    tells |= (pl.col("kind") == Kind.STATED.value) & (pl.col("was") == "severity")
    severe = known.select("source", pl.when(tells).then("value").alias("word"))
    return known.with_columns(
        meanings(words, policy.state_words).alias("state"), _severities(severe, policy).alias("severity_id")
    ).drop("stated")


def _stated_status(known: pl.DataFrame, policy: Policy) -> pl.Series:
    """The status an update's template states; null for everything else."""
    stated: list[str | None] = [None] * known.height
    updates = known.select("text").with_row_index("row").filter(known["update"].fill_null(False))
    for row, text in updates.iter_rows():
        status = parse_update(text, policy.updates).get(policy.updates.status_field)
        stated[row] = status and bare_status(status)
    return pl.Series(stated, dtype=pl.String)


def _severities(words: pl.DataFrame, policy: Policy) -> pl.Series:
    found = meanings(words, policy.severity_words)
    return found.set(found == NO_SEVERITY, None)


def meanings(words: pl.DataFrame, vocabulary: tuple[Meaning, ...]) -> pl.Series:
    """What each (source, word) means by the vocabulary, first match first; null for a word it does not hold."""
    pairs = words.unique()
    meant = pl.Series(
        "means", [meaning_of(source, word, vocabulary) for source, word in pairs.iter_rows()], dtype=pl.String
    )
    told = words.join(pairs.with_columns(meant), on=words.columns, how="left", nulls_equal=True, maintain_order="left")
    return told["means"].rename("")


class Shelves:
    """Annotated events by tool and kind, so that a match looks only at those that it can mean.

    Most rules of a policy name a kind or a tool, and most of what is loaded is of another.
    """

    def __init__(self, told: pl.DataFrame) -> None:
        self.told = told
        parts = told.partition_by("source", "kind", as_dict=True, maintain_order=True)
        self._parts = {(str(source), str(kind)): part for (source, kind), part in parts.items()}

    def find(self, match: Match) -> pl.DataFrame:
        """The events that a match means."""
        kinds = {k.value for k in match.kind}
        fits = [
            part.filter(condition(match))
            for (source, kind), part in self._parts.items()
            if (not kinds or kind in kinds) and (not match.source or source in match.source)
        ]
        return pl.concat(fits) if fits else self.told.clear()


def condition(match: Match) -> pl.Expr:
    """The rows of annotated events that a match means."""
    wanted: list[pl.Expr] = []
    if match.kind:
        wanted.append(pl.col("kind").is_in([k.value for k in match.kind]))
    for column, names in (("source", match.source), ("state", match.state)):
        if names:
            wanted.append(pl.col(column).is_in(list(names)))
    wanted += _words(match)
    if match.actor != "any":
        wanted.append(pl.col("human") if match.actor == "human" else ~pl.col("human"))
    if match.update is not None:
        wanted.append(pl.col("update") == match.update)
    if match.severity is not None:
        wanted.append(pl.col("severity_id").is_not_null() == match.severity)
    if match.reacted:
        wanted.append(pl.col("emoji").list.set_intersection(list(match.reacted)).list.len() > 0)
    if match.role is not None:
        wanted.append(pl.col("role").str.split("|").list.contains(match.role))
    return pl.all_horizontal(wanted).fill_null(False) if wanted else pl.lit(True)


def _words(match: Match) -> Iterator[pl.Expr]:
    """What the event's own words must say, and must not."""
    for column in ("subject", "value", "was"):
        if pattern := getattr(match, column):
            yield pl.col(column).str.contains(pattern)
    if match.text and match.not_text:
        yield _says(match.text, match.not_text)
    elif match.text:
        yield pl.col("text").str.contains(match.text)
    elif match.not_text:
        yield ~pl.col("text").str.contains(match.not_text)


def _says(pattern: str, unless: str) -> pl.Expr:
    """Whether one sentence of a text says it and does not take it back: "not passing yet" is no pass."""
    said = pl.element().str.contains(pattern) & ~pl.element().str.contains(unless)
    return pl.col("text").str.extract_all(_SENTENCE).list.eval(said).list.any()


def marks(shelves: Shelves, policy: Policy) -> pl.DataFrame:
    """The events that the policy's clauses look for by themselves (`match`, `steps`): incident, clause, step,
    occurred_at, id, text.
    """
    shown = ["incident", "occurred_at", "id", "text"]
    found = [shelves.told.clear().select(shown).with_columns(clause=pl.lit(""), step=pl.lit(0, dtype=pl.Int64))]
    for clause in policy.clauses:
        for step, matches in ((WAIVER, clause.unless), *enumerate(clause.steps or (clause.match,))):
            if matches:
                hits = pl.concat([shelves.find(m).select(shown) for m in matches]).unique(["incident", "id"])
                found.append(hits.with_columns(clause=pl.lit(clause.id), step=pl.lit(step, dtype=pl.Int64)))
    return pl.concat(found).sort("incident", "clause", "step", "occurred_at", "id")
