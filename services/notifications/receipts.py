"""Use case: a provider's receipt. Applied under the row's lock, from open states only; always noted."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from chassis.postgres import Connection
from contracts.events import MessageFailed, MessageSent
from contracts.messages import MessageState
from services.notifications import after_end, transitions
from services.notifications.domain.failures import FailureCode
from services.notifications.domain.receipts import ReceiptStatus, states_passed

log = structlog.get_logger(__name__)

LOCK = """
select message_id, youth_id, episode_id, kind, channel, state, begun_at from message
where message_id = $1 for update
"""
APPLY = """
update message
set state = $2, sent_at = coalesce(sent_at, $3), handed_over_at = coalesce(handed_over_at, now()),
    delivered_at = case when $2 = 'delivered' then $3 else delivered_at end,
    ended_at = case when $2 = 'failed' then $3 else ended_at end,
    failure_code = case when $2 = 'failed' then $4 else failure_code end,
    provider = coalesce(provider, $5), reference = coalesce(reference, $6),
    lease = null, leased_until = null
where message_id = $1
returning message_id, youth_id, episode_id, kind, channel, failure_code
"""
NOTE = """
insert into receipt (message_id, provider, reference, status, provider_code, applied, received_at)
values ($1, $2, $3, $4, $5, $6, $7)
"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """``word`` and ``provider_code`` are the provider's own, kept as they came."""

    message_id: UUID
    provider: str
    reference: str | None
    status: ReceiptStatus
    word: str
    failure: FailureCode | None = None
    provider_code: str | None = None


async def apply_receipt(conn: Connection, receipt: Receipt, now: datetime) -> bool:
    """Apply a receipt in the caller's transaction; return whether it changed the message."""
    row = await conn.fetchrow(LOCK, receipt.message_id)
    if row is None:
        log.warning("receipt_for_unknown_message", provider=receipt.provider, status=receipt.status)
        return False
    passed = states_passed(MessageState(row["state"]), row["begun_at"] is not None, receipt.status)
    if passed:
        failure = (receipt.failure or FailureCode.UNKNOWN).value
        changed = await conn.fetch(
            APPLY, receipt.message_id, passed[-1].value, now, failure, receipt.provider, receipt.reference
        )
        if MessageState.SENT in passed:
            await transitions.tell(conn, MessageSent, changed, now)
            await after_end.report_late(conn, [receipt.message_id])
        if MessageState.DELIVERED in passed:
            await transitions.delivered(conn, changed, now)
        if MessageState.FAILED in passed:
            await transitions.tell(conn, MessageFailed, changed, now, code="failure_code")
    else:
        log.info("receipt_changed_nothing", provider=receipt.provider, status=receipt.status, state=row["state"])
    await conn.execute(
        NOTE,
        receipt.message_id,
        receipt.provider,
        receipt.reference,
        receipt.word,
        receipt.provider_code,
        bool(passed),
        now,
    )
    return bool(passed)
