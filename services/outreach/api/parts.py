"""What the routes work with, and the parameters that several share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import asyncpg
from fastapi import Depends, Header, Query, Request
from pydantic import StringConstraints

from chassis.clock import CivilClock
from chassis.problems import Problem
from services.outreach.claims import Claims
from services.outreach.concerns import Concerns
from services.outreach.consumers import Group
from services.outreach.decisions import Decisions
from services.outreach.intake_start import IntakeStart
from services.outreach.planning import Planning
from services.outreach.policy_versions import Policies
from services.outreach.waves import Waves


@dataclass(frozen=True, slots=True)
class Parts:
    """The built parts of the process, in ``app.state.parts``."""

    pool: asyncpg.Pool
    clock: CivilClock
    policies: Policies
    claims: Claims
    decisions: Decisions
    concerns: Concerns
    groups: Mapping[str, Group]
    planning: Planning
    intake_start: IntakeStart
    waves: Waves


async def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def idempotency_key(
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Yours, new and random for each decision (a UUID is right), the same when you repeat it. "
            "8-100 of A-Z a-z 0-9 . _ : - and nothing about a person: it is stored readable.",
        ),
    ] = None,
) -> str:
    """Return the caller's key. Raises a 400 Problem when it is missing or not fit to be an id."""
    if key is None:
        raise Problem(
            400,
            "idempotency-key-missing",
            "The header Idempotency-Key is missing",
            "Send a new random one, such as a UUID, with each decision; the same one when you repeat it.",
        )
    if not _fits(key):
        raise Problem(
            400,
            "idempotency-key-invalid",
            "The header Idempotency-Key is not valid",
            "Use 8 to 100 of the characters A-Z a-z 0-9 . _ : - (a UUID is right).",
        )
    return key


def _fits(key: str) -> bool:
    return 8 <= len(key) <= 100 and key.isascii() and all(char.isalnum() or char in "._:-" for char in key)


NO_NUL = r"^[^\x00]*$"  # PostgreSQL's text cannot hold it
DISTRICT_CODE = r"^[a-z0-9-]{1,40}$"
DistrictCode = Annotated[str, StringConstraints(pattern=DISTRICT_CODE)]
District = Annotated[str | None, Query(pattern=DISTRICT_CODE, description="Code of the district")]
TheParts = Annotated[Parts, Depends(parts_of)]
Key = Annotated[str, Depends(idempotency_key)]
