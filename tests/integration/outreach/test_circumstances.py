"""What the registry and notifications tell around a youth, through the service to a real workflow and back."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from contracts import events
from contracts.documentation_events import HoldEnded, HoldPlaced
from contracts.messages import Channel, MessageKind, SkipReason
from services.outreach.circumstances import Circumstances, all_groups
from services.outreach.settings import Settings
from tests.integration.outreach.running import Running, eventually, running
from tests.integration.outreach.youths import NOON, Youth, incoming

pytestmark = pytest.mark.stack


@pytest.fixture
async def run(pool: asyncpg.Pool, settings: Settings) -> AsyncIterator[Running]:
    async with running(pool, settings) as run:
        yield run


async def test_a_hold_takes_the_work_away_and_gives_it_back(run: Running) -> None:
    youth, circumstances, hold_id = Youth(), Circumstances(run.facts), uuid4()
    await run.register(youth)
    await run.step(youth, "awaiting_start")
    until = run.settings.clock.today() + timedelta(days=30)
    placed = HoldPlaced(youth_id=youth.youth_id, episode_id=youth.episode_id, hold_id=hold_id, until=until)
    event = incoming(placed)
    for _ in range(2):
        await circumstances.from_documentation(event)
    await run.step(youth, "on_hold")
    due = await run.pool.fetchval("select due from journeys where youth_id = $1", youth.youth_id)
    assert due.date() >= until
    ended = HoldEnded(youth_id=youth.youth_id, episode_id=youth.episode_id, hold_id=hold_id, until=until)
    await circumstances.from_documentation(incoming(ended))
    sql = "select count(*) from transitions where youth_id = $1 and step = 'on_hold'"
    leaves = "select true from journeys where youth_id = $1 and step <> 'on_hold'"
    await eventually(lambda: run.pool.fetchval(leaves, youth.youth_id), "outreach that goes on")
    assert await run.pool.fetchval(sql, youth.youth_id) == 1, "a hold that is told twice is placed once"


async def test_only_what_a_hold_recalled_is_told_to_the_workflow(run: Running) -> None:
    """Of a youth without a workflow such a fact would be a dead letter: what is not for us is not sent."""
    youth, circumstances = Youth(), Circumstances(run.facts)
    skipped = events.MessageSkipped(
        youth_id=youth.youth_id,
        episode_id=youth.episode_id,
        message_id=uuid4(),
        kind=MessageKind.FIRST_SMS,
        channel=Channel.SMS,
        at=NOON,
        reason=SkipReason.NO_PHONE,
    )
    await circumstances.from_messages(incoming(skipped))
    await run.register(youth)
    await run.step(youth, "awaiting_start")
    on_hold = skipped.model_copy(update={"reason": SkipReason.ON_HOLD})
    await circumstances.from_messages(incoming(on_hold))
    assert {group.name for group in all_groups(run.facts)} == {
        "outreach-registry",
        "outreach-answers",
        "outreach-documentation",
        "outreach-messages",
    }
