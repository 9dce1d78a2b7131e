"""The policy's versions in the database: which one is in force, and deciding about the next."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

import asyncpg
import structlog

from chassis import audit
from chassis.auth import Principal
from chassis.clock import CivilClock
from chassis.inbox import Transient
from chassis.postgres import Connection, transaction
from chassis.preconditions import check_seen
from chassis.problems import Problem, not_found
from contracts.policy import OutreachPolicy
from services.outreach.db import policies
from services.outreach.domain.policy import PolicyInvalid
from services.outreach.domain.policy_proposal import Proposal, faults_of_time_and_place
from services.outreach.domain.policy_words import day

log = structlog.get_logger(__name__)
SERVICE = "outreach"


# What parts are handed that go by the policy of the day (`Policies.in_force`).
InForce: TypeAlias = Callable[[], Awaitable[OutreachPolicy]]


class NoPolicyInForce(Transient):
    """No version has taken effect yet: the service has not imported its file."""


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A version of the policy: what it says, from which civil date, and who decided it when."""

    policy: OutreachPolicy
    effective_from: date
    edition: int
    source: str  # file, decision
    decided_by: str
    decided_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None

    @property
    def version(self) -> str:
        return self.policy.version

    def says(self, proposal: Proposal) -> bool:
        return self.policy == proposal.policy and self.effective_from == proposal.effective_from


class Policies:
    """Reads and writes versions. What has been in force never changes, so it is read once."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock) -> None:
        self._pool, self._clock = pool, clock
        self._read: dict[str, OutreachPolicy] = {}

    async def in_force(self, on: date | None = None) -> OutreachPolicy:
        """Return the policy in force on a civil date, today unless said. Raises NoPolicyInForce (Transient).

        Of a coming date the answer can change until it has come.
        """
        today = self._clock.today()
        version = await self._pool.fetchval(policies.IN_FORCE, on or today, None)
        if version is None:
            raise NoPolicyInForce("no version of the policy is in force")
        if version not in self._read:
            found = await self.one(version)
            if found.effective_from > today:
                return found.policy
            self._read[version] = found.policy
        return self._read[version]

    async def started_with(self, version: str | None) -> OutreachPolicy:
        """Return the policy of a youth whose journey names a version; without one, the one in force.

        A journey can name a version of the time before versions were kept here: then, too.
        """
        if version is None:
            return await self.in_force()
        if version not in self._read:
            row = await self._pool.fetchrow(policies.ONE, version)
            if row is None:
                return await self.in_force()
            self._read[version] = _version(row).policy
        return self._read[version]

    async def one(self, version: str) -> PolicyVersion:
        """Return a version. Raises a 404 Problem."""
        row = await self._pool.fetchrow(policies.ONE, version)
        if row is None:
            raise not_found("version of the policy")
        return _version(row)

    async def before(self, proposal: Proposal) -> PolicyVersion:
        """Return what would hold on a proposal's date without it. Raises NoPolicyInForce."""
        version = await self._pool.fetchval(policies.IN_FORCE, proposal.effective_from, proposal.policy.version)
        if version is None:
            raise NoPolicyInForce("no version of the policy is in force")
        return await self.one(version)

    async def page(self, after: tuple[datetime, str] | None, limit: int) -> list[PolicyVersion]:
        """Return versions, the latest decided first."""
        decided_at, version = after or (None, None)
        return [_version(row) for row in await self._pool.fetch(policies.PAGE, decided_at, version, limit)]

    async def import_file(self, policy: OutreachPolicy) -> None:
        """Make the configured file a version, in force from today, when its name is new.

        Once the municipality has decided a version itself, no file replaces it.
        """
        now = self._clock.now()
        async with transaction(self._pool) as conn:
            await conn.execute(policies.LOCK)
            if there := await conn.fetchrow(policies.ONE, policy.version):
                if _version(there).policy != policy:
                    log.warning("policy_file_differs", version=policy.version, hint="give it a new version")
                return
            current = await conn.fetchrow(policies.IN_FORCE, now.date(), None)
            if current is not None and current["source"] == "decision":
                log.warning("policy_file_left_out", version=policy.version, in_force=current["version"])
                return
            await conn.execute(
                policies.INSERT, policy.version, _document(policy), now.date(), "file", SERVICE, now
            )
            await _note(conn, SERVICE, "service", "policy.import", now, policy.version)
        log.info("policy_imported", version=policy.version, effective_from=str(now.date()))

    async def put(self, by: Principal, proposal: Proposal, seen: int | None) -> tuple[PolicyVersion, bool]:
        """Decide a version, or change one that has not taken effect; return it, and whether it is new.

        The same again changes nothing. Raises Problems: 422 with ``errors``, 409, 412, 428.
        """
        now = self._clock.now()
        policy = proposal.policy
        async with transaction(self._pool) as conn:
            await conn.execute(policies.LOCK)
            row = await conn.fetchrow(policies.ONE, policy.version)
            there = _version(row) if row else None
            if there is not None:
                if there.says(proposal) and there.withdrawn_at is None:
                    return there, False
                _check_changeable(there, now.date())
            check_seen(seen, there.edition if there else None)
            await self._check(conn, proposal, now.date())
            if taken := await conn.fetchval(policies.DATE_TAKEN, proposal.effective_from, policy.version):
                raise Problem(
                    409,
                    "policy-date-taken",
                    "En annan version börjar gälla samma dag",
                    f'"{taken}" gäller från {day(proposal.effective_from)}. Välj en annan dag, '
                    "eller dra tillbaka den versionen.",
                )
            content = (policy.version, _document(policy), proposal.effective_from)
            if there is None:
                row = await conn.fetchrow(policies.INSERT, *content, "decision", by.subject, now)
            else:
                row = await conn.fetchrow(policies.CHANGE, *content, by.subject, now)
            role = by.role
            await _note(conn, by.subject, role, "policy.change" if there else "policy.decide", now, policy.version)
        return _version(row), there is None

    async def withdraw(self, by: Principal, version: str) -> PolicyVersion:
        """Withdraw a version that has not taken effect; again changes nothing. Raises 404 and 409 Problems."""
        now = self._clock.now()
        async with transaction(self._pool) as conn:
            await conn.execute(policies.LOCK)
            row = await conn.fetchrow(policies.ONE, version)
            if row is None:
                raise not_found("version of the policy")
            if row["withdrawn_at"] is not None:
                return _version(row)
            _check_changeable(_version(row), now.date())
            row = await conn.fetchrow(policies.WITHDRAW, version, by.subject, now)
            await _note(conn, by.subject, by.role, "policy.withdraw", now, version)
        return _version(row)

    async def check(self, proposal: Proposal) -> None:
        """Raise PolicyInvalid when something speaks against a proposal today."""
        async with self._pool.acquire() as conn:
            await self._check(conn, proposal, self._clock.today())

    async def _check(self, conn: Connection, proposal: Proposal, today: date) -> None:
        current = await conn.fetchval(policies.IN_FORCE, today, None)
        ours = _version(await conn.fetchrow(policies.ONE, current)).policy.municipality if current else None
        if faults := list(faults_of_time_and_place(proposal, today, ours)):
            raise PolicyInvalid(proposal.policy.version, faults)


def _check_changeable(there: PolicyVersion, today: date) -> None:
    """Raise a 409 Problem for a version that has taken effect, or is withdrawn: neither changes any more."""
    if there.withdrawn_at is not None:
        raise Problem(
            409, "policy-withdrawn", "Versionen är tillbakadragen", "Ge den nya policyn ett eget versionsnamn."
        )
    if there.effective_from <= today:
        raise Problem(
            409,
            "policy-effective",
            "Versionen har redan börjat gälla och kan inte ändras",
            f"Den gäller sedan {day(there.effective_from)}, och ungdomar följer den. Gör en ny version.",
        )


def _version(row: asyncpg.Record | None) -> PolicyVersion:
    assert row is not None  # found, or returned by a write
    return PolicyVersion(
        policy=OutreachPolicy.model_validate(row["document"]),
        **{name: row[name] for name in PolicyVersion.__slots__ if name != "policy"},
    )


def _document(policy: OutreachPolicy) -> dict[str, Any]:
    """Return the document with its defaults written out: a later default must not change what was decided."""
    return policy.model_dump(mode="json")


async def _note(conn: Connection, actor: str, role: str, action: str, at: datetime, version: str) -> None:
    await audit.record(conn, actor=actor, role=role, action=action, at=at, subject=version)
