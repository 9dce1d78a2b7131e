"""An operator in the tests, and the trail they leave."""

from uuid import UUID

import asyncpg

from contracts.roles import Role
from services.outreach.operations.acting import Operator

OVE = Operator("ove", Role.OPERATOR)


async def audited(pool: asyncpg.Pool, action: str) -> list[tuple[str, str, UUID, str]]:
    """Return who did something in which role, to whom and why, as the audit has it."""
    rows = await pool.fetch("select * from audit where action = $1 order by youth_id", action)
    return [(row["actor"], row["role"], row["youth_id"], row["why"]) for row in rows]
