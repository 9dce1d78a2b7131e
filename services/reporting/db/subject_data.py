"""What reporting has about a youth, for the data-subject export: facts without a name."""

from chassis.subject_data import COMMON, COMMON_EXCEPTIONS, Section

_YOUTH = "t.youth_id = any($1::uuid[])"

SECTIONS = (
    Section("episodes", "episodes", _YOUTH, "t.registered_on, t.episode_id"),
    Section(
        "episode_districts",
        "episode_districts",
        "t.episode_id in (select episode_id from episodes where youth_id = any($1::uuid[]))",
        "t.since, t.episode_id",
    ),
    Section("steps", "steps", _YOUTH, "t.seq"),
    Section("reached", "reached", _YOUTH, "t.reached_at, t.episode_id"),
    Section("watches", "watches", _YOUTH, "t.started_at, t.episode_id"),
    Section("tasks", "tasks", _YOUTH, "t.due_on, t.task_id"),
    Section("messages", "messages", _YOUTH, "t.queued_at, t.message_id"),
    Section("answers", "answers", _YOUTH, "t.answered_at, t.episode_id"),
    *COMMON,
)
EXCEPTIONS = COMMON_EXCEPTIONS
