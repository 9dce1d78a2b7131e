"""Everything that happened in the registry about one youth, put together from small parts.

A part is a select with these columns, of the person ``$1``; ``$2`` says whether the youth is under 18
(of an older one nothing of guardians is told):

- ``at`` timestamptz: when it happened to us, by which the timeline is ordered
- ``kind`` text, ``id`` text: what happened to which row (opaque); no two rows of all parts share ``at, kind, id``
- ``held_on`` date: the day it speaks of, null when that is ``at``
- ``actor`` text: staff id, or who else; null for the nightly run
- ``details`` jsonb: codes and dates, never names, numbers or free text

Whoever adds a table adds its parts here.
"""

from services.registry.db import timeline_measures

EPISODES = (
    """
    select r.started_at as at, 'registered' as kind, e.id::text as id, e.registered_on as held_on,
        null as actor, jsonb_build_object('reason', e.reason, 'tracks', e.tracks) as details
    from episodes e join sync_runs r on r.run_id = e.opened_by where e.person_id = $1
    """,
    """
    select coalesce(e.ended_at, r.started_at), 'duty_ended', e.id::text, e.ended_on, null,
        jsonb_build_object('reason', e.end_reason)
    from episodes e left join sync_runs r on r.run_id = e.ended_by
    where e.person_id = $1 and e.ended_on is not null
    """,
)
# A mark of a wrong number has a day and no hour: it stands at the beginning of the day.
CONTACT_POINTS = (
    """
    select recorded_at, 'contact_point_recorded', id::text, valid_from, recorded_by, jsonb_build_object(
        'kind', kind, 'source', source, 'owner', case when guardian_id is null then 'youth' else 'guardian' end)
    from documentation.contact_points where person_id = $1 and ($2::boolean or guardian_id is null)
    """,
    """
    select answered_at, 'contact_point_answered', id::text, null, null, jsonb_build_object('kind', kind)
    from documentation.contact_points
    where person_id = $1 and ($2::boolean or guardian_id is null) and answered_at is not null
    """,
    """
    select wrong_number_on::timestamp at time zone 'Europe/Stockholm', 'contact_point_wrong', id::text,
        wrong_number_on, null, jsonb_build_object('kind', kind)
    from documentation.contact_points
    where person_id = $1 and ($2::boolean or guardian_id is null) and wrong_number_on is not null
    """,
)
GUARDIANS = (
    """
    select recorded_at, 'guardian_recorded', id::text, valid_from, recorded_by,
        jsonb_build_object('relation', relation, 'source', source)
    from documentation.guardians where person_id = $1 and $2::boolean
    """,
)
OCCUPATION = (
    """
    select recorded_at, 'occupation_recorded', id::text, known_on, recorded_by, jsonb_build_object(
        'code', code, 'starts_on', starts_on, 'ends_on', ends_on, 'knowledge_source', knowledge_source,
        'withdrawn_on', withdrawn_on)
    from occupations where person_id = $1
    """,
)
MANUAL_ENTRIES = (
    """
    select m.recorded_at, 'manual_entry_recorded', m.id::text, m.known_on, m.recorded_by, jsonb_build_object(
        'fact', m.fact, 'reason', m.reason, 'told_by', m.told_by)
    from manual_entries m join person_numbers n on n.number = m.person_number where n.person_id = $1
    """,
    """
    select m.withdrawn_at, 'manual_entry_withdrawn', m.id::text, null, m.withdrawn_by, jsonb_build_object(
        'fact', m.fact, 'reason', m.withdrawn_why)
    from manual_entries m join person_numbers n on n.number = m.person_number
    where n.person_id = $1 and m.withdrawn_at is not null
    """,
)
# What leaves no row of its own: the audit knows of it. Each row of the audit is an entry of its own.
CHANGES = (
    """
    select a.at, replace(a.action, '.', '_') || 'd', coalesce(a.subject, '') || '/' || a.id, null, a.actor,
        jsonb_build_object('subject', a.subject)
    from audit a where a.youth_id = $1 and (
        a.action in ('occupation.change', 'manual_entry.change')
        or a.action = 'guardian.change' and $2::boolean
        or a.action = 'contact_point.change' and exists (
            select from documentation.contact_points c
            where c.id::text = a.subject and ($2::boolean or c.guardian_id is null)
        )
    )
    """,
    """
    select a.at, 'protection_lifted', a.id::text, null, a.actor, '{}'::jsonb
    from audit a where a.youth_id = $1 and a.action = 'youth.lift_protection'
    """,
)
PARTS: tuple[str, ...] = (
    *EPISODES, *CONTACT_POINTS, *GUARDIANS, *OCCUPATION, *MANUAL_ENTRIES, *CHANGES, *timeline_measures.PARTS,
)  # fmt: skip

# $3, $4, $5: the key of the last entry seen; $6 how many.
PAGE = f"""
select * from (
{"    union all".join(PARTS)}
) t
where $3::timestamptz is null or (t.at, t.kind, t.id) < ($3, $4::text, $5::text)
order by t.at desc, t.kind desc, t.id desc limit $6
"""  # noqa: S608 - constants
