"""SQL of tasks that no workflow opens, and of the consents that some of them need."""

OPEN = """
insert into tasks (
    task_id, youth_id, episode_id, kind, task_group, district, protected, attempt, due_on, marks, state, opened_at
) values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, 'open', $10)
on conflict do nothing
returning task_id
"""

# A handover to the new municipality stays: the duty of here has ended, and the youth has agreed to it.
CANCEL = """
update tasks set state = 'cancelled', closed_at = $3
where youth_id = $1 and kind = $2 and state in ('open', 'claimed') and not 'moved_out' = any(marks)
returning *
"""

CONSENT_GIVEN = """
insert into handover_consents (consent_id, youth_id, party, given_at) values ($1, $2, $3, $4)
on conflict (consent_id) do update set given_at = excluded.given_at
"""
CONSENT_WITHDRAWN = """
insert into handover_consents (consent_id, youth_id, party, withdrawn_at) values ($1, $2, $3, $4)
on conflict (consent_id) do update set withdrawn_at = excluded.withdrawn_at
"""
HAS_CONSENT = """
select exists (
    select from handover_consents
    where youth_id = $1 and party = $2 and given_at is not null and withdrawn_at is null
)
"""

JOURNEY = "select * from journeys where youth_id = $1 and episode_id = $2"

# With whom work is under way (a conversation planned or support) and who turns twenty no later than the day $2,
# of whom no handover has been planned. The skipped ones are another sweep's.
TURNING_20 = """
select j.* from journeys j
where j.ended_at is null and j.last_covered_day between $1 and $2 and j.step in ('mapping', 'support')
  and not exists (select from tasks t where t.episode_id = j.episode_id and t.kind = 'handover')
order by j.last_covered_day, j.youth_id limit $3 for update of j skip locked
"""
