"""Whom a message goes to: asked by our own services at the moment of sending, and recorded."""

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Depends

from chassis import audit
from chassis.access import allow
from chassis.auth import Principal
from chassis.postgres import transaction
from chassis.problems import responses
from contracts.actions import Action
from services.registry.api.models import Recipient, RecipientAddress, Recipients, RecipientsAsked
from services.registry.api.parts import TheParts
from services.registry.db import youths
from services.registry.db.contact_points import best_phone

router = APIRouter(tags=["recipients"], responses=responses(401, 403, 422))
Service = Annotated[Principal, Depends(allow(Action.RECIPIENTS_READ))]


@router.post("/recipients")
async def read_recipients(service: Service, parts: TheParts, asked: RecipientsAsked) -> Recipients:
    """Names and addresses of youths who are covered today, not protected, not on hold; other ids are left out."""
    async with transaction(parts.pool) as conn:
        today = parts.clock.today()
        rows = await conn.fetch(youths.RECIPIENTS, asked.youth_ids, today)
        phones = await best_phone(conn, [row["id"] for row in rows if _may_be_sent(row)], today)
        await audit.record_each(
            conn,
            actor=service.subject,
            role=service.role,
            action="youth.read_recipient",
            at=parts.clock.now(),
            about=[(row["id"], None) for row in rows],
            why=asked.purpose,
        )
    return Recipients(items=[_recipient(row, phones.get(row["id"])) for row in rows])


def _may_be_sent(row: asyncpg.Record) -> bool:
    return row["covered"] and not row["protected"] and not row["on_hold"]


def _recipient(row: asyncpg.Record, phone: str | None) -> Recipient:
    bare = Recipient(
        youth_id=row["id"],
        covered=row["covered"],
        protected=row["protected"],
        on_hold=row["on_hold"],
        birth_year=row["birth_date"].year,
    )
    if not _may_be_sent(row):
        return bare
    complete = row["street"] and row["postal_code"] and row["city"]
    address = RecipientAddress.model_validate(dict(row)) if complete else None
    name = f"{row['first_name']} {row['last_name']}"
    return bare.model_copy(update={"name": name, "address": address, "phone": phone})
