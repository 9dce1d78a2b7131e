"""The outreach policy in force for new youths."""

from fastapi import APIRouter, Depends

from chassis.auth import authenticate
from chassis.problems import responses
from contracts.policy import OutreachPolicy
from services.outreach.api.parts import TheParts

router = APIRouter(tags=["policy"], responses=responses(401))


@router.get("/policy", dependencies=[Depends(authenticate)])
async def read_policy(parts: TheParts) -> OutreachPolicy:
    """The policy that new youths start with, for anybody with a token. Who started earlier keeps the version
    of their journey (`policy_version`)."""
    return parts.policy
