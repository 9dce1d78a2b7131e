"""The sample's Navet file and its register extract tell the same of the same people."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from contracts.registry_activities import Source
from deploy.sample import navet
from deploy.sample.extract import COLUMNS, extract, people
from services.registry.domain.facts import Protection, Status
from services.registry.domain.person_number import parse
from services.registry.sources.navet.change import Reject
from services.registry.sources.navet.files import in_folder
from services.registry.sources.navet.reader import Reader
from services.registry.sources.navet.resident import Address, Resident, applied

START, SEED, COVERED = date(2025, 8, 15), 3, 400
NOT_NAVETS = ("district", "phone", "email", "told_on")


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def residents(on: date) -> dict[str, Resident]:
    """Everybody in the extract of a day, by number."""
    found = {}
    for record in extract(SEED, COVERED, on, start=START)[Source.POPULATION]:
        row = dict(zip(COLUMNS[Source.POPULATION], map(navet.as_written, record), strict=True))
        found[row["person_number"]] = Resident(
            person_number=parse(row["person_number"]),
            first_name=row["first_name"],
            last_name=row["last_name"],
            municipality=row["municipality"],
            status=Status(row["status"]),
            status_date=day(row["status_date"]),
            registered=Address(
                *(row["care_of"] or None, None, row["street"] or None),
                *(row["postal_code"] or None, row["city"] or None),
            ),
            protection=Protection(row["protection"]),
            immigrated_on=day(row["immigrated_on"]),
            moved_in_on=day(row["moved_in_on"]),
        )
    return found


def after(known: dict[str, Resident], folder: Path) -> tuple[dict[str, Resident], int]:
    """Return the residents after all files of a folder, and how many posts there were."""
    now, posts = dict(known), 0
    for file in in_folder(folder, date.max).files:
        with file.path.open("rb") as opened:
            reader = Reader(opened)
            for change in reader.outcomes():
                assert not isinstance(change, Reject)
                assert change.notes == ()
                older = None if change.previous_number is None else change.previous_number.digits
                number = change.person_number.digits
                before = now.get(number) or now.pop(older or "", None)
                result = applied(before, change, home="0180", file_date=file.file_date)
                assert not isinstance(result, Reject)
                now[number] = result.resident
                posts += 1
        assert (reader.shape.cut, reader.shape.encoding, reader.shape.unknown_terms) == (False, "cp1252", {})
    return now, posts


def comparable(known: dict[str, Resident]) -> dict[str, dict[str, object]]:
    return {
        number: {name: getattr(one, name) for name in one.__slots__ if name not in NOT_NAVETS}
        for number, one in known.items()
    }


@pytest.mark.parametrize("days_a_file", [360, 45])
def test_a_year_of_notices_leads_from_the_first_extract_to_the_last(tmp_path: Path, days_a_file: int) -> None:
    end = START + timedelta(days=360)
    everybody = people(SEED, COVERED, START)
    since = START
    while since < end:
        until = min(since + timedelta(days=days_a_file), end)
        navet.write(everybody, since, until, tmp_path)
        since = until
    now, posts = after(residents(START), tmp_path)
    expected = residents(end)
    assert comparable(now) == comparable(expected)
    changed = {one.status for one in expected.values()} | {one.protection for one in expected.values()}
    assert changed == {*Status, *Protection}  # the year has something of everything
    assert posts > 80
    assert any(number not in expected for number in residents(START))  # a number has changed


def test_a_day_without_news_is_a_whole_file_of_none(tmp_path: Path) -> None:
    path = navet.write((), START, START, tmp_path)
    with path.open("rb") as file:
        reader = Reader(file)
        assert list(reader.outcomes()) == []
    assert (reader.shape.readable, reader.shape.cut) == (True, False)
