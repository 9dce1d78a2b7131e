"""Running the funnel's SQL."""

from pathlib import Path

import asyncpg

from chassis.postgres import Connection
from services.reporting.domain.funnel import Row
from services.reporting.domain.period import Period

FUNNEL = (Path(__file__).parent / "funnel.sql").read_text(encoding="utf-8")


async def funnel_rows(conn: Connection | asyncpg.Pool, period: Period) -> list[Row]:
    """Return the counts of a period per district, figure and part."""
    return [Row(**row) for row in await conn.fetch(FUNNEL, period.first, period.last)]
