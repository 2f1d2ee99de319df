"""What every block has in common: its fields are cleaned, and Jupyter shows it in every form it has."""

from __future__ import annotations

from typing import Any

from podanalytics.show.cells import Cleaned

BLOCK = "application/vnd.podanalytics.block+json"
PLOTLY = "application/vnd.plotly.v1+json"

# MathJax in JupyterLab looks into HTML output too; it leaves alone what stands below an element of this class.
INERT = "mathjax_ignore tex2jax_ignore"


class Shown(Cleaned):
    """A block: `html`, `markdown`, `plain` and `data` are its forms; `within` is the id of the section around it."""

    __slots__ = ()

    def html(self, within: str = "") -> str:
        """The block as escaped HTML."""
        raise NotImplementedError

    def markdown(self) -> str:
        """The block as escaped Markdown."""
        raise NotImplementedError

    def plain(self) -> str:
        """The block as plain text."""
        raise NotImplementedError

    def data(self) -> dict[str, Any]:
        """The block as JSON, to be read back by `block_from`."""
        raise NotImplementedError

    def brief(self) -> str:
        """One line of plain text that stands for the block where it cannot be shown."""
        return self.plain()

    def notebook_html(self) -> str:
        """The block's HTML inside a notebook."""
        return self.html()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {
            BLOCK: self.data(),
            "text/html": self.notebook_html(),
            "text/plain": self.brief(),
        }


def element_id(within: str, name: str) -> str:
    """The id of a block's element: section and name."""
    return f"{within}-{name}" if within else name
