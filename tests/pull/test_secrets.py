"""A token is in no file, no output and no error, in whatever form a vendor, a proxy or a crash may hand it back."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import keyring.backend
import keyring.errors
import pytest

from podanalytics.pull._refusals import Access
from podanalytics.pull._secrets import MASK, Scrubber, Secret, _stored, find
from podanalytics.pull.github import vendor
from podanalytics.workspace import Settings, make_workspace
from tests.conftest import ROOT
from tests.pull.pulling import of_github, pull
from tests.pull.server import REPOSITORY, Asked, GitHub, Reply, as_json, refused, served

TOKEN = "ghp_W8x+Q2/zK5=vN7tR3mL9pY4c"
STORED = _stored


def written(folder: Path) -> bytes:
    """Everything below a folder, names too."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    return b"\n".join([*(os.fsencode(path) for path in found), *(path.read_bytes() for path in found)])


def leaks(content: bytes | str) -> list[str]:
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    plain = base64.b64encode(f"me@pod.example:{TOKEN}".encode()).decode()
    return [form for form in (TOKEN, quote(TOKEN, safe=""), plain, TOKEN[4:16]) if form in text]


class Echo(GitHub):
    """It says the token back: in bodies, in links, in errors."""

    def _list(self, asked: Asked) -> Reply:
        reply = super()._list(asked)
        given = asked.headers["authorization"].removeprefix("Bearer ")
        link = reply.headers.get("Link", "").replace("?", f"?access_token={quote(given, safe='')}&")
        body = reply.body.replace(b"503 again", f"503 for {given}".encode())
        return replace(reply, body=body, headers={**reply.headers, "Link": link} if link else reply.headers)


def test_nothing_that_a_pull_writes_or_prints_holds_the_token(tmp_path: Path) -> None:
    """The command itself, in a process of its own: a good pull, one that is refused, and one that fails in code."""
    make_workspace(tmp_path / "team")
    trouble = {9: refused(403, f"token {TOKEN} has hit a secondary rate limit", Retry_After="0")}
    with served(Echo(issues=4, limit=9).routes(), trouble) as server:
        with (tmp_path / "team/pod.toml").open("a") as settings:
            settings.write(f'[pull.github]\nrepositories = ["{REPOSITORY}"]\nbase_url = "{server.url}"\n')
        env = {**os.environ, "PYTHONPATH": str(ROOT), "POD_GITHUB_TOKEN": f" {TOKEN}\n", "NO_PROXY": "*"}
        command = [sys.executable, "-m", "podanalytics", "pull", "--since", "2026-10-01"]
        good = subprocess.run(command, cwd=tmp_path / "team", env=env, capture_output=True, text=True)
        assert good.returncode == 0, good.stderr
        assert "github pod-example/platform/issues: " in good.stdout and "Now run: podanalytics load" in good.stdout
        assert all(asked.headers["authorization"] == f"Bearer {TOKEN}" for asked in server.log)
        server.faults = {len(server.log) + 1: refused(401, f"Bad credentials: {TOKEN} and {quote(TOKEN, safe='')}")}
        bad = subprocess.run(command, cwd=tmp_path / "team", env=env, capture_output=True, text=True)
    assert bad.returncode == 1
    assert "does not accept the token in POD_GITHUB_TOKEN: it is wrong, expired or revoked (401)" in bad.stdout
    assert f"503 for {MASK}".encode() in written(tmp_path), "what the vendor echoed is masked, the rest is as it came"
    for content in (written(tmp_path), good.stdout, good.stderr, bad.stdout, bad.stderr):
        assert not leaks(content)


def test_a_traceback_does_not_hold_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POD_GITHUB_TOKEN", TOKEN)
    monkeypatch.setattr("podanalytics.pull.github.rows", lambda answer: 1 / 0)
    with served(GitHub().routes()) as server, pytest.raises(ZeroDivisionError) as raised:
        pull(tmp_path, of_github(server.url))
    told = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    assert "podanalytics/pull/_run.py" in (text := "".join(told.format()))
    assert not leaks(text), "not even with the variables of every frame"


def test_the_scrubber_knows_a_token_in_every_form() -> None:
    scrub = Scrubber([Secret(TOKEN)])
    for lead in ("", "a:", "me@pod.example:"):
        basic = base64.b64encode(f"{lead}{TOKEN}".encode()).decode()
        assert basic[8:-6] not in scrub.text(f"Authorization: Basic {basic}")
    assert scrub.text(f"a {TOKEN} b {quote(TOKEN, safe='')} c") == f"a {MASK} b {MASK} c"
    assert scrub.text("https://user:word@proxy:3128/x") == "https://proxy:3128/x"
    assert scrub.text("https://h/p?page=2&access_token=abc&x=1#y") == f"https://h/p?page=2&access_token={MASK}&x=1#y"
    assert scrub.body(b"\xff[1] " + TOKEN.encode()) == b"\xff[1] " + MASK.encode()
    assert not leaks(f"{scrub!r} {Secret(TOKEN)!r} {Secret(TOKEN)} {Access('t', {'Authorization': TOKEN}, scrub)!r}")


@pytest.mark.parametrize("given", ["ghp_abc def_ghij", "ghp_abc\nX-Evil: 1", "gh\u00e9p_123456", "a-word"])
def test_what_cannot_be_a_token_is_refused_unseen(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POD_GITHUB_TOKEN", given)
    with served(GitHub().routes()) as server:
        done = pull(tmp_path, of_github(server.url))
        assert not server.log
    assert "POD_GITHUB_TOKEN" in done[0].failed and given not in done[0].failed


class Store(keyring.backend.KeyringBackend):
    """A key store in memory."""

    priority = 1  # type: ignore[assignment]
    broken = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.broken:
            raise keyring.errors.KeyringLocked("no")
        return TOKEN if (service, username) == ("podanalytics", vendor.token) else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


def test_a_token_comes_from_the_key_store_where_the_environment_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("podanalytics.pull._secrets._stored", STORED)
    before = keyring.get_keyring()
    keyring.set_keyring(store := Store())
    try:
        assert (found := find("POD_GITHUB_TOKEN")) and found.reveal() == TOKEN
        assert find("POD_JIRA_TOKEN") is None
        monkeypatch.setenv("POD_GITHUB_TOKEN", "environment")
        assert (found := find("POD_GITHUB_TOKEN")) and found.reveal() == "environment"
        monkeypatch.delenv("POD_GITHUB_TOKEN")
        store.broken = True
        assert find("POD_GITHUB_TOKEN") is None
    finally:
        keyring.set_keyring(before)


def test_the_token_goes_to_no_other_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POD_GITHUB_TOKEN", TOKEN)
    with served({"/.*": lambda asked: as_json([])}) as other:
        moved = Reply(status=302, headers={"Location": f"{other.url}/elsewhere"})
        with served({"/.*": lambda asked: moved}) as server:
            done = pull(tmp_path / "moved", of_github(server.url))
        onward = {"Link": f'<{other.url}/repos/x/y/issues?page=2>; rel="next"'}
        first = [{"number": 1, "updated_at": "2026-10-01T00:00:00Z", "pull_request": {}}]
        with served({"/.*": lambda asked: replace(as_json(first), headers=onward)}) as server:
            done += pull(tmp_path / "onward", of_github(server.url))
        assert not other.log
    assert all("where nothing is asked" in each.failed for each in done)


def test_settings_may_not_hold_a_password() -> None:
    with pytest.raises(ValueError, match="must not hold a user or a password"):
        Settings.model_validate({"pull": {"statuspage": {"pages": ["https://me:word@status.example.com"]}}})
