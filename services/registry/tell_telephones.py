"""Tell when a covered youth has no telephone number left, and when there is one again: that, and not which.

Who has none is not given calls to make, but their number to find. It is the number to try first that counts
(`domain.contact_points.best`), and the youth's own: staff find the guardians' themselves.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis import audit, outbox
from chassis.outbox import OutgoingEvent
from chassis.postgres import Connection
from contracts.telephone import TelephoneChanged
from services.registry.db.contact_points import best_phone
from services.registry.decide_now import By

# Of protected youths nothing is told: nobody calls them.
_TOLD = """
select e.id, e.person_id, e.has_phone from episodes e where e.ended_on is null and not e.protected
"""
TOLD_OF = f"{_TOLD} and e.person_id = any($1::uuid[])"
# Of most there is nothing to weigh: staff have noted no number, and what the register has was told.
IN_DOUBT = f"""
{_TOLD} and (
    e.person_id in (select person_id from documentation.contact_points where kind = 'phone')
    or e.has_phone is distinct from (
        exists (select from persons p where p.id = e.person_id and p.phone is not null)
        or exists (
            select from person_numbers n join enrolments s on s.person_number = n.number
            where n.person_id = e.person_id and s.phone is not null
        )
    )
)
"""  # noqa: S608 - a constant
NOTE = "update episodes set has_phone = not has_phone where id = any($1::uuid[])"
YOUTHS_AT_A_TIME = 5_000
REGISTRY = By("registry", "service")


async def tell_telephones(
    conn: Connection, at: datetime, youth_ids: Sequence[UUID] | None = None, by: By = REGISTRY
) -> int:
    """Tell of those youths (None: all covered) for whom it is another than was told; return how many.

    In the caller's transaction, after the registrations are told. ``at`` is civil time.
    """
    told = await (conn.fetch(IN_DOUBT) if youth_ids is None else conn.fetch(TOLD_OF, youth_ids))
    changed = []
    for first in range(0, len(told), YOUTHS_AT_A_TIME):
        rows = told[first : first + YOUTHS_AT_A_TIME]
        phones = await best_phone(conn, [row["person_id"] for row in rows], at.date())
        changed += [row for row in rows if row["has_phone"] != (row["person_id"] in phones)]
    if not changed:
        return 0
    await conn.execute(NOTE, [row["id"] for row in changed])
    await outbox.put_many(conn, [_event(row["person_id"], row["id"], not row["has_phone"], at) for row in changed])
    about = [(row["person_id"], str(row["id"])) for row in changed]
    await audit.record_each(conn, actor=by.actor, role=by.role, action="telephone.tell", at=at, about=about)
    return len(changed)


def _event(youth_id: UUID, episode_id: UUID, has_phone: bool, at: datetime) -> OutgoingEvent:
    data = TelephoneChanged(youth_id=youth_id, episode_id=episode_id, has_phone=has_phone)
    return OutgoingEvent(data.topic, youth_id, data.type, data, at)
