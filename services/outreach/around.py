"""What facts open by themselves, in the inbox's transaction: handovers, and contacts before a dropout.

The workflow has no part in it: a handover to another municipality follows the end of the duty, and whom the duty
does not hold for has no workflow.
"""

from datetime import datetime

from chassis.clock import STOCKHOLM
from chassis.incoming import Incoming
from chassis.postgres import Connection
from contracts.documentation import ConsentPurpose, Party
from contracts.documentation_events import ConsentEvent, ConsentGiven, ConsentWithdrawn
from contracts.events import CoverageEnded, YouthRegistered
from contracts.ids import business_id
from contracts.reasons import EndReason
from contracts.school_reports import SchoolReportReceived
from contracts.tasks import TaskKind, TaskMark
from services.outreach.consumers import forget_deleted, read
from services.outreach.db import own_tasks as sql
from services.outreach.domain.own_tasks import calls_for_prevention, due_on
from services.outreach.own_tasks import OwnTask, cancel_tasks, open_task
from services.outreach.policy_versions import InForce

AT_ONCE = 500


class Around:
    """Opens and cancels what facts call for, by the policy in force."""

    def __init__(self, in_force: InForce) -> None:
        self._in_force = in_force

    async def registry(self, conn: Connection, incoming: Incoming) -> None:
        """Handle an event of coverage, after the workflow has been told."""
        await forget_deleted(conn, incoming)
        if incoming.type == YouthRegistered.type:
            # From now on the youth is sought: the dropout has come.
            await cancel_tasks(conn, incoming.key, TaskKind.PREVENTION, incoming.time)
        elif incoming.type == CoverageEnded.type:
            ended = read(CoverageEnded, incoming)
            if ended.reason is EndReason.MOVED_OUT:
                await self._moved_out(conn, ended, incoming.time)
            else:
                await self._nobody_to_hand_over(conn, ended, incoming.time)

    async def documentation(self, conn: Connection, incoming: Incoming) -> None:
        """Handle an event of the documentation."""
        match incoming.type:
            case ConsentGiven.type:
                await _consent(conn, read(ConsentGiven, incoming), sql.CONSENT_GIVEN, incoming.time)
            case ConsentWithdrawn.type:
                await _consent(conn, read(ConsentWithdrawn, incoming), sql.CONSENT_WITHDRAWN, incoming.time)
            case SchoolReportReceived.type:
                await self._school_report(conn, read(SchoolReportReceived, incoming), incoming.time)

    async def turning_twenty(self, conn: Connection, now: datetime) -> int:
        """Plan handovers to those who work with older youths; return how many. A step of the sweep."""
        policy = await self._in_force()
        if policy.handover_before is None:
            return 0
        today = now.date()
        rows = await conn.fetch(sql.TURNING_20, today, today + policy.handover_before, AT_ONCE)
        for row in rows:
            task = OwnTask(
                kind=TaskKind.HANDOVER,
                youth_id=row["youth_id"],
                episode_id=row["episode_id"],
                district=row["district"],
                protected=row["protected"],
                due_on=min(due_on(policy, TaskKind.HANDOVER, today), row["last_covered_day"]),
                about=row["episode_id"],
                marks=(TaskMark.TURNS_20,),
            )
            await open_task(conn, task, now)
        return len(rows)

    async def _moved_out(self, conn: Connection, ended: CoverageEnded, at: datetime) -> None:
        """A handover note to the new municipality, if the youth has agreed to it; never else (OSL 10 kap. 1 §)."""
        await cancel_tasks(conn, ended.youth_id, TaskKind.HANDOVER, at)  # to older youths' staff: here no more
        journey = await conn.fetchrow(sql.JOURNEY, ended.youth_id, ended.episode_id)
        agreed = await conn.fetchval(sql.HAS_CONSENT, ended.youth_id, Party.NEW_MUNICIPALITY)
        if journey is None or not agreed:
            return
        policy = await self._in_force()
        if not policy.handover_on_move:
            return
        task = OwnTask(
            kind=TaskKind.HANDOVER,
            youth_id=ended.youth_id,
            episode_id=ended.episode_id,
            district=journey["district"],
            protected=journey["protected"],
            due_on=due_on(policy, TaskKind.HANDOVER, at.astimezone(STOCKHOLM).date()),
            about=business_id("moved-out", ended.episode_id),
            marks=(TaskMark.MOVED_OUT,),
        )
        await open_task(conn, task, at)

    async def _nobody_to_hand_over(self, conn: Connection, ended: CoverageEnded, at: datetime) -> None:
        """At twenty a handover that is under way is finished; any other end leaves nothing to hand over."""
        if ended.reason is not EndReason.TURNED_20:
            await cancel_tasks(conn, ended.youth_id, TaskKind.HANDOVER, at)

    async def _school_report(self, conn: Connection, report: SchoolReportReceived, at: datetime) -> None:
        policy = await self._in_force()
        if not calls_for_prevention(policy, report):
            return
        task = OwnTask(
            kind=TaskKind.PREVENTION,
            youth_id=report.youth_id,
            episode_id=report.report_id,  # the duty does not hold: the report stands for the episode
            district=report.district,
            protected=report.protected,
            due_on=due_on(policy, TaskKind.PREVENTION, at.astimezone(STOCKHOLM).date()),
            about=report.report_id,
        )
        await open_task(conn, task, at)


async def _consent(conn: Connection, consent: ConsentEvent, statement: str, at: datetime) -> None:
    if consent.purpose is ConsentPurpose.HANDOVER:
        await conn.execute(statement, consent.consent_id, consent.youth_id, consent.party, at)
