"""How long a vendor asks us to wait, in each one's own dialect; and how long we wait where nobody says. Pure.

`Retry-After` in seconds or as a date (RFC 9110, 10.2.3); `x-ratelimit-reset` as an epoch (GitHub) or a date (Jira);
`ratelimit-reset` in seconds left (PagerDuty). 420 and 429 are limits, so is a 403 that says so (GitHub's secondary
limit: without a header at least a minute, https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LIMITS = (420, 429)
UNSAID = 60.0  # seconds after a limit that names no time
FIRST, LONGEST = 0.5, 30.0  # seconds of our own waits, which double


def asked_for(status: int, headers: Mapping[str, str], body: bytes, now: float) -> float | None:
    """Seconds to wait after a refused request; None where waiting does not help. `now` is our clock, as an epoch."""
    if not (is_limit(status, headers, body) or (status in (408, 502, 503, 504) and "retry-after" in headers)):
        return None
    # Their clock may not be ours: what they name as a moment is held against the moment they answered at.
    then = _moment(headers.get("date", "")) or now
    for name in ("retry-after", "ratelimit-reset", "x-ratelimit-reset"):
        if name in headers and (found := _seconds(headers[name], then)) is not None:
            return found
    return UNSAID


def is_limit(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a refusal is a rate limit rather than a missing permission."""
    if status in LIMITS:
        return True
    spent = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    return status == 403 and (spent or b"rate limit" in body[:4096].lower())


def passes(status: int) -> bool:
    """Whether a status may be gone with the next try."""
    return status == 408 or status >= 500


def growing(tries: int) -> float:
    """Seconds before the next try where nobody named a time: after the first failure, the second ..."""
    return float(min(LONGEST, FIRST * 2 ** (tries - 1)))


def _seconds(text: str, then: float) -> float | None:
    """A header's value as seconds from `then`: a small number is that already, a large one an epoch, else a date."""
    try:
        number = float(text)
    except ValueError:
        moment = _moment(text)
        return None if moment is None else max(0.0, moment - then)
    if not 0 <= number < 1e11:  # no number, or none that is a time
        return None
    return max(0.0, number - then) if number > 1e9 else number


def _moment(text: str) -> float | None:
    try:
        found = parsedate_to_datetime(text) if "," in text else datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
