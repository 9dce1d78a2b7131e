"""Several servers at the same time, each for itself: one that fails stops no other, and says why."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from chassis.clock import CivilClock
from services.registry.sources.ss12000.asking import Sleep
from services.registry.sources.ss12000.config import FeedConfig, ServerConfig
from services.registry.sources.ss12000.delivery import Batch, Delivery
from services.registry.sources.ss12000.failures import FeedFailed
from services.registry.sources.ss12000.feed import fetch, open_feed
from services.registry.sources.ss12000.plan import Due

Take = Callable[[str, Batch], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ReadServer:
    """``delivery`` is whole, its batches used up; or ``failed`` says why it is not, and what was taken does
    not count."""

    server: str
    delivery: Delivery | None
    failed: str | None = None


async def read_all(
    config: FeedConfig,
    wanted: Sequence[tuple[ServerConfig, Due]],
    clock: CivilClock,
    take: Take,
    *,
    sleep: Sleep = asyncio.sleep,
) -> list[ReadServer]:
    """Read servers, ``config.at_once`` at a time, and hand each batch to ``take`` (server name, batch).

    ``take`` is called for one batch at a time, so it may use one database connection. What it raises is not a
    server's fault: it stops everything. Returns how each server fared, in the order wanted.
    """
    places, taking = asyncio.Semaphore(config.at_once), asyncio.Lock()

    async def read(server: ServerConfig, due: Due) -> ReadServer:
        async with places:
            try:
                async with open_feed(config, server, clock, sleep=sleep) as feed:
                    delivery = await fetch(feed, due.since, due.absences)
                    async with aclosing(delivery.batches) as batches:
                        async for batch in batches:
                            async with taking:
                                await take(server.name, batch)
            except FeedFailed as failed:
                return ReadServer(server.name, None, str(failed))
            return ReadServer(server.name, delivery)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(read(server, due)) for server, due in wanted]
    except BaseExceptionGroup as several:  # callers know the errors of a database, not groups of them
        raise several.exceptions[0] from None
    return [task.result() for task in tasks]
