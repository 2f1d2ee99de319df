"""From the one executed notebook: one HTML file, Markdown, JSON, and a CSV and JSON twin of every table.

There is no second renderer: the blocks are read back from the notebook's outputs, Markdown cells are the narrative, and
order and headings are the notebook's own. Nothing here reads the clock; what differs between two runs goes to run.json.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
import zlib
from functools import lru_cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from podanalytics import runs
from podanalytics.errors import NotebookError
from podanalytics.narrative import Page, Part, Prose, page_of
from podanalytics.show.blocks import Figure, Table
from podanalytics.show.escape import html_lines, markdown_text
from podanalytics.show.mime import Shown

FORMAT = 1
GZIP = 31  # zlib's sign for a gzip member: no time in it, and the same header from every Python, unlike gzip.compress


def publish(executed: Path, folder: Path, name: str = "packet") -> list[Path]:
    """Write the forms of a packet or a report into `folder`, as `name`.html and so on; returns their paths, the
    notebook's last.

    The notebook itself is put there too, without run times, so that the same inputs give the same bytes; times and
    versions are in `run.json`, the one file that differs. NotebookError if the notebook did not run to its end.
    """
    notebook = runs.read(executed)
    run = _run_block(notebook, executed)
    page = page_of(notebook, executed.name)
    texts = {
        f"{name}.html": _html(page),
        f"{name}.md": _markdown(page),
        f"{name}.json": _json(_data(page)),
        **{f"tables/{name}": text for name, text in _twins(page).items()},
    }
    if run:
        texts["run.json"] = _json(run)
    paths = _replace(folder, texts)
    settled = folder / executed.name
    runs.write(runs.normalise(notebook, keep_injected=True), settled)
    return [*paths, settled]


def _run_block(notebook: Any, executed: Path) -> dict[str, Any]:
    """When and with what the notebook ran; empty where it was settled before."""
    told = notebook.metadata.get("papermill")
    if not told:
        return {}
    if told.get("exception") or not told.get("end_time"):
        raise NotebookError(f"{executed} did not run to its end: run it again")
    from importlib.metadata import version

    versions = {name: version(name) for name in ("nbclient", "papermill", "plotly", "polars")}
    python = notebook.metadata.get("language_info", {}).get("version")
    times = {name: told[name] for name in ("start_time", "end_time", "duration")}
    return {
        "about": "the only file of this folder that differs between two runs",
        **times,
        "python": python,
        **versions,
    }


def _replace(folder: Path, texts: dict[str, str]) -> list[Path]:
    """Write all files beside their places first, then put each in its place; tables that are gone now are removed."""
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".publishing-") as name:
        made = Path(name)
        (made / "tables").mkdir()
        for path, text in texts.items():
            (made / path).write_text(text, encoding="utf-8", newline="")
        for path in texts:
            (made / path).replace(folder / path)
    for old in (folder / "tables").iterdir():
        if f"tables/{old.name}" not in texts and old.suffix in (".csv", ".json"):
            old.unlink()
    return [folder / path for path in texts]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n"


def _data(page: Page) -> dict[str, Any]:
    parts = [
        {"id": part.id, "title": part.title, "lead": part.lead, "content": [_item_data(item) for item in part.content]}
        for part in page.parts
    ]
    return {"packet": FORMAT, "title": page.title, "parameters": page.parameters, "sections": parts}


def _item_data(item: Prose | Shown) -> dict[str, Any]:
    return {"block": "prose", "markdown": item.source} if isinstance(item, Prose) else item.data()


def _tables(page: Page) -> dict[str, Table]:
    """Every table by its file name; where two sections use one name, the later carries its section's id."""
    found: dict[str, Table] = {}
    for part in page.parts:
        for item in part.content:
            if isinstance(item, Table):
                name = item.name if item.name not in found else f"{part.id}-{item.name}"
                found[name] = item
    return found


def _twins(page: Page) -> dict[str, str]:
    texts = {}
    for name, table in _tables(page).items():
        texts[f"{name}.csv"] = table.csv()
        columns = [{"name": c.name, "label": c.label, "kind": c.kind} for c in table.columns]
        texts[f"{name}.json"] = _json({"caption": table.caption, "columns": columns, "rows": table.records()})
    return texts


def _markdown(page: Page) -> str:
    twins = {id(table): name for name, table in _tables(page).items()}
    head = f"# {markdown_text(page.title)}" + (f": {markdown_text(page.incident)}" if page.incident else "")
    facts = [" · ".join(f"{markdown_text(label)} {markdown_text(value)}" for label, value in page.facts)]
    chunks = [head, *(facts if page.facts else [])]
    for part in page.parts:
        chunks += [f"## {markdown_text(part.title)}" if part.title else "", markdown_text(part.lead)]
        for item in part.content:
            chunks.append(item.source if isinstance(item, Prose) else item.markdown())
            if isinstance(item, Table) and item.rows:
                name = twins[id(item)]
                chunks.append(f"<sub>[CSV](tables/{name}.csv) · [JSON](tables/{name}.json)</sub>")
    return "\n\n".join(chunk for chunk in chunks if chunk) + "\n"


def _html(page: Page) -> str:
    # jinja2 and markupsafe are only needed here, and the CLI's start must stay fast.
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    loader = PackageLoader("podanalytics", "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    figures = any(isinstance(item, Figure) for part in page.parts for item in part.content)
    packed, plotly_hash = _plotly() if figures else ("", "")
    script = files("podanalytics").joinpath("templates/packet.js").read_text("utf-8")
    css = files("podanalytics").joinpath("show/packet.css").read_text("utf-8")
    parts = [{"id": part.id, "title": part.title, "html": Markup(_part_html(part))} for part in page.parts]
    return environment.get_template("packet.html.j2").render(
        page={"title": page.title, "incident": page.incident, "facts": page.facts, "parts": parts},
        policy=Markup(_policy(_hash(script), plotly_hash)),
        css=Markup(css),
        script=Markup(script),
        plotly=Markup(packed),
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
    packer = zlib.compressobj(9, zlib.DEFLATED, GZIP)
    return base64.b64encode(packer.compress(text.encode()) + packer.flush()).decode(), _hash(text)
