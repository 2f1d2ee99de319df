"""What a CSV of Jira does not say of itself, and its user declares in TOML beside it.

[jira_csv]
zone = "Europe/Berlin"
language = "en"
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from podanalytics.sources._handwritten import text_in, toml
from podanalytics.sources._jira_csv_words import COLUMNS, LANGUAGES, DateForm
from podanalytics.sources._wallclock import declared_zone

DATES = ("d/MMM/yy h:mm a", "d/MMM/yy")  # as Jira writes unless somebody set it otherwise: moments, and days
EXAMPLE = '[jira_csv]\nzone = "Europe/Berlin"\nlanguage = "en"'
WHAT_TO_DO = (
    "its times are in the zone and the language of whoever exported it, and it names neither: put it into a folder of "
    "its own with a file jira.toml beside it that holds the lines [jira_csv], "
    f'zone = "Europe/Berlin", language = "en" (their zone; the months\' language, one of {", ".join(LANGUAGES)})'
)
_TABLE = re.compile(r"^[ \t]*(?:\[[ \t]*jira_csv[ \t]*[.\]]|jira_csv[ \t]*[.=])", re.MULTILINE)
_KEYS = ("zone", "language", "dates", "files", "site", "columns")


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration. `columns` are headers of one's own by what they hold, `site` begins the addresses of issues."""

    zone: ZoneInfo
    language: str
    dates: tuple[DateForm, ...]
    files: tuple[str, ...]
    site: str
    columns: dict[str, tuple[str, ...]]


def holds_declaration(text: str) -> bool:
    """Whether a text is such a declaration: looked for as text, so that a broken one is reported by its owner."""
    return bool(_TABLE.search(text))


def read_declaration(text: str) -> Declared:
    """The declaration that a TOML text holds. Raises ValueError that says what to write instead."""
    table = toml(text).get("jira_csv")
    if not isinstance(table, dict):
        raise ValueError("write [jira_csv] as a table")
    _known(table, _KEYS, "in [jira_csv]")
    language = text_in(table, "language", "en")
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r} is not known; known: {', '.join(LANGUAGES)}")
    columns = table.get("columns", {})
    if not isinstance(columns, dict):
        raise ValueError("write [jira_csv.columns] as a table")
    _known(columns, COLUMNS, "in [jira_csv.columns]")
    return Declared(
        zone=declared_zone(text_in(table, "zone", "Europe/Berlin")),
        language=language,
        dates=tuple(DateForm.of(form) for form in _texts(table, "dates") or DATES),
        files=_texts(table, "files") or ("*.csv*",),
        site=(_texts(table, "site") or ("",))[0].rstrip("/"),
        columns={what: _texts(columns, what) for what in columns},
    )


def _texts(table: dict[str, Any], key: str) -> tuple[str, ...]:
    """The texts of a key, written as one text or as a list."""
    value = table.get(key, [])
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(text, str) and text for text in found):
        raise ValueError(f"{key} is text or a list of texts, not {value!r}")
    return tuple(found)


def _known(given: Iterable[str], known: Iterable[str], where: str) -> None:
    if unknown := sorted(set(given) - set(known)):
        near = difflib.get_close_matches(unknown[0], list(known), n=1)
        meant = f'; did you mean "{near[0]}"?' if near else ";"
        raise ValueError(f"unknown key {unknown[0]!r} {where}{meant} known: {', '.join(known)}")
