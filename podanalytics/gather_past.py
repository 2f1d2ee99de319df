"""What came before one incident, as a Review has it: earlier incidents, those alike, and changes of all times."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from podanalytics.ledger import Ledger
from podanalytics.reconstruct.flags import is_private
from podanalytics.recurrence import alike, traits
from podanalytics.versions import deployed

UNNAMED = "a private incident"
ALIKE: dict[str, Any] = {
    "incident": pl.String,
    "title": pl.String,
    "severity": pl.String,
    "began_at": pl.Datetime("us", "UTC"),
    "resolved_at": pl.Datetime("us", "UTC"),
    "score": pl.Float64,
    "words": pl.String,
    "components": pl.String,
}


def past_of(ledger: Ledger, incident: str, began: datetime) -> dict[str, pl.DataFrame]:
    """The frames of a Review that tell of the past, by name: history, deploys, earlier, similar, unfinished, steps."""
    counted = ledger.incidents.filter((pl.col("began_at") < began) & pl.col("excluded").is_null())
    named = counted.filter(~is_private())
    readings = ledger.readings.join(counted.select("incident"), on="incident", how="semi")
    secret = ~pl.col("incident").is_in(named["incident"].to_list())
    similar = _similar(ledger, incident, named)
    return {
        "history": readings.with_columns(pl.when(secret).then(pl.lit(UNNAMED)).otherwise("incident").alias("incident")),
        "deploys": deployed(ledger.events, began, ledger.found.policy),
        "earlier": counted.select("began_at", "detection").sort("began_at"),
        "similar": similar,
        "unfinished": ledger.found.actions.join(similar, on="incident", how="semi", maintain_order="left").filter(
            ~pl.col("done")
        ),
        "steps": _steps(ledger, incident),
    }


def _similar(ledger: Ledger, incident: str, named: pl.DataFrame) -> pl.DataFrame:
    rows = {row["incident"]: row for row in named.iter_rows(named=True)}
    return pl.DataFrame(
        [
            {
                **{name: rows[found.incident][name] for name in ("title", "severity", "began_at", "resolved_at")},
                "incident": found.incident,
                "score": found.score,
                "words": ", ".join(found.words),
                "components": ", ".join(found.components),
            }
            for found in alike(incident, traits(ledger.found.told), list(rows))
        ],
        schema=ALIKE,
    )


def _steps(ledger: Ledger, incident: str) -> pl.DataFrame:
    """What happened to the incident's own action items, in time order."""
    mine = ledger.found.actions.filter(pl.col("incident") == incident).select("source", "subject")
    found = ledger.events.join(mine, on=["source", "subject"], how="semi").unique("id", keep="first")
    return found.drop("file").sort("occurred_at", "key")
