"""Deleting persons: every table of the registry, in the order of the references.

`tests/integration/gallring` searches all tables of all services for what is left.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from chassis.forgetting import count
from chassis.postgres import Connection
from services.registry.db.school_reports import LEAVE_LATENESS

# $1 is the ids of the persons in each statement.
_MINE = "person_id = any($1::uuid[])"
_NUMBERS = f"in (select number from person_numbers where {_MINE})"  # noqa: S608 - constants, as all below
_PLANS = f"plan_id in (select id from documentation.plans where {_MINE})"  # noqa: S608
DOCUMENTATION: Mapping[str, str] = {
    "documentation.plan_follow_ups": _PLANS,
    "documentation.plan_efforts": _PLANS,
    "documentation.plans": _MINE,
    "documentation.holds": _MINE,
    "documentation.consents": _MINE,
    "documentation.contact_points": _MINE,
    "documentation.guardians": _MINE,
}
# A report that was put right by one of theirs goes with it: both say the same of one event.
_REPORTS = f"""id in (
    with recursive theirs as (
        select id from school_reports where {_MINE}
        union
        select r.id from school_reports r join theirs t on r.superseded_by = t.id
    )
    select id from theirs
)"""  # noqa: S608
_STAGED = f"person_number {_NUMBERS}"
REGISTER: Mapping[str, str] = {
    "measures": _MINE,
    "occupations": _MINE,
    "waiting_school_reports": _STAGED,
    "school_reports": _REPORTS,
    "staging_population": f"{_STAGED} or previous_person_number {_NUMBERS}",
    "staging_placements": _STAGED,
    "staging_schools": _STAGED,
    "staging_exams": _STAGED,
    "staging_rejected": _STAGED,
    "staging_ss12000": _STAGED,
    "ss12000_rejects": f"entity_id in (select entity_id from ss12000_rows where {_STAGED})",  # noqa: S608
    "ss12000_rows": _STAGED,
    "enrolments": _STAGED,
    "exams": _STAGED,
    "enrolment_denials": _STAGED,
    "manual_entries": _STAGED,
    "population_statements": _MINE,
    "navet_persons": _MINE,
    "conflicts": _MINE,
    "person_merges": f"{_MINE} or into_id = any($1::uuid[])",
    "episodes": _MINE,
    "person_numbers": _MINE,
    "persons": "id = any($1::uuid[])",
}
EPISODES = f"""
select person_id, array_agg(id order by registered_on, id) as ids from episodes where {_MINE} group by person_id
"""  # noqa: S608 - constants
OF_NOBODY = """
update coverage_periods c set person_id = f.fresh
from unnest($1::uuid[], $2::uuid[]) as f (person_id, fresh) where c.person_id = f.person_id
"""


async def delete(
    conn: Connection, tables: Mapping[str, str], person_ids: Sequence[UUID], counts: dict[str, int]
) -> None:
    """Delete what ``tables`` hold of persons, and add to the counts."""
    for table, of_them in tables.items():
        done = count(await conn.execute(f"delete from {table} where {of_them}", person_ids))  # noqa: S608
        counts[table] = counts.get(table, 0) + done


async def leave_periods_of_nobody(conn: Connection, person_ids: Sequence[UUID], counts: dict[str, int]) -> None:
    """Give the periods of each person one random id: totals stay the same, and nobody is behind them."""
    done = count(await conn.execute(OF_NOBODY, person_ids, [uuid4() for _ in person_ids]))
    counts["coverage_periods_of_nobody"] = counts.get("coverage_periods_of_nobody", 0) + done


async def leave_lateness_of_nobody(conn: Connection, person_ids: Sequence[UUID], counts: dict[str, int]) -> None:
    """Count by school, kind and month how late the reports came that are about to be deleted."""
    done = count(await conn.execute(LEAVE_LATENESS, person_ids))
    counts["lateness_of_nobody"] = counts.get("lateness_of_nobody", 0) + done
