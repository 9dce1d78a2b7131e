"""What outreach has about a youth, for the data-subject export."""

from chassis.subject_data import COMMON, COMMON_EXCEPTIONS, Section

_YOUTH = "t.youth_id = any($1::uuid[])"
_TASKS = "t.task_id in (select task_id from tasks where youth_id = any($1::uuid[]))"

SECTIONS = (
    Section("journeys", "journeys", _YOUTH, "t.registered_on, t.episode_id"),
    Section("transitions", "transitions", _YOUTH, "t.at, t.progress_id"),
    Section("tasks", "tasks", _YOUTH, "t.opened_at, t.task_id"),
    Section("task_history", "task_history", _TASKS, "t.id"),
    Section("visits", "visits", _YOUTH, "t.starts_at, t.task_id"),
    Section(
        "calendar",
        "calendar",
        _YOUTH,
        "t.during, t.staff_id",
        without=("during",),
        plus="jsonb_build_object('starts_at', lower(t.during), 'ends_at', upper(t.during))",
    ),
    # A closure whose task has not come yet is of nobody until it has.
    Section("early_closures", "early_closures", _TASKS, "t.at, t.task_id"),
    Section("decisions", "decisions", _YOUTH, "t.asked_at, t.decision_key"),
    Section("handover_consents", "handover_consents", _YOUTH, "t.given_at, t.consent_id"),
    Section("wave_youths", "wave_youths", _YOUTH, "t.handed_over_at, t.wave_id"),
    *COMMON,
)
EXCEPTIONS = {
    "waves": "a mailing as a whole: for which districts, how fast, who approved it",
    "staff": "about the staff: who works, where and how much",
    "absences": "about the staff: when somebody is away",
    "reassignments": "about the staff: tasks handed over in bulk, named by owner and district only",
    "policies": "the municipality's rules, the same for everybody",
    **COMMON_EXCEPTIONS,
}
