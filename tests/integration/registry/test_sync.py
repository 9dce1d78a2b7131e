"""The register sync against a real database: who is registered, changed, ended, and what is told of it."""

from uuid import uuid4

import pytest
from temporalio.exceptions import ApplicationError

from contracts.registry_activities import Source, SyncRequest
from services.registry.activities import ANOTHER_RUN, NOT_LOADED, NOT_OPEN
from tests.integration.registry.city import City, counts, exam, report_of, schooling
from tests.unit.registry.files import made_up_number, placement, resident

pytestmark = pytest.mark.stack


async def test_a_youth_outside_school_is_registered_with_grounds(city: City) -> None:
    city.residents += [resident(1)]
    city.schools += [schooling(1)]
    city.drop_all()
    report = await city.sync()
    assert (counts(report), report.covered) == ((1, 0, 0), 1)
    assert [(one.read, one.rejected, one.held) for one in report.sources] == [
        (41, 0, None), (40, 0, None), (2, 0, None), (1, 0, None),
    ]  # fmt: skip
    ((kind, data),) = await city.events()
    youth_id = await city.youth(1)
    assert kind == "youth-registered"
    assert data == {
        "youth_id": str(youth_id),
        "episode_id": data["episode_id"],
        "municipality": "0180",
        "district": "farsta",
        "sex": "woman",
        "birth_year": 2008,
        "reason": "never_started",
        "tracks": [],
        "protected": False,
        "registered_on": "2026-10-01",
        "last_covered_day": "2028-02-29",
    }
    grounds = await city.pool.fetchval("select grounds from episodes where person_id = $1", youth_id)
    assert {one["criterion"]: one["met"] for one in grounds["criteria"]}["compulsory_schooling_over"] is True
    assert await city.pool.fetchval("select count(*) from audit where youth_id = $1", youth_id) == 1


async def test_nothing_in_the_outbox_names_anybody(city: City) -> None:
    city.residents += [resident(1, first_name="Ovanliga", last_name="Namnsson")]
    city.drop_all()
    await city.sync()
    sent = str(await city.events())
    for secret in ("Ovanliga", "Namnsson", made_up_number(1), "Provgatan", "+4670"):
        assert secret not in sent


async def test_a_second_run_over_the_same_files_tells_nothing(city: City) -> None:
    city.residents += [resident(1), resident(2, protection="sekretessmarkering")]
    city.drop_all()
    await city.sync()
    before = await city.events()
    report = await city.sync()
    assert (counts(report), report.covered) == ((0, 0, 0), 2)
    assert await city.events() == before
    assert counts(await city.next_day()) == (0, 0, 0)  # nor new files that say the same
    assert await city.events() == before


async def test_each_activity_can_be_repeated(city: City) -> None:
    city.residents += [resident(1)]
    city.drop_all()
    request = SyncRequest(run_id=uuid4(), as_of=city.day)
    run = await city.open(request)
    assert await city.open(request) == run
    for source in Source:
        assert await city.load(run, source) == await city.load(run, source)
    report = await city.apply(run)
    assert await city.apply(run) == report
    assert await city.load(run, Source.POPULATION) == report_of(report, Source.POPULATION)
    assert len(await city.events()) == 1
    assert await city.pool.fetchval("select count(*) from staging_population") == 0


async def test_each_kind_of_end_is_told_with_its_day(city: City) -> None:
    city.residents += [resident(which) for which in range(1, 7)]
    city.drop_all()
    assert counts(await city.sync()) == (6, 0, 0)
    bystanders = city.residents[:-6]
    city.residents = [
        *bystanders,
        resident(1, status="dead", status_date="2026-10-02"),
        resident(2, status="emigrated", status_date="2026-10-02"),
        resident(3, status="moved_out", status_date="2026-10-02"),
        resident(5),
        resident(6),
    ]  # 4 is not in the extract any more
    city.placements += [placement(5, starts_on="2026-10-02")]
    city.exams += [exam(6, "gymnasieexamen", "2026-10-02")]
    report = await city.next_day()
    assert (counts(report), report.covered) == ((0, 0, 6), 0)
    ended = {data["youth_id"]: (data["reason"], data["ended_on"]) for _, data in (await city.events())[6:]}
    reasons = ["dead", "emigrated", "moved_out", "moved_out", "started_school", "exam"]
    assert ended == {
        str(await city.youth(which)): (reason, "2026-10-02") for which, reason in enumerate(reasons, start=1)
    }


async def test_a_youth_who_comes_back_gets_a_new_episode(city: City) -> None:
    city.residents += [resident(1)]
    city.drop_all()
    await city.sync()
    city.placements.append(placement(1, starts_on="2026-10-02"))
    await city.next_day()
    city.placements[-1] = placement(1, starts_on="2026-10-02", ends_on="2026-10-02", end_kind="dropout")
    await city.next_day()
    (_, first), (_, end), (kind, again) = await city.events()
    assert (kind, again["reason"]) == ("youth-registered", "left_school")
    assert first["youth_id"] == again["youth_id"]
    assert first["episode_id"] == end["episode_id"] != again["episode_id"]


async def test_turning_20_ends_the_duty_without_any_new_file(city: City) -> None:
    city.residents += [resident(1)]
    city.drop_all()
    await city.sync()
    city.day = city.day.replace(2028, 3, 1)
    report = await city.sync()
    assert report.ended == 1
    assert (await city.events())[-1][1]["reason"] == "turned_20"


async def test_a_new_district_is_a_change_and_a_marking_takes_it_away(city: City) -> None:
    city.residents.append(resident(1))
    city.drop_all()
    await city.sync()
    city.residents[-1] = resident(1, district="spanga-tensta", street="Nygatan 1")
    await city.next_day()
    city.residents[-1] = resident(1, district="spanga-tensta", protection="sekretessmarkering")
    await city.next_day()
    changes = [(kind, data["district"], data["protected"]) for kind, data in (await city.events())[1:]]
    assert changes == [("youth-changed", "jarva", False), ("youth-changed", None, True)]
    # A feed sets the marking and never lifts it.
    city.residents[-1] = resident(1, district="spanga-tensta")
    assert counts(await city.next_day()) == (0, 0, 0)


async def test_a_new_number_is_the_same_person(city: City) -> None:
    city.residents.append(resident(1))
    city.exams.append(exam(1, "studiebevis"))
    city.drop_all()
    await city.sync()
    before = await city.youth(1)
    city.residents[-1] = resident(2, previous_person_number=made_up_number(1))
    report = await city.next_day()
    assert (counts(report), report.covered) == ((0, 0, 0), 1)
    assert await city.youth(2) == before == await city.youth(1)


async def test_two_persons_who_turn_out_to_be_one(city: City) -> None:
    city.residents += [resident(1, protection="sekretessmarkering"), resident(2)]
    city.drop_all()
    await city.sync()
    older, newer = await city.youth(2), await city.youth(1)
    city.residents[-2:] = [resident(1, previous_person_number=made_up_number(2))]
    report = await city.next_day()
    # The older history stays and takes over the marking; the other was registered in error.
    assert (counts(report), report.covered) == ((0, 1, 1), 1)
    assert await city.youth(1) == await city.youth(2) == older
    (_, end), (_, change) = (await city.events())[-2:]
    assert (end["youth_id"], end["reason"]) == (str(newer), "registered_in_error")
    assert (change["youth_id"], change["protected"]) == (str(older), True)


async def test_who_moved_in_is_told_so_and_schools_of_strangers_are_not_kept(city: City) -> None:
    city.drop_all()
    await city.sync()
    assert await city.pool.fetchval("select count(*) from exams") == 0
    city.residents.append(resident(1, moved_in_on="2026-10-01"))
    await city.next_day()
    assert (await city.events())[-1][1]["reason"] == "moved_in"


class TestOneRunAtATime:
    async def test_another_run_is_refused(self, city: City) -> None:
        await city.open(SyncRequest(run_id=uuid4(), as_of=city.day))
        with pytest.raises(ApplicationError) as refused:
            await city.open(SyncRequest(run_id=uuid4(), as_of=city.day))
        assert (refused.value.type, refused.value.non_retryable) == (ANOTHER_RUN, True)

    async def test_a_run_that_nobody_touches_is_abandoned(self, city: City) -> None:
        dead = await city.open(SyncRequest(run_id=uuid4(), as_of=city.day))
        await city.pool.execute("update sync_runs set touched_at = now() - interval '1 hour'")
        city.drop_all()
        await city.sync()
        with pytest.raises(ApplicationError) as refused:
            await city.load(dead, Source.POPULATION)
        assert refused.value.type == NOT_OPEN

    async def test_a_run_is_not_applied_before_all_is_read(self, city: City) -> None:
        city.drop_all()
        run = await city.open(SyncRequest(run_id=uuid4(), as_of=city.day))
        await city.load(run, Source.POPULATION)
        with pytest.raises(ApplicationError) as refused:
            await city.apply(run)
        assert refused.value.type == NOT_LOADED

    async def test_a_run_without_an_id_is_the_same_when_repeated(self, city: City) -> None:
        request = SyncRequest(as_of=city.day)
        assert await city.open(request) == await city.open(request)
