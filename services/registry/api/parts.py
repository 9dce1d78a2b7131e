"""What the routes work with, and who the caller is to them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated

import asyncpg
from fastapi import Depends, Query, Request

from chassis.access import allow
from chassis.auth import Principal
from chassis.clock import CivilClock
from contracts.access import scopes_of
from contracts.actions import Action
from contracts.sharing import parties_of, purposes_of
from services.registry.domain.visibility import Sharing, Viewer
from services.registry.export.others import NO_OTHERS, OtherServices
from services.registry.gallring.deciding import Clocks
from services.registry.gallring.deleting import OpenOutreach
from services.registry.stale_after import StaleAfter
from services.registry.sync_start import SyncStart


@dataclass(frozen=True, slots=True)
class ReportRules:
    """School reports: days after which one is late, and days for which the number of a stranger is kept."""

    late_after_days: int = 14
    waiting_days: int = 90


@dataclass(frozen=True, slots=True)
class Parts:
    """The built parts of the process, in ``app.state.parts``."""

    pool: asyncpg.Pool
    clock: CivilClock
    municipality: str
    sync_start: SyncStart
    gallring: Clocks
    open_outreach: OpenOutreach
    tell_workflow: Callable[[str | None], Awaitable[None]]
    report_rules: ReportRules = ReportRules()
    others: OtherServices = NO_OTHERS
    stale_after: StaleAfter = field(default_factory=StaleAfter)


async def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


@dataclass(frozen=True, slots=True)
class Reader:
    """A caller who reads or writes about persons, as the audit and the visibility rules see them."""

    subject: str
    role: str
    viewer: Viewer
    caller: Principal


def reader_for(action: Action) -> Callable[..., Awaitable[Reader]]:
    """Return a dependency: the caller, when they may do ``action``, and whom they see in doing it."""

    async def reader(
        principal: Annotated[Principal, Depends(allow(action))],
        reason: Annotated[
            str | None,
            Query(
                min_length=5,
                max_length=200,
                description="Special handler: why a protected identity is opened. Recorded; nothing about the "
                "person.",
            ),
        ] = None,
    ) -> Reader:
        may_open = bool(scopes_of(principal, Action.PROTECTION_OPEN))
        parties = parties_of(principal)
        sharing = Sharing(parties, purposes_of(action)) if parties else None
        viewer = Viewer(principal.scopes, principal.districts, reason, may_open, sharing)
        return Reader(principal.subject, principal.role, viewer, principal)

    return reader


TheParts = Annotated[Parts, Depends(parts_of)]
