"""Staff read what was sent to a youth, what became of it, and what stood on it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from chassis import audit
from chassis.access import allow
from chassis.auth import Principal
from chassis.paging import Cursor, Limit, bad_cursor, cursor_instant, decode_cursor, encode_cursor
from chassis.postgres import Connection, transaction
from chassis.problems import Problem, responses
from contracts.access import Scope
from contracts.actions import Action
from contracts.districts import DISTRICTS, district_on
from contracts.messages import AnswerChannel, Channel, MessageKind, MessageState, SkipReason
from services.notifications.api.deps import CivilTime, Clock, Pool
from services.notifications.db import reading
from services.notifications.domain.failures import FailureCode
from services.notifications.domain.replies import Choice

router = APIRouter(tags=["messages"])

Reader = Annotated[Principal, Depends(allow(Action.MESSAGES_READ))]


class Message(BaseModel):
    """Times are civil. ``failure`` and ``skipped`` say why, when it is so."""

    message_id: UUID
    youth_id: UUID
    episode_id: UUID
    kind: MessageKind
    channel: Channel
    state: MessageState
    visit_at: CivilTime | None
    queued_at: CivilTime
    sent_at: CivilTime | None
    delivered_at: CivilTime | None
    ended_at: CivilTime | None
    skipped: SkipReason | None
    failure: FailureCode | None


class MessagePage(BaseModel):
    items: list[Message]
    next: str | None


class ReceiptShown(BaseModel):
    """``status`` and ``provider_code`` are the provider's own words; ``applied`` whether it changed anything."""

    status: str
    provider_code: str | None
    applied: bool
    received_at: CivilTime


class AnswerShown(BaseModel):
    channel: AnswerChannel
    choice: Choice
    phone: str | None
    answered_at: CivilTime


class SmsShown(BaseModel):
    body: str
    received_at: CivilTime


class MessageDetail(Message):
    attempts: int
    provider: str | None
    receipts: list[ReceiptShown]
    answers: list[AnswerShown]
    sms_received: list[SmsShown]


def _fields(row: asyncpg.Record) -> dict[str, object]:
    return {**row, "skipped": row["skip_reason"], "failure": row["failure_code"]}


def _districts(principal: Principal, today: date) -> list[str] | None:
    """Return the codes of the districts whose youths the caller may see, merged ones included; None is all."""
    own = principal.districts
    if not own or Scope.ALL in principal.scopes:
        return None
    return sorted(own | {one.code for one in DISTRICTS if district_on(one.code, today) in own})


@router.get("/messages", responses=responses(400, 401, 403, 422))
async def list_messages(
    pool: Pool,
    clock: Clock,
    principal: Reader,
    youth_id: UUID | None = None,
    kind: MessageKind | None = None,
    state: MessageState | None = None,
    channel: Channel | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> MessagePage:
    """Messages, newest first. Never those of a youth with protected identity."""
    after: tuple[datetime, UUID] | None = None
    if cursor is not None:
        queued_at, message_id = decode_cursor(cursor, 2)
        try:
            after = cursor_instant(queued_at), UUID(message_id)
        except ValueError:
            raise bad_cursor() from None
    async with transaction(pool) as conn:
        rows = await reading.page(
            conn,
            _districts(principal, clock.today()),
            youth_id=youth_id,
            kind=kind,
            state=state,
            channel=channel,
            after=after,
            limit=limit + 1,
        )
        await _audit(conn, principal, "message.list", clock.now(), youth_id)
    items = [Message.model_validate(_fields(row)) for row in rows[:limit]]
    more = len(rows) > limit
    last = items[-1] if more else None
    return MessagePage(
        items=items, next=encode_cursor(last.queued_at.isoformat(), last.message_id) if last else None
    )


@router.get("/messages/{message_id}", responses=responses(401, 403, 404, 422))
async def get_message(message_id: UUID, pool: Pool, clock: Clock, principal: Reader) -> MessageDetail:
    """One message with its receipts and answers."""
    async with transaction(pool) as conn:
        row = await _visible(conn, principal, message_id, clock.today())
        receipts = await conn.fetch(reading.RECEIPTS, message_id)
        answers = await conn.fetch(reading.ANSWERS, message_id)
        received = await conn.fetch(reading.SMS_RECEIVED, message_id)
        await _audit(conn, principal, "message.read", clock.now(), row["youth_id"], message_id)
    return MessageDetail.model_validate(
        {
            **_fields(row),
            "receipts": [dict(receipt) for receipt in receipts],
            "answers": [dict(answer) for answer in answers],
            "sms_received": [dict(sms) for sms in received],
        }
    )


@router.get(
    "/messages/{message_id}/document",
    response_class=Response,
    responses={
        **responses(401, 403, 404, 422),
        200: {
            "content": {"application/pdf": {}, "text/plain": {}},
            "description": "What stood on it: a PDF, or the text of an SMS",
        },
    },
)
async def get_document(message_id: UUID, pool: Pool, clock: Clock, principal: Reader) -> Response:
    """What stood on the message. Not there before it was sent."""
    async with transaction(pool) as conn:
        row = await _visible(conn, principal, message_id, clock.today())
        document = await conn.fetchrow(reading.DOCUMENT, message_id)
        if document is None:
            raise Problem(404, "no-document", "Nothing has been made yet", "The message has not been sent.")
        await _audit(conn, principal, "message.document", clock.now(), row["youth_id"], message_id)
    suffix = "pdf" if document["media_type"] == "application/pdf" else "txt"
    return Response(
        document["content"],
        media_type=document["media_type"],
        headers={"Content-Disposition": f'inline; filename="{message_id}.{suffix}"'},
    )


async def _visible(conn: Connection, principal: Principal, message_id: UUID, today: date) -> asyncpg.Record:
    """Return a message that the caller may see. The same 404 whether it is not there or not theirs."""
    row = await reading.one(conn, _districts(principal, today), message_id)
    if row is None:
        raise Problem(404, "no-message", "There is no such message that you may see")
    return row


async def _audit(
    conn: Connection,
    principal: Principal,
    action: str,
    at: datetime,
    youth_id: UUID | None,
    message_id: UUID | None = None,
) -> None:
    await audit.record(
        conn,
        actor=principal.subject,
        role=principal.role,
        action=action,
        at=at,
        youth_id=youth_id,
        subject=str(message_id) if message_id else None,
    )
