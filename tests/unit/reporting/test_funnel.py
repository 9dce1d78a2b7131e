"""Figures per district and in total, from the rows of the funnel's SQL."""

from datetime import date, datetime

from chassis.clock import STOCKHOLM
from services.reporting.domain.funnel import Funnel, Row, make_funnel
from services.reporting.domain.period import Period

NOW = datetime(2025, 11, 24, 13, 5, tzinfo=STOCKHOLM)
AUTUMN = Period(date(2025, 7, 1), date(2025, 11, 24))
SPRING_2023 = Period(date(2023, 1, 1), date(2023, 6, 30))
YEAR_2023 = Period(date(2023, 1, 1), date(2023, 12, 31))
ROWS = [
    Row("farsta", "covered", None, 10),
    Row("farsta", "reached", "call", 2),
    Row("farsta", "efforts_made", "call", 7),
    Row("farsta", "efforts_answered", "call", 2),
    Row("bromma", "covered", None, 5),
    Row("bromma", "reached", "call", 1),
    Row("bromma", "reached", "drop_in", 1),
    Row(None, "covered", None, 1),
]


def covered(funnel: Funnel) -> dict[str | None, int]:
    return {one.district: one.covered for one in funnel.districts if one.covered}


def test_districts_add_up_to_the_total() -> None:
    funnel = make_funnel(ROWS, AUTUMN, None, NOW)
    assert funnel.total.covered == 16
    assert funnel.total.reached == 4
    assert funnel.total.reached_by["call"] == 3
    assert covered(funnel) == {"farsta": 10, "bromma": 5, None: 1}


def test_every_district_of_the_day_is_there_also_with_nobody_in_it() -> None:
    funnel = make_funnel([], AUTUMN, None, NOW)
    assert len(funnel.districts) == 11
    assert [one.name for one in funnel.districts][-3:] == ["Skarpnäck", "Skärholmen", "Södermalm"]
    assert funnel.total.reached_by["sms_answer"] == 0
    assert funnel.total.efforts["door_card"].made == 0


def test_one_district_alone() -> None:
    funnel = make_funnel(ROWS, AUTUMN, "farsta", NOW)
    assert covered(funnel) == {"farsta": 10}
    assert funnel.total.covered == 10
    assert funnel.total.efforts["call"].model_dump() == {"made": 7, "youths": 0, "answered": 2, "failed": 0}


def test_merged_districts_count_where_they_belong_on_the_last_day() -> None:
    rows = [
        Row("rinkeby-kista", "covered", None, 3),
        Row("spanga-tensta", "covered", None, 2),
        Row("jarva", "covered", None, 1),
    ]
    assert covered(make_funnel(rows, YEAR_2023, None, NOW)) == {"jarva": 6}
    assert covered(make_funnel(rows, YEAR_2023, "jarva", NOW)) == {"jarva": 6}
    before = make_funnel(rows[:2], SPRING_2023, None, NOW)
    assert covered(before) == {"rinkeby-kista": 3, "spanga-tensta": 2}


def test_a_district_or_way_that_is_not_known_is_counted_all_the_same() -> None:
    funnel = make_funnel(
        [Row("atlantis", "covered", None, 1), Row("atlantis", "reached", "pigeon", 1)], AUTUMN, None, NOW
    )
    assert covered(funnel) == {"atlantis": 1}
    assert funnel.total.reached_by["pigeon"] == 1


def test_the_json_says_from_and_to() -> None:
    body = make_funnel(ROWS, AUTUMN, None, NOW).model_dump(mode="json", by_alias=True)
    assert (body["from"], body["to"]) == ("2025-07-01", "2025-11-24")
