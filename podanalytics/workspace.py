"""A workspace: a folder with a pod.toml, raw files, a database and reports."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from podanalytics.errors import WorkspaceError
from podanalytics.keepable import in_calendar
from podanalytics.policy import Policy, Zone, known_zone, label_in, load_policy, policy_text, shipped_policies
from podanalytics.policy.history import Policies, policies_of
from podanalytics.store import Store

FILE = "pod.toml"
FILE_ENDS = (".db", ".db3", ".sqlite", ".sqlite3")  # of a database that is named without a folder
NEW = """\
# Settings of this podanalytics workspace. Every line is optional; these are the defaults.

policy = "pod-protocol"       # a shipped policy, a file of your own ("our-policy.toml"), or a list of them:
                              # each incident is judged by the one in force when it began
raw = "data/raw"              # exports go here, in any folders you like; they are never changed
corrections = "data/corrections"
database = "data/pod.db"      # a file, or a URL (the environment's POD_DATABASE_URL wins)
pseudonyms = "data/pseudonyms.json"  # who is behind each pseudonym: keep it, and keep it to yourselves
reports = "reports"
mask_ips = false              # true: network addresses are masked in everything shared
zone = "UTC"                  # the zone times are shown in, beside UTC
paper = "a4"                  # of the PDF form: "a4" or "letter"
# as_of = 2026-11-02T09:00:00Z  # judge as if it were this moment; without it, the moment you run

# What `podanalytics pull` asks for; tokens are in the environment (POD_GITHUB_TOKEN ...), never here.
# [pull.github]
# repositories = ["OWNER/NAME"]
# [pull.jira]
# base_url = "https://SITE.atlassian.net"
# projects = ["OPS"]
# user = "me@example.com"
# [pull.pagerduty]
# [pull.slack]
# channels = ["#incidents"]        # without it, all that the app is a member of
# [pull.statuspage]
# pages = ["https://status.example.com"]
# [pull.alertmanager]
# servers = ["https://alertmanager.example.com"]
"""


def _of_vendors(given: Any) -> Any:
    """The table [pull]; the vendors are looked at only where it is written."""
    from podanalytics.pull import checked

    return checked(given)


class Settings(BaseModel):
    """What pod.toml may say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: str | Annotated[tuple[str, ...], Field(min_length=1)] = "pod-protocol"
    raw: str = "data/raw"
    corrections: str = "data/corrections"
    database: str = "data/pod.db"
    pseudonyms: str = "data/pseudonyms.json"
    reports: str = "reports"
    mask_ips: bool = False
    zone: Zone = "UTC"
    paper: Literal["a4", "letter"] = "a4"
    as_of: Annotated[AwareDatetime, AfterValidator(in_calendar)] | None = None
    pull: Annotated[dict[str, Any], BeforeValidator(_of_vendors)] = Field(default_factory=dict)


@dataclass(frozen=True)
class Workspace:
    """A folder and its settings."""

    root: Path
    settings: Settings

    @property
    def raw(self) -> Path:
        """Where raw files lie."""
        return self.root / self.settings.raw

    @property
    def corrections(self) -> Path:
        """Where corrections lie."""
        return self.root / self.settings.corrections

    @property
    def reports(self) -> Path:
        """Where packets and reports are written."""
        return self.root / self.settings.reports

    @property
    def pseudonyms(self) -> Path:
        """The file that says who is behind each pseudonym (the environment's POD_PSEUDONYMS wins)."""
        return self.root / (os.environ.get("POD_PSEUDONYMS") or self.settings.pseudonyms)

    def policies(self) -> Policies:
        """The policies this workspace judges by, each from its effective date on. Raises PolicyError."""
        return policies_of(load_policy(where) for where in self._policies())

    def policy(self) -> Policy:
        """The policy in force at the moment this workspace judges at. Raises PolicyError."""
        return self.policies().in_force(self.as_of())

    def policy_texts(self) -> dict[str, str]:
        """The text of each policy, by name and version. Raises PolicyError."""
        texts = [(policy_text(where), str(where)) for where in self._policies()]
        return {label_in(text, where): text for text, where in texts}

    def _policies(self) -> list[str | Path]:
        """What finds each policy: its shipped name, or its path."""
        given = self.settings.policy
        names = (given,) if isinstance(given, str) else given
        return [name if name in shipped_policies() else self.root / name for name in names]

    def as_of(self) -> datetime:
        """The moment to judge at: pod.toml's, else now. The only place that reads the clock for a verdict."""
        return self.settings.as_of or datetime.now(UTC).replace(microsecond=0)

    def zone(self, named: str = "") -> str:
        """The zone asked for, else the workspace's own. Raises WorkspaceError for one that is none."""
        try:
            return known_zone(named) if named else self.settings.zone
        except ValueError as error:
            raise WorkspaceError(str(error)) from None

    def store(self) -> Store:
        """The ledger's database, made when it is not there yet. Raises StoreError."""
        given = os.environ.get("POD_DATABASE_URL") or self.settings.database
        if "://" in given:
            return Store(given)
        if not given.endswith(FILE_ENDS) and "/" not in given and os.sep not in given:
            raise WorkspaceError(
                f"the database {given!r} is neither a file (pod.db, data/ledger) nor a URL (postgresql://host/name)"
            )
        path = self.root / given
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WorkspaceError(f"cannot make the folder {path.parent}: {error.strerror}") from None
        return Store(f"sqlite:///{path}")


def find_workspace(named: Path | None = None) -> Workspace:
    """The workspace that folder lies in: the nearest one upwards with a pod.toml. Raises WorkspaceError.

    Without a name it is the environment's POD_WORKSPACE (which is how a running notebook learns of it without a path
    of this machine in its parameters), else where you are.
    """
    start = named or Path(os.environ.get("POD_WORKSPACE") or ".")
    try:
        start = start.resolve()
        for folder in (start, *start.parents):
            if (folder / FILE).is_file():
                return Workspace(folder, _settings(folder / FILE))
    except (OSError, RuntimeError) as error:
        raise WorkspaceError(f"cannot look for a workspace in {start}: {error}") from None
    raise WorkspaceError(
        f"no {FILE} in {start} or above it: make a workspace with `podanalytics init`, or name one with --workspace"
    )


def _settings(path: Path) -> Settings:
    try:
        return Settings.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise WorkspaceError(f"{path}: cannot be read: {error}") from None
    except ValidationError as error:
        complaints = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()
        )
        raise WorkspaceError(f"{path}: {complaints}; known settings: {', '.join(Settings.model_fields)}") from None


def make_workspace(folder: Path) -> list[Path]:
    """Makes a workspace: pod.toml, data/raw, data/corrections, reports, .gitignore.

    What is there already is left alone.

    Returns what was made.
    """
    made: list[Path] = []
    wanted = {FILE: NEW, ".gitignore": "data/*\n!data/corrections/\nreports/\n"}
    try:
        for name in ("data/raw", "data/corrections", "reports"):
            if not (folder / name).is_dir():
                (folder / name).mkdir(parents=True)
                made.append(folder / name)
        for name, text in wanted.items():
            if not (folder / name).exists():
                (folder / name).write_text(text, "utf-8")
                made.append(folder / name)
    except OSError as error:
        raise WorkspaceError(f"cannot make a workspace in {folder}: {error.strerror or error}") from None
    return made
