"""Whether staff feel it: how long a decision takes while 1 500 youths change at once, while 1 500 are registered
at once, and while the workflow worker comes back from kill -9 with thousands of open workflows. Against the same,
idle, in the same run.

    python -m tests.bench.pace [OPEN_WORKFLOWS] [AT_ONCE]        # default 7500 1500
"""

import asyncio
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from chassis.clock import CivilClock, ClockSpec
from chassis.outbox import OutgoingEvent, put_many
from chassis.outbox_relay import OutboxRelay
from chassis.postgres import create_pool, transaction
from chassis.settings import Settings
from contracts.events import REGISTRY_YOUTH, Event, YouthChanged, YouthRegistered
from contracts.reasons import RegistrationReason, Sex
from tests.bench.outreach_stack import API, WORKER, WORKFLOWS, OutreachStack, outreach_stack
from tests.bench.staff_updates import Measured, Staff

OPEN = 7_500
AT_ONCE = 1_500
IN_SUPPORT = 120
IDLE_SECONDS = 40
DOWN_SECONDS = 20  # the worker is gone, and the night goes on
DISTRICTS = ("farsta", "bromma", "jarva", "skarholmen")
CLOCK = CivilClock(ClockSpec())
YOUTHS = tuple[UUID, UUID]
HANDLED = "select count(*) from inbox where consumer = 'outreach-registry'"
BEGUN = "select count(distinct youth_id) from transitions"


def registered(ids: YOUTHS, number: int) -> Event:
    today = CLOCK.today()
    return YouthRegistered(
        youth_id=ids[0],
        episode_id=ids[1],
        municipality="0180",
        district=DISTRICTS[number % len(DISTRICTS)],
        sex=Sex.WOMAN,
        birth_year=today.year - 18,
        reason=RegistrationReason.LEFT_SCHOOL,
        protected=False,
        registered_on=today,
        last_covered_day=today + timedelta(days=600),
    )


def changed(ids: YOUTHS, number: int) -> Event:
    """They move to another district, as half a city's do when its districts are drawn anew."""
    return YouthChanged(
        youth_id=ids[0],
        episode_id=ids[1],
        district=DISTRICTS[(number + 1) % len(DISTRICTS)],
        protected=False,
        last_covered_day=CLOCK.today() + timedelta(days=600),
    )


class Night:
    """The registry's side: its outbox, and what outreach has handled of it."""

    def __init__(self, registry: asyncpg.Pool, outreach: asyncpg.Pool) -> None:
        self._registry, self._outreach = registry, outreach
        self.told = 0

    async def tell(self, events: Sequence[Event]) -> None:
        """Publish events of one night: committed in one transaction, as a sync does."""
        now = CLOCK.now()
        async with transaction(self._registry) as conn:
            for first in range(0, len(events), 500):
                await put_many(
                    conn,
                    [
                        OutgoingEvent(one.topic, one.youth_id, one.type, one, now)
                        for one in events[first : first + 500]
                    ],
                )
        self.told += len(events)

    async def handled(self, show: Callable[[int], None] = lambda _: None) -> None:
        """Wait until outreach has handled all that it was told."""
        while (count := await self._outreach.fetchval(HANDLED)) < self.told:
            show(count)
            await asyncio.sleep(0.2)

    async def begun(self, youths: int) -> None:
        """Wait until so many workflows have recorded their first transition."""
        while await self._outreach.fetchval(BEGUN) < youths:
            await asyncio.sleep(0.2)


@asynccontextmanager
async def night(stack: OutreachStack, registry: str, outreach: str) -> AsyncIterator[Night]:
    settings = Settings(
        environment="test",
        kafka_bootstrap_servers=stack.environment["KAFKA_BOOTSTRAP_SERVERS"],
        kafka_idempotence=stack.environment["UPPSOK_KAFKA_IDEMPOTENCE"] == "true",
    )
    relay = asyncio.create_task(OutboxRelay(registry, settings, source="/registry", topics=[REGISTRY_YOUTH]).run())
    async with (
        await create_pool(registry, application_name="bench") as one,
        await create_pool(outreach, application_name="bench") as other,
    ):
        yield Night(one, other)
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)


async def during(staff: Staff, what: Any, *, at_least: int = 0) -> tuple[Measured, float]:
    """Let staff work until something is over; return how long their decisions took, and how long it took."""
    over, began = asyncio.Event(), time.perf_counter()
    work = asyncio.create_task(staff.work(over, at_least=at_least))
    try:
        await what
    finally:
        took = time.perf_counter() - began
        over.set()
    return await work, took


async def idle() -> None:
    await asyncio.sleep(IDLE_SECONDS)


async def back_from_kill(
    stack: OutreachStack, staff: Staff, told: Night, events: Sequence[Event]
) -> dict[str, float]:
    """Kill the workflow worker, tell of changes meanwhile, start it: when do decisions work, what is replayed?"""
    stack.kill(WORKFLOWS)
    await told.tell(events)
    await asyncio.sleep(DOWN_SECONDS)
    began = time.perf_counter()
    stack.begin(WORKFLOWS)
    while True:
        try:
            await staff.one()
            break
        except httpx.HTTPStatusError:
            continue
    first = time.perf_counter() - began

    async def recovered() -> None:
        await told.handled()
        await stack.workflow_tasks_are_done()

    measured, took = await during(staff, recovered(), at_least=100)
    say(f"  first decision {first:.1f} s after the start; {measured}")
    return {
        "kill_first_decision_s": first,
        "kill_p95_ms": measured.p(95),
        "kill_recovered_s": took,
        "kill_tasks": stack.counter("temporal_workflow_task_execution_latency_seconds_count"),
        "kill_replayed": stack.counter("temporal_sticky_cache_miss_total"),
        "kill_peak_mb": stack.megabytes(WORKFLOWS),
    }


async def measure(open_workflows: int, at_once: int, folder: Path) -> dict[str, float]:
    with outreach_stack(folder) as (stack, postgres):
        databases = {name: await postgres.service_database(name) for name in ("registry", "outreach")}
        stack.environment["DATABASE_URL_OUTREACH"] = databases["outreach"].app_url
        youths = [(uuid4(), uuid4()) for _ in range(open_workflows)]
        stack.start(WORKFLOWS)
        stack.start(API)
        stack.start(WORKER, UPPSOK_OUTREACH_SIGNALS_PER_SECOND="1000")
        async with (
            night(stack, databases["registry"].app_url, databases["outreach"].app_url) as told,
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{stack.ports[API]}",
                headers={"Authorization": f"Bearer {stack.tokens.token('kaa_coordinator', subject='anna')}"},
                timeout=60,
            ) as http,
        ):
            staff = Staff(http)
            result: dict[str, float] = {}
            there = open_workflows - at_once
            if there < IN_SUPPORT + at_once:
                raise ValueError(f"{at_once} at once need at least {2 * at_once + IN_SUPPORT} open workflows")
            say(f"{there} youths are registered, as fast as it goes")
            began = time.perf_counter()
            await told.tell([registered(ids, number) for number, ids in enumerate(youths[:there])])
            await told.handled(every(500, began))
            await told.begun(there)
            took = time.perf_counter() - began
            say(f"  {there} open after {took:.0f} s; {IN_SUPPORT} of them come into support")
            await staff.take_on([youth_id for youth_id, _ in youths[:IN_SUPPORT]])
            stack.stop(WORKER)
            stack.start(WORKER)
            say("  they are there, and outreach keeps its pace from now on")

            measured, _ = await during(staff, idle())
            say(f"idle: {measured}")
            result |= {"idle_p50_ms": measured.p(50), "idle_p95_ms": (base := measured.p(95))}

            some = youths[IN_SUPPORT : IN_SUPPORT + at_once]
            for name, events in (
                ("changed", [changed(ids, number) for number, ids in enumerate(some)]),
                ("registered", [registered(ids, number) for number, ids in enumerate(youths[there:])]),
            ):

                async def one_night(events: Sequence[Event] = events) -> None:
                    await told.tell(events)
                    await told.handled()
                    await stack.workflow_tasks_are_done()

                measured, took = await during(staff, one_night())
                ratio = measured.p(95) / base
                say(f"{len(events)} {name} at once, taken in {took:.0f} s: {measured}; {ratio:.2f} x idle")
                result |= {f"{name}_p95_ms": measured.p(95), f"{name}_ratio": ratio, f"{name}_s": took}

            say(f"kill -9 of the workflow worker with {open_workflows} open, {at_once} change while it is away")
            again = [changed(ids, number + 1) for number, ids in enumerate(some)]
            result |= await back_from_kill(stack, staff, told, again)
            result["kill_ratio"] = result["kill_p95_ms"] / base
    return result


def every(step: int, began: float) -> Callable[[int], None]:
    """Return what says how far it has come, each time that another step is full."""
    said = 0

    def show(count: int) -> None:
        nonlocal said
        if count // step > said:
            said = count // step
            say(f"  {count} after {time.perf_counter() - began:.0f} s")

    return show


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the parts are stopped all the same
    place = Path(tempfile.mkdtemp(prefix="uppsok-bench-"))
    place.chmod(0o711)
    try:
        given = [int(number) for number in sys.argv[1:]]
        open_, many = given + [OPEN, AT_ONCE][len(given) :]
        figures = asyncio.run(measure(open_, many, place))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    say(json.dumps({key: round(value, 2) for key, value in figures.items()}))
