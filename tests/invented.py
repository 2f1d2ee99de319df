"""An executed notebook of invented blocks, as papermill would leave it, for the tests of what is made from one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat

from podanalytics.model import Verdict
from podanalytics.show.blocks import (
    Clock,
    Clocks,
    Column,
    Facts,
    Figure,
    Link,
    Listing,
    Marked,
    Note,
    Section,
    Table,
    Text,
)

T = datetime(2026, 10, 14, 14, 0, tzinfo=UTC)
PARAMETERS = 'incident: str = "INC-0"\nzone: str = "Europe/Berlin"\nas_of: str = ""'
INJECTED = '# Parameters\nincident = "INC-1019"\nas_of = "2026-10-15T09:00:00Z"'

NARRATIVE = """## 1. Timeline review

See the [scorecard](#scorecard). <script>x</script>
[bad](javascript:x) ![p](https://evil.example/p.png)

```
## no heading
```"""


def timeline(said: tuple[str, ...]) -> Section:
    """A figure and a table of what was said, a minute apart."""
    at = [(T + timedelta(minutes=n)).isoformat() for n in range(len(said))]
    figure = {
        "data": [
            {"type": "scatter", "mode": "markers", "name": "said", "x": at, "y": list(said), "text": list(said)},
            {"type": "bar", "orientation": "h", "name": "phase", "base": [at[0]], "x": [60_000], "y": ["phase"]},
        ],
        "layout": {"height": 300, "xaxis": {"type": "date", "title": {"text": "time (UTC)"}, "rangeslider": {}}},
    }
    columns = (Column("n", "#", "number"), Column("at", "Time", "time"), Column("link", "Link"), Column("said", "Said"))
    rows = tuple((n, T + timedelta(minutes=n), Link("open", text), text) for n, text in enumerate(said))
    blocks = (Figure("lanes", "Lanes", f"{len(said)} events.", figure), Table("timeline", "Timeline", columns, rows))
    return Section("timeline", "Timeline", blocks, lead=said[0])


def judged(said: tuple[str, ...]) -> Section:
    """Clocks, facts, a scorecard and the rest, without a figure."""
    clocks = tuple(Clock(text, None, verdict, text) for text, verdict in zip(said, Verdict, strict=False))
    card = Table("scorecard", "Scorecard", (Column("clause", "Clause"), Column("v", "Verdict", "verdict")),
                 tuple((f"clause {v.value}", v) for v in Verdict))  # fmt: skip
    facts = Facts((("Title", said[0]), ("Severity", Marked("P1", "P2")), ("Customers", None)))
    rest = (Note("warn", said[0]), Listing(said), Text(said[-1]), Table("actions", "Actions", (Column("a", "A"),), ()))
    return Section("scorecard", "Scorecard", (Clocks(clocks), facts, card, *rest))


def executed(path: Path, said: tuple[str, ...] = ("all is well", "we roll back"), settled: bool = False) -> Path:
    """Write the notebook; unless `settled`, with papermill's times in it."""
    make = nbformat.v4
    cells = [make.new_markdown_cell("# Review packet\n\nAbout the *work*, never about a person.")]
    cells.append(make.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}, execution_count=1))
    cells.append(make.new_code_cell(INJECTED, metadata={"tags": ["injected-parameters"]}, execution_count=2))
    cells.append(make.new_markdown_cell(NARRATIVE))
    for call, section in (("timeline", timeline(said)), ("scorecard", judged(said))):
        outputs = [make.new_output("display_data", data=bundle) for bundle in section.outputs()]
        cells.append(make.new_code_cell(f"pod.{call}(review)", outputs=outputs, execution_count=len(cells)))
    notebook = make.new_notebook(cells=cells)
    if not settled:
        notebook.metadata["papermill"] = {
            "exception": None, "start_time": "2026-11-01T00:00:00", "end_time": "2026-11-01T00:00:02", "duration": 2.0,
        }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path
