"""A member of staff who keeps the catalogue and takes youths' measures step by step, over HTTP."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from services.registry.domain.school_year import school_year_of
from tests.integration.registry.city import City
from tests.integration.registry.kept_youths import OF_AGE_BORN, TODAY
from tests.unit.registry.files import made_up_number, placement, resident

SCHOOL_YEAR = str(school_year_of(TODAY))


@dataclass(frozen=True)
class Crowd:
    """A register with many covered youths of Farsta, and its API."""

    api: httpx.AsyncClient
    pool: asyncpg.Pool
    city: City
    youths: list[UUID]

    def desk(self, headers: dict[str, str]) -> "Desk":
        return Desk(self.api, self.pool, headers)

    async def duty_ends(self, youth_id: UUID) -> None:
        """The youth starts school."""
        number = await self.pool.fetchval("select number from person_numbers where person_id = $1", youth_id)
        self.city.placements.append(placement(person_number=number, starts_on=str(self.city.day)))
        await self.city.next_day()


async def crowd_of(city: City, api: httpx.AsyncClient, size: int) -> Crowd:
    city.day = TODAY - timedelta(days=4)
    numbers = [made_up_number(which, OF_AGE_BORN) for which in range(size)]
    city.residents += [resident(which, person_number=number) for which, number in enumerate(numbers)]
    city.drop_all()
    await city.sync()
    rows = await city.pool.fetch("select person_id from person_numbers where number = any($1)", numbers)
    assert len(rows) == size
    return Crowd(api, city.pool, city, [row["person_id"] for row in rows])


def entry(**changes: Any) -> dict[str, Any]:
    """A measure of this school year's catalogue."""
    return {
        "school_year": SCHOOL_YEAR,
        "owner": "ubn",
        "type": "school_place",
        "sub_type": "slussplats",
        "name": "Slussplats",
        "places": 2,
        **changes,
    }


@dataclass(frozen=True)
class Desk:
    api: httpx.AsyncClient
    pool: asyncpg.Pool
    headers: dict[str, str]

    async def put(self, url: str, body: dict[str, Any], seen: str | None = None) -> httpx.Response:
        return await self.api.put(url, headers=self.headers | ({"If-Match": seen} if seen else {}), json=body)

    async def post(self, url: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return await self.api.post(url, headers=self.headers, json=body)

    async def get(self, url: str, **query: str) -> dict[str, Any]:
        response = await self.api.get(url, headers=self.headers, params=query)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    async def adds(self, **changes: Any) -> str:
        """Add a measure to the catalogue; return its id."""
        catalogue_id = str(uuid4())
        response = await self.put(f"/catalogue/{catalogue_id}", entry(**changes))
        assert response.status_code == 201, response.text
        return catalogue_id

    async def offers(self, youth_id: UUID, catalogue_id: str, **changes: Any) -> str:
        """Offer a measure; return its URL."""
        url = f"/youths/{youth_id}/measures/{uuid4()}"
        response = await self.put(url, offer(catalogue_id, **changes))
        assert response.status_code == 201, response.text
        return url

    async def takes(self, url: str, step: str, on: date = TODAY, **more: str) -> dict[str, Any]:
        response = await self.post(f"{url}/{step}", {"on": str(on), **more})
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    async def starts(self, youth_id: UUID, catalogue_id: str) -> str:
        url = await self.offers(youth_id, catalogue_id)
        await self.takes(url, "accept")
        await self.takes(url, "start")
        return url

    async def ends(self, url: str) -> dict[str, Any]:
        return await self.takes(url, "end", reason="to_work", occupation_after="work")

    async def events_of(self, url: str) -> list[tuple[str, dict[str, Any]]]:
        """The events about the row at ``url``, as (short type, data without ids)."""
        row_id = url.rpartition("/")[2]
        rows = await self.pool.fetch(
            "select type, data from outbox where topic = 'registry.documentation.v1' "
            "and $1 in (data->>'measure_id', data->>'consent_id', data->>'hold_id') order by id",
            row_id,
        )
        return [
            (row["type"].split(".")[3], {key: one for key, one in row["data"].items() if not key.endswith("_id")})
            for row in rows
        ]

    async def audit_of(self, url: str) -> list[str]:
        rows = await self.pool.fetch(
            "select action from audit where subject = $1 order by id", url.rpartition("/")[2]
        )
        return [row["action"] for row in rows]


def offer(catalogue_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "catalogue_id": catalogue_id,
        "offered_on": str(TODAY),
        "follows_up": "anna",
        "occupation_before": "none",
        **changes,
    }


def code(response: httpx.Response) -> tuple[int, str]:
    """Status and problem code of a refusal."""
    return response.status_code, response.json()["type"].rpartition(":")[2]
