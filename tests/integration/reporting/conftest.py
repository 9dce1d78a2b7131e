"""A reporting database, and the funnel that a list of events gives."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import date, datetime

import asyncpg
import pytest

from chassis.clock import STOCKHOLM
from chassis.inbox import take_once
from chassis.incoming import Incoming
from chassis.postgres import create_pool
from deploy.local.databases import Database
from services.reporting import consumers
from services.reporting.db.funnel import funnel_rows
from services.reporting.domain.funnel import Funnel, make_funnel
from services.reporting.domain.period import Period

NOW = datetime(2026, 3, 1, 12, tzinfo=STOCKHOLM)
AUTUMN = Period(date(2025, 7, 1), date(2025, 12, 31))
FunnelOf = Callable[..., Awaitable[Funnel]]


class _Undo(Exception):
    """Ends a transaction without keeping what it did."""


@pytest.fixture(scope="session")
async def reporting_database(service_database: Callable[[str], Awaitable[Database]]) -> Database:
    return await service_database("reporting")


@pytest.fixture(scope="session")
async def pool(reporting_database: Database) -> AsyncIterator[asyncpg.Pool]:
    async with await create_pool(reporting_database.app_url, application_name="test") as pool:
        yield pool


@pytest.fixture(scope="session")
def funnel_of(pool: asyncpg.Pool) -> FunnelOf:
    """`await funnel_of(events, period, district=None)`: taken through the inbox; nothing is kept."""

    async def funnel_of(
        events: Iterable[Incoming], period: Period = AUTUMN, district: str | None = None
    ) -> Funnel:
        rows = []
        async with pool.acquire() as conn:
            try:
                async with conn.transaction():
                    for event in events:
                        await take_once(conn, consumers.GROUP, event, consumers.take)
                    rows = await funnel_rows(conn, period)
                    raise _Undo
            except _Undo:
                return make_funnel(rows, period, district, NOW)

    return funnel_of
