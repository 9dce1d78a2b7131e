"""What outreach has about a youth, for the data-subject export."""

from chassis.subject_data import COMMON, COMMON_EXCEPTIONS, Section

_YOUTH = "t.youth_id = any($1::uuid[])"
_TASKS = "t.task_id in (select task_id from tasks where youth_id = any($1::uuid[]))"

SECTIONS = (
    Section("journeys", "journeys", _YOUTH, "t.registered_on, t.episode_id"),
    Section("transitions", "transitions", _YOUTH, "t.at, t.progress_id"),
    Section("tasks", "tasks", _YOUTH, "t.opened_at, t.task_id"),
    Section("task_history", "task_history", _TASKS, "t.id"),
    # A closure whose task has not come yet is of nobody until it has.
    Section("early_closures", "early_closures", _TASKS, "t.at, t.task_id"),
    Section("decisions", "decisions", _YOUTH, "t.asked_at, t.decision_key"),
    *COMMON,
)
EXCEPTIONS = {
    "staff": "about the staff: who works, where and how much",
    "absences": "about the staff: when somebody is away",
    "reassignments": "about the staff: tasks handed over in bulk, named by owner and district only",
    "policies": "the municipality's rules, the same for everybody",
    **COMMON_EXCEPTIONS,
}
