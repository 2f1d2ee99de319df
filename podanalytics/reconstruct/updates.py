"""Updates: what each audience was told. Internal ones by the template, customers' ones from the status page."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from podanalytics.model import FINENESS, Kind
from podanalytics.policy import Policy
from podanalytics.reconstruct.template import bare_status, parse_update, promised
from podanalytics.tables import UPDATES


def updates(told: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """UPDATES of every incident.

    The same words in the same minute, told by an API and by a history feed, are one update.
    """
    customers = told.filter(pl.col("kind") == Kind.NOTICE.value).with_columns(audience=pl.lit("customers"))
    internal = told.filter(pl.col("update")).with_columns(audience=pl.lit("internal"))
    rows = pl.concat([customers, internal]).with_columns(
        pl.col("occurred_at").dt.truncate("1m").alias("minute"),
        pl.col("text").str.replace_all(r"\s+", " ").str.strip_chars().alias("words"),
        pl.col("precision").replace_strict(FINENESS, return_dtype=pl.Int64).alias("fineness"),
    )
    joined = (
        rows.sort("fineness", "occurred_at", "id")
        .group_by("incident", "audience", "minute", "words", maintain_order=True)
        .agg(
            pl.col("id", "occurred_at", "precision", "source", "value", "state", "text").first(),
            pl.col("id").slice(1).sort().alias("others"),
        )
    )
    return UPDATES.frame(_row(r, policy) for r in joined.iter_rows(named=True))


def _row(row: dict[str, object], policy: Policy) -> dict[str, object]:
    base = {k: row[k] for k in ("incident", "audience", "occurred_at", "precision", "source", "text", "state")}
    base |= {"event": row["id"], "also": " ".join(row["others"]), "status": row["value"]}  # type: ignore[arg-type]
    if row["audience"] == "internal":
        fields = parse_update(str(row["text"]), policy.updates)
        at = row["occurred_at"]
        assert isinstance(at, datetime)
        eta = fields.get(policy.updates.eta_field)
        base |= {
            "status": bare_status(status) if (status := fields.get(policy.updates.status_field)) else None,
            "missing": ", ".join(
                f
                for f in policy.updates.fields
                if f not in fields and row["state"] not in policy.updates.not_needed.get(f, ())
            ),
            "eta": promised(eta, at) if eta else None,
        }
    return base
