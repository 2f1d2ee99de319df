"""How the files are written: JSON with a fixed layout, and each tool's way of writing a moment."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from podanalytics.sample.people import BERLIN_ZONE

Files = dict[str, bytes]  # path below the folder -> content


def document(content: Any) -> bytes:
    """One JSON document, indented by one blank, keys in the order given."""
    return (json.dumps(content, ensure_ascii=False, indent=1, separators=(",", ": ")) + "\n").encode()


def line(content: Any) -> str:
    """One line of JSON lines, without its end."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def zulu(moment: datetime) -> str:
    """Whole seconds with Z, as PagerDuty and GitHub write them."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def zulu_ms(moment: datetime) -> str:
    """Milliseconds with Z, as Statuspage and the application logs write them."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def jira_time(moment: datetime) -> str:
    """Milliseconds with an offset without colon, in the exporting user's zone (Berlin: it changes in October)."""
    local = moment.astimezone(BERLIN_ZONE)
    return local.strftime("%Y-%m-%dT%H:%M:%S.") + f"{local.microsecond // 1000:03d}" + local.strftime("%z")


def berlin_seconds(moment: datetime) -> str:
    """`--date=iso-strict` of a committer in Berlin."""
    return moment.astimezone(BERLIN_ZONE).replace(microsecond=0).isoformat()


def epoch_text(moment: datetime) -> str:
    """Seconds since 1970 with six decimals, as Slack writes its message ids."""
    micros = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND
    return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"


def epoch_us(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND


_MICROSECOND = datetime.resolution
