"""Use cases: take reports of schools, and withdraw one. One transaction each."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from chassis import audit
from chassis.postgres import Connection, transaction
from chassis.problems import Problem, not_found
from services.registry import absence_events
from services.registry.absence_events import NewAbout
from services.registry.db import school_reports as db
from services.registry.domain.person_number import PersonNumber
from services.registry.domain.report_dedupe import CannotTake, Known, Outcome, take
from services.registry.domain.school_reports import Channel, Pupil, Reporter, Told, Withdrawal

ACTIONS = {
    Outcome.RECORDED: "school-report.record",
    Outcome.REPEAT: "school-report.repeat",
    Outcome.CORRECTION: "school-report.correct",
}


@dataclass(frozen=True, slots=True)
class Submission:
    """A report that is right in itself. ``corrects`` is the report that it puts right."""

    number: PersonNumber
    told: Told
    reported_by: Reporter
    received_on: date
    corrects: UUID | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who hands in: a school's system, or staff from the shared mailbox."""

    subject: str
    role: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class Accepted:
    """``matched`` False: nobody of ours has the number, the report waits."""

    report_id: UUID
    outcome: Outcome
    times_told: int
    matched: bool


@dataclass(slots=True)
class _Intake:
    """What there is while reports are taken, and what is to be written."""

    pupils: dict[str, Pupil]
    before: dict[UUID, Known] = field(default_factory=dict)
    of_whom: defaultdict[UUID | str, tuple[Known, ...]] = field(default_factory=lambda: defaultdict(tuple))
    new: dict[UUID, Submission] = field(default_factory=dict)
    taken: list[tuple[Submission, Accepted]] = field(default_factory=list)

    def key(self, number: str) -> UUID | str:
        pupil = self.pupils.get(number)
        return number if pupil is None else pupil.youth_id


async def record(
    pool: asyncpg.Pool,
    submissions: Sequence[Submission],
    sender: Sender,
    at: datetime,
    *,
    waiting_days: int,
    request_key: UUID | None = None,
) -> list[Accepted | CannotTake]:
    """Take reports in this order; return for each what became of it. One that cannot be taken stops no other.

    ``at`` is civil time; the number of who is not ours is kept ``waiting_days``. With ``request_key`` (of a
    single report) the same request again answers as the first did and counts no repeat. Raises a Problem:
    422 when that key came with another report, 503 when a register sync is just writing what these are about.
    """
    try:
        async with transaction(pool) as conn:
            await conn.execute(db.LOCK)
            if request_key is not None:
                earlier = await conn.fetchrow(db.REMEMBERED, request_key)
                if earlier is not None:
                    return [await _same_again(conn, earlier, submissions[0])]
            answers = await take_in(conn, submissions, sender, at, waiting_days=waiting_days)
            if request_key is not None and isinstance(answers[0], Accepted):
                await conn.execute(db.REMEMBER, request_key, answers[0].report_id, answers[0].outcome, at)
            return answers
    except asyncpg.LockNotAvailableError:
        raise Problem(
            503,
            "register-busy",
            "The register is just being written",
            "Nothing was recorded. Send the same again in a minute.",
            headers={"Retry-After": "60"},
        ) from None


async def _same_again(conn: Connection, earlier: asyncpg.Record, submission: Submission) -> Accepted:
    """Answer a request that has been answered, if it is the same."""
    row = await conn.fetchrow(db.PUPILS, [submission.number.digits])
    whom = {submission.number.digits} if row is None else {submission.number.digits, row["to_person"]}
    # A number that nobody came for is forgotten: then what was told is all that can be compared.
    forgotten = earlier["person_id"] is None and earlier["number"] is None
    same_pupil = forgotten or earlier["person_id"] in whom or earlier["number"] in whom
    if db.told(earlier) != submission.told or not same_pupil:
        raise Problem(
            422,
            "key-reused",
            "The key came with another report",
            "Give each report an Idempotency-Key of its own.",
        )
    return Accepted(
        earlier["id"], Outcome(earlier["outcome"]), earlier["times_told"], matched=earlier["person_id"] is not None
    )


async def take_in(
    conn: Connection, submissions: Sequence[Submission], sender: Sender, at: datetime, *, waiting_days: int
) -> list[Accepted | CannotTake]:
    """Take reports in the caller's transaction, which holds `db.LOCK`; see `record`."""
    forget_on = at.date() + timedelta(days=waiting_days)
    intake = await _gather(conn, sorted({one.number.digits for one in submissions}))
    answers = [_take(intake, one) for one in submissions]
    await _write(conn, intake, sender, at, forget_on)
    await _tell(conn, intake, at)
    for outcome, action in ACTIONS.items():
        about = [(_youth(intake, one), str(to.report_id)) for one, to in intake.taken if to.outcome is outcome]
        if about:
            await audit.record_each(
                conn, actor=sender.subject, role=sender.role, action=action, at=at, about=about
            )
    return answers


async def _gather(conn: Connection, numbers: Sequence[str]) -> _Intake:
    intake = _Intake({row["number"]: db.pupil(row) for row in await conn.fetch(db.PUPILS, numbers)})
    ids = sorted({pupil.youth_id for pupil in intake.pupils.values()})
    for row in await conn.fetch(db.KNOWN, ids, numbers):
        key = row["person_id"] or intake.key(row["number"])
        one = db.known(row)
        intake.before[one.report_id] = one
        intake.of_whom[key] = (*intake.of_whom[key], one)
    return intake


def _take(intake: _Intake, one: Submission) -> Accepted | CannotTake:
    key, new_id = intake.key(one.number.digits), uuid4()
    try:
        taken = take(intake.of_whom[key], one.told, one.received_on, one.corrects, new_id)
    except CannotTake as refusal:
        return refusal
    intake.of_whom[key] = taken.known
    holder = next(known for known in taken.known if known.report_id == taken.report_id)
    if holder.report_id == new_id:
        intake.new[new_id] = one
    accepted = Accepted(
        holder.report_id, taken.outcome, holder.times_told, matched=one.number.digits in intake.pupils
    )
    intake.taken.append((one, accepted))
    return accepted


async def _write(conn: Connection, intake: _Intake, sender: Sender, at: datetime, forget_on: date) -> None:
    now = {known.report_id: known for of_one in intake.of_whom.values() for known in of_one}
    # First what is superseded: it makes room for what stands in its place.
    await db.update(conn, [one for key, one in now.items() if intake.before.get(key, one) != one], at)
    rows = [(now[report_id], submission) for report_id, submission in intake.new.items()]
    if not rows:
        return
    await conn.execute(
        db.INSERT,
        sender.channel,
        at,
        sender.subject,
        [known.report_id for known, _ in rows],
        [_youth(intake, submission) for _, submission in rows],
        [known.told.school_unit for known, _ in rows],
        [known.told.kind for known, _ in rows],
        [known.told.event_date for known, _ in rows],
        [known.told.absence_from for known, _ in rows],
        [known.told.absence_percent for known, _ in rows],
        [submission.reported_by for _, submission in rows],
        [known.received_on for known, _ in rows],
        [known.first_told_on for known, _ in rows],
        [known.times_told for known, _ in rows],
        [known.superseded_by for known, _ in rows],
        [submission.number.digits for _, submission in rows],
    )
    waiting = [(known.report_id, one.number.digits) for known, one in rows if _youth(intake, one) is None]
    await conn.execute(db.WAIT, [one for one, _ in waiting], [number for _, number in waiting], forget_on)


async def _tell(conn: Connection, intake: _Intake, at: datetime) -> None:
    now = {known.report_id: known for of_one in intake.of_whom.values() for known in of_one}
    new = [
        NewAbout(
            now[accepted.report_id],
            intake.pupils[one.number.digits],
            corrects=one.corrects if accepted.outcome is Outcome.CORRECTION else None,
        )
        for one, accepted in intake.taken
        if accepted.report_id in intake.new and accepted.outcome is not Outcome.REPEAT and accepted.matched
    ]
    await absence_events.tell(conn, new, at)


def _youth(intake: _Intake, one: Submission) -> UUID | None:
    pupil = intake.pupils.get(one.number.digits)
    return None if pupil is None else pupil.youth_id


async def withdraw(
    pool: asyncpg.Pool,
    report_id: UUID,
    why: Withdrawal,
    *,
    by: str,
    role: str,
    at: datetime,
    units: frozenset[str] | None = None,
) -> None:
    """Let a report count for nothing; it is kept. Repeated, it stays as it was withdrawn first.

    ``units``: only of these school units. Raises a Problem: 404, or 409 when it has been put right since.
    """
    async with transaction(pool) as conn:
        await conn.execute(db.LOCK)
        row = await conn.fetchrow("select * from school_reports where id = $1", report_id)
        if row is None or (units is not None and row["school_unit"] not in units):
            raise not_found("school report")
        if row["superseded_by"] is not None:
            raise Problem(
                409,
                "report-superseded",
                "The report has been put right since",
                "Withdraw the report that came in its place.",
                report_id=str(row["superseded_by"]),
            )
        if row["withdrawn_at"] is not None:
            return
        await conn.execute(db.WITHDRAW, report_id, at, by, why)
        await conn.execute(db.STOP_WAITING, report_id)
        await audit.record(
            conn, actor=by, role=role, action="school-report.withdraw", at=at, youth_id=row["person_id"],
            subject=str(report_id), why=why,
        )  # fmt: skip
