"""Text as an attacker would write it into a message, a title or a label, and a strict reader of what came of it."""

from __future__ import annotations

from html.parser import HTMLParser

HOSTILE = (
    "<script>window.planted = 1</script>",
    "</script><script>window.planted = 1</script>",
    '"><img src=x onerror="window.planted=1">',
    "[click](javascript:window.planted=1) ![p](https://evil.example/p.png) <https://evil.example>",
    "a | b \\| c\n| --- |\n# not a heading\n- not a list\n```\ncode",
    "$$\\href{javascript:window.planted=1}{x}$$ and $1$ \\(y\\) \\begin{equation}z\\end{equation}",
    "*bold* _it_ ~~gone~~ `tick` snake_case &lt;b&gt; &amp;",
    "\x1b[31mred\x1b[0m \x07 \x00 \x9b1m",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200b \ufeff \U000e0041",
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "+1-1",
    "-2+3",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1d1",
    "%{x} <a href='javascript:window.planted=1'>y</a>",
    "\ud800 \u2028 \u2029",
    "1. not a list",
    "    four spaces",
)
UNSEEN = "\x00\x07\x1b\x9b\u202e\u202c\u2066\u2069\u200b\ufeff\u2028\u2029\ud800\U000e0041"


class Reader(HTMLParser):
    """What a browser would find: tags, attributes, and the text of each run between tags."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.runs: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.runs.append(data)

    @property
    def text(self) -> str:
        return "".join(self.runs)
