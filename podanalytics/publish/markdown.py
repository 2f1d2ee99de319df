"""A page as Markdown that reads well on GitHub."""

from __future__ import annotations

from collections.abc import Mapping

from podanalytics.narrative import Page, Prose
from podanalytics.publish.pictures import figures_of
from podanalytics.publish.twins import tables_of
from podanalytics.show.blocks import Draft, Figure, Table
from podanalytics.show.escape import markdown_text
from podanalytics.show.mime import Shown


def markdown_form(page: Page) -> str:
    """The whole page, each table followed by links to its twins, each figure as the picture beside it."""
    files = {id(figure): name for name, figure in figures_of(page).items()}
    twins = {id(table): name for name, table in tables_of(page).items()}
    head = f"# {markdown_text(page.title)}" + (f": {markdown_text(page.about)}" if page.about else "")
    facts = [" · ".join(f"{markdown_text(label)} {markdown_text(value)}" for label, value in page.facts)]
    chunks = [head, *(facts if page.facts else [])]
    for part in page.parts:
        chunks += [f"## {markdown_text(part.title)}" if part.title else "", markdown_text(part.lead)]
        for item in part.content:
            chunks.append(_item(item, files))
            if isinstance(item, Table) and item.rows:
                name = twins[id(item)]
                chunks.append(f"<sub>[CSV](tables/{name}.csv) · [JSON](tables/{name}.json)</sub>")
    return "\n\n".join(chunk for chunk in chunks if chunk) + "\n"


def _item(item: Prose | Shown, files: Mapping[int, str]) -> str:
    if isinstance(item, Prose):
        return item.source
    return item.pictured(f"figures/{files[id(item)]}") if isinstance(item, Figure) else item.markdown()


def draft_forms(page: Page) -> dict[str, str]:
    """File name to text: every draft of the page as Markdown of its own, for others than the packet's readers."""
    drafts = [item for part in page.parts for item in part.content if isinstance(item, Draft)]
    return {f"{draft.name}.md": draft.document() for draft in drafts}
