"""A page as a PDF for print and for screen readers (PDF/UA-1, and PDF/A-2a where the page has a date), set by typst.

What the page says goes in as JSON and is set as text: nothing of it is ever read as typst's markup. The fonts are those
of two packages and no others, so the same page gives the same bytes on every machine.
"""

from __future__ import annotations

import json
import re
import tempfile
import unicodedata
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podanalytics.errors import NotebookError
from podanalytics.narrative import Page
from podanalytics.publish.sheet import sheet_of

if TYPE_CHECKING:
    import typst

STYLES = ("Regular", "It", "Semibold", "SemiboldIt", "Bold", "BoldIt")  # the package has OpenType twins of them too
ROUNDS = 12  # of finding characters that no font has: one is the rule, a second where a mark loses its letter

# Typst names each cluster of characters that it cannot set, escaped as in Rust.
_MISSING = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed|contains the codepoint `"(.*?)"`')
# As `show.escape.visible` writes what cannot be seen. Its brackets are not in our font, and a figure has no other.
_NUMBERED = re.compile("⟨(U\\+[0-9A-F]{4,6})⟩")
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"


def pdf_form(page: Page, paper: str = "a4") -> bytes:
    """The whole page on A4 or Letter paper. NotebookError where it cannot be set.

    A character that no font here can draw stands in angle brackets, by its name or its number.
    """
    moment = _moment(page.parameters.get("as_of"))
    told = json.dumps({**_sheet(page, paper), "dated": moment is not None}, ensure_ascii=False, allow_nan=False)
    told = _NUMBERED.sub(r"‹\1›", told)
    missing: set[str] = set()
    with tempfile.TemporaryDirectory() as folder, as_file(files("podanalytics") / "templates/packet.typ") as template:
        fonts = _fonts(Path(folder))
        for _ in range(ROUNDS):
            inputs = {"sheet": _named(told, missing), "unset": str(len(missing))}
            made, found, complaint = _compiled(template, fonts, inputs, moment)
            if made is not None:
                return made
            if not found - missing:
                raise NotebookError(f"the PDF form of {page.about or page.title} cannot be set: {complaint}")
            missing |= found
    raise NotebookError(f"the PDF form of {page.about or page.title} has too many characters that no font can draw")


def _sheet(page: Page, paper: str) -> dict[str, Any]:
    try:
        return sheet_of(page, paper)
    except ValueError as error:
        raise NotebookError(f"the PDF form of {page.about or page.title} cannot be set: {error}") from error


def _moment(as_of: Any) -> datetime | None:
    """The moment the page is dated by; None where it names none."""
    try:
        moment = datetime.fromisoformat(str(as_of))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _fonts(folder: Path) -> typst.Fonts:
    """Source Sans Pro, from the TrueType files alone, and the fonts that typst brings: symbols, code, other scripts."""
    import typst

    ours = files("font_source_sans_pro") / "files"
    for style in STYLES:
        name = f"SourceSansPro-{style}.ttf"
        (folder / name).write_bytes((ours / name).read_bytes())
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])


def _compiled(
    template: Path, fonts: typst.Fonts, inputs: dict[str, str], moment: datetime | None
) -> tuple[bytes | None, set[str], str]:
    """The PDF; or the characters that it lacks glyphs for, and the complaint."""
    import typst

    try:
        made = typst.compile(
            template,
            font_paths=fonts,
            sys_inputs=inputs,
            pdf_standards=["ua-1", "a-2a"] if moment else ["ua-1"],  # PDF/A wants a date, and none is invented
            timestamp=int(moment.timestamp()) if moment else 0,
        )
    except typst.TypstError as error:
        return None, _glyphless(error.diagnostic), error.message
    return made, set(), ""


def _glyphless(diagnostic: str) -> set[str]:
    """The characters that typst could not set, from what it says.

    >>> sorted(_glyphless('error: the text `"\\\\u{200d}中a"` could not be displayed with font `"X"`'))
    ['\\u200d', '中']
    """
    clusters = (first or second for first, second in _MISSING.findall(diagnostic))
    told = (_ESCAPED.sub(lambda found: chr(int(found[1], 16)), cluster) for cluster in clusters)
    return {char for cluster in told for char in cluster if char > "\x7f"}


def _named(text: str, missing: set[str]) -> str:
    """The text with each run of characters that no font has in angle brackets.

    >>> _named("a 🔥 中文", {"🔥", "中", "文"})
    'a ‹fire› ‹U+4E2D U+6587›'
    """
    if not missing:
        return text
    run = re.compile(f"[{re.escape(''.join(sorted(missing | set(_JOINERS))))}]+")
    return run.sub(lambda found: _name(found.group(), missing), text)


def _name(run: str, missing: set[str]) -> str:
    if not set(run) & missing:
        return run
    told = [char for char in run if char not in _JOINERS] or list(run)
    return f"‹{' '.join(_called(char) for char in told)}›"


def _called(char: str) -> str:
    """A symbol's name, which tells a reader something; any other character's number."""
    symbol = unicodedata.category(char) in ("So", "Sk", "Sm")
    name = unicodedata.name(char, "").lower().removeprefix("symbol for ") if symbol else ""
    return name or f"U+{ord(char):04X}"
