"""Youths about whom staff keep something: one under 18, one of age, one protected, one never covered."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from chassis.clock import CivilClock, ClockSpec
from tests.integration.registry.city import City
from tests.unit.registry.files import made_up_number, placement, resident

# The API's clock is the real one, so ages are made for today.
TODAY = CivilClock(ClockSpec()).today()
MINOR_BORN = date(TODAY.year - 17, 12, 31)  # 16, on the last day of the year 17: school age is over
OF_AGE_BORN = date(TODAY.year - 19, 12, 31)

MINOR, OF_AGE, PROTECTED, SCHOOLED = "minor", "of_age", "protected", "schooled"
REGISTER_PHONE = "+46701740605"


@dataclass(frozen=True)
class Kept:
    """A register with such youths in Farsta, and its API."""

    api: httpx.AsyncClient
    pool: asyncpg.Pool
    ids: dict[str, UUID]
    city: City

    def url(self, who: str, what: str, row_id: UUID | str = "") -> str:
        return f"/youths/{self.ids[who]}/{what}" + (f"/{row_id}" if row_id else "")

    async def audited(self, row_id: UUID) -> list[str]:
        rows = await self.pool.fetch("select action from audit where subject = $1 order by id", str(row_id))
        return [row["action"] for row in rows]


async def settle(city: City) -> dict[str, UUID]:
    """Let the youths move in, and register them."""
    numbers = {
        MINOR: made_up_number(1, MINOR_BORN),
        OF_AGE: made_up_number(2, OF_AGE_BORN),
        PROTECTED: made_up_number(3, OF_AGE_BORN),
        SCHOOLED: made_up_number(4, OF_AGE_BORN),
    }
    city.day = TODAY - timedelta(days=1)
    city.residents += [
        resident(person_number=numbers[MINOR], email="mim@example.org"),
        resident(person_number=numbers[OF_AGE], phone=""),
        resident(person_number=numbers[PROTECTED], protection="sekretessmarkering"),
        resident(person_number=numbers[SCHOOLED]),
    ]
    city.placements.append(placement(person_number=numbers[SCHOOLED]))
    city.drop_all()
    await city.sync()
    rows = await city.pool.fetch("select number, person_id from person_numbers")
    ids = {row["number"]: row["person_id"] for row in rows}
    return {who: ids[number] for who, number in numbers.items()}


def phone(value: str = "070-174 06 10", **changes: Any) -> dict[str, Any]:
    return {"kind": "phone", "value": value, "source": "youth", "valid_from": str(TODAY)} | changes


def guardian(**changes: Any) -> dict[str, Any]:
    name = {"first": "Robin", "last": "Exempelsson"}
    return {"name": name, "relation": "parent", "source": "staff", "valid_from": str(TODAY)} | changes


def occupation(code: str = "work", **changes: Any) -> dict[str, Any]:
    return {"code": code, "knowledge_source": "youth", "known_on": str(TODAY)} | changes
