"""Checks: Great Expectations over the ledger's tables, as they are declared in `tables`, plus rules of the domain.

Importing Great Expectations takes seconds and draws progress bars, so it happens inside `run_checks` and nowhere
else; the results are stored and the notebooks only read them.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import polars as pl

from podanalytics.policy import Policy
from podanalytics.store import Store
from podanalytics.tables import CHECKS, EVENTS, FAULTS, LOADS, PEOPLE, Table

EXAMPLES = 3


def run_checks(store: Store, policy: Policy, as_of: datetime) -> pl.DataFrame:
    """CHECKS rows: every expectation, whether it held, and a few examples where it did not.

    `policy` is not judged here; `as_of` is the moment after which nothing can have happened.
    """
    frames = {table.name: store.read(table) for table in (EVENTS, PEOPLE, FAULTS, LOADS)}
    rows: list[dict[str, Any]] = []
    context, gx = _context()
    for table in (EVENTS, PEOPLE, FAULTS, LOADS):
        expectations = [*_declared(gx, table), *_domain(gx, table, as_of)]
        rows += _outcomes(context, gx, table, frames[table.name], expectations)
    return CHECKS.frame(rows)


def _context() -> tuple[Any, Any]:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context, gx


def _declared(gx: Any, table: Table) -> Iterator[Any]:
    """What the declaration promises: keys are unique, required cells are filled, closed vocabularies are kept."""
    keys = [c.name for c in table.columns if c.key]
    if len(keys) > 1:
        yield gx.expectations.ExpectCompoundColumnsToBeUnique(column_list=keys)
    else:
        yield gx.expectations.ExpectColumnValuesToBeUnique(column=keys[0])
    for column in table.columns:
        if not column.nullable:
            yield gx.expectations.ExpectColumnValuesToNotBeNull(column=column.name)
        if column.among:
            yield gx.expectations.ExpectColumnValuesToBeInSet(column=column.name, value_set=list(column.among))


def _domain(gx: Any, table: Table, as_of: datetime) -> Iterator[Any]:
    """What must hold of incidents: nothing happens in the future or before computers, every event leads back to its
    file.
    """
    if table is EVENTS:
        yield gx.expectations.ExpectColumnValuesToBeBetween(
            column="occurred_at", min_value=datetime(2000, 1, 1, tzinfo=as_of.tzinfo), max_value=as_of
        )
        yield gx.expectations.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="recorded_at", column_B="occurred_at", or_equal=True, ignore_row_if="either_value_is_missing"
        )
        yield gx.expectations.ExpectColumnValueLengthsToBeBetween(column="id", min_value=16, max_value=16)
        yield gx.expectations.ExpectColumnValuesToMatchRegex(column="origin", regex=r"^[^/].*")
    if table is LOADS:
        yield gx.expectations.ExpectColumnValuesToBeBetween(column="faults", min_value=0, max_value=0)


def _outcomes(
    context: Any, gx: Any, table: Table, frame: pl.DataFrame, expectations: list[Any]
) -> Iterator[dict[str, Any]]:
    source = context.data_sources.add_pandas(table.name)
    batch = source.add_dataframe_asset(table.name).add_batch_definition_whole_dataframe("all")
    suite = gx.ExpectationSuite(name=table.name, expectations=expectations)
    keys = [c.name for c in table.columns if c.key]
    wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": keys, "partial_unexpected_count": EXAMPLES}
    with warnings.catch_warnings(action="ignore"):  # what Great Expectations has not yet changed for pandas 4
        result = batch.get_batch(batch_parameters={"dataframe": frame.to_pandas()}).validate(
            suite, result_format=wanted
        )
    for outcome in result.results:
        yield _outcome(table, outcome, keys, len(frame))


def _outcome(table: Table, outcome: Any, keys: list[str], size: int) -> dict[str, Any]:
    config = outcome.expectation_config
    given = config.kwargs
    column = (
        given.get("column")
        or " ≤ ".join(given[c] for c in ("column_B", "column_A") if c in given)
        or ", ".join(given.get("column_list", []))
    )
    found = outcome.result or {}
    # A missing column or an unsupported metric does not raise: it comes back as a failure without a count.
    ran = "element_count" in found or "observed_value" in found
    failing = int(found.get("unexpected_count") or 0)
    state = "passed" if outcome.success else "failed" if ran else "could not run"
    return {
        "tested": table.name,
        "expectation": config.type.removeprefix("expect_").replace("_", " "),
        "column": column or "-",
        "outcome": state,
        "count": int(found.get("element_count") or size),
        "failing": failing,
        "examples": "; ".join(_examples(found, keys)),
    }


def _examples(found: dict[str, Any], keys: list[str]) -> Iterator[str]:
    """A few of the failing rows: their key and the value that broke the expectation; the values alone without keys."""
    rows = found.get("unexpected_index_list")
    if rows and isinstance(rows[0], dict):
        for row in rows[:EXAMPLES]:
            broke = [f"{name} {value}" for name, value in row.items() if name not in keys]
            yield " ".join(str(row[k]) for k in keys if k in row) + (f": {', '.join(broke)}" if broke else "")
        return
    yield from (str(value) for value in (found.get("partial_unexpected_list") or [])[:EXAMPLES])
