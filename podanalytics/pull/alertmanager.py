"""Alertmanager: the alerts that stand now, polled whole. It keeps no history: what ended between two polls is not told.

A poll that differs from the last one is kept beside it. For the past, let a receiver keep the webhooks it is sent.
https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from podanalytics.pull import Address, Answer, Client, Cursor, Page, Refusal, Stream, Vendor, VendorSettings
from podanalytics.pull._paging import folder_of, rows

if TYPE_CHECKING:
    from podanalytics.pull._secrets import Secret


class AlertmanagerSettings(VendorSettings):
    """`[pull.alertmanager]`: the addresses of Alertmanagers; of a cluster one is enough."""

    servers: Annotated[tuple[Address, ...], Field(min_length=1)]


def _streams(settings: AlertmanagerSettings) -> Sequence[Stream]:
    return [Stream(folder_of(server), server, _pull) for server in dict.fromkeys(settings.servers)]


def _pull(client: Client, cursor: Cursor, since: datetime) -> Iterator[Page]:
    """No cursor: each poll asks for all."""
    yield Page({}, client.get("/api/v2/alerts", check=_is_list), "alerts")


def _is_list(answer: Answer) -> str:
    rows(answer)
    return ""


def _headers(settings: AlertmanagerSettings, token: Secret | None) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token.reveal()}"} if token else {}


def _refused(refusal: Refusal) -> str:
    return "there is no Alertmanager here: look at the address in pod.toml" if refusal.status == 404 else ""


vendor = Vendor(
    name="alertmanager",
    title="Alertmanager",
    settings=AlertmanagerSettings,
    streams=_streams,
    token="POD_ALERTMANAGER_TOKEN",
    permission="what the proxy before it asks for; Alertmanager itself knows no users",
    headers=_headers,
    refused=_refused,
)
