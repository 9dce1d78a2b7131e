"""What staff have asked for, by idempotency key: written down first, so that a repeat is known as one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import audit
from chassis.auth import Principal
from chassis.postgres import Connection
from chassis.problems import Problem
from services.outreach.db import decisions
from services.outreach.domain.access import acting_role


async def asked_before(
    conn: Connection, principal: Principal, youth_id: UUID, key: str, request: Mapping[str, Any]
) -> bool:
    """Return whether the same was asked with this key. Raises 422 when the key was used for something else."""
    row = await conn.fetchrow(decisions.FIND, youth_id, key)
    if row is None:
        return False
    if (row["actor"], row["request"]) != (principal.subject, request):
        raise Problem(
            422,
            "idempotency-key-reused",
            "This Idempotency-Key was used for another request",
            "Use a new key for each decision; the same key only to repeat the same request.",
        )
    return True


async def write_down(
    conn: Connection,
    principal: Principal,
    youth_id: UUID,
    key: str,
    request: Mapping[str, Any],
    *,
    protected: bool,
    at: datetime,
) -> None:
    """Write down what is asked for, with its audit row. ``at`` is civil time."""
    role = acting_role(principal, protected=protected)
    await conn.execute(decisions.ASK, youth_id, key, principal.subject, role, request, at)
    await audit.record(
        conn,
        actor=principal.subject,
        role=role,
        action=f"decision.{request['decision']}",
        at=at,
        youth_id=youth_id,
        subject=request.get("task_id"),
    )


def wrong_kind(kind: str) -> Problem:
    """The outcome is of another kind than the task."""
    errors = [{"field": "body.kind", "reason": f"this task is of the kind {kind}"}]
    return Problem(422, "invalid-request", "The request is not valid", errors=errors)
