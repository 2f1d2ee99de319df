"""Blocks: the only thing a section returns. A frozen value with four faces: HTML, Markdown, plain text and JSON.

Every value that came from a tool is hostile text; it is escaped when a block is shown, and nowhere else. A block reads
back from its JSON (`block_from`), so an executed notebook holds all that the packet's other forms are made of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from podanalytics.model import Verdict
from podanalytics.show.cells import Cell, Link, Links, Marked, cell_from, to_rows
from podanalytics.show.draft import Draft, Passage
from podanalytics.show.escape import html_lines, html_text, markdown_text, slug
from podanalytics.show.figures import Figure
from podanalytics.show.mime import BLOCK, INERT, PLOTLY, Shown, element_id
from podanalytics.show.prose import Clock, Clocks, Facts, Listing, Note, Text
from podanalytics.show.table import Column, Table

__all__ = [
    "BLOCK",
    "PLOTLY",
    "Block",
    "Cell",
    "Clock",
    "Clocks",
    "Column",
    "Draft",
    "Facts",
    "Figure",
    "Link",
    "Links",
    "Listing",
    "Marked",
    "Note",
    "Passage",
    "Section",
    "Table",
    "Text",
    "Verdict",
    "block_from",
    "to_rows",
]

# A little style for JupyterLab, which does not load packet.css: shapes only, so that it fits a light and a dark theme.
NOTEBOOK_STYLE = (
    "<style>.pod-chip{padding:0 .6em;border:1px solid;border-radius:9px;white-space:nowrap}"
    ".pod-met{color:#009e73}.pod-missed{color:#d55e00}.pod-unknown{color:#b97d00}.pod-contradictory{color:#cc79a7}"
    ".pod-clocks{display:flex;flex-wrap:wrap;gap:.8em;list-style:none;padding:0!important}"
    ".pod-clock{display:flex;flex-direction:column;gap:.2em;min-width:11em;padding:.6em .8em;border:1px solid #8885;"
    "border-radius:8px;align-items:flex-start}.pod-value{font-size:1.4em}"
    ".pod-note{padding:.4em .8em;border-left:4px solid}"
    ".pod-facts>div{display:flex;gap:1em}.pod-facts dt{min-width:11em;opacity:.7}.pod-facts dd{margin:0}"
    ".pod-table td,.pod-table th{text-align:left!important;vertical-align:top}.pod-table{max-height:40em;overflow:auto}"
    ".pod-under{font-size:.86em;opacity:.75}"
    ".pod-table caption,.pod-figure figcaption{font-weight:bold;text-align:left}</style>"
)


Block = Text | Facts | Clocks | Table | Figure | Note | Listing | Draft


@dataclass(frozen=True)
class Section(Shown):
    """A part of the packet: blocks under a title. In a notebook each block is an output of its own, figures too."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    lead: str = ""

    def __post_init__(self) -> None:
        slug(self.id, "a section's id")
        object.__setattr__(self, "blocks", tuple(self.blocks))
        super().__post_init__()

    def html(self, within: str = "") -> str:
        """A section element with its heading, lead and blocks."""
        blocks = "\n".join(block.html(self.id) for block in self.blocks)
        heading = element_id(self.id, "title")
        return (
            f'<section id="{self.id}" aria-labelledby="{heading}">\n'
            f'<h2 id="{heading}">{html_text(self.title)}</h2>\n{self._lead()}{blocks}\n</section>'
        )

    def _lead(self) -> str:
        return f'<p class="pod-lead {INERT}">{html_lines(self.lead)}</p>\n' if self.lead else ""

    def markdown(self) -> str:
        """Heading, lead and blocks."""
        return "\n\n".join([f"## {markdown_text(self.title)}", *self.body_markdown()])

    def body_markdown(self) -> list[str]:
        """Lead and blocks without the heading."""
        return [*([markdown_text(self.lead)] if self.lead else []), *(block.markdown() for block in self.blocks)]

    def plain(self) -> str:
        """Title, lead and blocks."""
        head = f"{self.title}\n{'=' * len(self.title)}"
        return "\n\n".join([head, *([self.lead] if self.lead else []), *(block.plain() for block in self.blocks)])

    def brief(self) -> str:
        """The title."""
        return self.title

    def data(self) -> dict[str, Any]:
        """Id, title, lead and the blocks' data."""
        blocks = [block.data() for block in self.blocks]
        return {"block": "section", "id": self.id, "title": self.title, "lead": self.lead, "blocks": blocks}

    def outputs(self) -> list[dict[str, Any]]:
        """The mime bundles a notebook shows: a header (the section without blocks), then each block's own.

        The title is left to the notebook's own headings; the header carries it as data.
        """
        header = {
            BLOCK: Section(self.id, self.title, (), self.lead).data(),
            "text/html": f"{NOTEBOOK_STYLE}<div>{self._lead().rstrip()}</div>",
            "text/plain": self.title,
        }
        return [header, *(block._repr_mimebundle_() for block in self.blocks)]

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for bundle in self.outputs():
            display(bundle, raw=True)  # type: ignore[no-untyped-call]


def _facts(data: Mapping[str, Any]) -> Facts:
    return Facts(tuple((label, cell_from(cell)) for label, cell in data["rows"]))


def _clocks(data: Mapping[str, Any]) -> Clocks:
    def verdict(told: str | None) -> Verdict | None:
        return None if told is None else Verdict(told)

    return Clocks(tuple(Clock(c["label"], c["value"], verdict(c["verdict"]), c["detail"]) for c in data["clocks"]))


def _draft(data: Mapping[str, Any]) -> Draft:
    passages = (Passage(p["heading"], tuple(map(block_from, p["content"]))) for p in data["passages"])  # type: ignore[arg-type]
    return Draft(data["name"], data["title"], tuple(passages))


def _section(data: Mapping[str, Any]) -> Section:
    blocks = tuple(block_from(block) for block in data["blocks"])
    return Section(data["id"], data["title"], blocks, data["lead"])  # type: ignore[arg-type]


_READERS: Mapping[str, Callable[[Any], Block | Section]] = {
    "text": lambda data: Text(data["text"]),
    "facts": _facts,
    "clocks": _clocks,
    "table": Table.from_data,
    "figure": Figure.from_data,
    "note": lambda data: Note(data["tone"], data["text"]),
    "listing": lambda data: Listing(tuple(data["items"]), data["ordered"]),
    "draft": _draft,
    "section": _section,
}


def block_from(data: Mapping[str, Any]) -> Block | Section:
    """The block again from its JSON; ValueError where it is none."""
    reader = _READERS.get(str(data.get("block")))
    if reader is None:
        raise ValueError(f"no block of kind {data.get('block')!r}; known: {', '.join(_READERS)}")
    try:
        return reader(data)
    except (KeyError, TypeError) as error:
        raise ValueError(f"a broken {data['block']} block: {error}") from error
