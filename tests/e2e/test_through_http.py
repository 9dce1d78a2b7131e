"""A youth all the way through, on the whole stack, through HTTP only.

The tests share one running stack and take different youths; they run in the order of the file, and the
last one stops the stack and starts it again.
"""

import asyncio
import time
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.clock import STOCKHOLM
from contracts.messages import Channel, MessageKind, MessageState
from contracts.outreach_workflow import REFUSED_BY_POLICY
from contracts.reasons import EndReason, ReachedBy, Step
from contracts.registry_activities import Source
from contracts.roles import Role
from contracts.tasks import (
    CallOutcome,
    CallResult,
    HomeVisitOutcome,
    HomeVisitResult,
    PlanHomeVisitOutcome,
    ProtectedOutcome,
    TaskGroup,
    TaskKind,
    TaskState,
)
from deploy.demo.client import Refused, Stack
from deploy.demo.letters import answer_code
from deploy.demo.views import ARRIVED, Journey, Message, SyncRun, Task
from deploy.local import stack
from deploy.sample.places import OWN_SCHOOLS
from tests.e2e.conftest import COVERED
from tests.e2e.town import Town
from tests.e2e.waiting import at_step, complete, messages_of, task_of, until, workable

pytestmark = [pytest.mark.e2e, pytest.mark.stack, pytest.mark.usefixtures("first_sync")]


async def test_a_register_extract_becomes_one_search_for_each_covered_youth(
    town: Town, first_sync: SyncRun
) -> None:
    assert (first_sync.registered, first_sync.covered) == (COVERED, COVERED)
    assert not any(source.held or source.rejected for source in first_sync.sources)
    city, special = town.caller(Role.KAA_COORDINATOR), town.caller(Role.SPECIAL_HANDLER)

    async def everybody() -> list[Journey] | None:
        journeys = await city.journeys() + await special.journeys()
        return journeys if len(journeys) >= COVERED else None

    journeys = await until(everybody, "a journey for each covered youth")
    assert len({journey.youth_id for journey in journeys}) == len(journeys) == COVERED
    open_youths = {journey.youth_id for journey in journeys if not journey.protected}

    async def all_have_letters() -> list[Message] | None:
        letters = await city.messages(kind=MessageKind.FIRST_LETTER)
        return (
            letters if {letter.youth_id for letter in letters if letter.state in ARRIVED} >= open_youths else None
        )

    letters = await until(all_have_letters, "a first letter for everybody")
    assert len(letters) == len(open_youths)
    pdf = await city.document(letters[0].message_id)
    assert pdf.startswith(b"%PDF")


async def test_a_reached_call_leads_to_the_mapping_talk_and_shows_in_the_funnel_within_five_seconds(
    town: Town,
) -> None:
    person = town.somebody(phone=True)
    youth_id = await town.youth_id(person)
    district = person.addresses[0][1].district
    staff = town.caller(Role.LOCAL_COORDINATOR, district, subject="anna")
    sms = await messages_of(staff, youth_id, MessageKind.FIRST_SMS)
    assert "Svara JA" in (await staff.document(sms.message_id)).decode()
    call = await workable(town, staff, youth_id, TaskKind.CALL)
    await staff.claim(call.task_id)
    with pytest.raises(Refused, match="409"):
        await town.caller(Role.LOCAL_COORDINATOR, district, subject="bo").claim(call.task_id)
    before = await reached(town, ReachedBy.CALL)
    key = str(uuid4())
    decided = await staff.complete(call.task_id, CallOutcome(result=CallResult.REACHED), key)
    answered = time.monotonic()
    assert decided.step is Step.MAPPING
    assert decided.next_task is not None
    assert decided.next_task.kind is TaskKind.MAPPING
    assert await staff.complete(call.task_id, CallOutcome(result=CallResult.REACHED), key) == decided
    assert (await staff.journey(youth_id)).reached_by is ReachedBy.CALL  # reads its own write

    async def counted() -> bool:
        return await reached(town, ReachedBy.CALL) == before + 1

    await until(counted, "the funnel to count the youth")
    assert time.monotonic() - answered < 5


async def reached(town: Town, way: ReachedBy) -> int:
    today = town.clock.today()
    funnel = await town.caller(Role.STATISTICIAN).funnel(today - timedelta(days=300), today)
    return int(funnel["total"]["reached_by"][way])


async def test_a_youth_answers_by_sms(town: Town) -> None:
    person = town.somebody(phone=True)
    youth_id = await town.youth_id(person)
    city = town.caller(Role.KAA_COORDINATOR)
    await messages_of(city, youth_id, MessageKind.FIRST_SMS)
    await town.api.anybody().answer_by_sms(person.phone, "Ja tack")
    journey = await at_step(city, youth_id, Step.MAPPING)
    assert journey.reached_by is ReachedBy.SMS_ANSWER
    open_tasks = await city.tasks(youth_id=youth_id)
    assert [task.kind for task in open_tasks] == [TaskKind.MAPPING]
    superuser = town.caller(Role.REGISTER_SUPERUSER)
    export = await superuser.post("registry", f"/youths/{youth_id}/export", {"reason": "youth_asked"})
    has = export["services"]
    assert [row["body"] for row in has["notifications"]["inbound_sms"]] == ["Ja tack"]
    assert [row["step"] for row in has["outreach"]["journeys"]] == [Step.MAPPING]
    assert person.number in [row["number"] for row in has["registry"]["person_numbers"]]
    assert has["reporting"]["episodes"]


async def test_a_youth_answers_with_the_code_on_the_letter(town: Town) -> None:
    person = town.somebody(phone=False)
    youth_id = await town.youth_id(person)
    city = town.caller(Role.KAA_COORDINATOR)
    letter = await messages_of(city, youth_id, MessageKind.FIRST_LETTER)
    code = answer_code(await city.document(letter.message_id))
    nobody = town.api.anybody()
    with pytest.raises(Refused, match="404"):
        await nobody.answer_by_code("0000-0000-0000")
    await nobody.answer_by_code(code)
    await nobody.answer_by_code(code)  # once more, within a civil day, changes nothing
    journey = await at_step(city, youth_id, Step.MAPPING)
    assert journey.reached_by is ReachedBy.ANSWER_PAGE
    skipped = [message for message in await city.messages(youth_id=youth_id) if message.channel is Channel.SMS]
    assert all(message.state is MessageState.SKIPPED for message in skipped)  # no telephone number


async def test_a_protected_identity_is_for_the_special_handler_alone(town: Town) -> None:
    person = town.somebody(protected=True)
    masked = await town.caller(Role.REGISTER_SUPERUSER).look_up(person.number)
    assert masked.protected
    assert (masked.person_number, masked.birth_date, masked.phone) == (None, None, None)
    city, special = town.caller(Role.KAA_COORDINATOR), town.caller(Role.SPECIAL_HANDLER)
    task = await task_of(special, masked.youth_id, TaskKind.PROTECTED)
    assert (task.group, task.district) == (TaskGroup.SPECIAL_HANDLERS, None)
    for refused in (city.claim(task.task_id), city.journey(masked.youth_id)):
        with pytest.raises(Refused, match="404"):
            await refused
    assert not await city.tasks(youth_id=masked.youth_id)
    assert not await city.messages(youth_id=masked.youth_id)
    assert await complete(special, task, ProtectedOutcome(result="not_reached")) is Step.MANUAL


async def test_a_silent_youth_is_sought_to_the_door_by_two_staff(town: Town) -> None:
    person = town.somebody(phone=True)
    youth_id = await town.youth_id(person)
    staff = town.caller(Role.KAA_COORDINATOR, subject="kaa")
    done: list[Task] = []
    for attempt in (1, 2, 3):
        call = await workable(town, staff, youth_id, TaskKind.CALL)
        assert call.attempt == attempt
        step = await complete(staff, call, CallOutcome(result=CallResult.NO_ANSWER))
        done.append(call)
    assert step is Step.TRIED_TO_REACH
    days = [call.not_before.date() for call in done if call.not_before]
    assert len(set(days)) == 3  # plan 4.2.2: at least three attempts on different occasions
    await messages_of(staff, youth_id, MessageKind.TRIED_LETTER)
    planning = await task_of(staff, youth_id, TaskKind.PLAN_HOME_VISIT)
    policy = await staff.policy()
    after = town.clock.now() + policy.visit_lead_time + timedelta(days=5)
    slot = await staff.free_slot(youth_id, after, staff=("kim", "eli"))
    assert slot is not None
    visit_at = slot.starts_at
    alone = {"kind": "plan_home_visit", "visit_at": visit_at.isoformat(), "staff": ["kim", "kim"]}
    with pytest.raises(Refused, match="422"):
        await staff.post("outreach", f"/tasks/{planning.task_id}/complete", alone, key=str(uuid4()))
    too_soon = PlanHomeVisitOutcome(visit_at=town.clock.now(), staff=("kim", "eli"))
    with pytest.raises(Refused) as refused:
        await staff.complete(planning.task_id, too_soon, str(uuid4()))
    assert (refused.value.status, refused.value.code) == (409, REFUSED_BY_POLICY)
    planned = PlanHomeVisitOutcome(visit_at=visit_at, staff=("kim", "eli"))
    assert await complete(staff, planning, planned) is Step.DOOR_CARD
    await messages_of(staff, youth_id, MessageKind.DOOR_CARD)
    visit = await workable(town, staff, youth_id, TaskKind.HOME_VISIT)
    assert visit.staff == ("kim", "eli")
    assert visit.not_before is not None
    assert visit.not_before.astimezone(STOCKHOLM) == visit_at
    assert await complete(staff, visit, HomeVisitOutcome(result=HomeVisitResult.REACHED)) is Step.MAPPING
    sent = Counter(message.kind for message in await staff.messages(youth_id=youth_id))
    assert set(sent.values()) == {1}


async def test_a_youth_who_starts_school_is_left_in_peace_at_once(town: Town) -> None:
    person = town.somebody(phone=True)
    youth_id = await town.youth_id(person)
    city = town.caller(Role.KAA_COORDINATOR)
    task = await task_of(city, youth_id, TaskKind.CALL)
    today = town.clock.today()
    placement = (person.number_on(today), OWN_SCHOOLS[0], "national", "NA", today.isoformat(), "", "")
    town.rows[Source.PLACEMENTS].append(placement)
    run = await town.sync()
    assert not any(source.held for source in run.sources)
    assert run.ended >= 1
    journey = await at_step(city, youth_id, Step.ENDED)
    assert journey.end_reason is EndReason.STARTED_SCHOOL
    assert not await city.tasks(youth_id=youth_id)
    closed = await city.tasks(youth_id=youth_id, state=[TaskState.CANCELLED])
    assert task.task_id in {one.task_id for one in closed}
    with pytest.raises(Refused, match="409"):
        await city.complete(task.task_id, CallOutcome(result=CallResult.REACHED), str(uuid4()))
    before = {message.message_id for message in await city.messages(youth_id=youth_id)}
    await asyncio.sleep(3)  # a civil day and a half
    assert {message.message_id for message in await city.messages(youth_id=youth_id)} == before


async def test_a_stop_and_a_start_keep_everything(town: Town) -> None:
    city, special = town.caller(Role.KAA_COORDINATOR), town.caller(Role.SPECIAL_HANDLER)
    caller_id = await town.youth_id(town.somebody())
    ended = {one.youth_id for one in await city.journeys(step=Step.ENDED)}
    journeys = {one.episode_id for one in await city.journeys() + await special.journeys()}
    tasks = {one.task_id for one in await city.tasks(state=sorted(TaskState))}
    messages = {one.message_id for one in await city.messages()}
    assert await asyncio.to_thread(stack.down, town.config.folder)
    facts = await asyncio.to_thread(stack.up, town.config)
    async with Stack(facts) as again:
        city, special = again.caller(Role.KAA_COORDINATOR), again.caller(Role.SPECIAL_HANDLER)
        assert {one.youth_id for one in await city.journeys(step=Step.ENDED)} >= ended
        assert {one.episode_id for one in await city.journeys() + await special.journeys()} == journeys
        assert {one.task_id for one in await city.tasks(state=sorted(TaskState))} >= tasks
        later = await city.messages()
        assert {one.message_id for one in later} >= messages
        first_letters = Counter(one.youth_id for one in later if one.kind is MessageKind.FIRST_LETTER)
        assert set(first_letters.values()) == {1}
        # And it works on: a youth calls. One of our own: the other tests' youths are theirs.
        decided = await city.contact(caller_id, ReachedBy.INBOUND_CALL, str(uuid4()))
        assert decided.step is Step.MAPPING
