"""The whole path with an attacker's text in every raw export: loaded, judged, run by a real kernel, in every form."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import icalendar
import mistune
import nbformat
import pytest
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from podanalytics import intake
from podanalytics.packets import write_packet
from podanalytics.workspace import find_workspace
from tests.hostile import Reader
from tests.planted import INCIDENT, POISON, marks, plant

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Controls, what turns or hides text, and halves of characters; a tab, a line's end and a joiner of emoji may stand.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
FORMULA = re.compile(r"[\s\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")
RUNS = frozenset(
    {"script", "iframe", "object", "embed", "form", "base", "link", "meta", "foreignobject", "audio", "video"}
)


@pytest.fixture(scope="module")
def folder(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("hostile")
    plant(root / "data/sample/raw", home / "raw")
    (home / "pod.toml").write_text('raw = "raw"\nzone = "Europe/Berlin"\nas_of = 2026-11-02T09:00:00Z\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("POD_DATABASE_URL", raising=False)
        workspace = find_workspace(home)
        store = workspace.store()
        intake.load(workspace, store)
        store.close()
        write_packet(workspace, INCIDENT, workspace.as_of(), progress=False)
        yield workspace.reports / INCIDENT


def files(folder: Path, *endings: str) -> list[tuple[str, str]]:
    """Name and text of each file with such an ending; there is one."""
    found = [(str(path.relative_to(folder)), path.read_bytes().decode()) for path in sorted(folder.rglob("*"))
             if path.is_file() and path.suffix in endings]  # fmt: skip
    assert found
    return found


def dangers(html: str, leads_to: str = "#|https?://(?!evil)") -> list[str]:
    """What in a piece of HTML would run, load or lead elsewhere than to addresses that begin as `leads_to` says."""
    reader = Reader(html)
    found = sorted(RUNS & set(reader.tags))
    for tag, name, value in reader.attributes:
        leads = name in ("href", "src", "srcset", "action", "formaction", "poster", "xlink:href", "data")
        astray = leads and not re.match(leads_to, value)
        loads = name in ("src", "srcset", "poster") and value.startswith("http")
        if name.startswith("on") or astray or loads or (name == "style" and "url(" in value):
            found.append(f"<{tag} {name}={value[:80]!r}>")
    return found


def test_the_poison_came_through_to_be_looked_at(folder: Path) -> None:
    """Else the tests below would hold for any packet: every message is there, and text of each tool."""
    told = (folder / "packet.md").read_text("utf-8")
    assert {f"mark-said-{n}" for n in range(len(POISON))} <= marks(told)
    assert len(marks(told)) > 300 and "window.planted" in told
    assert "mark" in (folder / "public-report.md").read_text() and "mark" in (folder / "deadlines.ics").read_text()
    for source in ("slack", "jira", "pagerduty", "statuspage", "git", "logs"):
        assert any("mark" in line for line in told.splitlines() if f"<sub>{source}/" in line), source


def test_nothing_unseen_is_in_any_text(folder: Path) -> None:
    found = {}
    for name, text in files(folder, ".html", ".md", ".json", ".csv", ".svg", ".ics", ".ipynb"):
        lines = text.replace("\r\n", "\n") if name.endswith((".ics", ".csv")) else text
        strings = "\n".join(strings_of(json.loads(text))) if name.endswith((".json", ".ipynb")) else ""
        if unseen := UNSEEN.search(lines) or UNSEEN.search(strings):
            found[name] = repr(unseen[0])
    assert not found


def strings_of(value: Any) -> Iterator[str]:
    """Every string in JSON, keys too."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    for one in value if isinstance(value, list) else []:
        yield from strings_of(one)
    if isinstance(value, str):
        yield value


def test_no_cell_is_a_formula(folder: Path) -> None:
    cells = [
        (name, cell)
        for name, text in files(folder, ".csv")
        for row in csv.reader(io.StringIO(text, newline=""))
        for cell in row
    ]
    assert len(cells) > 5000
    assert not [one for one in cells if FORMULA.match(one[1]) and not NUMBER.fullmatch(one[1])]


def test_drawings_are_drawings(folder: Path) -> None:
    for name, text in files(folder, ".svg"):
        for element in ET.fromstring(text).iter():
            assert element.tag.rpartition("}")[2].lower() not in {*RUNS, "a", "image", "use"}, name
            assert not [k for k, v in element.attrib.items() if "href" in k or k.startswith("on") or "url(" in v], name


def test_the_calendar_holds_deadlines_and_no_more(folder: Path) -> None:
    data = (folder / "deadlines.ics").read_bytes()
    calendar = icalendar.Calendar.from_ical(data)
    assert {part.name for part in calendar.walk()} <= {"VCALENDAR", "VEVENT", "VALARM"}
    assert all(alarm["ACTION"] == "DISPLAY" for alarm in calendar.walk("VALARM"))
    assert not [part for part in calendar.walk() if part.errors]
    assert max(len(line) for line in data.split(b"\r\n")) <= 75 and b"\n" not in data.replace(b"\r\n", b"")


def test_markdown_is_inert_where_html_is_let_through(folder: Path) -> None:
    """The worst case: a renderer that, unlike GitHub, cleans nothing."""
    render = mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "url", "footnotes", "math"])
    for name, text in files(folder, ".md"):
        html = str(render(text))
        assert not dangers(html, "#|tables/|figures/|https?://"), name  # a bare address leads where it says
        assert not re.search(r'class="math', html), name
    header = "| --- |"
    rows = [line for line in (folder / "packet.md").read_text("utf-8").splitlines() if "mark-said-" in line]
    assert header not in "\n".join(rows)


def test_the_notebook_shows_nothing_that_runs(folder: Path) -> None:
    notebook = nbformat.reads((folder / "review_packet.ipynb").read_text("utf-8"), 4)  # type: ignore[no-untyped-call]
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    known = {"text/plain", "text/html", "application/vnd.plotly.v1+json", "application/vnd.podanalytics.block+json"}
    assert {output.output_type for output in outputs} == {"display_data"}
    assert {mime for output in outputs for mime in output.data} == known
    assert not [found for output in outputs if (found := dangers(output.data.get("text/html", "")))]


def test_the_pdf_does_nothing_and_leads_nowhere_else(folder: Path) -> None:
    reader = PdfReader(folder / "packet.pdf")
    size: Any = reader.trailer["/Size"]
    found: list[Any] = [reader.get_object(number) for number in range(1, size)]
    objects = [o for o in found if isinstance(o, dict)]
    acts = {"/JS", "/JavaScript", "/AA", "/OpenAction", "/EmbeddedFiles", "/RichMedia"}
    assert not [
        o for o in objects if acts & set(o) or o.get("/S") in ("/JavaScript", "/Launch", "/SubmitForm", "/GoToR")
    ]
    links = [action for o in objects if isinstance(action := o.get("/A"), dict)]
    assert not [link for link in links if link.get("/S") != "/URI" or not re.match("https?://(?!evil)", link["/URI"])]
    text = "\n".join(page.extract_text() for page in reader.pages).replace("-\n", "-")
    assert "#read(" in text and "root:x:" not in text and {f"mark-said-{n}" for n in range(len(POISON))} <= marks(text)


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")
def test_a_browser_runs_none_of_it_and_asks_for_nothing(folder: Path) -> None:
    """Every figure is gone over with the pointer, since what a hover shows is made then."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text))
        page.goto((folder / "packet.html").as_uri())
        page.wait_for_selector("html.ready", state="attached")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        hovered = 0
        for plot in page.query_selector_all(".pod-plot"):
            plot.scroll_into_view_if_needed()
            if box := plot.bounding_box():
                for n in range(24):
                    page.mouse.move(
                        box["x"] + box["width"] * (n % 8 + 0.5) / 8, box["y"] + box["height"] * (n // 8 + 0.5) / 3
                    )
                    hovered += page.locator(".hoverlayer text").count() > 0
        assert hovered
        assert dangers(page.evaluate("document.body.outerHTML.replace(/<script[^>]*>[^]*?<\\/script>/g, '')")) == []
        assert [page.evaluate(name) for name in ("window.planted", "window.named")] == [None, None]
        assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [(folder / "packet.html").as_uri()]
        assert not said
        browser.close()
