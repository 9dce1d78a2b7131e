"""Asks the other services what they have about a person, with the registry's own service token."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import httpx
from pydantic import ValidationError

from chassis.client_credentials import service_tokens
from chassis.problems import Problem
from chassis.service_client import service_client
from chassis.subject_data import Row, SubjectData
from services.registry.settings import Settings


def _missing(service: str) -> Problem:
    """The export is whole or there is none: never a gap that nobody sees."""
    return Problem(
        503,
        "service-unavailable",
        f"{service} does not answer",
        f"The export would lack what {service} has. Nothing was handed out; ask again in a moment.",
        headers={"Retry-After": "10"},
        service=service,
    )


@dataclass(frozen=True, slots=True)
class OtherServices:
    """The services to be asked, by name, with the base URLs of their APIs."""

    urls: Mapping[str, str] = field(default_factory=dict)
    client: httpx.AsyncClient | None = None

    async def subject_data(self, ids: Sequence[UUID]) -> dict[str, dict[str, list[Row]]]:
        """Return the sections of each service; those of several ids of one person one after the other.

        Raises a 503 Problem that names the service that cannot be asked.
        """
        # To the end all of them, so that no request is under way when the caller has been answered.
        found = await asyncio.gather(*(self._of(service, ids) for service in self.urls), return_exceptions=True)
        sections: dict[str, dict[str, list[Row]]] = {}
        for service, answer in zip(self.urls, found, strict=True):
            if isinstance(answer, BaseException):
                raise answer
            sections[service] = answer
        return sections

    async def _of(self, service: str, ids: Sequence[UUID]) -> dict[str, list[Row]]:
        sections: dict[str, list[Row]] = {}
        for youth_id in ids:
            for name, rows in (await self._ask(service, youth_id)).sections.items():
                sections.setdefault(name, []).extend(rows)
        return sections

    async def _ask(self, service: str, youth_id: UUID) -> SubjectData:
        if self.client is None:
            raise _missing(service)
        try:
            response = await self.client.get(f"{self.urls[service].rstrip('/')}/subject-data/{youth_id}")
            response.raise_for_status()
            answer = SubjectData.model_validate_json(response.content)
        except (httpx.HTTPError, httpx.InvalidURL, ValidationError, OSError):
            raise _missing(service) from None  # the cause may repeat what was answered
        if answer.youth_id != youth_id:
            raise _missing(service)
        return answer


NO_OTHERS = OtherServices()


@asynccontextmanager
async def other_services(settings: Settings) -> AsyncIterator[OtherServices]:
    """Give the other services as the settings have them; without a service token none can be asked."""
    urls = {
        "outreach": settings.registry_outreach_url,
        "notifications": settings.registry_notifications_url,
        "reporting": settings.registry_reporting_url,
    }
    tokens = service_tokens(settings)
    if tokens is None:
        yield OtherServices(urls)
        return
    async with service_client("", tokens, timeout=30.0) as client:
        yield OtherServices(urls, client)
