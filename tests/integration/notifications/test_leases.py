"""Who works on a message: one at a time, for as long as they live."""

import asyncio
from uuid import uuid4

import pytest

from contracts.messages import Channel, MessageKind
from services.notifications import leases
from services.notifications.db import queue
from tests.integration.notifications.conftest import Service


async def test_a_lease_is_renewed_while_its_holder_lives(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.05)
    await service.queue(MessageKind.FIRST_SMS)
    lease_id = uuid4()
    async with service.pool.acquire() as conn:
        assert len(await queue.lease(conn, lease_id, [Channel.SMS], limit=10, seconds=2)) == 1
    async with leases.held(service.pool, lease_id):
        async with asyncio.timeout(30):
            while not await service.pool.fetchval("select leased_until > now() + interval '5 s' from message"):
                await asyncio.sleep(0.05)
        async with service.pool.acquire() as conn:
            assert await queue.lease(conn, uuid4(), [Channel.SMS], limit=10, seconds=2) == []


async def test_what_was_taken_over_cannot_begin_any_more(service: Service) -> None:
    (message_id,) = await service.queue(MessageKind.FIRST_SMS)
    async with service.pool.acquire() as conn:
        slow, quick = uuid4(), uuid4()
        assert await queue.lease(conn, slow, [Channel.SMS], limit=10, seconds=0)
        assert await queue.lease(conn, quick, [Channel.SMS], limit=10, seconds=60)
        today = service.clock.today()
        assert await queue.begin(conn, slow, [message_id], today, seconds=60) == set()
        assert await queue.begin(conn, quick, [message_id], today, seconds=60) == {message_id}
        assert await queue.begin(conn, slow, [message_id], today, seconds=60) == set()


async def test_what_was_recalled_cannot_begin(service: Service) -> None:
    (message_id,) = await service.queue(MessageKind.FIRST_SMS)
    lease_id = uuid4()
    async with service.pool.acquire() as conn:
        assert await queue.lease(conn, lease_id, [Channel.SMS], limit=10, seconds=60)
        await conn.execute("update message set state = 'skipped', skip_reason = 'not_covered'")
        assert await queue.begin(conn, lease_id, [message_id], service.clock.today(), seconds=60) == set()
