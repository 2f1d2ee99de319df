"""Damaged exports: cut off anywhere, anything in any field. The rest is told, and nothing invented."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podanalytics.model import Event, Fault, Person, Told
from podanalytics.sources import all_sources, owners

HERE = Path(__file__).parent
TRACKERS = ("github", "jira", "opsgenie", "pagerduty", "sentry", "servicenow", "statuspage", "statuspage_history")
CHATS = ("mattermost", "teams", "discord", "telegram")
NOT_WHOLE = ("broken", "cut", "twice", ".expected.jsonl")  # damaged already, or of records that know of each other
CASES = [
    path
    for tool in (*TRACKERS, *CHATS)
    for path in sorted((HERE / tool).iterdir())
    if path.is_file() and path.suffix != ".csv" and not any(part in path.name for part in NOT_WHOLE)
]
JSON_CASES = [path for path in CASES if path.suffix in (".json", ".jsonl")]
JUNK: list[Any] = [None, 5, -1.5, True, "", "x", "0001-01-01T00:00:00Z", [], ["x"], [None], {}, {"x": 1}, [[]]]


def parsed(path: Path, tool: str) -> list[Told]:
    return list(all_sources()[tool].parse(path))


def kept(told: list[Told]) -> set[Event | Person]:
    return {entry for entry in told if isinstance(entry, Event | Person)}


@given(st.sampled_from(CASES), st.floats(0, 1))
@settings(max_examples=150)
def test_a_file_cut_anywhere_tells_what_stands_whole_before_the_cut(
    tmp_path_factory: pytest.TempPathFactory, case: Path, share: float
) -> None:
    whole = case.read_bytes()
    path = tmp_path_factory.mktemp("cut") / case.name
    path.write_bytes(whole[: int(len(whole) * share)])
    told = parsed(path, case.parent.name)
    everything = kept(parsed(case, case.parent.name))
    if case.parent.name == "telegram":  # who a name is may stand behind the cut
        assert {e.key for e in kept(told) if isinstance(e, Event)} <= {e.key for e in everything}
    else:
        assert kept(told) <= everything
    if case.suffix == ".jsonl" and not path.read_bytes().strip():
        return  # no line is no damage; such a file is nobody's
    if not path.read_bytes().rstrip().endswith((b"}", b"]", b">")):
        assert [entry for entry in told if isinstance(entry, Fault)], "that it is cut is told"


@pytest.mark.parametrize(
    "case", [path for path in CASES if path.stem not in ("empty", "quiet")], ids=lambda path: path.name
)
def test_what_a_cut_leaves_is_still_recognised(case: Path, tmp_path: Path) -> None:
    path = tmp_path / case.name
    whole = case.read_bytes().rstrip()
    path.write_bytes(whole[:-1])
    assert owners(path) == [case.parent.name]
    assert [entry for entry in parsed(path, case.parent.name) if isinstance(entry, Fault)]


def documents(case: Path) -> list[Any]:
    """The JSON documents of a case: its lines, or the whole of it."""
    return [
        json.loads(text)
        for text in (case.read_text("utf-8").splitlines() if case.suffix == ".jsonl" else [case.read_bytes()])
    ]


def nodes(document: Any, depth: int = 99, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inside: Iterable[tuple[Any, Any]] = document.items() if isinstance(document, dict) else ()
    inside = enumerate(document) if isinstance(document, list) else inside
    for key, value in inside if depth else ():
        yield from nodes(value, depth - 1, (*path, key))


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(document))
    *above, last = path
    place = copy
    for key in above:
        place = place[key]
    place[last] = value
    return copy


def told_of(folder: Path, case: Path, changed: list[Any]) -> list[Told]:
    """What the owner tells of a case with these documents, recognised or not."""
    path = folder / case.name
    path.write_text("\n".join(map(json.dumps, changed)) + "\n", "utf-8")
    assert set(owners(path)) <= {case.parent.name}
    return parsed(path, case.parent.name)


@pytest.mark.parametrize(
    "case",
    [path for path in JSON_CASES if path.parent.name in TRACKERS or path.stem == "plain"],
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_anything_around_the_records_brings_no_reader_down(tmp_path: Path, case: Path) -> None:
    first, *others = documents(case)
    for path in nodes(first, depth=2):
        for junk in JUNK:
            told_of(tmp_path, case, [replaced(first, path, junk), *others])


@given(st.data())
@settings(max_examples=300)
def test_anything_in_any_field_brings_no_reader_down(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """And it costs no more than what stands in that record."""
    case = data.draw(st.sampled_from(JSON_CASES))
    found = documents(case)
    number = data.draw(st.integers(0, len(found) - 1))
    path = data.draw(st.sampled_from(list(nodes(found[number]))))
    changed = [*found[:number], replaced(found[number], path, data.draw(st.sampled_from(JUNK))), *found[number + 1 :]]
    told = told_of(tmp_path_factory.mktemp("junk"), case, changed)
    if len(found) > 1:
        others = {
            e for e in kept(parsed(case, case.parent.name)) if isinstance(e, Event) and f":{number + 1}" not in e.origin
        }
        assert others <= kept(told)


@given(
    st.binary(max_size=400)
    | st.sampled_from([b"[" * 100_000, b'{"a":' * 100_000, b"5", b"null", b'"x"', b"\xef\xbb\xbf"])
)
def test_no_bytes_bring_a_reader_down(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "thing"
    path.write_bytes(data)
    for tool in TRACKERS:
        all_sources()[tool].owns(path)
        parsed(path, tool)


def lines(case: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / case).read_text("utf-8").splitlines()]


def test_a_first_line_longer_than_what_is_looked_at_is_read_whole(tmp_path: Path) -> None:
    rows = lines("pagerduty/odd.jsonl")
    rows[0]["data"]["body"] = {"details": "x" * 200_000}
    path = tmp_path / "odd.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert owners(path) == ["pagerduty"]
    assert kept(parsed(path, "pagerduty")) == kept(parsed(HERE / "pagerduty/odd.jsonl", "pagerduty"))


@pytest.mark.parametrize("case", ["jira/plain.json", "github/odd.json", "pagerduty/log.json", "statuspage/odd.json"])
def test_the_layout_of_json_says_nothing(tmp_path: Path, case: str) -> None:
    """As the API sends it (one line), as people keep it (indented), behind a byte order mark, packed."""
    document, tool = json.loads((HERE / case).read_bytes()), case.split("/")[0]
    compact, spread = json.dumps(document).encode(), json.dumps(document, indent=4).encode()
    seen = []
    for number, data in enumerate(
        (compact, spread, b"\xef\xbb\xbf" + compact, b"\n\n" + spread, gzip.compress(compact))
    ):
        path = tmp_path / str(number) / Path(case).name
        path.parent.mkdir()
        path.write_bytes(data)
        assert owners(path) == [tool]
        seen.append(parsed(path, tool))
    assert all(told == seen[0] for told in seen)


def test_lines_of_pages_are_pages(tmp_path: Path) -> None:
    """One page a line, as a script appends what it fetched."""
    page = json.loads((HERE / "jira/plain.json").read_bytes())
    path = tmp_path / "plain.json"
    path.write_text(json.dumps(page) + "\n" + json.dumps({**page, "issues": []}) + "\n", "utf-8")
    assert owners(path) == ["jira"]
    told = [entry for entry in parsed(path, "jira") if isinstance(entry, Event)]
    assert told[0].origin == "plain.json:1#/issues/0"
    assert {e.id for e in told} == {
        e.id for e in kept(parsed(HERE / "jira/plain.json", "jira")) if isinstance(e, Event)
    }
