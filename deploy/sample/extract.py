"""What the four sources know on a day, in the layouts of docs/sources/files.md."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from contracts.registry_activities import Source
from deploy.sample.people import Person, Placement
from deploy.sample.places import MUNICIPALITY, OWN_SCHOOLS
from deploy.sample.population import Residents, add_covered, add_gone, add_others
from deploy.sample.school_year import autumn_start
from deploy.sample.year import tell

RESIDENTS_PER_COVERED = 6  # plan sizes: 45 000 residents matched nightly, 7 500 covered
ARRIVING_PERCENT = 31  # of the covered; plan sizes: 10 000 seen a year, 7 500 covered
HORIZON = timedelta(days=365)

_PLACEMENT = ("person_number", "school_unit", "kind", "programme", "starts_on", "ends_on", "end_kind")
COLUMNS: Mapping[Source, tuple[str, ...]] = {
    Source.POPULATION: (
        *("person_number", "previous_person_number", "first_name", "last_name", "sex"),
        *("care_of", "street", "postal_code", "city", "district", "municipality"),
        *("status", "status_date", "protection", "immigrated_on", "moved_in_on", "phone", "email"),
    ),
    Source.PLACEMENTS: _PLACEMENT,
    Source.SCHOOLS: (*_PLACEMENT, "compulsory_completed_on", "phone", "email"),
    Source.EXAMS: ("person_number", "kind", "issued_on"),
}
Row = tuple[str, ...]


@lru_cache(maxsize=4)
def people(
    seed: int, covered: int, start: date, residents: int | None = None, arriving: int | None = None
) -> tuple[Person, ...]:
    """Return everybody who lives in the sample municipality at some time in the year after ``start``.

    Exactly ``covered`` of them are covered by the duty on ``start``. ``residents`` is the number of people in
    the first extract, six times the covered when not given; ``arriving`` is the number of those who come under
    the duty in the course of the year. Same arguments, same people.
    """
    town = Residents(seed, start)
    youths = add_covered(town, covered)
    gone = max(3, covered // 50)
    add_others(town, max((residents or covered * RESIDENTS_PER_COVERED) - covered - gone, 0))
    add_gone(town, gone)
    tell(town, youths, covered * ARRIVING_PERCENT // 100 if arriving is None else arriving)
    return tuple(town.people)


def extract(
    seed: int,
    covered: int,
    as_of: date,
    *,
    start: date | None = None,
    residents: int | None = None,
    arriving: int | None = None,
) -> dict[Source, list[Row]]:
    """Return the rows of each source on the day ``as_of``, header not included.

    Follow-up extracts of one municipality share ``start`` (``as_of`` when not given). Raises ValueError when
    ``as_of`` is not in the year that begins with ``start``.
    """
    start = start or as_of
    if not start <= as_of < start + HORIZON:
        raise ValueError(f"the sample tells the year from {start.isoformat()}; {as_of.isoformat()} is outside it")
    known = [
        person
        for person in people(seed, covered, start, residents, arriving)
        if person.appears_on is None or person.appears_on <= as_of
    ]
    return {
        Source.POPULATION: [_population(person, as_of) for person in known],
        Source.PLACEMENTS: list(_placements(known, as_of)),
        Source.SCHOOLS: list(_schools(known, as_of)),
        Source.EXAMS: list(_exams(known, as_of)),
    }


def write(rows: Mapping[Source, Iterable[Row]], as_of: date, folder: Path) -> list[Path]:
    """Write one file a source into ``folder``; a file is seen under its name only when it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for source, records in rows.items():
        lines = [";".join(record) for record in records]
        text = "\n".join((";".join(COLUMNS[source]), *lines, f"#END;{len(lines)}", ""))
        path = folder / f"{source}_{as_of:%Y%m%d}.csv"
        part = path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)
        written.append(path)
    return written


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _national(phone: str, key: int) -> str:
    """Every other number as people write it, 070-174 06 05."""
    if not phone or key % 2:
        return phone
    digits = "0" + phone.removeprefix("+46")
    return f"{digits[:3]}-{digits[3:6]} {digits[6:8]} {digits[8:]}"


def _population(person: Person, on: date) -> Row:
    address, status, protection = person.address_on(on), person.status_on(on), person.protection_on(on)
    changed = person.coordination_number and person.number_on(on) != person.coordination_number
    hidden = status != "active" or protection == "skyddad_folkbokforing"
    where = (address.care_of, address.street, address.postal_code, address.city, address.district)
    return (
        person.number_on(on),
        person.coordination_number if changed else "",
        person.first_name,
        person.last_name,
        person.sex.value,
        *(("",) * len(where) if hidden else where),
        person.moved_to if status == "moved_out" else MUNICIPALITY,
        status,
        _iso(person.status_date) if status != "active" else "",
        protection,
        _iso(person.immigrated_on),
        _iso(person.moved_in_on),
        _national(person.phone, person.key),
        person.email,
    )


def _placement(person: Person, placement: Placement, on: date) -> Row:
    told = placement.told_on is not None and placement.told_on <= on
    return (
        person.number_on(on),
        placement.school_unit,
        placement.kind,
        placement.programme,
        _iso(placement.starts_on),
        _iso(placement.ends_on) if told else "",
        placement.end_kind if told else "",
    )


def _placements(people: Iterable[Person], on: date) -> Iterator[Row]:
    for person in people:
        for placement in person.placements:
            if placement.seen_on <= on:
                yield _placement(person, placement, on)


def _schools(people: Iterable[Person], on: date) -> Iterator[Row]:
    """The city's own schools: three of four pupils of compulsory school, half of upper-secondary."""
    for person in people:
        if person.compulsory_school and person.key % 4:
            done = person.compulsory_completed_on
            over = done is not None and done <= on
            ended = (_iso(done), "completed", _iso(done)) if over else ("", "", "")
            starts_on = autumn_start(person.born.year + 15)
            yield (
                *(person.number_on(on), person.compulsory_school, "compulsory", "", _iso(starts_on)),
                *(*ended, "", person.email),
            )
        for placement in person.placements:
            if placement.school_unit in OWN_SCHOOLS and placement.seen_on <= on:
                yield (*_placement(person, placement, on), "", "", "")


def _exams(people: Iterable[Person], on: date) -> Iterator[Row]:
    for person in people:
        for exam in person.exams:
            if exam.issued_on <= on:
                yield person.number_on(on), exam.kind, exam.issued_on.isoformat()
