"""The page in a real headless Chromium with the network off: plots are drawn, no planted script runs."""

from __future__ import annotations

import http.server
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from podanalytics.publish import publish
from tests.hostile import HOSTILE
from tests.invented import executed

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
)


def chromium(folder: Path, page: str, *more: str) -> str:
    """What Chromium prints for a page of that folder."""
    command = [
        str(CHROMIUM),
        *QUIET,
        f"--user-data-dir={folder / 'profile'}",
        "--virtual-time-budget=8000",
        *more,
        page,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def dom(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("packet")
    publish(executed(folder / "review_packet.ipynb", HOSTILE), folder)
    return chromium(folder, (folder / "packet.html").as_uri(), "--dump-dom")


def test_plots_are_drawn(dom: str) -> None:
    assert 'class="main-svg"' in dom
    assert 'class="pod-figure mathjax_ignore tex2jax_ignore drawn"' in dom
    assert re.search(r'<html[^>]* class="[^"]*ready', dom)
    assert dom.count('class="point"') >= len(HOSTILE) - 3


def test_no_button_uploads_the_figure(dom: str) -> None:
    titles = set(re.findall(r'class="modebar-btn"[^>]*data-title="([^"]*)"', dom))
    assert "Download plot as a PNG" in titles
    assert not [title for title in titles if re.search("share|cloud|edit", title, flags=re.IGNORECASE)]


def test_hostile_text_is_inert(dom: str) -> None:
    shown = re.sub(r"<script[^>]*>.*?</script>", "", dom, flags=re.DOTALL)
    assert not re.search(r"<[^>]*\s(?:xlink:)?href=[\"']\s*javascript:", shown, flags=re.IGNORECASE)
    assert not re.search(r"<[^>]*\sonerror=", shown)
    assert "<img" not in shown
    assert "&lt;script&gt;window.planted = 1&lt;/script&gt;" in shown


def test_the_packed_rows_of_a_long_table_are_unpacked_and_inert(tmp_path: Path) -> None:
    many = tuple(f"{HOSTILE[n % len(HOSTILE)]} {n}" for n in range(400))
    publish(executed(tmp_path / "review_packet.ipynb", many), tmp_path)
    html = (tmp_path / "packet.html").read_text()
    assert 'id="timeline-row-399"' not in html and "250 more rows" in html
    dom = chromium(tmp_path, f"{(tmp_path / 'packet.html').as_uri()}#timeline-row-399", "--dump-dom")
    shown = re.sub(r"<script[^>]*>.*?</script>", "", dom, flags=re.DOTALL)
    assert all(f'id="timeline-row-{n}"' in shown for n in range(400)) and "more rows:" not in shown
    assert "<img" not in shown and not re.search(r"<[^>]*\sonerror=", shown)


def test_a_planted_script_would_be_stopped_even_unescaped(tmp_path: Path) -> None:
    """The second wall: were an escape ever forgotten, the page's policy still runs only the two scripts it names."""
    publish(executed(tmp_path / "review_packet.ipynb"), tmp_path)
    html = (tmp_path / "packet.html").read_text()
    ran = "document.documentElement.dataset.planted"
    planted = f"<script>{ran}='script'</script><img src=x onerror=\"{ran}='image'\">"
    marker = '<main id="content" tabindex="-1">'
    assert marker in html
    (tmp_path / "open.html").write_text(re.sub(r"<meta http-equiv[^>]*>", "", html).replace(marker, marker + planted))
    assert "data-planted" in chromium(tmp_path, (tmp_path / "open.html").as_uri(), "--dump-dom")
    (tmp_path / "shut.html").write_text(html.replace(marker, marker + planted))
    shut = chromium(tmp_path, (tmp_path / "shut.html").as_uri(), "--dump-dom")
    assert "data-planted=" not in shut.replace(planted, "") and "main-svg" in shut


def test_the_page_asks_for_nothing(tmp_path: Path) -> None:
    """Served by a server that writes down what it is asked for: the page itself, and at most the browser's icon."""
    publish(executed(tmp_path / "review_packet.ipynb", HOSTILE), tmp_path)
    asked: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(tmp_path))  # type: ignore[arg-type]

        def log_message(self, format: str, *args: object) -> None:
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        page = f"http://127.0.0.1:{server.server_port}/packet.html"
        dom = chromium(tmp_path, page, "--dump-dom", f"--log-net-log={tmp_path / 'net.json'}")
    finally:
        server.shutdown()
        server.server_close()
    assert "main-svg" in dom
    assert set(asked) - {"/favicon.ico"} == {"/packet.html"}
    net = (tmp_path / "net.json").read_text()
    assert page in net and "evil.example" not in net


def test_it_prints_with_its_figures(tmp_path: Path) -> None:
    publish(executed(tmp_path / "review_packet.ipynb"), tmp_path)
    out = tmp_path / "packet.pdf"
    chromium(tmp_path, (tmp_path / "packet.html").as_uri(), "--no-pdf-header-footer", f"--print-to-pdf={out}")
    text = "".join(page.extract_text() for page in PdfReader(out).pages)
    assert text.count("time (UTC)") == 1  # the static drawing, and no plot beside it
    assert "all is well" in text


def test_screen_paper_and_no_script_each_show_one_drawing(tmp_path: Path) -> None:
    """On screen the plot, on paper the static drawing; without scripts the static drawing. One is told to all."""
    publish(executed(tmp_path / "review_packet.ipynb"), tmp_path)
    page = (tmp_path / "packet.html").as_uri()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        screen = browser.new_page(color_scheme="dark")
        failed: list[str] = []
        screen.on("pageerror", lambda error: failed.append(str(error)))
        screen.goto(page)
        screen.wait_for_selector("html.ready", state="attached")
        plot, static = screen.locator(".pod-plot .main-svg").first, screen.locator(".pod-static > svg")
        assert plot.is_visible() and not static.is_visible()
        assert screen.get_by_role("img", name="2 events.").count() == 1
        screen.emulate_media(media="print")
        assert static.is_visible() and not plot.is_visible()
        ink = "document.querySelector('.pod-static text').computedStyleMap().get('fill').toString()"
        assert screen.evaluate(ink) == "rgb(63, 71, 83)"  # light, though the screen is dark
        screen.emulate_media(media="screen")
        assert plot.is_visible() and not static.is_visible() and not failed
        assert screen.evaluate(ink) == "rgb(184, 192, 204)"
        bare = browser.new_page(java_script_enabled=False)
        bare.goto(page)
        assert bare.locator(".pod-static > svg").is_visible() and not bare.locator(".pod-plot").is_visible()
        tree = bare.context.new_cdp_session(bare).send("Accessibility.getFullAXTree")["nodes"]
        told = [
            (n["name"]["value"], n["description"]["value"]) for n in tree if n.get("role", {}).get("value") == "image"
        ]
        assert told == [("Lanes", "2 events.")]
        browser.close()
