"""What Slack refuses in an answer of status 200, in a sentence; and which of its channels are wanted.

https://docs.slack.dev/reference/methods/conversations.history#errors
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podanalytics.errors import PullError
from podanalytics.pull import Answer

# Errors that concern one channel: the others are read all the same.
_OF_ONE = {
    "not_in_channel": "the app is not a member of it: write /invite @app there",
    "channel_not_found": "Slack knows no such channel, or the app may not see it",
    "is_archived": "it is archived and cannot be read any more",
}
_OF_TOKEN = {
    "not_authed": "Slack got no token",
    "invalid_auth": "Slack does not accept the token in POD_SLACK_TOKEN: it is wrong",
    "account_inactive": "the app or account of the token in POD_SLACK_TOKEN was removed",
    "token_revoked": "the token in POD_SLACK_TOKEN was revoked",
    "token_expired": "the token in POD_SLACK_TOKEN has expired",
    "not_allowed_token_type": "POD_SLACK_TOKEN holds a token of the wrong kind: a bot token is wanted, xoxb-...",
    "org_login_required": "the workspace is being moved to an organisation: Slack lets nobody in meanwhile",
    "ekm_access_denied": "the workspace's own encryption keys do not let the app read messages",
    "team_access_not_granted": "the organisation has not granted the app this workspace",
}


def passed_over(answer: Answer) -> str:
    """Why this one channel cannot be read, if that is what the answer says."""
    return "" if answer.data["ok"] else _OF_ONE.get(str(answer.data.get("error")), "")


def failure(method: str, answer: Answer) -> PullError:
    """The failure for the user; `whole`, for nothing else can be asked then either."""
    said = answer.data
    error = str(said.get("error"))
    if error == "missing_scope":
        needed = said.get("needed") or "a scope that it does not name"
        return PullError(f"the token in POD_SLACK_TOKEN lacks the scope {needed} for {method}: add it to the app", True)
    return PullError(f"{_OF_TOKEN.get(error) or f'Slack refused {method}'} ({error})", True)


@dataclass(frozen=True)
class Channels:
    """The channels that are asked for by name or id; without any, all that the app is a member of."""

    wanted: Sequence[str]

    def among(self, rows: Iterable[Mapping[str, Any]]) -> list[list[str]]:
        """[id, name] of those wanted among these."""
        names = {name.removeprefix("#") for name in self.wanted}
        return [
            [str(row["id"]), str(row.get("name") or row["id"])]
            for row in rows
            if ({row["id"], row.get("name")} & names if names else row.get("is_member"))
        ]

    def missing(self, found: Sequence[Sequence[str]], private: bool) -> str:
        """A note about the wanted ones that were not found, or that there are none at all."""
        there = {word for channel in found for word in channel}
        lacking = [name for name in self.wanted if name.removeprefix("#") not in there]
        hint = "" if private else " (private ones are looked for with `private = true`)"
        if lacking:
            return f"no such channel, or the app may not see it: {', '.join(lacking)}{hint}"
        return "" if found else f"the app is a member of no channel: write /invite @app in those to be read{hint}"
