"""What notifications has about a youth, for the data-subject export: with what stood on each message."""

from chassis.subject_data import COMMON, COMMON_EXCEPTIONS, Section

_YOUTH = "t.youth_id = any($1::uuid[])"
_MESSAGES = "t.message_id in (select message_id from message where youth_id = any($1::uuid[]))"

SECTIONS = (
    Section("youth", "youth", _YOUTH, "t.youth_id"),
    Section("ended_episodes", "ended_episode", _YOUTH, "t.ended_at, t.episode_id"),
    Section("messages", "message", _YOUTH, "t.queued_at, t.message_id", without=("lease",)),
    Section(
        "documents",
        "document",
        _MESSAGES,
        "t.made_at, t.message_id",
        without=("content",),
        plus="""case when t.media_type like 'text/%'
            then jsonb_build_object('text', convert_from(t.content, 'UTF8'))
            else jsonb_build_object('content_base64', translate(encode(t.content, 'base64'), E'\\n', '')) end""",
    ),
    Section("receipts", "receipt", _MESSAGES, "t.id"),
    Section("answers", "answer", _MESSAGES, "t.answered_at, t.answer_id"),
    # An SMS that answers no message of ours is of nobody that we know.
    Section("inbound_sms", "inbound_sms", _MESSAGES, "t.received_at, t.provider_id"),
    *COMMON,
)
EXCEPTIONS = COMMON_EXCEPTIONS
