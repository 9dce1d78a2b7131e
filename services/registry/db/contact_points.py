"""Contact points: what staff keep, beside what the register says."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from chassis.postgres import Connection
from services.registry.db.kept import Table
from services.registry.domain.contact_points import Phone, best

CONTACT_POINTS = Table(
    "documentation.contact_points",
    (
        "guardian_id", "kind", "value", "source", "valid_from", "valid_until", "answered_at", "wrong_number_on",
    ),
)  # fmt: skip

# A guardian's end with guardianship: $2 says whether the youth is under 18.
LIST = """
select * from documentation.contact_points
where person_id = $1 and ($2::boolean or guardian_id is null)
order by guardian_id nulls first, kind, valid_from desc, id
"""
GET = """
select * from documentation.contact_points
where person_id = $1 and id = $2 and ($3::boolean or guardian_id is null)
"""
# What the feeds say, in the order in which it is tried: the population register, then the newest school.
IN_REGISTER = """
select person_id, kind, value, source from (
    select id as person_id, 'phone' as kind, phone as value, 'population_register' as source, null::date as since
    from persons where id = any($1::uuid[])
    union all
    select id, 'email', email, 'population_register', null from persons where id = any($1::uuid[])
    union all
    select n.person_id, 'phone', e.phone, 'school', e.starts_on
    from person_numbers n join enrolments e on e.person_number = n.number where n.person_id = any($1::uuid[])
    union all
    select n.person_id, 'email', e.email, 'school', e.starts_on
    from person_numbers n join enrolments e on e.person_number = n.number where n.person_id = any($1::uuid[])
) c
where value is not null
order by person_id, kind, since desc nulls first, value
"""
NOTED_PHONES = """
select person_id, value, valid_from, valid_until, answered_at, wrong_number_on
from documentation.contact_points
where person_id = any($1::uuid[]) and kind = 'phone' and guardian_id is null
order by person_id, recorded_at desc, id
"""


async def in_register(conn: Connection, youth_id: UUID) -> list[asyncpg.Record]:
    """Return kind, value and source of what the register has of a youth, each value once per kind."""
    rows = await conn.fetch(IN_REGISTER, [youth_id])
    found: dict[tuple[str, str], asyncpg.Record] = {}
    for row in rows:
        found.setdefault((row["kind"], row["value"]), row)
    return list(found.values())


async def best_phone(conn: Connection, youth_ids: Sequence[UUID], day: date) -> dict[UUID, str]:
    """Return the number (E.164) to try first for each youth who has a usable one of their own."""
    phones: dict[UUID, list[Phone]] = defaultdict(list)
    for row in await conn.fetch(NOTED_PHONES, youth_ids):
        phones[row["person_id"]].append(noted_phone(row))
    for row in await conn.fetch(IN_REGISTER, youth_ids):
        if row["kind"] == "phone":
            phones[row["person_id"]].append(Phone(row["value"]))
    found = {youth_id: best(some, day) for youth_id, some in phones.items()}
    return {youth_id: value for youth_id, value in found.items() if value is not None}


def noted_phone(row: asyncpg.Record) -> Phone:
    return Phone(row["value"], row["valid_from"], row["valid_until"], row["answered_at"], row["wrong_number_on"])
