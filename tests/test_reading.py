"""The page as people read it, in a real Chromium: on a desktop, a phone, by keyboard, by a screen reader, in print."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from podanalytics.publish import publish

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")
DESKTOP, TABLET, PHONE = (1360, 1100), (1024, 1200), (400, 850)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def packet(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the sample's worst incident, from the notebook as it is committed."""
    folder = tmp_path_factory.mktemp("reading")
    publish(root / "notebooks/review_packet.ipynb", folder)
    return folder / "packet.html"


def opened(browser: Browser, packet: Path, size: tuple[int, int], scheme: str = "light") -> Page:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        offline=True,
        reduced_motion="reduce",
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(packet.as_uri())
    page.wait_for_selector("html.ready", state="attached")
    assert not errors
    return page


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_no_column_is_hidden_and_the_page_never_scrolls_sideways(
    browser: Browser, packet: Path, size: tuple[int, int]
) -> None:
    page = opened(browser, packet, size)
    wide = page.evaluate(
        "[...document.querySelectorAll('.pod-table')]"
        ".filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1).map((e) => e.id)"
    )
    assert wide == []
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]


def test_page_one_answers_on_one_screen(browser: Browser, packet: Path) -> None:
    page = opened(browser, packet, DESKTOP)
    for wanted in (".pod-list", ".pod-clocks", ".pod-facts", ".pod-note >> nth=0", ".pod-note >> nth=1"):
        box = page.locator(f"#page-one {wanted}").first.bounding_box()
        assert box and box["y"] + box["height"] <= DESKTOP[1], wanted


def test_a_screen_reader_finds_headings_tables_and_figures(browser: Browser, packet: Path) -> None:
    page = opened(browser, packet, DESKTOP)
    told = page.locator("body").aria_snapshot()
    levels = [int(level) for level in re.findall(r"heading .*\[level=(\d)\]", told)]
    assert levels[0] == 1 and levels.count(1) == 1 and levels.count(2) >= 12
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert told.count("columnheader") > 80 and told.count("rowheader") > 150
    unnamed = page.evaluate(
        "[...document.querySelectorAll('table')].filter((t) => !t.caption?.textContent.trim()).length"
        " + [...document.querySelectorAll('[role=img]')].filter((i) => !i.getAttribute('aria-label')"
        " && !i.getAttribute('aria-labelledby') && !i.querySelector('title')).length"
    )
    assert unnamed == 0
    assert page.locator("html").get_attribute("lang") == "en"


def test_rows_of_a_table_are_a_table_to_a_screen_reader_on_a_phone_too(browser: Browser, packet: Path) -> None:
    page = opened(browser, packet, PHONE)
    told = page.locator("#timeline-key-moments").aria_snapshot()
    assert "table" in told and "columnheader" in told and "cell" in told


def test_the_keyboard_gets_everywhere_and_shows_where_it_is(browser: Browser, packet: Path) -> None:
    page = opened(browser, packet, DESKTOP)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#page-one') !== null")
    page.locator("#page-one a[href^='#timeline-row-']").first.focus()
    page.keyboard.press("Enter")
    row = page.evaluate("location.hash.slice(1)")
    box = page.locator(f"[id='{row}']").bounding_box()
    assert box and 0 <= box["y"] <= DESKTOP[1]


CONTRAST = """() => {
  const light = (c) => {
    const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map((v) => v / 255)
      .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (!/, 0\\)$/.test(c) && c !== "transparent") return c;
    }
    return "rgb(255, 255, 255)";
  };
  const poor = new Set();
  for (const e of document.querySelectorAll("main *, header *, nav *, footer *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.offsetParent || e.closest("svg, .pod-plot")) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.add(`${e.tagName}.${e.className} ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
  }
  return [...poor];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_legible_in_both_schemes(browser: Browser, packet: Path, scheme: str) -> None:
    """Contrast of at least 4.5 to 1 (WCAG 2.2, success criterion 1.4.3)."""
    assert opened(browser, packet, TABLET, scheme).evaluate(CONTRAST) == []


def test_page_one_prints_on_one_page(browser: Browser, packet: Path, tmp_path: Path) -> None:
    from pypdf import PdfReader

    page = opened(browser, packet, DESKTOP)
    page.pdf(path=tmp_path / "print.pdf", format="A4")
    first, second = (PdfReader(tmp_path / "print.pdf").pages[i].extract_text() for i in (0, 1))
    assert "At a glance" in first and "Can this be trusted?" in first and "Key moments" not in first
    assert "Timeline review" in first + second
