"""People tell afterwards: corrections of a milestone, with who says so and why."""

from __future__ import annotations

from podanalytics.sample.forms import Files
from podanalytics.sample.people import CAST
from podanalytics.sample.stage import Stage


def tell(stage: Stage) -> Files:
    """`corrections/<incident>.toml` for every plot with `correction: milestone | time | who | time stated | why`."""
    files: Files = {}
    for plot in stage.plots:
        blocks = [f'incident = "{plot.id}"\n']
        for line in plot.head.get("correction", []):
            milestone, moment, who, stated, why = line.split(" | ")
            blocks.append(
                f'\n[[correct]]\nmilestone = "{milestone}"\nvalue = {moment}\n'
                f'why = "{why}"\nby = "{CAST[who].email}"\nstated_at = {stated}\n'
            )
        if len(blocks) > 1:
            files[f"corrections/{plot.id}.toml"] = "".join(blocks).encode()
    return files
