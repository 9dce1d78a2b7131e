"""Who acts, and the trail that an act leaves: rows in the audit, and a line in the log.

Who it is, a token says (`OPERATOR_TOKEN`), as over HTTP: nobody writes down another's name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import structlog

from chassis import audit
from chassis.auth import TokenVerifier
from chassis.clock import CivilClock
from chassis.postgres import transaction
from chassis.problems import Problem
from chassis.settings import Settings
from contracts.access import decide
from contracts.actions import Action
from contracts.login import caller_of

log = structlog.get_logger(__name__)
VARIABLE = "OPERATOR_TOKEN"


class NotDone(Exception):
    """Something stands in the way; the message says what, and what to do."""


@dataclass(frozen=True, slots=True)
class Operator:
    subject: str
    role: str


async def operator_of(token: str | None, settings: Settings, action: Action) -> Operator:
    """Return whose token it is. Raises NotDone when it is not valid, or may not do this (`contracts.access`)."""
    if not token:
        raise NotDone(f"to act, say who you are: {VARIABLE} holds a token")
    try:
        principal = await TokenVerifier(settings, caller_of(settings)).verify(token)
    except Problem as problem:
        raise NotDone(f"{VARIABLE}: {problem.title}. {problem.detail}") from None
    grants = decide(action, principal.roles)
    if not grants:
        raise NotDone(f"{VARIABLE}: its roles may not do this ({action})")
    return Operator(principal.subject, grants[0].role)


class Trail:
    """What one act of one operator leaves behind. ``id`` is the subject of its rows in the audit."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock, operator: Operator) -> None:
        self._pool, self._clock, self.operator = pool, clock, operator
        self.id = uuid4()

    async def note(self, action: str, youths: Sequence[UUID], why: str) -> None:
        """Write down, before it is done, what is about to be done to these youths. ``why`` is of nobody."""
        about = [(youth_id, str(self.id)) for youth_id in youths]
        async with transaction(self._pool) as conn:
            await audit.record_each(
                conn,
                actor=self.operator.subject,
                role=self.operator.role,
                action=action,
                at=self._clock.now(),
                about=about,
                why=why,
            )

    def done(self, what: str, **counts: object) -> None:
        """Log who did what, to how many."""
        log.info("operation_done", what=what, by=self.operator.subject, operation=str(self.id), **counts)
