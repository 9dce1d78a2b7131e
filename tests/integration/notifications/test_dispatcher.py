"""The loop of sending: by day, woken at once, and finished before it goes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import time, timedelta

from chassis.clock import CivilClock, ClockSpec
from contracts.messages import MessageKind
from services.notifications.dispatcher import Dispatcher
from services.notifications.domain.hours import SendingHours
from services.notifications.providers.sandbox_sms import SandboxSms
from services.notifications.providers.sms import OutgoingSms
from tests.integration.notifications.conftest import NOW, Service

HOURS = SendingHours(time(8), time(20))


@asynccontextmanager
async def dispatching(service: Service) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher(service.batch(), service.clock, HOURS)
    task = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await done():
            await asyncio.sleep(0.02)


async def test_letters_go_at_night_and_sms_in_the_morning(service: Service) -> None:
    service.clock.at = NOW.replace(hour=23)
    letter, sms = await service.queue(MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS)

    async def letter_sent() -> bool:
        return (await service.states())[letter] == "sent"

    async def sms_sent() -> bool:
        return (await service.states())[sms] == "sent"

    async with dispatching(service):
        await until(letter_sent)
        assert not await sms_sent()
        service.clock.at = NOW.replace(hour=8) + timedelta(days=1)
        await until(sms_sent)


class SlowSms(SandboxSms):
    """Takes a moment; tells when it is in the middle of it."""

    under_way: asyncio.Event

    async def send(self, sms: OutgoingSms) -> str:
        self.under_way.set()
        await asyncio.sleep(0.5)
        return await super().send(sms)


async def test_what_is_under_way_is_finished_when_the_worker_stops(service: Service) -> None:
    slow = SlowSms(service.settings.notifications_sms_folder, service.clock)
    slow.under_way = asyncio.Event()
    service.sms = slow
    (message_id,) = await service.queue(MessageKind.FIRST_SMS)
    async with dispatching(service):
        await asyncio.wait_for(slow.under_way.wait(), 30)
    assert (await service.message(message_id))["state"] == "sent"


async def test_on_a_fast_clock_the_day_is_not_slept_through(service: Service) -> None:
    """At a civil day in two seconds, a sweep a second would meet the night every time."""
    spec = ClockSpec(
        speed=43_200, real_anchor=CivilClock(ClockSpec()).now(), civil_anchor=NOW.replace(hour=20, minute=30)
    )
    (message_id,) = await service.queue(MessageKind.FIRST_SMS)
    dispatcher = Dispatcher(service.batch(), CivilClock(spec), HOURS)
    task = asyncio.create_task(dispatcher.run())

    async def sent() -> bool:
        return bool((await service.message(message_id))["state"] == "sent")

    try:
        await until(sent)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
