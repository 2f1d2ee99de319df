"""Handwriting: adding to the TOML files that people write into, too. What stands in one is never written over."""

from __future__ import annotations

import json
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from podanalytics.errors import WorkspaceError


def add_table(path: Path, name: str, table: dict[str, Any], head: str = "") -> None:
    """Adds `[[name]]` with the table's keys to the end of a file; `head` begins one that is not there yet.

    The file is replaced as a whole, so that it is never half written. Raises WorkspaceError for a file that is no TOML
    or cannot be written.
    """
    lines = [f"[[{name}]]", *(f"{key} = {_value(value)}" for key, value in table.items())]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text("utf-8") if path.exists() else head
        whole = "\n\n".join([*filter(None, [before.rstrip()]), "\n".join(lines)]) + "\n"
        tomllib.loads(whole)
        part = path.with_name(f".{path.name}.part")
        part.write_text(whole, encoding="utf-8", newline="\n")
        part.replace(path)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"{path} is broken, mend it first: {error}") from None
    except OSError as error:
        raise WorkspaceError(f"cannot write {path}: {error.strerror or error}") from None


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return when(value) if isinstance(value, datetime) else quoted(str(value))


def quoted(text: str) -> str:
    """A TOML string: JSON's escapes are TOML's, but for DEL.

    >>> print(quoted('he said "done"'))
    "he said \\"done\\""
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def when(moment: datetime) -> str:
    """A time as TOML and ISO 8601 write it, with Z for UTC."""
    return moment.isoformat().replace("+00:00", "Z")
