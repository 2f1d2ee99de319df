"""Tokens by their makers' shapes (detect-secrets beside our own rules), and network addresses by option."""

from __future__ import annotations

import subprocess
import sys
import time

import polars as pl
import pytest

from podanalytics.redact import Redactor
from podanalytics.redact._detectors import _DETECTORS, _patterns, without_known_tokens
from tests.conftest import ROOT

NOBODY = pl.DataFrame(schema=["source", "key", "name", "handle", "email", "bot"])
HEX, MIXED = "0123456789abcdef", "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9"


def masked(text: str, mask_ips: bool = False) -> str:
    done = Redactor(NOBODY, [], {}, mask_ips=mask_ips).text(text)
    assert done is not None
    return done


# Put together here, so that no scanner takes this file for a leak.
TOKENS = {
    "artifactory": "AKC" + MIXED[:20],
    "aws": "AK" + "IA" + "ABCDEFGHIJKLMNOP",
    "aws older": "A3T" + "XABCDEFGHIJKLMNOP",
    "azure": "AccountKey=" + "x7" * 44,
    "discord": "M" + MIXED[:24] + "." + MIXED[:6] + "." + MIXED[:27],
    "github": "gh" + "p_" + (MIXED * 2)[:36],
    "gitlab": "glrt" + "-" + MIXED[:24],
    "gitlab runner": "GR1348941" + MIXED[:22],
    "mailchimp": HEX * 2 + "-us12",
    "openai": "sk-" + MIXED[:20] + "T3BlbkFJ" + MIXED[:20],
    "npm": "//registry.example/:_authToken=" + "0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f",
    "pypi": "py" + "pi-AgEIcHlwaS5vcmc" + MIXED * 3,
    "sendgrid": "SG." + MIXED[:22] + "." + (MIXED * 2)[:43],
    "slack": "xox" + "b-123456789012-123456789012-" + HEX,
    "softlayer": "softlayer_api_key: " + HEX * 4,
    "square": "sq0csp-" + (MIXED * 2)[:43],
    "stripe": "sk" + "_live_" + MIXED[:24],
    "telegram": "123456789:" + (MIXED * 2)[:35],
    "twilio": "AC" + HEX * 2,
    "cloudant": "cloudant_password: " + HEX * 4,
    "ibm": "ibm_cloud_iam_key: " + (MIXED * 2)[:44],
    "ibm storage": "secret_access_key: " + HEX * 3,
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_a_marked_token_is_masked_in_a_sentence_and_in_a_log_line(token: str) -> None:
    secret = token.partition(": ")[2] or token.rpartition("=")[2]
    for text in (f"it is {token} since May", f"level=warn at=12 {token}\nnext line", f'"{token}"'):
        done = masked(text)
        assert secret not in done and secret[-12:] not in done
        assert "[masked]" in done
    assert masked(f"it is {token} since May").startswith("it is ")


@pytest.mark.parametrize("token", [t for name, t in TOKENS.items() if name in ("twilio", "mailchimp", "telegram")])
def test_tokens_that_only_detect_secrets_knows(token: str) -> None:
    assert without_known_tokens(f"use {token} here") == "use [masked] here"


def test_a_token_is_found_at_the_end_of_a_long_text_and_across_the_pieces_it_is_read_in() -> None:
    token = TOKENS["mailchimp"]
    for before in (0, 1, 780, 799, 800, 960, 990, 1_000, 5_000):
        assert without_known_tokens("- " * (before // 2) + f" {token} end").endswith(" [masked] end"), before


def test_each_detector_is_there_and_its_quick_look_lets_its_tokens_through() -> None:
    """With a release of detect-secrets a detector may go, or change what it looks for."""
    seen = set()
    for detector in _DETECTORS:
        assert _patterns(detector.module, detector.name), detector
        for token in TOKENS.values():
            if any(pattern.search(f" {token} ") for pattern in _patterns(detector.module, detector.name)):
                assert detector.near.search(token), (detector.name, token)
                seen.add(detector.name)
    assert {d.name for d in _DETECTORS} - seen == {"PrivateKeyDetector"}, "masked as a block by our own rules"


INNOCENT = (
    "deploy 4f2a9c1e7b3d5a6c8e0f1b2d3c4e5f6a7b8c9d0e of pod-api v2.14.0",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "request 123e4567-e89b-12d3-a456-426614174000 took 12.5 s",
    "APPLICATION error in AP-south, APIs and AKS are fine",
    "see https://acme.slack.com/archives/C07ABCDEF12/p1760450100000200?thread_ts=1760450100.000200",
    "arn:aws:s3:::pod-backups/2026/10/14 is readable, aws eu-central-1 too",
    "ACCOUNT TASKS and SKETCHES; sk-pod-relay-eu-1 is a host name",
    "10:02:30 GET /v1/messages?cursor=eyJub3Blbm8 200",
    "cluster key: pod-relay; close password reset tickets first",
    "INC-1019 at 14:02, the update 123456789: all is well",
    "U07ABCDEFGH joined #incident-2026-10-14-1019",
    "git revert 0123456789abcdef0123456789abcdef01234567",
)


@pytest.mark.parametrize("text", INNOCENT)
def test_what_incident_records_are_full_of_stays(text: str) -> None:
    assert masked(text) == text


def test_nothing_of_a_real_chat_and_of_real_records_is_taken_for_a_token(shared: object) -> None:
    """Counted on people's own words: every hit here would be a hole in what they wrote."""
    import json
    from pathlib import Path

    folder = Path(str(shared)) / "data/chat/slack/houstondatavis_MIT"
    texts = [m.get("text") or "" for path in folder.glob("*/*.json") for m in json.loads(path.read_bytes())]
    assert len(texts) == 1_382
    began = time.perf_counter()
    hits = [text for text in texts if without_known_tokens(text) != text]
    assert time.perf_counter() - began < 1.0
    assert not hits


def test_the_detectors_ask_nobody_and_read_nothing() -> None:
    """Neither a socket nor a file is opened once they are loaded."""
    code = f"""
import sys
from podanalytics.redact._detectors import _DETECTORS, _patterns, without_known_tokens
for d in _DETECTORS:
    _patterns(d.module, d.name)
opened = []
sys.addaudithook(lambda event, args: opened.append(event) if event in ("open", "socket.connect") else None)
for token in {list(TOKENS.values())!r}:
    without_known_tokens(token)
assert not opened, opened
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


HOSTILE = {
    "npm": "'//registry/' * 9_000 + ':_authToken='",
    "openai": "'sk-' * 40_000 + 'T3BlbkFJ' * 2_000",
    "gitlab": "'glagent-' * 20_000",
    "aws": "'aws key ' * 20_000 + 'akia' * 20_000",
    "runs": "'a' * 100_000 + '0' * 100_000 + '-us1' * 20_000",
    "signs": "'softlayer_key = ' * 12_000",
    "addresses": "'1.' * 90_000 + 'ip-' * 40_000 + '::' * 40_000 + 'a:' * 40_000",
}


@pytest.mark.parametrize("made", HOSTILE.values(), ids=HOSTILE)
def test_a_long_text_takes_no_more_than_its_length(made: str) -> None:
    code = f"""
import polars as pl
from podanalytics.redact import Redactor
nobody = pl.DataFrame(schema=["source", "key", "name", "handle", "email", "bot"])
assert Redactor(nobody, [], {{}}, mask_ips=True).text({made})
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=20)


# --- network addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("from 203.0.113.9", "from [IP]"),
        ("10.20.0.7:8080, 192.168.1.1.", "[IP]:8080, [IP]."),
        ("http://10.0.0.7/health and tcp://172.16.5.9:5432", "http://[IP]/health and tcp://[IP]:5432"),
        ("allow 10.0.0.0/8", "allow [IP]/8"),
        ("host=10.1.2.3 user=x", "host=[IP] user=x"),
        ("[10.1.2.3]", "[[IP]]"),
        ("ip-10-0-3-7.eu-central-1.compute.internal", "ip-[IP].eu-central-1.compute.internal"),
        ("fe80::1 and 2001:db8::8a2e:370:7334", "[IP] and [IP]"),
        ("[2001:db8::1]:443", "[[IP]]:443"),
        ("2001:0db8:0000:0000:0000:ff00:0042:8329", "[IP]"),
        ("::ffff:203.0.113.9", "[IP]"),
        ("the version of 10.0.0.7 is old", "the version of [IP] is old"),
    ],
)
def test_an_address_is_masked_where_the_workspace_asks_for_it(text: str, shown: str) -> None:
    assert masked(text, mask_ips=True) == shown
    assert masked(text) == text, "by option only"


@pytest.mark.parametrize(
    "text",
    [
        "pod-api v2.14.0.1 and pod-relay 2.14.0",
        "version 1.2.3.4, release 10.0.0.1, build: 4.3.2.1, upgraded to 1.2.3.4",
        "libfoo-1.2.3.4 and libfoo==1.2.3.4 and Chrome/120.0.6099.109",
        "1.2.3.4-rc1 and 1.2.3.4.5 and 300.1.1.1",
        "from 14:02:30 to 15:00:16, 14:02",
        "listens on 127.0.0.1:80, 0.0.0.0 and ::1",
        "std::vector, pod::relay::Queue, a::b and ::",
        "00:1a:2b:3c:4d:5e",
        "2026-10-14T14:02:30.123+02:00",
        "7:8:9",
    ],
)
def test_versions_clocks_and_the_machine_itself_are_no_addresses(text: str) -> None:
    assert masked(text, mask_ips=True) == text


def test_the_cost_of_masking_two_thousand_messages_is_under_a_second() -> None:
    texts = [f"{n}: {line}" for n in range(2_000 // len(INNOCENT) + 1) for line in INNOCENT][:2_000]
    redactor = Redactor(NOBODY, [], {}, mask_ips=True)
    redactor.text(" ".join(TOKENS.values()))  # what is imported once
    began = time.perf_counter()
    for text in texts:
        redactor.text(text)
    assert time.perf_counter() - began < 1.0
