"""Incidents that may be one: at the same time, told by tools of which neither tells of the other.

A pager's incident without a ticket and a status page's entry without a pager, half an hour apart, are two incidents as
far as the records say. They may as well be one whose ticket nobody loaded. Then the status page's silence about the
pager's incident proves nothing.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations

import polars as pl

from podanalytics.linking.decisions import decisions_of, in_force
from podanalytics.reconstruct.meaning import APART, SINGLE

BEFORE = timedelta(hours=1)  # how much earlier than the one the other may have begun
DAY = timedelta(days=1)  # and how much later at most, however long the one ran

SHAPE = {"incident": pl.String, "other": pl.String, "source": pl.String}


def doubles(incidents: pl.DataFrame, members: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """incident, other, source: the incidents that may be one with it, a row for each tool that tells of the other.

    `incidents`: INCIDENTS rows, `members`: MEMBERS rows, `events`: EVENTS rows, for what people decided already.
    """
    own = members.filter(~pl.col("method").is_in([*SINGLE, *APART])).select("incident", "source").unique()
    tools = own.group_by("incident").agg(pl.col("source").sort())
    running = incidents.filter(pl.col("excluded").is_null()).join(tools, on="incident")
    alone = _alone(running)
    if alone.is_empty():
        return pl.DataFrame(schema=SHAPE)
    pairs = _at_once(alone).filter(pl.col("source").list.set_intersection("others").list.len() == 0)
    found = pairs.select("incident", "other", pl.col("others").alias("source")).explode("source", empty_as_null=True)
    return _undecided(found, members, events).sort("incident", "other", "source")


def _alone(running: pl.DataFrame) -> pl.DataFrame:
    """The incidents whose tools are none of another's at all: where all share one, as they mostly do, there is none."""
    sets = sorted({tuple(tools) for tools in running["source"].to_list()})
    apart = {one for pair in combinations(sets, 2) if not set(pair[0]) & set(pair[1]) for one in pair}
    return running.filter(pl.col("source").list.join("|").is_in(["|".join(one) for one in sorted(apart)]))


def _at_once(alone: pl.DataFrame) -> pl.DataFrame:
    """incident, source, other, others: every ordered pair of which one began while the other ran, or shortly before."""
    end = pl.min_horizontal(pl.col("resolved_at").fill_null(pl.col("began_at") + DAY), pl.col("began_at") + DAY)
    spans = alone.select("incident", "source", pl.col("began_at").alias("began"), end.alias("ended"))
    others = spans.select(
        pl.col("incident").alias("other"),
        pl.col("source").alias("others"),
        pl.col("began").alias("other_began"),
        pl.col("ended").alias("other_ended"),
    )
    return spans.join_where(
        others,
        pl.col("other_began") <= pl.col("ended"),
        pl.col("began") - BEFORE <= pl.col("other_ended"),
        pl.col("incident") != pl.col("other"),
    ).filter(
        pl.col("other_began").is_between(pl.col("began") - BEFORE, pl.col("ended"))
        | pl.col("began").is_between(pl.col("other_began") - BEFORE, pl.col("other_ended"))
    )


def _undecided(found: pl.DataFrame, members: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Without the pairs of which a person has said that they are different."""
    home = {(source, subject): i for i, source, subject in members.select("incident", "source", "subject").iter_rows()}
    decided = [(home.get(d.left), home.get(d.right)) for d in in_force(decisions_of(events)) if not d.same]
    both = [(a, b) for one, other in decided if one and other for a, b in ((one, other), (other, one))]
    if not both:
        return found
    apart = pl.DataFrame(both, schema={"incident": pl.String, "other": pl.String}, orient="row")
    return found.join(apart, on=["incident", "other"], how="anti")
