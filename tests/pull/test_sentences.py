"""What a user reads when a vendor, a proxy, a certificate or pod.toml is in the way; and how long is waited."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from podanalytics.cli.pull import _start
from podanalytics.errors import WorkspaceError
from podanalytics.pull import MAX_WAIT_MINUTES
from podanalytics.pull._http import ATTEMPTS
from podanalytics.pull._raw import alone
from podanalytics.pull._run import Surroundings
from podanalytics.pull._run import pull as pull_all
from podanalytics.pull._waits import UNSAID, asked_for, growing
from podanalytics.workspace import FILE, Settings, find_workspace
from tests.pull.pulling import NOW, SINCE, around, of_github, pages, pull
from tests.pull.server import REPOSITORY, Fault, GitHub, Page, Reply, as_json, cut_at, refused, served, shortened
from tests.test_cli import run

EPOCH = NOW.timestamp()


def failed(raw: Path, fault: Fault, times: int = 1, **how: Any) -> str:
    """Why a pull stopped whose first requests went wrong."""
    with served(GitHub().routes(), dict.fromkeys(range(1, times + 1), fault)) as server:
        done = pull(raw, of_github(server.url), **how)
        assert len(server.log) == times
    assert not pages(raw)
    return done[0].failed


# --- refusals -------------------------------------------------------------------------------------------------------


def test_401_says_that_the_token_is_not_accepted_or_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "GitHub asks for a token: put one into the environment's POD_GITHUB_TOKEN; it needs Issues: read" in failed(
        tmp_path, refused(401, "Requires authentication")
    )
    monkeypatch.setenv("POD_GITHUB_TOKEN", "ghp_not-any-more")
    told = failed(tmp_path, refused(401, "Bad credentials"))
    assert "the token in POD_GITHUB_TOKEN: it is wrong, expired or revoked (401); it says: Bad credentials [" in told


def test_403_names_the_permission_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POD_GITHUB_TOKEN", "ghp_too-little")
    exact = refused(403, "Resource not accessible", X_Accepted_GitHub_Permissions="issues=read")
    assert "the token lacks the permission issues=read (403)" in failed(tmp_path, exact)
    assert "a permission is missing; it needs Issues: read" in failed(tmp_path, refused(403, "Forbidden"))


def test_404_names_the_repository_and_the_others_go_on(tmp_path: Path) -> None:
    with served(GitHub(2).routes()) as server:
        settings = {"github": {"repositories": ["pod-example/gone", REPOSITORY], "base_url": server.url}}
        gone, there = pull(tmp_path, settings)
    assert (
        "GitHub knows no repository pod-example/gone: its name is wrong, or it is private and there is no"
        in gone.failed
    )
    assert there.finished and there.pages and not there.failed


def test_a_401_is_not_asked_again_for_every_repository(tmp_path: Path) -> None:
    with served(GitHub(2).routes(), {1: refused(401)}) as server:
        settings = {"github": {"repositories": [REPOSITORY, "a/b", "c/d"], "base_url": server.url}}
        done = pull(tmp_path, settings)
        assert len(server.log) == 1
    assert len({each.failed for each in done}) == 1 and done[2].failed


def test_a_login_page_in_place_of_data_is_called_that(tmp_path: Path) -> None:
    page = Reply(b"<html>Sign in</html>", headers={"Content-Type": "text/html"})
    assert "a web page came in place of GitHub's data: a login, or a proxy" in failed(tmp_path, lambda true: page)


def test_a_page_that_breaks_off_each_time_is_not_kept(tmp_path: Path) -> None:
    assert "cut in the middle of a page, try after try" in failed(tmp_path, cut_at(99), ATTEMPTS)
    assert "GitHub's answer is damaged each time: the page breaks off" in failed(tmp_path, shortened, ATTEMPTS)
    assert "GitHub has trouble of its own, try after try" in failed(tmp_path, refused(500), ATTEMPTS)
    old = as_json([{"number": 5, "updated_at": "2020-01-01T00:00:00Z"}])
    assert "older than asked for (issue 5)" in failed(tmp_path, lambda true: old, ATTEMPTS)
    assert "another form (TypeError" in failed(
        tmp_path, lambda true: as_json([{"number": 5, "updated_at": 1}]), ATTEMPTS
    )
    assert "is no list of records" in failed(tmp_path, lambda true: as_json({"rows": []}), ATTEMPTS)


def test_a_wait_beyond_the_budget_is_not_begun(tmp_path: Path) -> None:
    told = failed(tmp_path, refused(429, Retry_After="3600"))
    assert "GitHub allows no more requests before 10:00:00 UTC (429); pull waits 15 min in all" in told
    assert "with a token in POD_GITHUB_TOKEN more requests are allowed" in told
    assert MAX_WAIT_MINUTES == 15
    with served(GitHub().routes(), {1: refused(420, Retry_After="50"), 2: refused(420, Retry_After="50")}) as server:
        done = pull(tmp_path, {**of_github(server.url), "max_wait_minutes": 1})
    assert 50 <= done[0].waited <= 52 and "pull waits 1 min in all" in done[0].failed


def test_a_host_that_is_not_there_is_named_with_the_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served({}) as server:
        nobody = server.url
    host = nobody.removeprefix("http://")
    assert f"{host} cannot be reached: " in pull(tmp_path, of_github(nobody))[0].failed
    monkeypatch.setenv("HTTP_PROXY", f"http://me:word@{host}")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    told = pull(tmp_path, of_github("http://127.0.0.1:9"))[0].failed
    assert f"cannot be reached by way of the proxy {host} (HTTPS_PROXY, NO_PROXY)" in told and "word" not in told


def test_a_proxy_that_wants_a_password_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    with served({"/.*": lambda asked: Reply(status=407), "127.*": lambda asked: Reply(status=407)}) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url.replace("//", "//me:word@"))
        plain = pull(tmp_path, of_github("http://127.0.0.1:9"))[0].failed
        tunnel = pull(tmp_path, of_github("https://127.0.0.1:9"))[0].failed
        assert len(proxy.log) == 2, "not tried again"
    for told in (plain, tunnel):
        assert proxy.url.removeprefix("http://") in told and "wants a user and a password" in told
        assert "me:word" not in told
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://h")
    assert "the environment's proxy or certificates: " in pull(tmp_path, of_github("https://127.0.0.1:9"))[0].failed


def test_a_certificate_that_cannot_be_verified_is_told_with_what_helps(tmp_path: Path) -> None:
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", "/CN=127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]  # fmt: skip
    try:
        subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with served(GitHub().routes(), tls=context) as server:
        told = pull(tmp_path / "raw", of_github(server.url))[0]
        assert not server.log
    assert "cannot be trusted: self-signed certificate" in told.failed and "SSL_CERT_FILE" in told.failed
    assert told.waited == 0, "trying again would not help"


def test_a_status_page_that_is_none_or_not_public(tmp_path: Path) -> None:
    routes = Page().routes()
    del routes["/api/v2/scheduled-maintenances.json"]
    with served(routes, {}) as server:
        settings = {"statuspage": {"pages": [server.url], "pace": 0}}
        (fine,) = pull(tmp_path / "fine", settings)
        server.faults = {len(server.log) + 1: refused(401)}
        (private,) = pull(tmp_path / "private", settings)
        server.routes = {}
        (none,) = pull(tmp_path / "none", settings)
    assert (fine.failed, fine.notes) == ("", ["maintenances is not offered (404): left out"])
    assert "not public" in private.failed and "there is no Statuspage here" in none.failed


# --- waiting --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "body", "seconds"),
    [
        (429, {"retry-after": "7"}, b"", 7),
        (503, {"retry-after": "7"}, b"", 7),
        (503, {}, b"", None),
        (429, {"retry-after": "Mon, 02 Nov 2026 09:01:00 GMT"}, b"", 60),
        (429, {"retry-after": "Mon, 02 Nov 2026 08:00:00 GMT"}, b"", 0),
        (429, {"retry-after": "Mon, 02 Nov 2026 08:00:09 GMT", "date": "Mon, 02 Nov 2026 08:00:00 GMT"}, b"", 9),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{EPOCH + 90:.0f}"}, b"", 90),
        (403, {"x-ratelimit-remaining": "12", "x-ratelimit-reset": f"{EPOCH + 90:.0f}"}, b"", None),
        (429, {"x-ratelimit-reset": "2026-11-02T09:00Z"}, b"", 0),
        (429, {"ratelimit-reset": "33", "x-ratelimit-reset": f"{EPOCH + 90:.0f}"}, b"", 33),
        (420, {}, b"", UNSAID),
        (429, {"retry-after": "soon"}, b"", UNSAID),
        (429, {"retry-after": "-5"}, b"", UNSAID),
        (429, {"retry-after": "inf"}, b"", UNSAID),
        (429, {"retry-after": "nan"}, b"", UNSAID),
        (403, {}, b'{"message": "You have exceeded a secondary rate limit."}', UNSAID),
        (403, {}, b'{"message": "Must have admin rights"}', None),
        (404, {"retry-after": "7"}, b"", None),
    ],
)
def test_every_dialect_of_a_limit(status: int, headers: dict[str, str], body: bytes, seconds: float | None) -> None:
    assert asked_for(status, headers, body, EPOCH) == seconds


def test_our_own_waits_grow_to_a_bound() -> None:
    assert [growing(n) for n in (1, 2, 3, 7, 500)] == [0.5, 1.0, 2.0, 30.0, 30.0]


def test_two_requests_to_one_host_keep_their_distance(tmp_path: Path) -> None:
    slept: list[float] = []
    with served(Page().routes()) as server:
        own = Surroundings(NOW.timestamp, slept.append, around().dice)
        told = Settings.model_validate({"pull": {"statuspage": {"pages": [server.url]}}}).pull
        pull_all(tmp_path, told, ["statuspage"], SINCE, around=own)
    assert slept == [1.0, 1.0, 1.0]


# --- settings and the command ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"gitlub": {}}, "gitlub: nothing is known of that vendor; there are alertmanager, github, jira,"),
        ({"github": {}}, "github.repositories: Field required (known there: pace, repositories, releases"),
        ({"github": {"repositories": ["pod"]}}, "github.repositories.0: 'pod' is no repository: write OWNER/NAME"),
        ({"github": {"repositories": ["../x"]}}, "is no repository"),
        ({"github": {"repositories": []}}, "github.repositories"),
        ({"github": {"repositories": ["a/b"], "token": "ghp_x"}}, "github.token: Extra inputs are not permitted"),
        ({"github": {"repositories": ["a/b"], "base_url": "http://github.corp"}}, "without encryption: write https://"),
        ({"statuspage": {"pages": ["status.example.com"]}}, "is no address: write it as https://host/path"),
        ({"max_wait_minutes": -1}, "write a whole number of minutes"),
        ("github", "write it as a table for each vendor"),
    ],
)
def test_wrong_settings_say_what_to_write(told: Any, words: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Settings.model_validate({"pull": told})
    assert words in str(raised.value)
    assert "ghp_x" not in raised.value.errors()[0]["msg"]


def test_a_mistake_in_pod_toml_names_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('[pull.github]\nrepositories = ["pod"]\n')
    with pytest.raises(WorkspaceError, match=r"pod.toml: pull: github.repositories.0: 'pod' is no repository"):
        find_workspace(tmp_path)


def test_only_one_pull_at_a_time_writes(tmp_path: Path) -> None:
    with alone(tmp_path / "github"), served(GitHub().routes()) as server:
        done = pull(tmp_path, of_github(server.url))
        assert not server.log
    assert "another pull is writing into" in done[0].failed


def test_since_is_where_a_stream_begins_and_an_earlier_one_begins_anew(tmp_path: Path) -> None:
    with served(GitHub().routes()) as server:

        def first(**how: Any) -> str:
            asked = len(server.log)
            pull(tmp_path, of_github(server.url), **how)
            return server.log[asked].query["since"]

        begun = SINCE.replace(hour=5)
        assert first(since=begun) == "2026-10-01T05:00:00Z"
        latest = max(issue["updated_at"] for issue in GitHub().issues.values())
        assert first(since=SINCE) == latest, "of itself a pull goes on where it stopped"
        assert first(since=begun.replace(day=3), explicit=True) == latest
        assert first(since=SINCE, explicit=True) == "2026-10-01T00:00:00Z"
    assert str(_start("2026-09-01")) == "2026-09-01 00:00:00+00:00"
    assert _start("99999w").year == 1990 and _start("30d").hour == 0
    with pytest.raises(WorkspaceError, match="no span of time"):
        _start("yesterday")


def test_a_cursor_that_cannot_be_read_begins_anew(tmp_path: Path) -> None:
    with served(GitHub().routes()) as server:
        pull(tmp_path, of_github(server.url))
        before = pages(tmp_path)
        for broken in ("{", "[]", '{"cursor": 1}', "\x00"):
            (tmp_path / "github" / REPOSITORY / "issues/.cursor.json").write_text(broken)
            (done,) = pull(tmp_path, of_github(server.url))
            assert not done.failed and done.new <= 1
    assert before.items() <= pages(tmp_path).items()


def test_the_command_says_what_came_and_fails_where_anything_did(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("")
    nothing = run("pull", cwd=tmp_path)
    assert nothing.returncode == 2 and nothing.stderr.startswith("podanalytics: pod.toml has no [pull] yet")
    with served({**Page().routes(), **GitHub(2).routes()}) as server:
        (tmp_path / FILE).write_text(
            f'[pull.github]\nrepositories = ["no/where"]\nbase_url = "{server.url}"\n'
            f'[pull.statuspage]\npages = ["{server.url}"]\npace = 0\n'
        )
        wrong = run("pull", "jira", cwd=tmp_path, NO_PROXY="*")
        both = run("pull", cwd=tmp_path, NO_PROXY="*")
        good = run("pull", "statuspage", cwd=tmp_path, NO_PROXY="*")
    assert wrong.returncode == 2 and "[pull.jira]" in wrong.stderr and "Traceback" not in wrong.stderr
    assert both.returncode == 1 and "github no/where/issues: stopped: GitHub knows no repository" in both.stdout
    host = f"127.0.0.1-{server.server_address[1]}"
    assert (
        f"statuspage {host}: 4 pages, 4 new, 3 records" in both.stdout and "Now run: podanalytics load" in both.stdout
    )
    assert good.returncode == 0 and good.stdout == f"statuspage {host}: 4 pages, 0 new, 3 records\n"
    loaded = run("load", cwd=tmp_path)
    assert "no source recognises" not in loaded.stdout and "statuspage" in loaded.stdout


def test_a_vendor_without_settings_is_asked_for_them(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"pod.toml has no \[pull.github\]"):
        pull_all(tmp_path, {}, ["github"], SINCE)


def test_what_another_answers_is_no_reason_to_overwrite(tmp_path: Path) -> None:
    """A post of the page was edited back: both states are kept once, and the manifest tells all three sightings."""
    page = Page()
    with served(page.routes()) as server:
        for body in ("A", "B", "A"):
            page.body = body
            pull(tmp_path, {"statuspage": {"pages": [server.url], "pace": 0}})
    names = [name for name in pages(tmp_path) if "/incidents." in name]
    (manifest,) = tmp_path.rglob(".manifest.jsonl")
    assert len(names) == 2 and manifest.read_text().count("/api/v2/incidents.json") == 3
