"""The twins of a page: its JSON form, and a CSV and a JSON file of every table."""

from __future__ import annotations

import json
from typing import Any

from podanalytics.narrative import Page, Prose
from podanalytics.show.blocks import Table
from podanalytics.show.mime import Shown

FORMAT = 1


def json_text(value: Any) -> str:
    """JSON as it is written to a file: sorted, indented, no NaN."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n"


def data_of(page: Page) -> dict[str, Any]:
    """The page as JSON: its parameters and sections, block by block."""
    parts = [
        {"id": part.id, "title": part.title, "lead": part.lead, "content": [_item_data(item) for item in part.content]}
        for part in page.parts
    ]
    return {"packet": FORMAT, "title": page.title, "parameters": page.parameters, "sections": parts}


def _item_data(item: Prose | Shown) -> dict[str, Any]:
    return {"block": "prose", "markdown": item.source} if isinstance(item, Prose) else item.data()


def tables_of(page: Page) -> dict[str, Table]:
    """Every table by its file name; where two sections use one name, the later carries its section's id."""
    found: dict[str, Table] = {}
    for part in page.parts:
        for item in part.content:
            if isinstance(item, Table):
                name = item.name if item.name not in found else f"{part.id}-{item.name}"
                found[name] = item
    return found


def twins(page: Page) -> dict[str, str]:
    """File name to text: every table as CSV and as JSON records."""
    texts = {}
    for name, table in tables_of(page).items():
        texts[f"{name}.csv"] = table.csv()
        columns = [column.data() for column in table.columns]
        texts[f"{name}.json"] = json_text({"caption": table.caption, "columns": columns, "rows": table.records()})
    return texts
