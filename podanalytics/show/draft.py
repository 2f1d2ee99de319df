"""The draft block: a text of its own inside the packet that is meant for other readers, and becomes a file of its own.

What stands in a Draft is published as it is; what only helps to write it stands in the blocks around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from podanalytics.show.cells import Cleaned
from podanalytics.show.escape import html_text, markdown_text, slug
from podanalytics.show.mime import INERT, Shown, element_id
from podanalytics.show.prose import Facts, Listing, Text

Written = Text | Facts | Listing


@dataclass(frozen=True)
class Passage(Cleaned):
    """A part of a draft: its heading (empty: none) and what it says."""

    heading: str
    content: tuple[Written, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "content", tuple(self.content))
        super().__post_init__()


@dataclass(frozen=True)
class Draft(Shown):
    """A text for other readers than the packet's; `name` is its file's name."""

    name: str
    title: str
    passages: tuple[Passage, ...]

    def __post_init__(self) -> None:
        slug(self.name, "a draft's name")
        object.__setattr__(self, "passages", tuple(self.passages))
        super().__post_init__()

    def html(self, within: str = "") -> str:
        """An article in a frame, headings one level below its section's."""
        ident = html_text(element_id(within, self.name))
        parts = [f'<article class="pod-draft {INERT}" id="{ident}" aria-labelledby="{ident}-title">']
        parts.append(f'<h3 id="{ident}-title">{html_text(self.title)}</h3>')
        for passage in self.passages:
            parts += [f"<h4>{html_text(passage.heading)}</h4>"] if passage.heading else []
            parts += [written.html(within) for written in passage.content]
        return "\n".join([*parts, "</article>"])

    def document(self) -> str:
        """The draft alone, as a Markdown file."""
        return "\n\n".join(self._chunks("#", "##")) + "\n"

    def markdown(self) -> str:
        """The draft as a quotation, so that where it begins and ends is plain."""
        text = "\n\n".join(self._chunks("###", "####"))
        return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))

    def _chunks(self, top: str, below: str) -> list[str]:
        chunks = [f"{top} {markdown_text(self.title)}"]
        for passage in self.passages:
            chunks += [f"{below} {markdown_text(passage.heading)}"] if passage.heading else []
            chunks += [written.markdown() for written in passage.content]
        return chunks

    def plain(self) -> str:
        """Title, headings and what stands below them."""
        chunks = [self.title]
        for passage in self.passages:
            chunks += [passage.heading] if passage.heading else []
            chunks += [written.plain() for written in passage.content]
        return "\n\n".join(chunks)

    def brief(self) -> str:
        """The title."""
        return self.title

    def data(self) -> dict[str, Any]:
        """Name, title and passages, whose content is the data of blocks."""
        passages = [
            {"heading": passage.heading, "content": [written.data() for written in passage.content]}
            for passage in self.passages
        ]
        return {"block": "draft", "name": self.name, "title": self.title, "passages": passages}
