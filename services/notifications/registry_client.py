"""Asks the registry who gets a message, at the moment of sending or printing. The registry audits each read."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.client_credentials import service_tokens
from chassis.service_client import service_client, unanswered_as
from contracts.messages import MessageKind, PrintPurpose
from services.notifications.domain.recipients import Recipient
from services.notifications.settings import Settings

MOST_AT_ONCE = 500


class RegistryUnavailable(Exception):
    """The registry gave no usable answer: nothing is sent until it does. Holds the kind of failure only."""


class _Item(Recipient):
    youth_id: UUID


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    items: list[_Item]


class RegistryClient:
    """``async with``; one connection pool."""

    def __init__(self, settings: Settings) -> None:
        tokens = service_tokens(settings)
        if tokens is None:
            raise ValueError(
                "UPPSOK_SERVICE_TOKEN_URL or UPPSOK_SERVICE_TOKEN_FILE is not set: "
                "the registry cannot be asked for recipients"
            )
        self._http = service_client(settings.notifications_registry_url, tokens)

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def recipients(
        self, youth_ids: Sequence[UUID], purpose: MessageKind | PrintPurpose
    ) -> dict[UUID, Recipient]:
        """Return the recipients by youth id; ids that the registry does not know are missing.

        Raises RegistryUnavailable.
        """
        found: dict[UUID, Recipient] = {}
        for start in range(0, len(youth_ids), MOST_AT_ONCE):
            part = [str(youth_id) for youth_id in youth_ids[start : start + MOST_AT_ONCE]]
            with unanswered_as(RegistryUnavailable):
                response = await self._http.post("/recipients", json={"youth_ids": part, "purpose": purpose.value})
                response.raise_for_status()
                answer = _Answer.model_validate_json(response.content)
            found.update((item.youth_id, item) for item in answer.items)
        return found
