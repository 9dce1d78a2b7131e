"""Whom a message goes to: asked by our own services at the moment of sending, and recorded."""

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Depends

from chassis import audit
from chassis.auth import Principal, require
from chassis.postgres import transaction
from chassis.problems import responses
from contracts.roles import Role
from services.registry.api.models import Recipient, RecipientAddress, Recipients, RecipientsAsked
from services.registry.api.parts import TheParts
from services.registry.db import youths
from services.registry.db.contact_points import best_phone

router = APIRouter(tags=["recipients"], responses=responses(401, 403, 422))
Service = Annotated[Principal, Depends(require(Role.SERVICE))]


@router.post("/recipients")
async def read_recipients(service: Service, parts: TheParts, asked: RecipientsAsked) -> Recipients:
    """Names and addresses of youths who are covered today and not protected; ids not known are left out."""
    async with transaction(parts.pool) as conn:
        today = parts.clock.today()
        rows = await conn.fetch(youths.RECIPIENTS, asked.youth_ids, today)
        phones = await best_phone(
            conn, [row["id"] for row in rows if row["covered"] and not row["protected"]], today
        )
        await audit.record_each(
            conn,
            actor=service.subject,
            role=Role.SERVICE,
            action="youth.read_recipient",
            at=parts.clock.now(),
            about=[(row["id"], None) for row in rows],
            why=asked.purpose,
        )
    return Recipients(items=[_recipient(row, phones.get(row["id"])) for row in rows])


def _recipient(row: asyncpg.Record, phone: str | None) -> Recipient:
    bare = Recipient(
        youth_id=row["id"],
        covered=row["covered"],
        protected=row["protected"],
        birth_year=row["birth_date"].year,
    )
    if row["protected"] or not row["covered"]:
        return bare
    complete = row["street"] and row["postal_code"] and row["city"]
    address = RecipientAddress.model_validate(dict(row)) if complete else None
    name = f"{row['first_name']} {row['last_name']}"
    return bare.model_copy(update={"name": name, "address": address, "phone": phone})
