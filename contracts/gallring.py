"""The workflow `RegisterGallring` and the activities that the registry offers to it (docs/gallring.md)."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from contracts.base import Contract

REGISTER_GALLRING = "RegisterGallring"
REGISTER_GALLRING_SCHEDULE = "register-gallring-daily-0600"
PROPOSE_GALLRING = "propose_gallring"
LOOK_AT_GALLRING = "look_at_gallring"
GIVE_UP_GALLRING = "give_up_gallring"
EXECUTE_GALLRING = "execute_gallring"
# Signal: somebody has decided something about the run. What it is, the registry knows.
GALLRING_CHANGED = "gallring_changed"


class GallringState(StrEnum):
    """Of a run, or why there is none of the workflow's own."""

    NOTHING_DUE = "nothing_due"
    ANOTHERS_IS_OPEN = "anothers_is_open"  # a person proposed a run, which is that person's to end
    PROPOSED = "proposed"
    REVIEWED = "reviewed"  # still proposed; a first person has looked at it
    APPROVED = "approved"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class GallringAsked(Contract):
    """Which run an activity is about. Proposing may answer with another one that was open already."""

    run_id: UUID


class GallringRun(Contract):
    """How far a run is. Counts of youths; who they are stays in the registry."""

    run_id: UUID
    state: GallringState
    waiting: int = Field(default=0, description="Not settled yet")
    deleted: int = 0
    left_out: int = Field(default=0, description="The reasons did not hold any more when it was carried out")
