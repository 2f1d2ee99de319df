"""podanalytics: from what an incident left behind to the review packet on your desk.

Raw exports become *events*; a *policy* says what they mean; pure functions read *milestones*, *readings* and *sections*
from them; the executed notebook is the packet. `docs/architecture.md` has the picture.

The names below are what a notebook needs: `import podanalytics as pod`, then `pod.load_review("INC-1019")`.
"""

import os as _os
import sys as _sys
from typing import Any as _Any

__version__ = "0.1.0"

# jsonschema imports rfc3987_syntax eagerly, and that builds some 35 grammars: 1.0-1.3 s in every process that imports
# nbformat, so in papermill, in the kernel's first figure and in Great Expectations (python-jsonschema issue 1428). It
# serves one format check ("iri") that nothing in Jupyter uses, and jsonschema suppresses its ImportError.
if not _os.environ.get("PODANALYTICS_KEEP_RFC3987"):
    _sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# Where each public name lives; imported when it is first asked for, so that `podanalytics --help` stays quick.
_NAMES = {
    "load_review": "podanalytics.gather",
    "section": "podanalytics.gather",
    "load_trend": "podanalytics.gather_month",
    "month_section": "podanalytics.gather_month",
}
__all__ = ["load_review", "load_trend", "month_section", "section"]


def __getattr__(name: str) -> _Any:
    if name not in _NAMES:
        raise AttributeError(f"module 'podanalytics' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_NAMES[name]), name)
