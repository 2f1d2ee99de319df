"""Finding plugins: a plugin is a module with one well-known name, in one of our packages or behind an entry point.

No base class, no registration line: a file dropped into `sources/` that offers `source` is a source.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any


def discover(package: str, attribute: str) -> Iterator[tuple[str, Any]]:
    """(name, value of `attribute`) of every module below `package` that offers it, by name; then of entry points.

    The entry point group is the package's own name, `podanalytics.sources` for instance. Modules whose name starts
    with an underscore are helpers and are not looked at.

    >>> sorted(name for name, _ in discover("podanalytics.sources", "source"))[:1]
    ['alertmanager']
    """
    home = importlib.import_module(package)
    for info in sorted(pkgutil.iter_modules(home.__path__), key=lambda m: m.name):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package}.{info.name}")
        if hasattr(module, attribute):
            yield info.name, getattr(module, attribute)
    for point in sorted(entry_points(group=package), key=lambda p: p.name):
        yield point.name, point.load()
