"""Every case of every source: a small export `<tool>/<case>.*`, and beside it what its source tells, line by line.

`./pod bless` rewrites the `.expected.jsonl` files with what is told now; their diff is what a reviewer reads.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from podanalytics.model import FaultRule, Told
from podanalytics.sources import all_sources, owners

HERE = Path(__file__).parent
BLESS = os.environ.get("PODANALYTICS_BLESS") == "1"
EXPECTED = ".expected.jsonl"
TOOLS = sorted(path.name for path in HERE.iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))
CASES = [
    pytest.param(path, id=f"{tool}/{path.name}")
    for tool in TOOLS
    for path in sorted((HERE / tool).iterdir())
    if not path.name.endswith(EXPECTED)
]


def expected_of(case: Path) -> Path:
    """The file with what a case tells: `odd.expected.jsonl` for `odd.json`, `odd.jsonl.gz` or the folder `odd`."""
    return case.with_name(case.name.split(".")[0] + EXPECTED)


def line(told: Told) -> str:
    """One thing told as a line of JSON: what it is, then its fields in the model's order, without those left empty.

    An event's id is left out: it is made of `source` and `key`, which are here.
    """
    fields = {name: value for name, value in asdict(told).items() if name != "id" and not _empty(value)}
    return json.dumps({"told": type(told).__name__.lower(), **fields}, ensure_ascii=False, default=_written)


def _empty(value: Any) -> bool:
    return value is None or value is False or value in ("", FaultRule.UNREADABLE)


def _written(value: Any) -> str:
    assert isinstance(value, datetime) and value.tzinfo is UTC, f"nothing else is told: {value!r}"
    return value.isoformat().replace("+00:00", "Z")


def lines(case: Path) -> Iterator[str]:
    yield from (line(told) for told in all_sources()[case.parent.name].parse(case))


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_recognised_by_its_source_alone_and_tells_what_is_expected(case: Path) -> None:
    expected = expected_of(case)
    told = list(lines(case))
    if BLESS:
        expected.write_text("".join(f"{text}\n" for text in told), encoding="utf-8", newline="\n")
        return
    assert owners(case) == [case.parent.name]
    if not expected.is_file():
        pytest.fail(f"{expected.name} is missing: run ./pod bless, then read it as if someone else had written it")
    assert told == expected.read_text("utf-8").splitlines(), "if every change is meant, ./pod bless writes it down"
    assert not [text for text in told if str(HERE.parent) in text], "origins start with the case's own name"


def test_every_expected_file_has_its_case() -> None:
    cases = {expected_of(param.values[0]) for param in CASES}  # type: ignore[arg-type]
    assert len(cases) == len(CASES), "two cases of one tool have one name: their expected files would be the same"
    left = sorted(set(HERE.glob(f"*/*{EXPECTED}")) - cases)
    for path in left if BLESS else ():
        path.unlink()
    assert BLESS or not left, "the case is gone: remove the file, or run ./pod bless"


def test_every_source_has_its_cases() -> None:
    names = {tool: {path.name.split(".")[0] for path in (HERE / tool).iterdir()} for tool in TOOLS}
    assert set(names) == set(all_sources())
    assert [tool for tool, found in names.items() if not {"plain", "broken"} <= found] == []
