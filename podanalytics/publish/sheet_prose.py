"""The notebook's Markdown as JSON for the printed form: mistune reads it, raw HTML in it is shown as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from podanalytics.publish.sheet_text import printed

To = Callable[[str], dict[str, str]]
FIRST = 3  # level of the first headings below a part's own


def blocks_of(source: str, to: To) -> list[dict[str, Any]]:
    """What a Markdown cell says, block by block; `to` says where an address leads, if anywhere."""
    level = FIRST - 1
    blocks = []
    for block in _blocks(_parsed()(source), to):
        if block["is"] == "heading":  # a reader by ear must not meet a level whose upper level is missing
            level = block["level"] = max(FIRST, min(block["level"], level + 1))
        blocks.append(block)
    return blocks


@lru_cache(maxsize=1)
def _parsed() -> Callable[[str], Any]:
    import mistune

    return mistune.create_markdown(renderer=None, plugins=["table", "strikethrough"])


def _blocks(tokens: Any, to: To) -> Iterator[dict[str, Any]]:
    for token in tokens:
        made = _block(token, to)
        if made:
            yield made


def _block(token: dict[str, Any], to: To) -> dict[str, Any] | None:
    kind, within = token["type"], token.get("children", [])
    if kind in ("paragraph", "block_text"):
        return {"is": "paragraph", "runs": _runs(within, to)}
    if kind == "heading":
        return {"is": "heading", "level": token["attrs"]["level"], "runs": _runs(within, to)}
    if kind == "list":
        return _list(token, to)
    if kind == "block_quote":
        return {"is": "quote", "blocks": [_flat(block) for block in _blocks(within, to)]}
    if kind == "table":
        return _table(within, to)
    return _plain(token)


def _plain(token: dict[str, Any]) -> dict[str, Any] | None:
    """Code and raw HTML as they are written; a line; nothing for what is only space."""
    if token["type"] == "thematic_break":
        return {"is": "rule"}
    raw = token.get("raw", "").rstrip("\n")
    if token["type"] == "block_code":
        return {"is": "code", "text": printed(raw)}
    return {"is": "paragraph", "runs": [printed(raw)]} if raw.strip() else None


def _flat(block: dict[str, Any]) -> dict[str, Any]:
    """A heading inside a list or a quotation is a bold paragraph: it heads nothing of the page."""
    return {"is": "paragraph", "runs": [{"strong": block["runs"]}]} if block["is"] == "heading" else block


def _list(token: dict[str, Any], to: To) -> dict[str, Any]:
    items = [[_flat(block) for block in _blocks(item.get("children", []), to)] for item in token["children"]]
    return {
        "is": "list",
        "ordered": token["attrs"].get("ordered", False),
        "start": token["attrs"].get("start", 1),
        "tight": token.get("tight", True),
        "items": items,
    }


def _table(within: Any, to: To) -> dict[str, Any]:
    head, *body = within
    rows = [row["children"] for part in body for row in part["children"]]
    return {
        "is": "table",
        "across": len(head["children"]),
        "head": [_runs(cell["children"], to) for cell in head["children"]],
        "rows": [[{"runs": _runs(cell["children"], to)} for cell in row] for row in rows],
    }


_AROUND = {"strong": "strong", "emphasis": "em", "strikethrough": "strike"}


def _runs(tokens: Any, to: To) -> list[Any]:
    return [_run(token, to) for token in tokens]


def _run(token: dict[str, Any], to: To) -> Any:
    kind = token["type"]
    if kind in _AROUND:
        return {_AROUND[kind]: _runs(token["children"], to)}
    if kind in ("link", "image"):
        runs = _runs(token["children"], to) or ["picture"]
        return {"link": runs, "to": to(token["attrs"]["url"])}
    if kind == "codespan":
        return {"code": printed(token["raw"])}
    return {"softbreak": " ", "linebreak": "\n"}.get(kind) or printed(token.get("raw", ""))
