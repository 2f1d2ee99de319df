"""The figures of a page as SVG files, which its Markdown shows; drawn anew each time, as a notebook keeps none."""

from __future__ import annotations

from podanalytics.narrative import Page
from podanalytics.show.blocks import Figure


def figures_of(page: Page) -> dict[str, Figure]:
    """Every figure by its file name: its section's id and its own name, numbered where two are the same."""
    found: dict[str, Figure] = {}
    for part in page.parts:
        for item in part.content:
            if isinstance(item, Figure):
                name, number = f"{part.id}-{item.name}", 2
                while f"{name}.svg" in found:
                    name, number = f"{part.id}-{item.name}-{number}", number + 1
                found[f"{name}.svg"] = item
    return found


def pictures(page: Page) -> dict[str, str]:
    """File name to SVG: light or dark as the reader's system is, so that GitHub shows them well in both."""
    return {name: f"{figure.svg(scheme='auto')}\n" for name, figure in figures_of(page).items()}
