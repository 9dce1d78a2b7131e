"""A visit that is called off: its door card is recalled, and who has been sent one gets word.

Here alone it is known what became of the door card, so that it is decided here, in the transaction in which the
word is queued: never a word about a visit that the youth never heard of, never a door card after the word.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from chassis.postgres import Connection
from contracts.messages import OF_A_VISIT, MessageKind, MessageSpec, SkipReason
from services.notifications import transitions

WORDS = OF_A_VISIT - {MessageKind.DOOR_CARD}
# A door card whose send has begun may be on its way: it cannot be recalled, and is taken to arrive.
CARDS = """
select message_id, state in ('sent', 'delivered') or (state = 'queued' and begun_at is not null) as went
from message
where youth_id = $1 and kind = 'door_card' and visit_at = $2 and state in ('queued', 'sent', 'delivered')
for update
"""


async def settle(
    conn: Connection, youth_id: UUID, specs: Sequence[MessageSpec], new: Sequence[asyncpg.Record], now: datetime
) -> None:
    """Recall door cards, and words that nobody waits for, of the visits that new words are about."""
    ids = {row["message_id"] for row in new}
    words = [spec for spec in specs if spec.kind in WORDS and spec.message_id in ids]
    for visit_at in {spec.visit_at for spec in words}:
        cards = await conn.fetch(CARDS, youth_id, visit_at)
        recalled = [card["message_id"] for card in cards if not card["went"]]
        if len(recalled) == len(cards):  # none went
            recalled.extend(spec.message_id for spec in words if spec.visit_at == visit_at)
        if recalled:
            await transitions.skipped(conn, dict.fromkeys(recalled, SkipReason.CALLED_OFF), now)
