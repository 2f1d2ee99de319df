"""The sample: a seeded generator of Lantern Relay, an invented organisation, as its tools would have exported it.

`generate` makes the raw exports and the truth behind them from a seed alone; the same seed gives the same bytes. The
story is in `plays/`, how each tool tells it in `tell/`, and what really happened in `truth.py`. Everything is invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from podanalytics.sample import tell, truth
from podanalytics.sample.stage import Stage

DEFAULT_SEED = 2026


@dataclass(frozen=True, slots=True)
class Sample:
    """What one seed gives: `raw` (path below `raw/` to bytes) and the `truth` it was told from."""

    seed: int
    raw: Mapping[str, bytes]
    truth: tuple[truth.IncidentTruth, ...]


def generate(seed: int = DEFAULT_SEED) -> Sample:
    """The sample of `seed`: pure, the same bytes on every Python."""
    stage = Stage(seed)
    return Sample(seed, dict(sorted(tell.everything(stage).items())), truth.derive(stage))


def write(sample: Sample, folder: Path) -> list[Path]:
    """Write `folder/raw/...` and `folder/truth.json`; gives the files written, in order."""
    content = {f"raw/{name}": data for name, data in sample.raw.items()}
    content["truth.json"] = truth.to_json(sample.seed, sample.truth)
    paths = []
    for name, data in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        paths.append(path)
    return paths
