"""Consents of youths. A consent is never changed, only withdrawn."""

import asyncpg

from contracts.documentation import ConsentPurpose, Party
from services.registry.domain.consents import Consent

# ``parties``: those given to these alone; null: all.
ONE = """
select * from documentation.consents where id = $1 and person_id = $2 and ($3::text[] is null or party = any($3))
"""
OF_YOUTH = """
select * from documentation.consents where person_id = $1 and ($2::text[] is null or party = any($2))
order by given_on, id
"""
LOCK = "select * from documentation.consents where id = $1 and person_id = $2 for no key update"
# Holds rest on these: whoever places or extends one waits for whoever withdraws one, and for each other.
LOCK_ALL = "select * from documentation.consents where person_id = $1 order by id for no key update"
INSERT = """
insert into documentation.consents (
    id, person_id, episode_id, party, purpose, given_by, given_on, until, version, recorded_at, recorded_by
)
values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10)
on conflict (id) do nothing returning *
"""
ANY = "select * from documentation.consents where id = $1"
WITHDRAW = """
update documentation.consents set withdrawn_at = $2, withdrawn_by = $3, version = version + 1
where id = $1 returning *
"""


def consent_of(row: asyncpg.Record) -> Consent:
    """Return a row as the domain sees it."""
    return Consent(
        Party(row["party"]),
        ConsentPurpose(row["purpose"]),
        row["given_on"],
        row["until"],
        row["withdrawn_at"],
    )
