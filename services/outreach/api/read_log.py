"""Every look at somebody with protected identity is on record."""

from collections.abc import Iterable
from uuid import UUID

from chassis import audit
from chassis.auth import Principal
from chassis.postgres import transaction
from services.outreach.api.parts import Parts
from services.outreach.domain.access import acting_role


async def note_reads(
    parts: Parts, principal: Principal, action: str, protected: Iterable[tuple[UUID, UUID]]
) -> None:
    """Write an audit row for each (youth id, id of what was read) that is protected."""
    about = [(youth_id, str(subject)) for youth_id, subject in protected]
    if about:
        async with transaction(parts.pool) as conn:
            await audit.record_each(
                conn,
                actor=principal.subject,
                role=acting_role(principal, protected=True),
                action=action,
                at=parts.clock.now(),
                about=about,
            )
