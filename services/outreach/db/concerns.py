"""SQL of reports of concern: tasks that no workflow opens or closes."""

OPEN = """
insert into tasks (
    task_id, youth_id, episode_id, kind, task_group, district, protected, attempt, due_on, state, opened_at
) values ($1, $2, $3, 'concern', $4, $5, $6, 1, $7, 'open', $8)
returning *
"""

CLOSE = """
update tasks set state = 'completed', outcome = $2, completed_by = $3, closed_at = $4
where task_id = $1
returning *
"""
