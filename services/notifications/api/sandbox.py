"""A youth's SMS without a phone: for the local stack and tests, with the sandbox provider only."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from chassis.access import public
from chassis.postgres import transaction
from chassis.problems import responses
from services.notifications import answers
from services.notifications.api.deps import Clock, Pool
from services.notifications.sender import E164

router = APIRouter(
    prefix="/sandbox", tags=["sandbox"], dependencies=[public("in the environments local and test only")]
)


class InboundSms(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    sender: Annotated[str, Field(alias="from", pattern=E164)]
    body: Annotated[str, Field(max_length=1600)]


class InboundTaken(BaseModel):
    matched: bool = Field(description="Whether the number or a code in it told whose it is")


@router.post("/inbound-sms", responses=responses(422))
async def inbound_sms(sms: InboundSms, pool: Pool, clock: Clock) -> InboundTaken:
    """Answer as if by SMS."""
    async with transaction(pool) as conn:
        matched = await answers.receive_sms(conn, f"sandbox-{uuid4()}", sms.sender, sms.body, clock.now())
    return InboundTaken(matched=matched)
