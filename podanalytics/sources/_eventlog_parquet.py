"""Parquet files, some thousand rows at a time: the one place of the sources that asks pyarrow, when it must."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MAGIC = b"PAR1"
AT_ONCE = 5_000  # rows
STRINGS = 16 << 20  # bytes of one text in the file's own description
MEMBERS = 1_000_000  # parts of that description


def parquet_rows(path: Path, columns: Sequence[str]) -> Iterator[dict[str, Any] | str]:
    """The rows, of these columns only, each as an object; the reason instead of one whose values Python cannot hold.

    Raises ValueError for a damaged file, OSError for one that cannot be opened.
    """
    with _opened(path) as file:
        names = file.schema_arrow.names
        wanted = [name for name in names if any(c == name or c.startswith(f"{name}.") for c in columns)]
        for batch in file.iter_batches(batch_size=AT_ONCE, columns=wanted or names[:1]):
            yield from _objects(batch)


def row_text(path: Path, number: int) -> str:
    """One row as JSON, counted from 0. Raises LookupError where there is none, else like `parquet_rows`."""
    with _opened(path) as file:
        before = 0
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if number < before + rows:
                (row,) = file.read_row_group(group).slice(number - before, 1).to_pylist()
                return json.dumps(row, ensure_ascii=False, default=str)
            before += rows
    raise LookupError(f"it has no row {number} any more")


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import pyarrow
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path, thrift_string_size_limit=STRINGS, thrift_container_size_limit=MEMBERS) as file:
            yield file
    except (pyarrow.ArrowException, MemoryError) as error:
        first = str(error).partition("\n")[0] or type(error).__name__
        raise ValueError(f"the Parquet file is damaged: {first.replace(str(path), path.name)}") from None


def _objects(batch: Any) -> Iterator[dict[str, Any] | str]:
    """The rows of a batch; where one of them cannot be had, each for itself."""
    batch = _in_microseconds(batch)
    try:
        yield from batch.to_pylist()
        return
    except (ValueError, OverflowError):
        pass
    for number in range(batch.num_rows):
        try:
            yield batch.slice(number, 1).to_pylist()[0]
        except (ValueError, OverflowError) as error:
            yield f"a value cannot be read: {error}"


def _in_microseconds(batch: Any) -> Any:
    """Without what is finer: Python's own moments hold no more."""
    import pyarrow

    for place, field in enumerate(batch.schema):
        if pyarrow.types.is_timestamp(field.type) and field.type.unit == "ns":
            cut = batch.column(place).cast(pyarrow.timestamp("us", field.type.tz), safe=False)
            batch = batch.set_column(place, field.name, cut)
    return batch
