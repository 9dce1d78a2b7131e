"""A hold as a youth's workflow knows it: where the youth stood, and what goes on from there."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from pydantic import ConfigDict

from contracts.messages import MessageKind, MessageSpec
from contracts.outreach_facts import HoldCause
from contracts.reasons import Step
from contracts.tasks import TaskSpec

# A worker of an older version must not drop what it does not know of: it leaves such a run to a newer one.
WHOLE = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """``left`` is what remained of the step's own time, ``task`` what was cancelled and is to come back."""

    __pydantic_config__: ClassVar[ConfigDict] = WHOLE

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
