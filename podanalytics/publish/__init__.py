"""From the one executed notebook: one HTML file, a PDF, Markdown, JSON, twins of every table, a draft for customers and
a calendar; a module for each form.

There is no second renderer: the blocks are read back from the notebook's outputs, Markdown cells are the narrative, and
order and headings are the notebook's own. Nothing here reads the clock; what differs between two runs goes to run.json.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from podanalytics import runs
from podanalytics.errors import NotebookError
from podanalytics.narrative import page_of
from podanalytics.publish.calendar import calendar_forms
from podanalytics.publish.html import html_form
from podanalytics.publish.markdown import draft_forms, markdown_form
from podanalytics.publish.parquet import parquet_forms
from podanalytics.publish.pdf import pdf_form
from podanalytics.publish.pictures import pictures
from podanalytics.publish.twins import FORMAT, data_of, json_text, twins

__all__ = ["FORMAT", "OURS", "SOMETIMES", "publish"]

# The folders we fill, with the endings of what we put there.
OURS = {"tables": (".csv", ".json", ".parquet"), "figures": (".svg",)}
SOMETIMES = ("public-report.md", "deadlines.ics")  # files that not every packet has


def publish(executed: Path, folder: Path, name: str = "packet", paper: str = "a4") -> list[Path]:
    """Write the forms of a packet or a report into `folder`, as `name`.html and so on; returns their paths, the
    notebook's last.

    The notebook itself is put there too, without run times, so that the same inputs give the same bytes; times and
    versions are in `run.json`, the one file that differs. `paper` is the PDF's: a4 or letter. NotebookError if the
    notebook did not run to its end or a form cannot be made of it; nothing is written then.
    """
    notebook = runs.read(executed)
    run = _run_block(notebook, executed)
    page = page_of(notebook, executed.name)
    with ThreadPoolExecutor(1, "pdf") as beside:  # typst lets Python work while it sets the pages
        pdf = beside.submit(pdf_form, page, paper)
        forms: dict[str, str | bytes] = {
            f"{name}.html": html_form(page),
            f"{name}.md": markdown_form(page),
            **{f"figures/{name}": text for name, text in pictures(page).items()},
            **{f"tables/{name}": text for name, text in twins(page).items()},
            **{f"tables/{name}": form for name, form in parquet_forms(page).items()},
            f"{name}.pdf": pdf.result(),
            f"{name}.json": json_text(data_of(page)),
            **draft_forms(page),
            **calendar_forms(page),
        }
    if run:
        forms["run.json"] = json_text(run)
    paths = _replace(folder, forms)
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
    python = notebook.metadata.get("language_info", {}).get("version")
    times = {name: told[name] for name in ("start_time", "end_time", "duration")}
    return {
        "about": "the only file of this folder that differs between two runs",
        **times,
        **runs.versions(),
        "python": python,
    }


def _replace(folder: Path, forms: Mapping[str, str | bytes]) -> list[Path]:
    """Write all files beside their places first, then put each in its place; what an earlier run made and this one
    did not is removed from the folders that are ours, and beside them a draft or a calendar that is out of date.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".publishing-") as name:
        made = Path(name)
        for ours in OURS:
            (folder / ours).mkdir(exist_ok=True)
            (made / ours).mkdir()
        for path, form in forms.items():
            (made / path).write_bytes(form.encode() if isinstance(form, str) else form)
        for path in forms:
            (made / path).replace(folder / path)
    for ours, suffixes in OURS.items():
        for old in (folder / ours).iterdir():
            if f"{ours}/{old.name}" not in forms and old.suffix in suffixes:
                old.unlink()
    for path in SOMETIMES:
        if path not in forms:
            (folder / path).unlink(missing_ok=True)
    return [folder / path for path in forms]
