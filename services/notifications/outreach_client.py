"""Asks outreach which visits are on a day: with the caller's own token, so that its rules of access hold here."""

from collections.abc import Sequence
from datetime import date
from types import TracebackType
from typing import Self

import httpx
from opentelemetry.propagate import inject
from pydantic import BaseModel, ConfigDict

from chassis.problems import Problem
from chassis.service_client import unanswered_as
from services.notifications.day_list.rows import PlannedVisit

PASSED_ON = {401, 403, 422}


class OutreachUnavailable(Exception):
    """Outreach gave no usable answer. Holds the kind of failure only."""


class _DayList(BaseModel):
    model_config = ConfigDict(extra="ignore")

    staff: tuple[str, ...]
    items: list[PlannedVisit]


class OutreachClient:
    """``async with``; one connection pool."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=10.0)

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def day_list(
        self, authorization: str, day: date, staff: Sequence[str]
    ) -> tuple[tuple[str, ...], list[PlannedVisit]]:
        """Return whose list it is, and the visits that the caller may see of it.

        Raises OutreachUnavailable, and a Problem when outreach refuses the caller or the request.
        """
        headers = {"Authorization": authorization}
        inject(headers)
        query = {"date": day.isoformat(), "staff": list(staff)}
        with unanswered_as(OutreachUnavailable):
            response = await self._http.get("/visits/day-list", params=query, headers=headers)
            if response.status_code in PASSED_ON:
                raise Problem(response.status_code, "refused-by-outreach", "Outreach refuses this list")
            response.raise_for_status()
            answer = _DayList.model_validate_json(response.content)
        return answer.staff, answer.items
