"""A hold as a youth's workflow knows it: where the youth stood, and what goes on from there."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from contracts.messages import MessageKind, MessageSpec
from contracts.outreach_facts import HoldCause
from contracts.reasons import Step
from contracts.tasks import TaskSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """``left`` is what remained of the step's own time, ``task`` what was cancelled and is to come back."""

    hold_id: UUID
    until: date
    cause: HoldCause = HoldCause.SOCIAL_SERVICES
    since: datetime
    step: Step
    left: timedelta | None = None
    task: TaskSpec | None = None
    in_touch: bool = False  # the youth got in touch meanwhile
    recalled: tuple[MessageKind, ...] = ()  # by notifications: asked for anew
    not_handed_over: tuple[MessageSpec, ...] = ()  # never came to notifications: asked for once more
