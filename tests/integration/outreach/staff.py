"""The staff of the tests: registered and sent away as a coordinator of the city does it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx

As = Callable[..., dict[str, str]]


class Office:
    """Keeps the staff register through the API."""

    def __init__(self, api: httpx.AsyncClient, as_: As, today: date) -> None:
        self.api, self.as_, self.today = api, as_, today
        self.city = as_("kaa_coordinator", subject="kim")

    def day(self, days: int) -> str:
        """Return the date so many days from today."""
        return (self.today + timedelta(days=days)).isoformat()

    async def put(self, staff_id: str, *districts: str, **fields: Any) -> httpx.Response:
        body = {"districts": districts, "capacity": 10, "active_from": "2026-01-01", **fields}
        seen = (await self.api.get(f"/staff/{staff_id}", headers=self.city)).headers.get("etag")
        headers = self.city | ({"If-Match": seen} if seen else {})
        answer = await self.api.put(f"/staff/{staff_id}", json=body, headers=headers)
        assert answer.status_code in {200, 201}, answer.text
        return answer

    async def away(self, staff_id: str, first: int = 0, last: int | None = 4, cover: str | None = None) -> None:
        body = {
            "first_day": self.day(first), "last_day": None if last is None else self.day(last), "cover": cover,
        }  # fmt: skip
        path = f"/staff/{staff_id}/absences/{uuid4()}"
        answer = await self.api.put(path, json=body, headers=self.city)
        assert answer.status_code == 201, answer.text

    async def list_of(self, staff_id: str, *districts: str, **query: Any) -> list[dict[str, Any]]:
        """Return a list as a local coordinator reads it; ``mine`` unless another is asked for."""
        headers = self.as_("local_coordinator", *districts, subject=staff_id)
        return await self.items(headers, **{"list": "mine", **query})

    async def items(self, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
        answer = await self.api.get("/tasks", params={"limit": 500, **query}, headers=headers)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def owner(self, task_id: object) -> str | None:
        task = (await self.api.get(f"/tasks/{task_id}", headers=self.city)).json()
        owner: str | None = task["assigned_to"]
        return owner


def ids(tasks: list[dict[str, Any]]) -> set[str]:
    return {task["task_id"] for task in tasks}
