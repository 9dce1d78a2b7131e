"""Three youths with canaries, and what happens to them in 2023: two will be deleted, one stays."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

from contracts.messages import MessageKind
from contracts.registry_activities import Source
from contracts.tasks import MappingOutcome, MappingResult, Occupation, TaskKind
from tests.integration.everywhere.whole import Whole, eventually
from tests.integration.gallring.filling import REGISTRY, Youth, common_values, fill_common, run
from tests.integration.registry.city import BYSTANDERS, exam, schooling
from tests.unit.registry.files import Record, content, placement, resident

GONE = Youth(600, date(2004, 1, 10), "Gallrander", "Gallringsgatan 7", "+46701740650")
PROTECTED = Youth(800, date(2004, 3, 10), "Skyddander", "Hemligstigen 3", "+46701740652")
STAYS = Youth(700, date(2004, 2, 10), "Stannander", "Stannegatan 9", "+46701740651")
DISTRICT, PROTECTED_DISTRICT = "farsta", "bromma"  # nobody else lives in the second
AUTUMN, WINTER, TODAY = date(2023, 10, 2), date(2023, 12, 4), date(2026, 6, 1)
# What the others have had of them, in tables that only rare courses of events fill.
RARE = {
    "outreach": """
insert into early_closures (task_id, state, at)
select task_id, 'cancelled', $5 from tasks where youth_id = $1 limit 1;
insert into handover_consents (consent_id, youth_id, party, given_at) values ($1, $1, 'socialtjanst', $5);
insert into visits (task_id, youth_id, episode_id, staff, starts_at, ends_at, state)
select task_id, youth_id, episode_id, '{anna,bo}', $5, $5::timestamptz + interval '1 hour', 'done'
from tasks where youth_id = $1 limit 1;
insert into calendar (staff_id, during, youth_id, task_id)
select 's-' || $1::text, tstzrange($5, $5::timestamptz + interval '1 hour'), youth_id, task_id
from tasks where youth_id = $1 limit 1;
with wave as (
    insert into waves (wave_id, state, pace, policy_version, begins, created_at, created_by, changed_at)
    values (gen_random_uuid(), 'preview', '{}', 'v1', $5, $5, 'karin', $5) returning wave_id
)
insert into wave_youths (wave_id, youth_id, episode_id, place)
select wave_id, $1, (select episode_id from tasks where youth_id = $1 limit 1), 1 from wave;
""",
    "notifications": """
-- From a number that we have written to: else nobody could tell whose it is.
insert into inbound_sms select 'n-' || $1::text, $8, $7, null, $5 from message where youth_id = $1 limit 1;
""",
}
OPEN_MEASURE = """
insert into measures (id, person_id, episode_id, catalogue_id, state, offered_on, occupation_before, follows_up,
    version, recorded_at, recorded_by)
values (gen_random_uuid(), $1, $1, (select catalogue_id from measures where person_id = $1), 'offered',
    '2023-11-01', 'none', 'anna', 1, now(), 'anna')
"""


def personal(youth: Youth) -> list[str]:
    """What tells who it is, in the forms in which it could be written."""
    numbers = [form for one in (youth.number, youth.old_number) for form in (one[2:], f"{one[2:8]}-{one[8:]}")]
    phone = youth.phone.removeprefix("+46")
    return [*numbers, phone, f"{phone[:2]}-{phone[2:5]} {phone[5:7]} {phone[7:]}", last_name(youth),
            youth.first_name, youth.street, youth.born.isoformat()]  # fmt: skip


def last_name(youth: Youth) -> str:
    return f"{youth.first_name}sson"


def _of(youth: Youth, **changes: str) -> Record:
    return resident(
        youth.which, person_number=youth.number, first_name=youth.first_name, last_name=last_name(youth),
        street=youth.street, phone=youth.phone, **changes,
    )  # fmt: skip


def deliver(town: Whole, day: date, *, with_youths: bool) -> None:
    """Put the files of a night into the drop folder."""
    residents: list[Record] = [resident(100 + which) for which in range(BYSTANDERS)]
    if with_youths:
        residents += [_of(GONE), _of(STAYS)]
        residents += [_of(PROTECTED, district=PROTECTED_DISTRICT, protection="sekretessmarkering")]
    rows: dict[Source, list[Record]] = {
        Source.POPULATION: residents,
        Source.PLACEMENTS: [placement(100 + which) for which in range(BYSTANDERS)],
        Source.SCHOOLS: [schooling(900)],
        Source.EXAMS: [exam(900, "ib")],
    }
    for source, records in rows.items():
        (town.drop / f"{source}_{day:%Y%m%d}.csv").write_bytes(content(source, records))


async def sync(town: Whole) -> None:
    started = await town.call("registry", "POST", "/sync-runs", "register_superuser", json={})
    path = f"/sync-runs/{started.json()['run_id']}"

    async def done() -> bool:
        run = (await town.call("registry", "GET", path, "register_superuser")).json()
        return bool(run["finished_at"])

    await eventually(done, "a sync that is done")


async def known(town: Whole, youth: Youth) -> Youth:
    """The youth with the id that the register has given."""
    query = "select person_id from person_numbers where number = $1"
    return replace(youth, youth_id=await town.registry.fetchval(query, youth.number))


async def is_found(town: Whole, youth: Youth) -> None:
    """Letter and SMS go out; the youth answers, and tells in the talk that they work."""
    kinds = [MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS]
    sent = """
        select count(*) = 2 from message
        where youth_id = $1 and kind = any($2) and state in ('sent', 'delivered')
    """
    await eventually(lambda: town.pools["notifications"].fetchval(sent, youth.youth_id, kinds), "letter and SMS")
    for body in ("JA", f"Hej, det var {youth.first_name}"):
        sms = {"from": youth.phone, "body": body}
        await town.call("notifications", "POST", "/sandbox/inbound-sms", "kaa_coordinator", json=sms)
    task_id: UUID = await task_of(town, youth, TaskKind.MAPPING)
    await town.call("outreach", "POST", f"/tasks/{task_id}/claim", "kaa_coordinator")
    outcome = MappingOutcome(result=MappingResult.OCCUPIED, occupation=Occupation.WORK)
    await town.call(
        "outreach", "POST", f"/tasks/{task_id}/complete", "kaa_coordinator",
        json=outcome.model_dump(mode="json"), headers={"Idempotency-Key": str(uuid4())},
    )  # fmt: skip


async def task_of(town: Whole, youth: Youth, kind: TaskKind) -> UUID:
    query = "select task_id from tasks where youth_id = $1 and kind = $2"
    return await eventually(lambda: town.pools["outreach"].fetchval(query, youth.youth_id, kind), f"a {kind} task")


async def search_is_over(town: Whole, youth: Youth) -> None:
    query = "select true from journeys where youth_id = $1 and ended_at is not null"
    await eventually(lambda: town.pools["outreach"].fetchval(query, youth.youth_id), "the end of a search")


async def fill_the_rest(town: Whole, youth: Youth) -> None:
    """Everything else that the services can have of a youth: documentation, reports, rare rows."""
    values = await common_values(town.registry, youth)
    await run(
        town.registry, REGISTRY, {"$1": youth.youth_id, "$2": youth.number, "$3": youth.old_number, **values}
    )
    for service, script in RARE.items():
        await run(town.pools[service], script, {"$1": youth.youth_id, **values})
    for pool in town.pools.values():
        await fill_common(pool, youth)
