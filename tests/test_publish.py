"""The packet's forms, made from one executed notebook: whole, offline, equal to one another, the same every time."""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import json
import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from defusedxml.ElementTree import fromstring

from podanalytics.errors import NotebookError
from podanalytics.publish import publish
from podanalytics.show.blocks import BLOCK, Section, block_from
from tests.hostile import HOSTILE, UNSEEN, Reader
from tests.invented import executed, judged, timeline

FILES = {"packet.html", "packet.pdf", "packet.md", "packet.json", "run.json", "review_packet.ipynb"}
TWINS = {f"tables/{name}.{kind}" for name in ("timeline", "scorecard", "actions") for kind in ("csv", "json")}
TWINS |= {f"tables/{name}.parquet" for name in ("timeline", "scorecard")}  # a table without rows has no types
FIGURES = {"figures/timeline-lanes.svg"}


def published(folder: Path, said: tuple[str, ...] = ("all is well", "we roll back")) -> Path:
    publish(executed(folder / "review_packet.ipynb", said), folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_all_forms_are_there_and_nothing_else(tmp_path: Path) -> None:
    paths = publish(executed(tmp_path / "review_packet.ipynb"), tmp_path)
    assert set(contents(tmp_path)) == FILES | TWINS | FIGURES
    assert {str(path.relative_to(tmp_path)) for path in paths} == FILES | TWINS | FIGURES
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_the_same_notebook_gives_the_same_bytes(tmp_path: Path) -> None:
    first = contents(published(tmp_path / "a"))
    second = contents(published(tmp_path / "b"))
    assert first == second
    publish(tmp_path / "a" / "review_packet.ipynb", tmp_path / "a")
    assert contents(tmp_path / "a") == first


def test_run_times_are_in_the_run_block_alone(tmp_path: Path) -> None:
    for name, content in contents(published(tmp_path)).items():
        assert (b"2026-11-01" in content) == (name == "run.json"), name


def test_tables_and_figures_that_are_gone_are_removed(tmp_path: Path) -> None:
    published(tmp_path)
    (tmp_path / "tables" / "former.csv").write_text("x")
    (tmp_path / "figures" / "former.svg").write_text("x")
    (tmp_path / "mine.txt").write_text("x")
    published(tmp_path)
    assert set(contents(tmp_path)) == FILES | TWINS | FIGURES | {"mine.txt"}


def test_a_notebook_that_stopped_is_not_published(tmp_path: Path) -> None:
    path = executed(tmp_path / "review_packet.ipynb")
    for change in ({"exception": True}, {"end_time": None}):
        notebook = nbformat.read(path, 4)
        notebook.metadata.papermill.update(change)
        nbformat.write(notebook, tmp_path / "broken.ipynb")
        with pytest.raises(NotebookError, match="did not run to its end"):
            publish(tmp_path / "broken.ipynb", tmp_path / "out")
    notebook = nbformat.read(path, 4)
    notebook.cells[-1].outputs.append(nbformat.v4.new_output("error", ename="KeyError", evalue="x", traceback=[]))
    nbformat.write(notebook, tmp_path / "broken.ipynb")
    with pytest.raises(NotebookError, match=r"broken.ipynb, cell 6: KeyError"):
        publish(tmp_path / "broken.ipynb", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("said", [("all is well", "we roll back"), HOSTILE])
def test_the_page_loads_nothing_and_runs_only_our_scripts(tmp_path: Path, said: tuple[str, ...]) -> None:
    html = (published(tmp_path, said) / "packet.html").read_text()
    assert len(html) < 3_000_000
    page = Reader(html)
    assert not {"img", "link", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert not [value for _, name, value in page.attributes if name in ("src", "srcset", "action", "style")]
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    links = {value for _, name, value in page.attributes if name == "href"}
    assert links <= {
        *("#content", "#start", "#timeline", "#scorecard"),
        *("https://evil.example/p.png",),  # the narrative's picture, as a link
    }
    assert not re.search(r"@import|url\(", html[: html.index("</style>")])
    assert not set(UNSEEN) & set(html)
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", html, flags=re.DOTALL)
    scripts = [script for script in scripts if script[0] != ' type="text/plain" class="pod-packed"']
    assert [attributes for attributes, _ in scripts] == [
        ' type="application/json" class="pod-figure-json"',
        ' type="text/plain" id="plotly-gz"',
        "",
    ]
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy and policy[1].startswith("default-src 'none'; script-src 'sha256-")
    plotly = gzip.decompress(base64.b64decode(scripts[1][1]))
    for text in (scripts[2][1].encode(), plotly):
        assert base64.b64encode(hashlib.sha256(text).digest()).decode() in policy[1]
    assert b"plotly.js v" in plotly[:200]
    assert "unsafe-inline" not in policy[1].split("script-src")[1].split(";")[0]


def test_plotly_is_embedded_once_and_only_where_there_are_figures(tmp_path: Path) -> None:
    path = executed(tmp_path / "review_packet.ipynb")
    notebook = nbformat.read(path, 4)
    notebook.cells.append(nbformat.v4.new_code_cell("again", outputs=notebook.cells[4].outputs))
    nbformat.write(notebook, path)
    publish(path, tmp_path)
    html = (tmp_path / "packet.html").read_text()
    assert html.count('class="pod-figure-json"') == 2 and html.count('id="plotly-gz"') == 1
    assert {"timeline", "timeline-2"} <= {value for _, name, value in Reader(html).attributes if name == "id"}
    assert "timeline-2-timeline.csv" in {file.name for file in (tmp_path / "tables").iterdir()}
    notebook.cells = [cell for cell in notebook.cells if not cell.get("outputs") or cell is notebook.cells[5]]
    nbformat.write(notebook, path)
    publish(path, tmp_path)
    assert len((tmp_path / "packet.html").read_text()) < 60_000


@pytest.mark.parametrize("said", [("all is well", "we roll back"), HOSTILE])
def test_the_page_reads_in_order(tmp_path: Path, said: tuple[str, ...]) -> None:
    html = (published(tmp_path, said) / "packet.html").read_text()
    found = Reader(html)
    levels = [int(tag[1]) for tag in found.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [value for _, name, value in found.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert found.tags.count("table") == found.tags.count("caption")
    targets = {value[1:] for _, name, value in found.attributes if name == "href" and value.startswith("#")}
    assert targets <= set(ids)
    for title in ("INC-1019", "Review packet", "1. Timeline review", "Scorecard", "as of", "2026-10-15 09:00 UTC"):
        assert title in found.text, title
    assert "## no heading" in found.text


def test_the_notebooks_own_heading_wins(tmp_path: Path) -> None:
    text = (published(tmp_path) / "packet.md").read_text()
    assert re.findall(r"^#+ .*", text, flags=re.MULTILINE) == [
        "# Review packet: INC-1019",
        "## 1\\. Timeline review",
        "## no heading",
        "## Scorecard",
    ]


@pytest.mark.parametrize("said", [("all is well", "we roll back"), HOSTILE])
def test_the_json_holds_every_block_as_its_section_made_it(tmp_path: Path, said: tuple[str, ...]) -> None:
    told = json.loads((published(tmp_path, said) / "packet.json").read_text())
    assert told["parameters"] == {"incident": "INC-1019", "zone": "Europe/Berlin", "as_of": "2026-10-15T09:00:00Z"}
    parts = {part["id"]: part for part in told["sections"]}
    assert list(parts) == ["start", "timeline", "scorecard"]
    for section in (timeline(said), judged(said)):
        made = [item for item in parts[section.id]["content"] if item["block"] != "prose"]
        assert tuple(block_from(item) for item in made) == section.blocks
        assert parts[section.id]["lead"] == section.lead


@pytest.mark.parametrize("said", [("all is well", "we roll back"), HOSTILE])
def test_the_twins_equal_the_table(tmp_path: Path, said: tuple[str, ...]) -> None:
    published(tmp_path, said)
    table = timeline(said).blocks[1]
    with (tmp_path / "tables" / "timeline.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    told = json.loads((tmp_path / "tables" / "timeline.json").read_text())
    assert told["rows"] == table.records()  # type: ignore[union-attr]
    assert [column["name"] for column in told["columns"]] == ["n", "at", "link", "said"]
    assert len(rows) == len(told["rows"]) == len(said)
    for row, record in zip(rows, told["rows"], strict=True):
        assert (int(row["n"]), row["at"], row["link"]) == (record["n"], record["at"], record["link"]["label"])
        assert row["said"].removeprefix("'") == record["said"]
        assert row["link_url"].removeprefix("'") == record["link"]["url"]


@pytest.mark.parametrize("said", [("all is well", "we roll back"), HOSTILE])
def test_a_figure_is_on_the_page_and_beside_its_markdown(tmp_path: Path, said: tuple[str, ...]) -> None:
    folder = published(tmp_path, said)
    text = (folder / "packet.md").read_text()
    path = "figures/timeline-lanes.svg"
    assert re.findall(r"!\[([^]]*)\]\((figures[^)]*)\)", text) == [(f"{len(said)} events.", path)]
    assert "packet.html" not in text
    file = fromstring((folder / path).read_text())
    assert file.get("role") == "img" and [child.text for child in file[:2]] == ["Lanes", f"{len(said)} events."]
    html = (folder / "packet.html").read_text()
    assert html.count('<div class="pod-static"><svg ') == 1
    assert not [name for tag, name, _ in Reader(html).attributes if tag == "svg" and name == "id"]
    assert "<svg" not in (folder / "review_packet.ipynb").read_text()  # drawn when published, not stored


def test_two_figures_of_one_name_are_two_files(tmp_path: Path) -> None:
    section = timeline(("a", "b"))
    lanes = section.blocks[0]
    notebook = nbformat.v4.new_notebook()
    twice = Section("part", "Part", (lanes, lanes))
    outputs = [nbformat.v4.new_output("display_data", data=bundle) for bundle in twice.outputs()]
    notebook.cells = [nbformat.v4.new_code_cell("x", outputs=outputs)]
    nbformat.write(notebook, tmp_path / "one.ipynb")
    publish(tmp_path / "one.ipynb", tmp_path)
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {"part-lanes.svg", "part-lanes-2.svg"}
    assert re.findall(r"\(figures/(.*)\)", (tmp_path / "packet.md").read_text()) == [
        "part-lanes.svg",
        "part-lanes-2.svg",
    ]


def test_a_figure_that_cannot_be_drawn_names_its_cell(tmp_path: Path) -> None:
    path = executed(tmp_path / "review_packet.ipynb")
    notebook = nbformat.read(path, 4)
    for output in notebook.cells[4].outputs:
        block = output.data.get(BLOCK, {})
        if block.get("block") == "figure":
            block["figure"]["data"][0]["type"] = "violin"
    nbformat.write(notebook, path)
    with pytest.raises(NotebookError, match=r"cell 5: figure lanes: a trace of type 'violin' is not drawn"):
        publish(path, tmp_path)


def test_outputs_that_are_not_ours_are_text_or_a_note(tmp_path: Path) -> None:
    path = executed(tmp_path / "review_packet.ipynb")
    notebook = nbformat.read(path, 4)
    make = nbformat.v4.new_output
    notebook.cells[-1].outputs += [
        make("stream", name="stdout", text="printed <b>"),
        make("stream", name="stderr", text="a warning"),
        make("display_data", data={"text/html": "<script>window.planted=1</script>", "text/plain": "a frame"}),
        make("display_data", data={"image/png": "AAAA", "text/plain": "a picture"}),
    ]
    nbformat.write(notebook, path)
    publish(path, tmp_path)
    html = (tmp_path / "packet.html").read_text()
    assert "printed &lt;b&gt;" in html and "a frame" in html and "planted" not in html and "a warning" not in html
    assert "An output of review_packet.ipynb, cell 6 (image/png, text/plain) is shown only in the notebook." in html


def test_a_broken_block_names_its_cell(tmp_path: Path) -> None:
    path = executed(tmp_path / "review_packet.ipynb")
    text = path.read_text().replace('"block": "clocks"', '"block": "sundials"')
    path.write_text(text)
    with pytest.raises(NotebookError, match=r"review_packet.ipynb, cell 6: no block of kind 'sundials'"):
        publish(path, tmp_path)


def test_a_section_shown_whole_is_read_too(tmp_path: Path) -> None:
    section = judged(("a", "b"))
    assert isinstance(section, Section)
    notebook = nbformat.v4.new_notebook()
    output = nbformat.v4.new_output("display_data", data=section._repr_mimebundle_())
    notebook.cells = [nbformat.v4.new_code_cell("x", outputs=[output])]
    nbformat.write(notebook, tmp_path / "one.ipynb")
    publish(tmp_path / "one.ipynb", tmp_path)
    assert {"scorecard", "actions"} == {path.stem for path in (tmp_path / "tables").iterdir()}
