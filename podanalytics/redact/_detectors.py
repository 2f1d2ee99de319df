"""Tokens that their makers marked, by the maintained patterns of detect-secrets, beside our own (`_secrets.py`).

Only its detectors by shape are asked, and of them only the patterns: nothing is verified over a network, no file is
read. Its detectors by entropy take commit hashes and ids for secrets, which is what incident records are full of.
Detectors whose tokens `_secrets.py` masks by more shapes than theirs (basic auth, JSON web tokens) are left out, and so
is the one for public addresses, see `_ips.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import NamedTuple

from podanalytics.redact._secrets import MASKED

_PIECE, _OVERLAP = 1_000, 200  # some of the patterns take the square of their text's length: it is cut in pieces
_SECRET = 12  # characters of a group that is the secret itself; a shorter one is only a part of it

_AROUND = ' \t\r\n"=:'  # some of the patterns take in what stands before and behind


class _Detector(NamedTuple):
    module: str
    name: str
    near: re.Pattern[str]  # a cheap look: whether the detector, and its import, are worth the time


def _detector(module: str, name: str, near: str) -> _Detector:
    return _Detector(module, name, re.compile(near, re.IGNORECASE))


_DETECTORS = (
    _detector("artifactory", "ArtifactoryDetector", r"\b(?:akc\w{10}|ap[\da-f]\w{8})"),
    _detector("aws", "AWSKeyDetector", r"(?:a3t\w|abia|acca|akia|asia)\w{16}|aws.{0,40}[\'\"][\w/+]{40}"),
    _detector("azure_storage_key", "AzureStorageKeyDetector", r"accountkey="),
    _detector("cloudant", "CloudantDetector", r"\bcl\w{0,20}[^\w\n]{1,8}[a-z\d]{24}|\.cloudant\."),
    _detector("discord", "DiscordBotTokenDetector", r"[mno][\w-]{23,25}\.[\w-]{6}\.[\w-]{27}"),
    _detector("github_token", "GitHubTokenDetector", r"gh[pousr]_\w{36}"),
    _detector("gitlab_token", "GitLabTokenDetector", r"gl(?:[a-z]{2,5})-[\w-]{20}|gr1348941"),
    _detector("ibm_cloud_iam", "IbmCloudIamDetector", r"(?:key|pwd|pass|token|password)\W{1,9}[\w-]{44}"),
    _detector("ibm_cos_hmac", "IbmCosHmacDetector", r"secret[\w-]{0,12}key\W{1,9}[a-f\d]{48}"),
    _detector("mailchimp", "MailchimpDetector", r"[a-z\d]{32}-us\d"),
    _detector("npm", "NpmDetector", r":_authtoken="),
    _detector("openai", "OpenAIDetector", r"t3blbkfj"),
    _detector("private_key", "PrivateKeyDetector", r"putty-user-key"),
    _detector("pypi_token", "PypiTokenDetector", r"pypi-age[in]"),
    _detector("sendgrid", "SendGridDetector", r"sg\.[\w-]{22}\."),
    _detector("slack", "SlackDetector", r"xox[abposr]-\d|hooks\.slack"),
    _detector("softlayer", "SoftlayerDetector", r"\bsl[_-]?\w{3,12}\W{1,9}[a-z\d]{64}|softlayer"),
    _detector("square_oauth", "SquareOAuthDetector", r"sq0csp-"),
    _detector("stripe", "StripeDetector", r"[rs]k_live_"),
    _detector("telegram_token", "TelegramBotTokenDetector", r"\d{8}:[\w-]{35}"),
    _detector("twilio", "TwilioKeyDetector", r"(?:ac|sk)[a-z\d]{32}"),
)


def without_known_tokens(text: str) -> str:
    """The text with every token masked whose shape detect-secrets knows.

    >>> without_known_tokens("key " + "0123456789abcdef" * 2 + "-us12, see the ticket")
    'key [masked], see the ticket'
    """
    if len(text) < _SECRET:
        return text
    found = sorted(span for start, piece in _pieces(text) for span in _spans(piece, start))
    shown, done = [], 0
    for start, end in found:
        if start >= done:
            shown += [text[done:start], MASKED]
        done = max(done, end)
    return "".join([*shown, text[done:]])


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The text in pieces that overlap, each with the place where it begins."""
    if len(text) <= _PIECE:
        yield 0, text
        return
    for start in range(0, len(text) - _OVERLAP, _PIECE - _OVERLAP):
        yield start, text[start : start + _PIECE]


def _spans(piece: str, offset: int) -> Iterator[tuple[int, int]]:
    for detector in _DETECTORS:
        if detector.near.search(piece):
            for pattern in _patterns(detector.module, detector.name):
                for hit in pattern.finditer(piece):
                    group = max(range(len(hit.groups()) + 1), key=lambda n: (n > 0) * len(hit[n] or ""), default=0)
                    start, end = hit.span(group if len(hit[group] or "") >= _SECRET else 0)
                    start += len(piece[start:end]) - len(piece[start:end].lstrip(_AROUND))
                    yield offset + start, offset + start + len(piece[start:end].rstrip(_AROUND))


@cache
def _patterns(module: str, name: str) -> tuple[re.Pattern[str], ...]:
    found = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
    return tuple(found.denylist)
