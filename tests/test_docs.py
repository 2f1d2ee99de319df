"""The documentation holds: made pages are what the code makes, links lead somewhere, commands and TOML are real."""

from __future__ import annotations

import json
import os
import re
import shlex
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, get_args

import mistune
import pytest
import typer
from pydantic import BaseModel

from podanalytics.cli import app
from podanalytics.describe import tables_markdown
from podanalytics.model import Fault
from podanalytics.policy import Policy, parse_policy, parts
from podanalytics.sources import GROUPS, all_sources
from podanalytics.sources._eventlog_mapping import COLUMNS, LAST, SETTINGS, read_mapping
from podanalytics.sources._irc_settings import KEYS as IRC_KEYS
from podanalytics.sources._irc_settings import read_settings
from podanalytics.sources._jira_csv_declared import read_declaration
from podanalytics.workspace import Settings
from tests.conftest import ROOT

DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS]
EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
SHIPPED = files("podanalytics").joinpath("policies/pod-protocol.toml").read_text("utf-8")


# --- reading Markdown -----------------------------------------------------------------------------------------------


@cache
def tokens(text: str) -> list[dict[str, Any]]:
    """Every token of a Markdown text, those inside others too, in order."""
    found = mistune.create_markdown(renderer="ast", plugins=["table", "strikethrough"])(text)
    assert isinstance(found, list)
    return list(_flat(found))


def _flat(given: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for token in given:
        yield token
        yield from _flat(token.get("children", []))


def words(token: dict[str, Any]) -> str:
    return "".join(str(t.get("raw", "")) for t in _flat([token]) if not t.get("children"))


def links(text: str) -> list[str]:
    """The targets of links and pictures; those in code and comments are none."""
    return [str(t["attrs"]["url"]) for t in tokens(text) if t["type"] in ("link", "image")]


def anchors(text: str) -> set[str]:
    """The names a link can point at, as GitHub makes them from headings."""
    found: set[str] = set()
    seen: Counter[str] = Counter()
    for token in tokens(text):
        if token["type"] == "heading":
            name = re.sub(r"[^\w\- ]", "", words(token).strip().lower()).replace(" ", "-")
            found.add(f"{name}-{seen[name]}" if seen[name] else name)
            seen[name] += 1
    return found


class Code(NamedTuple):
    """A block of code: the language it names, and its text."""

    language: str
    text: str


def blocks(text: str) -> list[Code]:
    """Every block of code, fenced or indented."""
    return [
        Code(str((t.get("attrs") or {}).get("info") or "").split(" ")[0], str(t["raw"]))
        for t in tokens(text)
        if t["type"] == "block_code"
    ]


def in_docs(language: str) -> list[tuple[str, str]]:
    """(page, text) of every block in that language."""
    return [(page.name, b.text) for page in PAGES for b in blocks(page.read_text("utf-8")) if b.language == language]


# --- made from code -------------------------------------------------------------------------------------------------


def test_the_page_of_tables_is_what_the_declarations_make() -> None:
    page = ROOT / "docs/tables.md"
    if os.environ.get("PODANALYTICS_BLESS") == "1":
        page.write_text(tables_markdown(), encoding="utf-8", newline="\n")
    assert page.read_text("utf-8") == tables_markdown(), "run ./pod bless and read the diff"


READERS = ("<!-- readers -->\n", "<!-- end of readers -->")


def readers_table(page: str) -> str:
    """Every source, by the kind of its tool; what it gives is what its cases in tests/sources tell."""
    headings = re.findall(r"^## (.*`(\w+)`.*)$", page, re.MULTILINE)
    anchor = {name: re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading, name in headings}
    lines = ["| tool | reader | takes | recognised by | gives |", "|---|---|---|---|---|"]
    for group in GROUPS:
        for name, source in all_sources().items():
            if source.group == group:
                gives = " ".join(f"`{kind}`" for kind in sorted(told_kinds(name)))
                reader = f"[`{name}`](#{anchor.get(name, name)})"
                lines.append(f"| {group} | {reader} | {source.takes} | {source.known_by} | {gives} |")
    return "\n".join(lines) + "\n"


def told_kinds(source: str) -> set[str]:
    cases = (ROOT / "tests/sources" / source).glob("*.expected.jsonl")
    told = (json.loads(line) for case in cases for line in case.read_text("utf-8").splitlines())
    return {str(each["kind"]) for each in told if each["told"] == "event"}


def test_the_table_of_readers_is_what_the_sources_say_of_themselves() -> None:
    page = ROOT / "docs/sources.md"
    text = page.read_text("utf-8")
    before, after = text.index(READERS[0]) + len(READERS[0]), text.index(READERS[1])
    made = text[:before] + readers_table(text) + text[after:]
    if os.environ.get("PODANALYTICS_BLESS") == "1":
        page.write_text(made, encoding="utf-8", newline="\n")
    assert page.read_text("utf-8") == made, "run ./pod bless and read the diff"


def test_every_source_says_of_itself_what_it_takes() -> None:
    for name, source in all_sources().items():
        assert source.group in GROUPS and source.takes and source.known_by, name


# --- links ----------------------------------------------------------------------------------------------------------


def broken(page: Path, text: str) -> list[str]:
    """The relative links of a page that lead nowhere."""
    found = []
    for link in links(text):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        target = (page.parent / path) if path else page
        if path and not target.exists():
            found.append(f"{link}: no such file")
        elif anchor and anchor not in anchors(text if target == page else target.read_text("utf-8")):
            found.append(f"{link}: no such heading")
    return found


@EACH_PAGE
def test_links_lead_to_a_file_and_a_heading(page: Path) -> None:
    assert not broken(page, page.read_text("utf-8"))


def test_a_broken_link_is_found() -> None:
    text = (
        "# Here is `it`\n[a](#here-is-it) [b](#gone) [c](tables.md#events) [d](nowhere.md) ![e](x.png)\n`[f](y.md)`\n"
    )
    found = broken(ROOT / "docs/made-up.md", text)
    assert [line.split(":")[0] for line in found] == ["#gone", "nowhere.md", "x.png"]


def test_the_index_leads_to_every_page() -> None:
    told = set(links((ROOT / "docs/README.md").read_text("utf-8")))
    assert len(DOCS) >= 7
    assert {page.name for page in DOCS} - {"README.md"} <= told


# --- commands -------------------------------------------------------------------------------------------------------


def commands(text: str) -> list[list[str]]:
    """The arguments of every `podanalytics ...` in the code blocks of a page, comments left out."""
    found = []
    for block in blocks(text):
        for line in re.sub(r"\\\n\s*", " ", block.text).splitlines():
            for part in re.split(r"&&|\|\|?|;", line):
                if hit := re.match(r"\s*(?:\$ )?(?:\S*/)?podanalytics (?!:)(.*)", part):
                    found.append(shlex.split(hit[1], comments=True))
    return found


def complaint(arguments: list[str]) -> str | None:
    """What the command line would say against these arguments; None if it takes them."""
    command: Any = typer.main.get_command(app)
    context: Any = None
    name = "podanalytics"
    try:
        while True:
            context = command.make_context(name, list(arguments), parent=context)
            if not hasattr(command, "commands"):
                return None
            name, command, arguments = command.resolve_command(context, [*context._protected_args, *context.args])
    except typer.Exit:  # --help and --version answer at once
        return None
    except Exception as error:
        return str(getattr(error, "message", "") or error) or type(error).__name__


@EACH_PAGE
def test_every_command_shown_is_one(page: Path) -> None:
    wrong = {" ".join(c): said for c in commands(page.read_text("utf-8")) if (said := complaint(c))}
    assert not wrong


def test_the_pages_show_commands() -> None:
    shown = {arguments[0] for page in DOCS for arguments in commands(page.read_text("utf-8"))}
    assert shown >= {"init", "load", "check", "list", "packet", "explain", "policy", "sources"}


def test_a_wrong_command_is_found() -> None:
    text = "```sh\n$ podanalytics pakcet\ncd a && podanalytics load --quite | tail\npodanalytics list # all\n```\n"
    found = commands(text + "\n    podanalytics explain INC-1\n\npodanalytics in prose\n")
    assert found == [["pakcet"], ["load", "--quite"], ["list"], ["explain", "INC-1"]]
    assert [bool(complaint(c)) for c in found] == [True, True, False, True]
    assert complaint(["policy", "chek"]) and not complaint(["policy", "check", "our-policy.toml"])
    assert not complaint(["packet", "--help"])


# --- TOML -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "text"), in_docs("toml"))
def test_toml_parses_and_means_what_it_says(page: str, text: str, tmp_path: Path) -> None:
    """Clauses are added to the shipped policy, what people write is read by its source, settings are validated."""
    told = tomllib.loads(text)
    if source := {"correct": "corrections", "link": "decisions"}.get(next(iter(set(told) & {"correct", "link"}), "")):
        file = tmp_path / "written.toml"
        file.write_text(text, encoding="utf-8")
        assert not [t.reason for t in all_sources()[source].parse(file) if isinstance(t, Fault)]
    elif "clause" in told:
        ids = {clause["id"] for clause in told["clause"]}
        assert ids <= {clause.id for clause in parse_policy(f"{SHIPPED}\n{text}", page).clauses}
    elif "irc" in told:
        assert read_settings(text).zone and set(told["irc"]) <= set(IRC_KEYS)
    elif "event_log" in told:
        assert text == (ROOT / "tests/uci/event-log.toml").read_text("utf-8"), "one mapping, shown and tested"
        assert read_mapping(text).columns["state"] == ("incident_state",)
    elif "jira_csv" in told:
        assert read_declaration(text).language == "en"
    elif set(told) <= set(Settings.model_fields):
        Settings.model_validate(told)
    else:
        assert set(told) <= known_keys(Policy), f"{page} shows TOML that nothing here reads"


def test_there_is_toml_of_each_kind() -> None:
    told = [tomllib.loads(text) for _, text in in_docs("toml")]
    assert all(any(key in each for each in told) for key in ("correct", "link", "clause", "policy"))


# --- nothing is left out --------------------------------------------------------------------------------------------


def known_keys(model: type[BaseModel]) -> set[str]:
    """The keys of a written model, as people write them."""
    return {field.alias or name for name, field in model.model_fields.items()}


def written_models() -> list[type[BaseModel]]:
    found = [m for m in vars(parts).values() if isinstance(m, type) and issubclass(m, parts.Written)]
    return [Policy, *(m for m in found if m is not parts.Written)]


def test_the_page_on_policies_names_every_key_and_kind() -> None:
    spans = {str(t["raw"]) for t in tokens((ROOT / "docs/policy.md").read_text("utf-8")) if t["type"] == "codespan"}
    models = written_models()
    assert len(models) >= 14
    named = {part for span in spans for part in re.findall(r"[\w-]+", span)}
    for model in models:
        assert not known_keys(model) - named, f"docs/policy.md does not name these keys of {model.__name__}"
    assert not set(get_args(parts.ClauseKind)) - named
    assert not set(parts.STATES) - named


def test_the_page_on_sources_tells_of_every_source() -> None:
    text = (ROOT / "docs/sources.md").read_text("utf-8")
    for name, source in all_sources().items():
        assert re.search(rf"^## .*`{name}`", text, re.MULTILINE), f"no heading for `{name}`"
        assert source.manual in links(text), f"no link to {source.manual}"


def test_the_page_on_sources_names_every_key_of_a_mapping() -> None:
    spans = {str(t["raw"]) for t in tokens((ROOT / "docs/sources.md").read_text("utf-8")) if t["type"] == "codespan"}
    named = {part for span in spans for part in re.findall(r"\w+", span)}
    assert not {*SETTINGS, *COLUMNS, *LAST} - {"columns"} - named


def test_the_settings_of_a_workspace_are_all_told() -> None:
    text = "".join(page.read_text("utf-8") for page in DOCS)
    assert not {name for name in Settings.model_fields if f"`{name}`" not in text}
