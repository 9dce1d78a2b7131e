"""What a proposed policy would change for whom: the difference, the youths it meets, the dates that move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from contracts.reasons import Step
from services.outreach.db.policies import OPEN_YOUTHS
from services.outreach.domain.policy_changes import Change, MovedDate, changes, moved_dates
from services.outreach.domain.policy_proposal import Proposal
from services.outreach.domain.policy_words import day
from services.outreach.policy_versions import Policies, PolicyVersion


@dataclass(frozen=True, slots=True)
class Count:
    """So many youths of a district (None: not known) at a step."""

    district: str | None
    step: Step
    youths: int


@dataclass(frozen=True, slots=True)
class Preview:
    """``keep``: open youths who keep the policy that they have. ``take``: who waits for a start that is due on
    the effective date or later, and starts under the new one."""

    compared_with: PolicyVersion
    changes: tuple[Change, ...]
    keep: tuple[Count, ...]
    take: tuple[Count, ...]
    dates: tuple[MovedDate, ...]
    summary: tuple[str, ...]


async def preview(pool: asyncpg.Pool, policies: Policies, proposal: Proposal) -> Preview:
    """Return what a proposal would change, by the database as it is now. Changes nothing.

    Raises PolicyInvalid for what could not be decided either.
    """
    await policies.check(proposal)
    old = await policies.before(proposal)
    rows = await pool.fetch(OPEN_YOUTHS, proposal.effective_from)
    keep = [_count(row) for row in rows if not row["waits"]]
    take = [_count(row) for row in rows if row["waits"]]
    differences = changes(old.policy, proposal.policy)
    return Preview(
        compared_with=old,
        changes=tuple(differences),
        keep=tuple(keep),
        take=tuple(take),
        dates=tuple(moved_dates(old.policy, proposal.policy, proposal.effective_from)),
        summary=summary(differences, proposal.effective_from, old.version, total(keep), total(take)),
    )


def total(counts: Sequence[Count]) -> int:
    return sum(count.youths for count in counts)


def summary(differences: Sequence[Change], start: date, old: str, keep: int, take: int) -> tuple[str, ...]:
    """Return the preview in a few Swedish sentences."""
    if not differences:
        return (f'Policyn säger detsamma som "{old}". Ingenting ändras.',)
    what = "1 sak ändras" if len(differences) == 1 else f"{len(differences)} saker ändras"
    return (
        f'{what} från {day(start)}, jämfört med "{old}".',
        f"{_youths(keep)} behåller den policy som de har.",
        f"{_youths(take)} väntar på en start som infaller då eller senare, och börjar enligt den nya.",
        f"Alla som registreras från {day(start)} börjar enligt den nya.",
    )


def _youths(count: int) -> str:
    return "1 ungdom" if count == 1 else f"{count} ungdomar"


def _count(row: asyncpg.Record) -> Count:
    return Count(row["district"], Step(row["step"]), row["youths"])
