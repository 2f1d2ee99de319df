"""A page as one offline HTML file: plotly.js once and packed, nothing asked of any network."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from podanalytics.errors import NotebookError
from podanalytics.narrative import Page, Part
from podanalytics.show.blocks import Figure
from podanalytics.show.escape import html_lines
from podanalytics.show.packing import packed


def html_form(page: Page) -> str:
    """The whole page; its content security policy lets nothing run but our two scripts."""
    # jinja2 and markupsafe are only needed here, and the CLI's start must stay fast.
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    loader = PackageLoader("podanalytics", "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    figures = any(isinstance(item, Figure) for part in page.parts for item in part.content)
    plotly, plotly_hash = _plotly() if figures else ("", "")
    script = files("podanalytics").joinpath("templates/packet.js").read_text("utf-8")
    css = files("podanalytics").joinpath("show/packet.css").read_text("utf-8")
    parts = [{"id": part.id, "title": part.title, "html": Markup(_part_html(part))} for part in page.parts]
    return environment.get_template("packet.html.j2").render(
        page={"title": page.title, "incident": page.about, "facts": page.facts, "parts": parts},
        policy=Markup(_policy(_hash(script), plotly_hash)),
        css=Markup(css),
        script=Markup(script),
        plotly=Markup(plotly),
    )


def _part_html(part: Part) -> str:
    lead = [f'<p class="pod-lead">{html_lines(part.lead)}</p>'] if part.lead else []
    return "\n".join([*lead, *(item.html(part.id) for item in part.content)])


def _policy(*hashes: str) -> str:
    """The page's content security policy: no request at all, and only the two scripts that are ours may run."""
    scripts = " ".join(f"'{value}'" for value in hashes if value)
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@lru_cache(maxsize=1)
def _plotly() -> tuple[str, str]:
    """The installed plotly.js, gzipped in base64 without a time stamp, and the hash that lets it run."""
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise NotebookError("plotly is not installed: install the locked requirements")
    text = Path(spec.origin).with_name("package_data").joinpath("plotly.min.js").read_text("utf-8")
    return packed(text), _hash(text)
