"""An executed notebook read as a page: its title, its parameters, its parts of narrative and blocks, in its order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from podanalytics import runs
from podanalytics.errors import NotebookError
from podanalytics.show.blocks import BLOCK, Block, Note, Section, Text, block_from
from podanalytics.show.escape import html_text, safe_url
from podanalytics.show.mime import Shown
from podanalytics.show.words import stamp

if TYPE_CHECKING:
    from nbformat import NotebookNode

_HEADING = re.compile(r"^(#{1,2})[ \t]+(.+?)[ \t#]*$")
_FENCE = re.compile(r"^\s{0,3}(```|~~~)")
_FACTS = {"as_of": "as of", "zone": "times in"}


@dataclass(frozen=True)
class Prose:
    """What a Markdown cell says, below its headings."""

    source: str

    def html(self, within: str = "") -> str:
        """The prose as HTML; raw HTML in it is shown as text, pictures become links, only http links lead anywhere."""
        return f'<div class="pod-prose">{_markdown(self.source)}</div>'


@dataclass
class Part:
    """One part of the page, under one heading; `told` once a section has filled it."""

    id: str
    title: str
    lead: str = ""
    content: list[Prose | Shown] = field(default_factory=list)
    told: bool = False


@dataclass
class Page:
    """The whole page."""

    title: str = "Review packet"
    parameters: dict[str, Any] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)

    @property
    def about(self) -> str:
        """What it is about: the incident's id or the month, where the notebook has that parameter."""
        return str(self.parameters.get("incident") or self.parameters.get("month") or "")

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The parameters that the page's head shows."""
        return [(label, _moment(self.parameters[name])) for name, label in _FACTS.items() if self.parameters.get(name)]


def _moment(value: Any) -> str:
    """A parameter's value; a time in words."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return stamp(moment) if moment.tzinfo else str(value)


def page_of(notebook: NotebookNode, name: str) -> Page:
    """The page that an executed notebook is; NotebookError where an output of ours cannot be read back."""
    parameters = runs.declared_parameters(notebook, (runs.PARAMETERS, runs.INJECTED))
    page = Page(parameters={key: value for key, (_, value) in parameters.items()})
    page.parts.append(Part("start", ""))
    for index, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "markdown":
            _tell(page, cell.source)
        elif cell.cell_type == "code":
            for shown in _shown(cell, f"{name}, cell {index}"):
                _put(page, shown)
    page.parts = [part for part in page.parts if part.content or part.lead or part.told]
    _name_apart(page.parts)
    return page


def _tell(page: Page, source: str) -> None:
    """Split a Markdown cell at its first- and second-level headings."""
    lines: list[str] = []
    fenced = False
    for line in source.splitlines():
        fenced ^= bool(_FENCE.match(line))
        heading = None if fenced else _HEADING.match(line)
        if heading is None:
            lines.append(line)
            continue
        _say(page, lines)
        lines = []
        if heading[1] == "#":
            page.title = heading[2]
        else:
            page.parts.append(Part(_slug(heading[2]), heading[2]))
    _say(page, lines)


def _say(page: Page, lines: list[str]) -> None:
    text = "\n".join(lines).strip()
    if text:
        page.parts[-1].content.append(Prose(text))


def _put(page: Page, shown: Block | Section) -> None:
    """A block goes to the part it stands in; a section fills the part the notebook opened, or opens one of its own."""
    if not isinstance(shown, Section):
        page.parts[-1].content.append(shown)
        return
    part = page.parts[-1]
    if part.told or not part.title:
        part = Part(shown.id, shown.title)
        page.parts.append(part)
    part.id, part.lead, part.told = shown.id, shown.lead, True
    part.content += shown.blocks


def _shown(cell: NotebookNode, place: str) -> Iterator[Block | Section]:
    for output in cell.outputs:
        data = output.get("data", {})
        if output.output_type == "error":
            raise NotebookError(f"{place}: {output.ename}: the notebook did not run to its end")
        if BLOCK in data:
            try:
                yield block_from(data[BLOCK])
            except ValueError as error:
                raise NotebookError(f"{place}: {error}; run the notebook again with this version") from error
        elif output.output_type == "stream" and output.name == "stdout" and output.text.strip():
            yield Text(output.text.strip())
        elif data:
            yield _foreign(data, place)


def _foreign(data: Any, place: str) -> Block:
    """An output that is none of our blocks: its plain text, or a note where to find it."""
    pictured = any(kind.startswith(("image/", "application/")) for kind in data)
    if pictured or "text/plain" not in data:
        return Note("info", f"An output of {place} ({', '.join(sorted(data))}) is shown only in the notebook.")
    return Text(data["text/plain"])


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "part"


def _name_apart(parts: list[Part]) -> None:
    seen: dict[str, int] = {}
    for part in parts:
        seen[part.id] = seen.get(part.id, 0) + 1
        if seen[part.id] > 1:
            part.id = f"{part.id}-{seen[part.id]}"


def _markdown(source: str) -> str:
    import mistune

    class Safe(mistune.HTMLRenderer):
        def link(self, text: str, url: str, title: str | None = None) -> str:
            good = url if re.fullmatch(r"#[\w-]+", url) else safe_url(url)
            return f'<a href="{html_text(good)}" rel="noopener noreferrer">{text}</a>' if good else text

        def image(self, text: str, url: str, title: str | None = None) -> str:
            return self.link(text or "picture", url, title)

    render = mistune.create_markdown(renderer=Safe(escape=True), plugins=["table", "strikethrough"])
    return str(render(source)).strip()
