"""Holds of youths: outreach waits."""

import asyncpg

from contracts.documentation import HoldEndReason
from services.registry.domain.holds import Hold

_VIEW = """
select h.*, c.party from documentation.holds h join documentation.consents c on c.id = h.consent_id
"""
# Those that these parties have asked for alone; null: all.
ONE = f"{_VIEW} where h.id = $1 and h.person_id = $2 and ($3::text[] is null or c.party = any($3))"
OF_YOUTH = f"""
{_VIEW} where h.person_id = $1 and ($2::text[] is null or c.party = any($2)) order by h.placed_on, h.id
"""
ANY = f"{_VIEW} where h.id = $1"
LOCK = "select * from documentation.holds where id = $1 and person_id = $2 for no key update"
ACTIVE = "select id from documentation.holds where person_id = $1 and ended_at is null and until >= $2"
INSERT = """
insert into documentation.holds (
    id, person_id, episode_id, consent_id, placed_on, asked_until, until, version, recorded_at, recorded_by
)
values ($1, $2, $3, $4, $5, $6, $6, 1, $7, $8)
on conflict (id) do nothing returning *
"""
EXTEND = """
update documentation.holds set until = $2, version = version + 1, changed_at = $3, changed_by = $4
where id = $1 returning *
"""
END = """
update documentation.holds set ended_at = $2, end_reason = $3, version = version + 1, changed_at = $2,
    changed_by = $4
where id = $1 returning *
"""
END_OF_CONSENT = """
update documentation.holds set ended_at = $2, end_reason = 'consent_withdrawn', version = version + 1,
    changed_at = $2, changed_by = $4
where consent_id = $1 and ended_at is null and until >= $3 returning *
"""


def hold_of(row: asyncpg.Record) -> Hold:
    """Return a row as the domain sees it."""
    reason = row["end_reason"]
    return Hold(row["placed_on"], row["until"], row["ended_at"], None if reason is None else HoldEndReason(reason))
