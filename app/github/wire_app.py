"""The App's installations and deliveries as they come over the wire. Pure."""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime

from app.github.types import Account, Delivery, DeliveryDetail
from app.github.wire_base import Wire, WireUser


class WireInstallation(Wire):
    id: int
    account: WireUser
    suspended_at: datetime | None = None
    permissions: dict[str, str]
    events: tuple[str, ...] = ()
    repository_selection: str = "all"

    def value(self) -> Account:
        return Account(
            installation=self.id,
            account=self.account.value(),
            suspended=self.suspended_at is not None,
            permissions=dict(self.permissions),
            events=self.events,
            repository_selection=self.repository_selection,
        )


class WireDelivery(Wire):
    id: int
    guid: str
    event: str
    action: str | None = None
    status_code: int
    redelivery: bool
    delivered_at: AwareDatetime
    installation_id: int | None = None
    repository_id: int | None = None

    def value(self) -> Delivery:
        return Delivery(
            id=self.id,
            guid=self.guid,
            event=self.event,
            action=self.action or "",
            status_code=self.status_code,
            redelivery=self.redelivery,
            at=self.delivered_at,
            installation=self.installation_id,
            repository_id=self.repository_id,
        )


class WireDeliveryRequest(Wire):
    headers: dict[str, str] | None = None
    payload: dict[str, Any] | None = None


class WireDeliveryDetail(WireDelivery):
    request: WireDeliveryRequest

    def detail(self) -> DeliveryDetail:
        return DeliveryDetail(self.value(), self.request.payload or {}, self.request.headers or {})
