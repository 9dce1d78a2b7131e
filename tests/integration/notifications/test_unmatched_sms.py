"""An SMS of nobody we know is kept for a time, and then not."""

from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from contracts.messages import Channel, MessageKind
from services.notifications.unmatched_sms import ForgetUnmatchedSms
from tests.integration.notifications.conftest import NOW, SetClock

pytestmark = pytest.mark.stack
KEPT = timedelta(days=90)
INSERT = "insert into inbound_sms values ($1, '+46701740698', 'Vem är ni?', $2, $3)"
MESSAGE = """
insert into message (message_id, youth_id, episode_id, kind, channel, state, code, queued_at, sent_at)
values ($1, $1, $1, $2, $3, 'sent', 'code-698', $4, $4)
"""


async def test_what_nobody_is_found_for_goes_after_its_time(pool: asyncpg.Pool) -> None:
    clock, matched = SetClock(NOW), uuid4()
    await pool.execute(MESSAGE, matched, MessageKind.FIRST_SMS, Channel.SMS, NOW)
    for name, message_id, age in (("old", None, KEPT + timedelta(seconds=1)), ("new", None, KEPT),
                                  ("matched", matched, KEPT * 9)):  # fmt: skip
        await pool.execute(INSERT, name, message_id, NOW - age)
    forget = ForgetUnmatchedSms(pool, clock, KEPT)
    assert [await forget.once(), await forget.once()] == [1, 0]
    left = await pool.fetch("select provider_id from inbound_sms order by 1")
    assert [row["provider_id"] for row in left] == ["matched", "new"]
    recorded = await pool.fetch("select actor, subject from audit where action = 'inbound-sms.forget'")
    assert [tuple(row) for row in recorded] == [("notifications", "1")]
