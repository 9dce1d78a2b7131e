"""Reading what changed since: modified and deleted persons."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.clock import STOCKHOLM
from services.registry.sources.ss12000.delivery import Kind, Told
from services.registry.sources.ss12000.failures import FeedFailed
from tests.integration.registry.ss12000.conftest import MakeSchool, Served
from tests.integration.registry.ss12000.school import MODIFIED, id_of, pupil
from tests.integration.registry.ss12000.test_reading import rows_of
from tests.unit.registry.files import made_up_number

SINCE = datetime(2026, 2, 2, 3, 0, tzinfo=STOCKHOLM)
LATER = "2026-02-02T09:30:00+01:00"
DELETED_AT = datetime(2026, 2, 2, 12, 0, tzinfo=STOCKHOLM)


def changed(which: int, **changes: Any) -> dict[str, Any]:
    return pupil(which, meta={"created": MODIFIED, "modified": LATER}, **changes)


@pytest.fixture
async def served(make_school: MakeSchool) -> Served:
    return await make_school(persons=[pupil(0), changed(1), changed(2, enrolments=[])])


async def test_only_what_changed_is_asked_for(served: Served) -> None:
    delivery, batches = await served.read(SINCE, pupils_only=True)
    assert delivery.kind is Kind.CHANGES
    assert [row["person_number"] for row in rows_of(batches)] == [made_up_number(1)]
    # Who has lost the last enrolment is told of: earlier rows are replaced by none.
    assert [told for batch in batches for told in batch.told] == [
        (id_of("person", 1), Told.REPLACED),
        (id_of("person", 2), Told.REPLACED),
    ]
    asked = [query for path, query in served.school.asked if path == "/persons"]
    assert asked == [{"meta.modified.after": "2026-02-02T03:00:00+01:00", "limit": "500"}]


async def test_deleted_persons_are_told(served: Served) -> None:
    gone = [id_of("person", which) for which in range(7, 12)]
    served.school.deleted = [(DELETED_AT - timedelta(days=3), id_of("person", 6))]
    served.school.deleted += [(DELETED_AT, one) for one in gone]
    delivery, batches = await served.read(SINCE, page_size=2)
    assert [one for batch in batches for one, told in batch.told if told is Told.GONE] == gone
    assert delivery.counts.gone == 5


async def test_who_is_listed_after_the_deletions_were_read_exists(served: Served) -> None:
    served.school.deleted = [(DELETED_AT, id_of("person", 1))]  # and was made again with the same id
    delivery, batches = await served.read(SINCE)
    assert [told for batch in batches for _, told in batch.told] == [Told.REPLACED, Told.REPLACED]
    assert delivery.counts.gone == 0
    paths = served.school.paths()
    assert paths.index("/deletedEntities") < paths.index("/persons")


async def test_without_the_endpoint_deletions_wait_for_the_next_whole_reading(served: Served) -> None:
    served.school.not_offered = {"/deletedEntities"}
    delivery, batches = await served.read(SINCE)
    assert (delivery.counts.not_read, len(rows_of(batches))) == ({"/deletedEntities": "http_404"}, 1)


async def test_deletions_that_cannot_be_read_today_fail_the_reading(served: Served) -> None:
    """Else the next reading would begin after them, and never see them."""
    served.school.trouble["/deletedEntities"] = ["status 500"] * 4
    with pytest.raises(FeedFailed, match="/deletedEntities: http_500"):
        await served.read(SINCE)


async def test_a_whole_reading_asks_for_no_deletions(served: Served) -> None:
    await served.read()
    assert "/deletedEntities" not in served.school.paths()
