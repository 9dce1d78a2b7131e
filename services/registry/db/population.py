"""Matching the population register: set-wise, number by number, without ever losing who somebody is.

A person is found by their number or by the number that it replaced. When both lead to persons, they
are one: the older history stays, and the other person is marked as merged into it.

Only what is told anew is staged: lines of the extract that are new, and changes (which have no line). Who is
not mentioned stands as before, unless the line that told of them is gone.
"""

from datetime import date, datetime
from uuid import UUID

from chassis.postgres import Connection
from services.registry.db import bulk, merges

# Each staged row with the persons that its numbers lead to.
MATCH = """
create temporary table matched on commit drop as
select s.row, s.line, s.status, s.moved_in_on, s.person_number, s.previous_person_number,
    coalesce(earlier.person_id, known.person_id) as person_id,
    case when earlier.person_id <> known.person_id then known.person_id end as duplicate_id
from staging_population s
left join person_numbers known on known.number = s.person_number
left join person_numbers earlier on earlier.number = s.previous_person_number
where s.run_id = $1
"""
# Whom a person has found to be two are not made one again because a file still says so: each keeps the number
# that they have (docs/sources/precedence.md).
KEEP_SPLIT = """
update matched m set person_id = m.duplicate_id, duplicate_id = null, previous_person_number = null
from person_merges p
where m.duplicate_id is not null and p.split_at is not null
    and p.person_id in (m.person_id, m.duplicate_id) and p.into_id in (m.person_id, m.duplicate_id)
"""
# Two rows of one file that turn out to be one person: the row with the newer number stands.
DROP_DOUBLES = """
with doubles as (
    select row, row_number() over (partition by person_id order by previous_person_number is null, row) as n
    from matched where person_id is not null
)
delete from matched using doubles where matched.row = doubles.row and doubles.n > 1 returning matched.row
"""
# The same, when the other row is a line that stands since an earlier run.
DROP_STANDING = """
delete from matched using persons p
where p.id = matched.person_id and matched.line is not null and p.line is not null
    and matched.previous_person_number is null
    and p.line not in (select line from staging_removed where run_id = $1 and source = 'population')
returning matched.row
"""
# A change of somebody whom the extract has lost brings them back only when it tells that they came back.
DROP_LOST = """
delete from matched using persons p
where p.id = matched.person_id and p.absent_since is not null and matched.line is null
    and matched.status = 'active' and matched.moved_in_on is not distinct from p.moved_in_on
"""
REJECT_DOUBLES = """
insert into rejects (run_id, source, row, field, reason, kept)
select $1, 'population', row, null, 'duplicate_person', false from unnest($2::int[]) as row
"""
# For who is looked at because of it (db/conflicts.py).
TWO_LINES = "create temporary table if not exists two_lines (person_id uuid not null) on commit drop"
NOTE_DOUBLES = """
insert into two_lines select n.person_id
from staging_population s join person_numbers n on n.number in (s.person_number, s.previous_person_number)
where s.run_id = $1 and s.row = any($2::int[])
"""
COUNT_DOUBLES = """
update source_loads set rejected = rejected + $2, accepted = accepted - $2
where run_id = $1 and source = 'population'
"""
NEW_IDS = "update matched set person_id = gen_random_uuid() where person_id is null"
# What is said anew of where somebody lives; kept aside until the person is written.
SAID = """
create temporary table said on commit drop as
select m.person_id, s.municipality, s.district, s.status, s.status_date, s.immigrated_on, s.moved_in_on,
    m.line is null as from_navet
from matched m
join staging_population s on s.run_id = $1 and s.row = m.row
left join persons p on p.id = m.person_id
where p.id is null or p.absent_since is not null
    or (p.municipality, p.district, p.status, p.status_date, p.immigrated_on, p.moved_in_on) is distinct from
        (s.municipality, s.district, s.status, s.status_date, s.immigrated_on, s.moved_in_on)
"""
# Of who has skyddad folkbokföring no address may exist, also when another source does not know of it yet.
_ADDRESSES = ", ".join(
    f"{name} = case when p.protection = 'skyddad_folkbokforing' then null else excluded.{name} end"
    for name in ("care_of", "street", "postal_code", "city", "district")
)
WRITE_PERSONS = f"""
insert into persons as p (
    id, birth_date, sex, first_name, last_name, care_of, street, postal_code, city, phone, email, district,
    municipality, status, status_date, protection, protection_in_feed, immigrated_on, moved_in_on, file_date,
    first_seen_at, line
)
select m.person_id, s.birth_date, s.sex, s.first_name, s.last_name, s.care_of, s.street, s.postal_code, s.city,
    s.phone, s.email, s.district, s.municipality, s.status, s.status_date, s.protection, s.protection <> 'none',
    s.immigrated_on, s.moved_in_on, $2, $3, s.line
from matched m join staging_population s on s.run_id = $1 and s.row = m.row
on conflict (id) do update set
    birth_date = excluded.birth_date, sex = excluded.sex, first_name = excluded.first_name,
    last_name = excluded.last_name, {_ADDRESSES}, phone = excluded.phone, email = excluded.email,
    municipality = excluded.municipality, status = excluded.status,
    status_date = excluded.status_date,
    protection = case
        when excluded.protection = 'none' or p.protection = 'skyddad_folkbokforing' then p.protection
        else excluded.protection
    end,
    protection_in_feed = excluded.protection_in_feed,
    immigrated_on = excluded.immigrated_on, moved_in_on = excluded.moved_in_on, file_date = excluded.file_date,
    absent_since = null, line = coalesce(excluded.line, p.line)
"""  # noqa: S608 - constants
WRITE_SAID = """
insert into population_statements (person_id, file_date, municipality, district, status, status_date,
    immigrated_on, moved_in_on, absent, known_from, from_navet)
select person_id, $1, municipality, district, status, status_date, immigrated_on, moved_in_on, false, $2,
    from_navet
from said
"""
WRITE_NUMBERS = """
insert into person_numbers as n (number, person_id, current, since)
select person_number, person_id, true, $1::date from matched
union
select m.previous_person_number, m.person_id, false, $1::date from matched m
where m.previous_person_number is not null
    and not exists (select from matched other where other.person_number = m.previous_person_number)
on conflict (number) do update set person_id = excluded.person_id, current = excluded.current
where (n.person_id, n.current) is distinct from (excluded.person_id, excluded.current)
"""
ONE_CURRENT_NUMBER = """
update person_numbers n set current = false from matched m
where n.person_id = m.person_id and n.current and n.number <> m.person_number
"""
DUPLICATES = "select exists (select from matched where duplicate_id is not null)"
NOTE_MERGES = """
insert into person_merges (person_id, into_id, numbers, known_from)
select m.duplicate_id, m.person_id, array_agg(n.number order by n.number), $1
from matched m join person_numbers n on n.person_id = m.duplicate_id group by m.duplicate_id, m.person_id
"""
MOVE_NUMBERS = """
update person_numbers n set person_id = m.person_id from matched m
where n.person_id = m.duplicate_id and m.duplicate_id is not null
"""
# The older person takes over the marking: it is lifted by a person only, and a merge is not one.
CARRY_PROTECTION = """
update persons p set protection = other.protection
from matched m join persons other on other.id = m.duplicate_id
where p.id = m.person_id and p.protection = 'none' and other.protection <> 'none'
"""
MARK_MERGED = """
update persons p set merged_into = m.person_id, line = null from matched m where p.id = m.duplicate_id
returning p.id
"""
# Whom it may concern, asked before they are written. Another name, street or district changes nothing for whom
# the duty does not hold: they need not be decided anew.
AFFECTED = """
insert into affected
select m.person_id
from matched m
join staging_population s on s.run_id = $1 and s.row = m.row
left join persons p on p.id = m.person_id
where p.id is null or p.absent_since is not null or m.previous_person_number is not null
    or (p.birth_date, p.municipality, p.status, p.status_date, p.immigrated_on, p.moved_in_on) is distinct from
        (s.birth_date, s.municipality, s.status, s.status_date, s.immigrated_on, s.moved_in_on)
    or p.protection <> 'none' or s.protection <> 'none'
    or exists (select from coverage_periods c where c.person_id = p.id and c.known_until is null)
    or exists (select from episodes e where e.person_id = p.id and e.ended_on is null)
union all select duplicate_id from matched where duplicate_id is not null
"""
NOT_IN_FILE = """
select p.id from persons p
where p.absent_since is null and p.merged_into is null
    and case
        when p.line is null then p.file_date < $2
        else p.line in (select line from staging_removed where run_id = $1 and source = 'population')
    end
    and not exists (select from matched m where m.person_id = p.id)
    and not exists (
        select from staging_rejected r join person_numbers n on n.number = r.person_number
        where r.run_id = $1 and r.source = 'population' and n.person_id = p.id
    )
"""
MARK_ABSENT = f"""
with gone as (
    update persons set absent_since = $2, line = null where id in ({NOT_IN_FILE}) returning *
), said as (
    insert into population_statements (person_id, file_date, municipality, district, status, status_date,
        immigrated_on, moved_in_on, absent, known_from)
    select id, $2, municipality, district, status, status_date, immigrated_on, moved_in_on, true, $3 from gone
)
insert into affected select id from gone
"""  # noqa: S608 - a constant


async def match(conn: Connection, run_id: UUID, file_date: date, known_from: datetime) -> None:
    """Bring persons and their numbers up to the run's population file, in the caller's transaction.

    Adds whom it concerns to the temporary table ``affected``.
    """
    await bulk.execute(conn, "drop table if exists matched, said")
    await bulk.execute(conn, TWO_LINES)
    await bulk.execute(conn, MATCH, run_id)
    await bulk.execute(conn, "analyze matched")
    await bulk.execute(conn, KEEP_SPLIT)
    doubles = [row["row"] for row in await bulk.fetch(conn, DROP_DOUBLES)]
    doubles += [row["row"] for row in await bulk.fetch(conn, DROP_STANDING, run_id)]
    if doubles:
        await bulk.execute(conn, REJECT_DOUBLES, run_id, doubles)
        await bulk.execute(conn, COUNT_DOUBLES, run_id, len(doubles))
        await bulk.execute(conn, NOTE_DOUBLES, run_id, doubles)
    await bulk.execute(conn, DROP_LOST)
    await bulk.execute(conn, NEW_IDS)
    await bulk.execute(conn, "create unique index on matched (person_id)")
    await bulk.execute(conn, "analyze matched")
    await bulk.execute(conn, AFFECTED, run_id)
    await bulk.execute(conn, SAID, run_id)
    await bulk.execute(conn, WRITE_PERSONS, run_id, file_date, known_from)
    await bulk.execute(conn, WRITE_SAID, file_date, known_from)
    merges_any = await conn.fetchval(DUPLICATES)
    if merges_any:
        await bulk.execute(conn, NOTE_MERGES, known_from)
        await bulk.execute(conn, MOVE_NUMBERS)
    await bulk.execute(conn, WRITE_NUMBERS, file_date)
    await bulk.execute(conn, ONE_CURRENT_NUMBER)
    if merges_any:
        await bulk.execute(conn, CARRY_PROTECTION)
        await merges.move_kept(conn, [row["id"] for row in await bulk.fetch(conn, MARK_MERGED)])


async def mark_absent(conn: Connection, run_id: UUID, file_date: date, known_from: datetime) -> None:
    """A whole file lacks persons that we have: they have left the municipality's extract."""
    await bulk.execute(conn, MARK_ABSENT, run_id, file_date, known_from)


async def not_in_file(conn: Connection, run_id: UUID, file_date: date | None) -> list[UUID]:
    """Return the persons whom a file lacks that is not to be believed (or is not there at all)."""
    return [row["id"] for row in await bulk.fetch(conn, NOT_IN_FILE, run_id, file_date)]
