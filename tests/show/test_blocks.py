"""Every block, fed with hostile text, in every form; and read back from its JSON."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from podanalytics.model import Verdict
from podanalytics.show.blocks import (
    BLOCK,
    PLOTLY,
    Clock,
    Clocks,
    Column,
    Facts,
    Figure,
    Link,
    Links,
    Listing,
    Marked,
    Note,
    Section,
    Table,
    Text,
    block_from,
    to_rows,
)
from podanalytics.show.escape import (
    csv_text,
    markdown_text,
    plotly_text,
    safe_url,
    script_json,
    visible,
)
from tests.hostile import HOSTILE, UNSEEN, Reader

AT = datetime(2026, 10, 25, 0, 30, 7, 250_000, tzinfo=UTC)
TAGS = {
    *(
        "p",
        "span",
        "strong",
        "dl",
        "div",
        "dt",
        "dd",
        "ul",
        "ol",
        "li",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ),
    *("time", "br", "a", "del", "ins", "code", "section", "h2", "figure", "figcaption", "script", "details", "summary"),
}
ATTRIBUTES = {"class", "id", "role", "tabindex", "aria-label", "aria-labelledby", "aria-hidden", "scope", "datetime"}
# What a figure's drawing is made of; it holds no script, link or foreign object.
DRAWN = {"svg", "title", "desc", "style", "g", "path", "rect", "circle", "line", "text", "tspan"}
DRAWN_BY = {
    *("xmlns", "role", "width", "height", "viewbox", "overflow", "class", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy"),
    *("r", "d", "transform", "font-family", "font-size", "font-weight", "font-style", "text-anchor", "fill"),
    *("fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray"),
}
GITHUB = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def every_block(text: str) -> list[Any]:
    """One of each, with `text` wherever text may stand."""
    figure = {
        "data": [{"type": "scatter", "x": [text], "y": [1.123456789], "text": [text], "name": text}],
        "layout": {"title": {"text": text}, "xaxis": {"title": {"text": text}}},
    }
    cells = (
        text,
        Link(text, text),
        Link(text, "https://example.org/a"),
        Marked(text, text, "bad"),
        Verdict.MISSED,
        AT,
        1.5,
        True,
        None,
    )
    columns = tuple(
        Column(f"c{n}", text, kind)
        for n, kind in enumerate(("text", "text", "text", "code", "verdict", "time", "number", "text", "id"))
    )
    return [
        Text(text),
        Facts(((text, text), (text, Link(text, text)), (text, Marked(text, text)), (text, AT), (text, None))),
        Clocks((Clock(text, text, Verdict.UNKNOWN, text), Clock(text, None, Verdict.MET, text))),
        Table("rows", text, columns, (cells,), zone="Europe/Berlin"),
        Table("none", text, columns, (), empty=text),
        Figure("plot", text, text, figure),
        Note("warn", text),
        Listing((text, text), ordered=True),
    ]  # fmt: skip


def with_section(text: str) -> list[Any]:
    blocks = every_block(text)
    return [*blocks, Section("part", text, tuple(blocks), lead=text)]


@pytest.mark.parametrize("text", HOSTILE)
def test_html_holds_only_our_own_elements(text: str) -> None:
    for block in with_section(text):
        html = block.html("part")
        found = Reader(html)
        assert set(found.tags) <= TAGS | (DRAWN if "<svg" in html else set()), block
        assert {name for tag, name, _ in found.attributes if tag in DRAWN} <= DRAWN_BY, block
        data = (
            {name for tag, name, _ in found.attributes if tag not in DRAWN}
            - ATTRIBUTES
            - {"href", "rel", "type", "data-height", "data-label"}
        )
        assert not data, block
        assert all(value.startswith("https://example.org/") for _, name, value in found.attributes if name == "href")
        assert all(value == "application/json" for tag, name, value in found.attributes if name == "type")
        assert not set(UNSEEN) & set(html), block


@pytest.mark.parametrize("text", HOSTILE)
def test_html_shows_the_text_as_it_was_written(text: str) -> None:
    shown = Reader(Text(text).html()).text
    assert shown == visible(text).replace("\n", "")
    assert Reader(Table("t", "c", (Column("a", "A"),), ((text,),)).html()).runs.count("c") == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_mathematics_is_never_looked_for(text: str) -> None:
    for block in every_block(text):
        assert block.html().split(">", 1)[0].count("mathjax_ignore") == 1
    for block in every_block(text):
        for run in Reader(GITHUB.render(block.markdown())).runs:
            assert run == "$" or "$" not in run, block
            assert run == "\\" or "\\" not in run, block


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_renders_to_nothing_but_text(text: str) -> None:
    ours = {
        "p",
        "span",
        "strong",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "br",
        "a",
        "del",
        "ul",
        "ol",
        "li",
        "em",
        "h2",
        "blockquote",
    }
    for block in with_section(text):
        found = Reader(GITHUB.render(block.markdown()))
        assert set(found.tags) <= ours, block
        assert {name for _, name, _ in found.attributes} <= {"href", "style"}
        assert {value for _, name, value in found.attributes if name == "href"} <= {"https://example.org/a"}
        assert not set(UNSEEN) & set(block.markdown())


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab1 \n\t<>&|*_`[]()!$\\#-+=~:/.@{}\"'\x1b\u202e1."), max_size=40))
def test_markdown_says_exactly_the_text(text: str) -> None:
    flat = " ".join(visible(text).split())
    assert " ".join(Reader(GITHUB.render(markdown_text(text)).replace("<br>", " ")).text.split()) == flat
    row = GITHUB.render(f"| a | b |\n| --- | --- |\n| {markdown_text(text)} | end |")
    assert Reader(row).tags.count("td") == 2
    assert " ".join(Reader(row.replace("<br>", " ")).text.split()).endswith(" ".join(f"{flat} end".split()))


@pytest.mark.parametrize("text", HOSTILE)
def test_csv_cells_start_no_formula(text: str) -> None:
    table = every_block(text)[3]
    rows = list(csv.reader(io.StringIO(table.csv())))
    assert rows[0] == ["c0", "c1", "c1_url", "c2", "c2_url", "c3", "c3_was", "c4", "c5", "c6", "c7", "c8"]
    assert len(rows) == 2
    for cell in rows[1]:
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "\uff1d")), cell
        assert not cell.startswith(("\t", "\r", "\n"))
        assert not set(UNSEEN) & set(cell)
    assert rows[1][0].removeprefix("'") == visible(text)
    assert rows[1][7:] == ["missed", "2026-10-25T00:30:07.250000Z", "1.5", "true", ""]


def test_negative_numbers_stay_numbers() -> None:
    assert Table("t", "c", (Column("a", "A", "number"),), ((-3,), (-2.5,))).csv() == "a\n-3\n-2.5\n"
    assert csv_text("-3") == "'-3"


@pytest.mark.parametrize("text", HOSTILE)
def test_blocks_read_back_from_their_json(text: str) -> None:
    for block in with_section(text):
        told = json.loads(json.dumps(block.data(), allow_nan=False, ensure_ascii=False).encode().decode())
        again = block_from(told)
        assert again == block
        assert again.data() == block.data()
        assert again.html() == block.html()


def test_what_is_no_block_is_refused() -> None:
    with pytest.raises(ValueError, match="no block of kind 'marquee'"):
        block_from({"block": "marquee"})
    with pytest.raises(ValueError, match="a broken table block"):
        block_from({"block": "table", "name": "t"})


@pytest.mark.parametrize("text", HOSTILE)
def test_a_figure_draws_no_markup_of_theirs(text: str) -> None:
    figure = every_block(text)[5]
    told = json.dumps(figure.plotly(), ensure_ascii=False)
    markup = told.replace("<b>", "").replace("</b>", "").replace("<br>", "")
    assert "<" not in markup
    bundle = figure._repr_mimebundle_()
    assert bundle[PLOTLY] == figure.titled()
    assert "<" not in script_json(bundle[BLOCK])
    inside = figure.html().split('class="pod-figure-json">')[1].split("</script>")[0]
    assert json.loads(inside) == figure.plotly()


def test_a_figure_keeps_our_own_line_breaks_only() -> None:
    assert plotly_text("<b>a</b><br>b <b onclick=x>c</b>") == "<b>a</b><br>b &lt;b onclick=x&gt;c</b>"


def test_a_figure_that_would_fetch_is_refused() -> None:
    with pytest.raises(ValueError, match="figure f: a trace of type 'scattermapbox' is not drawn"):
        Figure("f", "c", "a", {"data": [{"type": "scattermapbox"}]})
    with pytest.raises(ValueError, match="figure f: the layout: images is not drawn"):
        Figure("f", "c", "a", {"layout": {"images": [{"source": "https://evil.example/x.png"}]}})
    with pytest.raises(ValueError, match="a figure holds object"):
        Figure("f", "c", "a", {"data": [{"x": [object()]}]})


def test_a_figures_data_is_a_table_too() -> None:
    bar = {
        "type": "bar",
        "orientation": "h",
        "name": "phase",
        "base": ["2026-10-14T14:00:00Z"],
        "x": [60_000],
        "y": ["d"],
    }
    line = {"type": "scatter", "name": "line", "hoverinfo": "skip", "x": [1], "y": [2]}
    dots = {"name": "dots", "x": ["2026-10-14T14:02:00Z", None], "y": ["e", "f"], "hovertext": ["a<br>b", "z"]}
    figure = Figure("f", "c", "a", {"data": [bar, line, dots]})
    assert [column.label for column in figure.table().columns] == ["Series", "From", "x", "y", "Text"]
    assert figure.table().rows == (
        ("phase", "2026-10-14T14:00:00Z", "2026-10-14T14:01:00Z", "d", None),
        ("dots", None, "2026-10-14T14:02:00Z", "e", "a; b"),
    )


def test_times_are_utc_and_local_across_the_change_of_clocks() -> None:
    table = Table("t", "c", (Column("at", "At", "time"),), ((AT,), (AT + timedelta(hours=1),)), zone="Europe/Berlin")
    text = table.plain()
    assert "2026-10-25 00:30:07.250 (02:30:07.250 CEST)" in text
    assert "2026-10-25 01:30:07.250 (02:30:07.250 CET)" in text
    east = datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    assert Table("t", "c", (Column("at", "At", "time"),), ((east,),)).csv() == "at\n2026-10-25T00:30:00Z\n"
    with pytest.raises(ValueError, match="no time zone"):
        Table("t", "c", (Column("at", "At", "time"),), ((datetime(2026, 1, 1),),))


def test_unknown_is_said_in_words_and_is_not_zero() -> None:
    assert "unknown" in Clocks((Clock("Customer notice", None, Verdict.UNKNOWN),)).html()
    assert "0" not in Clocks((Clock("Customer notice", None, Verdict.UNKNOWN),)).plain()
    table = Table("t", "c", (Column("a", "A", "number"),), ((None,), (float("nan"),), (0,)))
    assert [Reader(table.html()).runs.count(sign) for sign in ("—", "0")] == [2, 1]
    assert table.records() == [{"a": None}, {"a": None}, {"a": 0}]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_verdict_is_never_colour_alone(verdict: Verdict) -> None:
    table = Table("t", "c", (Column("v", "V", "verdict"),), ((verdict.value,),))
    assert table.rows == ((verdict,),)
    word = verdict.value.replace("_", " ")
    assert word in Reader(table.html()).text and word in table.markdown()
    symbols = {
        Table("t", "c", (Column("v", "V", "verdict"),), ((v,),)).plain().split()[-len(v.value.split("_")) - 1]
        for v in Verdict
    }
    assert len(symbols) == len(Verdict)


def test_a_table_has_caption_and_headers() -> None:
    found = Reader(every_block("x")[3].html())
    assert found.tags.count("caption") == 1
    assert ("th", "scope", "row") in found.attributes
    assert sum(a == ("th", "scope", "col") for a in found.attributes) == 9


@pytest.mark.parametrize("name", ["../up", "", "A", "a b", "x/y", ".hidden", "con\x00"])
def test_names_that_are_no_file_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        Table(name, "c", (), ())
    with pytest.raises(ValueError, match="name"):
        Figure(name, "c", "a", {})
    with pytest.raises(ValueError, match="id"):
        Section(name, "t", ())


def test_rows_must_fit_the_columns() -> None:
    with pytest.raises(ValueError, match="a row of 1 cells under 2 columns"):
        Table("t", "c", (Column("a", "A"), Column("b", "B")), (("x",),))


BAD_ADDRESSES = [
    *(
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil",
    ),
    *(
        "https://user@evil.example/",
        "https:///nohost",
        "http://[",
        "https://e\u202e.example/",
        "https://аpple.example/",
    ),
]


@pytest.mark.parametrize("url", BAD_ADDRESSES)
def test_only_web_addresses_become_links(url: str) -> None:
    assert safe_url(url) is None
    assert "<a " not in Facts((("a", Link("label", url)),)).html()
    assert "](" not in Facts((("a", Link("label", url)),)).markdown()


def test_a_section_shows_each_block_as_an_output_of_its_own() -> None:
    section = with_section("x")[-1]
    outputs = section.outputs()
    assert len(outputs) == len(section.blocks) + 1
    assert outputs[0][BLOCK] == {"block": "section", "id": "part", "title": "x", "lead": "x", "blocks": []}
    assert sum(PLOTLY in output for output in outputs) == 1
    assert outputs == with_section("x")[-1].outputs()


def test_evidence_points_at_the_rows_of_a_table() -> None:
    timeline = Table("timeline", "c", (Column("n", "#", "number"), Column("t", "T")), ((4, "x"), (12, "y")))
    ids = {value for _, name, value in Reader(timeline.html("part")).attributes if name == "id"}
    proof = Table("proof", "c", (Column("rows", "Rows"),), ((to_rows([4, 12]),),))
    links = {value for _, name, value in Reader(proof.html("part")).attributes if name == "href"}
    assert links == {"#timeline-row-4", "#timeline-row-12"} and {link[1:] for link in links} <= ids
    assert (proof.csv(), proof.records()) == ("rows\n4 12\n", [{"rows": ["4", "12"]}])
    assert "| 4, 12 |" in proof.markdown()
    assert block_from(proof.data()) == proof
    hostile = Links((Link("<b>", "javascript:x"), Link("<b>", '#"onclick="x'), Link("ok", "https://example.org/")))
    found = Reader(Facts((("a", hostile),)).html())
    assert found.tags.count("a") == 1 and "b" not in found.tags
