"""The printed form: whole, tagged for people who listen to it, inert, the same every time."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdf
import pytest

from podanalytics import runs
from podanalytics.errors import NotebookError, WorkspaceError
from podanalytics.narrative import Page, Part, Prose, page_of
from podanalytics.publish import publish
from podanalytics.publish.pdf import pdf_form
from podanalytics.show.blocks import Column, Draft, Facts, Figure, Link, Links, Listing, Marked, Note, Table, Text
from podanalytics.show.cells import cell_plain
from podanalytics.show.escape import visible
from podanalytics.show.table import TALL
from podanalytics.workspace import find_workspace
from tests.hostile import HOSTILE
from tests.invented import executed

NOTEBOOK = Path(__file__).parent.parent / "notebooks" / "review_packet.ipynb"
T = datetime(2026, 10, 14, 14, 0, tzinfo=UTC)


@cache
def sample_page() -> Page:
    """The packet of the sample's worst incident, as it is committed."""
    page = page_of(runs.read(NOTEBOOK), NOTEBOOK.name)
    page.parameters["as_of"] = "2026-11-02T09:00:00Z"
    return page


@cache
def sample_pdf() -> pypdf.PdfReader:
    return read(pdf_form(sample_page()))


def read(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def page_with(*content: Any, **parameters: Any) -> Page:
    return Page(parameters=parameters, parts=[Part("glance", "Glance", content=[*content])])


def printed(*content: Any, **parameters: Any) -> pypdf.PdfReader:
    return read(pdf_form(page_with(*content, **parameters)))


def texts(pdf: pypdf.PdfReader) -> list[str]:
    return [page.extract_text() for page in pdf.pages]


def squeezed(text: str) -> str:
    """Without spaces and line breaks: where a line is broken says nothing."""
    return re.sub(r"\s+", "", text)


def elements(pdf: pypdf.PdfReader) -> Iterator[dict[str, Any]]:
    """The structure elements in reading order."""

    def within(node: Any) -> Iterator[dict[str, Any]]:
        node = node.get_object()
        for each in node if isinstance(node, list) else [node]:
            each = each.get_object()
            if isinstance(each, dict):
                if "/S" in each:
                    yield each
                if "/K" in each:
                    yield from within(each["/K"])

    root: Any = pdf.trailer["/Root"]
    yield from within(root["/StructTreeRoot"])


def below(element: dict[str, Any], tag: str) -> bool:
    kids = element.get("/K", [])
    found = [kid.get_object() for kid in (kids if isinstance(kids, list) else [kids]) if hasattr(kid, "get_object")]
    return any(isinstance(kid, dict) and (kid.get("/S") == tag or below(kid, tag)) for kid in found)


def test_it_says_what_standards_it_keeps() -> None:
    root: Any = sample_pdf().trailer["/Root"]
    told = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in told
    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in told
    assert root["/Lang"] == "en" and root["/MarkInfo"]["/Marked"] and root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert sample_pdf().metadata is not None
    assert sample_pdf().metadata.title == "Review packet · INC-1019"  # type: ignore[union-attr]


def test_its_structure_can_be_listened_to() -> None:
    found = list(elements(sample_pdf()))
    levels = [int(e["/S"][2]) for e in found if re.fullmatch(r"/H\d", e["/S"])]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    tables = [e for e in found if e["/S"] == "/Table"]
    wanted = [i for part in sample_page().parts for i in part.content if isinstance(i, Table) and i.rows]
    assert len(tables) == len(wanted) > 10
    assert all(below(table, "/TH") for table in tables)
    # Typst leaves a caption just before its table, not in it, where a page break moved the two.
    told = [e["/S"] for e in found]
    assert all(
        below(e, "/Caption") or "/Caption" in told[place - 3 : place]
        for place, e in enumerate(found)
        if e["/S"] == "/Table"
    )
    figures = [i.alt for part in sample_page().parts for i in part.content if isinstance(i, Figure)]
    assert [str(e["/Alt"]) for e in found if e["/S"] == "/Figure"] == figures != []


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_paper(paper: str, size: tuple[int, int]) -> None:
    pdf = read(pdf_form(page_with(Text("x")), paper))
    box = pdf.pages[0].mediabox
    assert (round(box.width), round(box.height)) == size


def test_no_other_paper() -> None:
    with pytest.raises(NotebookError, match=r"PDF form of INC-1 cannot be set: paper 'a3' is none of a4, letter"):
        pdf_form(page_with(Text("x"), incident="INC-1"), "a3")


def test_the_workspace_names_the_paper(tmp_path: Path) -> None:
    (tmp_path / "pod.toml").write_text('paper = "letter"\n')
    assert find_workspace(tmp_path).settings.paper == "letter"
    (tmp_path / "pod.toml").write_text('paper = "foolscap"\n')
    with pytest.raises(WorkspaceError, match=r"paper: Input should be 'a4' or 'letter'"):
        find_workspace(tmp_path)


def test_pages_are_numbered_and_the_contents_lead_to_them() -> None:
    pages = texts(sample_pdf())
    assert 5 < len(pages) <= 22  # about 20 sheets are what people take to a meeting
    for number, text in enumerate(pages, start=1):
        assert f"page {number} of {len(pages)}" in text
        assert number == 1 or "Review packet · INC-1019" in text
    contents = next(text for text in pages[:2] if "Contents" in text)
    titles = [part.title for part in sample_page().parts if part.title]
    for title in titles:
        listed = re.search(rf"^{re.escape(title)}[ .]+(\d+)$", contents, flags=re.MULTILINE)
        assert listed, title
        assert title in pages[int(listed[1]) - 1]


def test_page_one_is_the_glance_alone() -> None:
    first, second, *_ = texts(sample_pdf())
    parts = sample_page().parts
    glance = next(part for part in parts if part.title)
    for item in glance.content:
        for text in told_by(item):
            assert squeezed(text) in squeezed(first), text
    following = parts[parts.index(glance) + 1]
    assert following.title in second.splitlines()
    assert following.title not in first.splitlines()


def told_by(item: Any) -> list[str]:
    """All that a block says in print."""
    if isinstance(item, Table):
        if not item.rows:
            return [item.caption, item.empty]
        names = [c.under for c in item.columns]
        tall = len(item.rows) > TALL
        shown = [(i, c) for i, c in enumerate(item.columns) if not c.bare]
        kept = [i for i, c in shown if not (tall and i and c.kind == "code" and c.name not in names)]
        return [
            item.caption,
            *(item.columns[i].label for i in kept),
            *(text for row in item.rows for i in kept for text in cell_texts(row[i], item.columns[i].kind)),
        ]
    if isinstance(item, Facts):
        return [text for label, value in item.rows for text in (label, *cell_texts(value, "text"))]
    if isinstance(item, Figure):
        return [item.caption]
    if isinstance(item, Listing):
        return list(item.items)
    if isinstance(item, Text | Note):
        return [item.text]
    if isinstance(item, Draft):
        passages = [text for p in item.passages for text in (p.heading, *(t for i in p.content for t in told_by(i)))]
        return [item.title, *passages]
    clocks = getattr(item, "clocks", ())
    return [text for clock in clocks for text in (clock.label, clock.value or "", clock.detail)]


def cell_texts(cell: Any, kind: str) -> list[str]:
    if isinstance(cell, Links):
        return [link.label for link in cell.links]
    if isinstance(cell, Link):
        return [cell.label]
    if isinstance(cell, Marked) and cell.was is not None:
        return [cell.was, cell.text]
    return [cell_plain(cell, kind=kind)]


def test_nothing_is_lost_in_print() -> None:
    whole = squeezed("".join(texts(sample_pdf())))
    said = 0
    for part in sample_page().parts:
        for item in (*part.content, Text(part.lead), Text(part.title)):
            for text in [] if isinstance(item, Prose) else told_by(item):
                assert squeezed(visible(text)) in whole, text
                said += 1
    assert said > 500
    assert squeezed("Not in print: the column “Raw line”; see the HTML form, or tables/timeline.csv.") in whole


def test_the_same_page_gives_the_same_bytes() -> None:
    assert pdf_form(sample_page()) == pdf_form(sample_page())


def test_it_is_dated_by_its_moment_and_not_by_the_clock() -> None:
    dated = printed(Text("x"), as_of="2026-10-15T09:00:00Z").metadata
    assert dated is not None and dated.creation_date == datetime(2026, 10, 15, 9, tzinfo=UTC)
    for as_of in ("", "yesterday"):
        undated = printed(Text("x"), as_of=as_of).metadata
        assert undated is not None and undated.creation_date is None


def test_hostile_text_is_text(tmp_path: Path) -> None:
    notebook = executed(tmp_path / "review_packet.ipynb", HOSTILE)
    made = pdf_form(page_of(runs.read(notebook), notebook.name))
    whole = squeezed("".join(texts(read(made))))
    for text in HOSTILE:
        if text.isprintable() and text.isascii():
            assert whole.count(squeezed(text)) >= 3, text
    assert "‹U+202E›gnp.exe" in whole and "‹escape›[31mred" in whole
    assert "##noheading" in whole and "<script>x</script>" in whole
    for key in ("/JS", "/JavaScript", "/Launch", "/SubmitForm", "/EmbeddedFiles", "/OpenAction", "/AA", "/XFA"):
        assert key not in keys_of(read(made)), key
    assert uris(read(made)) == {"https://evil.example/p.png"}  # the narrative's picture, as a link


def keys_of(pdf: pypdf.PdfReader) -> set[str]:
    """Every name and every key that stands in the file."""
    found: set[str] = set()

    def within(node: Any) -> None:
        if isinstance(node, dict):
            found.update(node)
            for each in node.values():
                within(each)
        elif isinstance(node, list):
            for each in node:
                within(each)
        elif isinstance(node, pypdf.generic.NameObject):
            found.add(str(node))

    size: Any = pdf.trailer["/Size"]
    for number in range(1, size):
        within(pdf.get_object(number))
    return found


def uris(pdf: pypdf.PdfReader) -> set[str]:
    annotations = [a.get_object() for page in pdf.pages for a in page.get("/Annots", [])]
    return {str(a["/A"]["/URI"]) for a in annotations if "/URI" in a.get("/A", {})}


def test_only_safe_addresses_are_links() -> None:
    links = ("https://a.example/x", "http://b.example", "javascript:x", "file:///etc/passwd", "mailto:a@b.example")
    rows = tuple((Link(f"to {n}", url),) for n, url in enumerate(links))
    pdf = printed(
        Table("t", "T", (Column("a", "A"),), rows), Prose("[p](javascript:x) [q](ftp://c.example) <https://d.example>")
    )
    assert {uri.rstrip("/") for uri in uris(pdf)} == {"https://a.example/x", "http://b.example", "https://d.example"}
    assert "to 2 (javascript:x)" in texts(pdf)[0]


def test_cited_rows_lead_to_their_rows() -> None:
    columns = (Column("n", "#", "number"), Column("what", "What"))
    table = Table("timeline", "All", columns, ((1, "one"), (2, "two")))
    to_row = Table(
        "other", "Other", (Column("row", "Row"),), ((Link("2", "#timeline-row-2"),), (Link("9", "#timeline-row-9"),))
    )
    pdf = printed(Note("info", "Late (rows 1, 7)."), to_row, table)
    annotations = [a.get_object() for page in pdf.pages for a in page["/Annots"]]  # type: ignore[attr-defined]
    assert len(annotations) == 3  # row 1 of the note, row 2 of the table, the contents' one line; 7 and 9 are nowhere
    assert "Late (rows 1, 7)." in texts(pdf)[0]


def rows_of(count: int) -> Table:
    columns = (
        Column("n", "#", "number"),
        Column("at", "Time", "time"),
        Column("what", "What was said"),
        Column("raw", "Raw", "code"),
    )
    rows = tuple((n, T + timedelta(minutes=n), f"first-{n}\nsecond-{n}\nthird-{n}", f"raw/{n}") for n in range(count))
    return Table("timeline", "All", columns, rows, zone="Europe/Berlin")


def test_rows_are_whole_and_the_header_is_on_every_page() -> None:
    pages = texts(printed(Text("x"), rows_of(90)))
    shown = [page for page in pages if "second-" in page]
    assert len(shown) > 1
    assert all("What was said" in page for page in shown)
    for n in range(90):
        (page,) = [page for page in pages if re.search(rf"first-{n}\b", page)]
        assert re.search(rf"second-{n}\b", page) and re.search(rf"third-{n}\b", page)
    assert "16:05:00 CEST" in shown[0] and "14:05:00" in shown[0]


def test_a_row_higher_than_a_page_is_cut_and_not_lost() -> None:
    lines = "\n".join(f"line-{n}." for n in range(200))
    pages = texts(printed(Table("t", "T", (Column("a", "A"),), ((lines,), ("after",)))))
    assert len(pages) > 1
    whole = "".join(pages)
    assert all(f"line-{n}." in whole for n in range(200)) and "after" in whole


def test_a_long_table_that_nothing_cites_is_cut_and_says_so() -> None:
    table = Table("files", "Files", (Column("f", "File", "code"),), tuple((f"file-{n}.",) for n in range(130)))
    whole = "".join(texts(printed(Text("x"), table)))
    assert "file-99." in whole and "file-100." not in whole
    assert "Not in print: 30 further rows; see the HTML form, or tables/files.csv." in whole


def test_long_words_are_broken_and_copied_whole() -> None:
    path = "data/raw/" + "x" * 70 + "/2026-10-14-export-of-everything.json"
    columns = (Column("a", "A", "code"), Column("b", "B"), Column("c", "C"))
    pdf = printed(Table("t", "T", columns, ((path, "word " * 60, "other " * 60),)))
    assert "\u200b" not in "".join(texts(pdf))
    assert path in squeezed("".join(texts(pdf)))
    right = []

    def visit(text: str, _cm: Any, tm: Any, _font: Any, _size: Any) -> None:
        right.extend([tm[4]] if text.strip() else [])

    pdf.pages[0].extract_text(visitor_text=visit)
    assert max(right) < 595 - 39  # nothing begins beyond the margin


def test_what_no_font_can_draw_is_named() -> None:
    pdf = printed(Text("fire 🔥, 中文, 👩\u200d💻 and ✓ stay"), Facts((("Title", "é, ž, Ж, λ, ⚠"),)))
    whole = " ".join("".join(texts(pdf)).split())
    assert "fire ‹fire›, ‹U+4E2D U+6587›, ‹woman personal computer› and ✓ stay" in whole
    assert "é, ž, Ж, λ, ⚠" in whole
    assert re.search(r"\b[56] different characters are in none of the fonts", whole)
    assert "in none of the fonts" not in "".join(texts(printed(Text("plain"))))


def test_a_glance_too_long_for_the_page_is_set_smaller() -> None:
    lines = tuple(f"line {n} of what happened." for n in range(58))
    following = Part("next", "What follows", content=[Text("x")])
    page = page_with(Listing(lines))
    page.parts.append(following)
    first, *_ = texts(read(pdf_form(page)))
    assert all(line in first for line in lines)
    endless = page_with(Listing(tuple(f"line {n}." for n in range(300))))
    assert "line 299." in "".join(texts(read(pdf_form(endless))))


def test_narrative_is_set_as_what_it_is() -> None:
    source = (
        "Some *soft* and **hard** `code #x` ~~gone~~.\n\n##### Deep\n\ntext\n\n- one\n  - inner\n- two\n\n"
        "3. three\n4. four\n\n> quoted\n> # big\n\n```\n#panic()\n```\n\n"
        "| a | b |\n| --- | --- |\n| #1 | $x$ |\n\n---\n\n"
        '<b>raw</b>\n\n<div>block</div>\n\n#eval("1+1") @ref <label> \\u{41} // comment'
    )
    pdf = printed(Prose(source))
    whole = squeezed("".join(texts(pdf)))
    for text in ("code #x", "gone", "inner", "3. three", "quoted", "big", "#panic()", "#1", "$x$", "<b>raw</b>",
                 "<div>block</div>", '#eval("1+1") @ref <label> \\u{41} // comment'):  # fmt: skip
        assert squeezed(text) in whole, text
    tags = [e["/S"] for e in elements(pdf)]
    assert "/H3" in tags and not {"/H4", "/H5"} & set(tags)
    assert {"/L", "/LI", "/Table", "/TH", "/Em", "/Strong"} <= set(tags)


def test_a_form_that_cannot_be_made_leaves_nothing_half_written(tmp_path: Path) -> None:
    notebook = executed(tmp_path / "review_packet.ipynb")
    with pytest.raises(NotebookError, match="the PDF form of INC-1019 cannot be set"):
        publish(notebook, tmp_path / "out", paper="a3")
    assert not (tmp_path / "out").exists()


def test_two_thousand_rows_are_set_in_time() -> None:
    page = page_with(Text("x"))
    page.parts.append(Part("all", "All", content=[rows_of(2000)]))
    began = time.perf_counter()
    pdf = read(pdf_form(page))
    assert time.perf_counter() - began < 15  # 2 s on an idle machine; the bound is for a busy one
    assert "first-1999" in pdf.pages[-1].extract_text()
