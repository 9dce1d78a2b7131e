"""Merging two persons by hand, and taking it back, in SQL. The same effects as a merge in a run."""

from datetime import datetime
from uuid import UUID

import asyncpg

from chassis.postgres import Connection

# Also persons that are merged into another, whom no other query of the API shows.
PERSONS = """
select id, district, protection, protection <> 'none' as protected, merged_into from persons
where id = any($1::uuid[]) for update
"""
LAST_MERGE = """
select id, into_id, numbers, known_from, split_at, merge_reason, split_reason, kept_rows from person_merges
where person_id = $1 order by id desc limit 1
"""
# Merges into the same person later on took over that person's own numbers only; a merge of that person did more.
MERGED_ON = "select into_id from person_merges where person_id = $1 and id > $2 and split_at is null limit 1"

NOTE = """
insert into person_merges (person_id, into_id, numbers, known_from, merged_by, merge_reason)
select $1, $2, coalesce(array_agg(number order by number), '{}'), $3, $4, $5
from person_numbers where person_id = $1
returning id
"""
MOVE_NUMBERS = "update person_numbers set person_id = $2, current = false where person_id = $1"
# The stronger marking counts for the one person that they are; of skyddad folkbokföring no address may exist.
STRONGER = "array_position(array['none', 'sekretessmarkering', 'skyddad_folkbokforing'], %s.protection)"
CARRY_PROTECTION = f"""
update persons p set protection = other.protection from persons other
where p.id = $2 and other.id = $1 and {STRONGER % "p"} < {STRONGER % "other"}
"""  # noqa: S608 - constants
FORGET_ADDRESS = """
update persons set care_of = null, street = null, postal_code = null, city = null, district = null
where id = $1 and protection = 'skyddad_folkbokforing'
"""
FORGET_HOME_ADDRESS = """
delete from navet_persons n using persons p
where n.person_id = $1 and p.id = n.person_id and p.protection = 'skyddad_folkbokforing'
"""
# The next run decides for both, whatever else it brings.
MARK_MERGED = """
update persons set merged_into = $2, line = null, next_look_on = null where id = $1
"""
LOOK_AGAIN = "update persons set next_look_on = null where id = $1"
KEPT_ROWS = "update person_merges set kept_rows = $2 where id = $1"

# Numbers that have gone on to somebody else since stay there.
GIVE_BACK = """
update person_numbers n set person_id = $1 where n.person_id = $2 and n.number = any($3::text[])
"""
# A merge leaves one number in force for both. The next extract says which one is for either.
ONE_IN_FORCE = """
update person_numbers n set current = n.number = (
    select number from person_numbers where person_id = n.person_id order by current desc, since desc, number desc limit 1
)
where n.person_id = any($1::uuid[])
"""  # noqa: E501
# Either line of the extract is read anew: it may have stood for the other person meanwhile.
MARK_SPLIT = """
update persons set merged_into = case when id = $1 then null else merged_into end, line = null, next_look_on = null
where id in ($1, $2)
"""
NOTE_SPLIT = "update person_merges set split_at = $2, split_by = $3, split_reason = $4 where id = $1"


async def merge(conn: Connection, one: UUID, into: UUID, at: datetime, by: str, reason: str) -> int:
    """Let ``one`` be known as ``into`` from ``at``; return the id of the merge."""
    merge_id: int = await conn.fetchval(NOTE, one, into, at, by, reason)
    await conn.execute(CARRY_PROTECTION, one, into)
    await conn.execute(FORGET_ADDRESS, into)
    await conn.execute(FORGET_HOME_ADDRESS, into)
    await conn.execute(MOVE_NUMBERS, one, into)
    await conn.execute(MARK_MERGED, one, into)
    await conn.execute(LOOK_AGAIN, into)
    await conn.execute(ONE_IN_FORCE, [into])
    return merge_id


async def split(conn: Connection, one: UUID, last: asyncpg.Record, at: datetime, by: str, reason: str) -> None:
    """Take a merge back from ``at``. ``last`` is its row (`LAST_MERGE`)."""
    await conn.execute(GIVE_BACK, one, last["into_id"], last["numbers"])
    await conn.execute(ONE_IN_FORCE, [one, last["into_id"]])
    await conn.execute(MARK_SPLIT, one, last["into_id"])
    await conn.execute(NOTE_SPLIT, last["id"], at, by, reason)
