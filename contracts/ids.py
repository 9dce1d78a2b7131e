"""Opaque ids, and business ids made from them.

No id holds anything about a person: a youth is a random UUID that the registry made. Ids of tasks
and messages are UUIDs (version 5) of a *business key*, so that a repeated attempt gives the same id
and is dropped by whoever has it already (`docs/adr/0003-outbox-and-inbox.md`).
"""

from typing import NewType
from uuid import UUID, uuid5

YouthId = NewType("YouthId", UUID)
EpisodeId = NewType("EpisodeId", UUID)
TaskId = NewType("TaskId", UUID)
MessageId = NewType("MessageId", UUID)

_NAMESPACE = UUID("6f1d3b1e-5a0c-4f3e-9b57-2f2f6e1a7c11")


def business_id(*parts: object) -> UUID:
    """Return the UUID of a business key such as ``(youth, episode, "call", 2)``. Same parts, same id."""
    return uuid5(_NAMESPACE, ":".join(str(part) for part in parts))


def youth_workflow_id(youth_id: UUID) -> str:
    """Return the id of the one workflow that a youth has."""
    return f"youth/{youth_id}"
