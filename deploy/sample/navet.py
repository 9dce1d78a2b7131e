"""What Skatteverket's Navet would tell of the sample's people: a file of change notices between two days.

Written after what is public of the format (docs/sources/navet.md), and not with the registry's own table of
codes: so the two can be compared. Names and addresses are those of the extract; the special address of
somebody with skyddad folkbokföring is an invented one of Skatteverket's.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from deploy.sample.people import Address, Person
from deploy.sample.places import MUNICIPALITY

ENCODING = "iso-8859-1"

NUMBER, ASSIGNED_NUMBER, OTHER_NUMBER = "01001", "01002", "01005"
MARKED, PROTECTED_REGISTRATION = "01003", "01020"
DEREGISTERED, DEREGISTERED_ON, TOTAL = "01006", "01007", "01008"
GIVEN_NAME, FIRST_NAMES, LAST_NAME = "01011", "01012", "01014"
REGISTERED_ON, COUNTY, IN_COUNTY, IMMIGRATED_ON = "01021", "01022", "01023", "01101"
CARE_OF, LINE_2, POSTAL_CODE, CITY = "01031", "01033", "01034", "01035"
SPECIAL_LINE_1, SPECIAL_LINE_2, SPECIAL_POSTAL_CODE, SPECIAL_CITY = "01052", "01053", "01054", "01055"
EMPTIED = "$"
REASON = {"dead": "AV", "emigrated": "UV"}

Post = list[tuple[str, str]]  # term code and value


def as_written(text: str) -> str:
    """Return a text as the file can hold it: a letter that ISO 8859-1 lacks loses its accent."""
    return "".join(
        one if ord(one) < 256 else unicodedata.normalize("NFKD", one).encode(ENCODING, "ignore").decode(ENCODING)
        for one in text
    )


def posts(person: Person, day: date) -> Iterator[Post]:
    """Yield what is told of a person on a day, in the order in which it comes."""
    if person.appears_on == day:
        yield [*_who(person, day), (TOTAL, "J"), *_names(person), *_registration(person, day), *_home(person, day)]
    if person.number_changed_on == day:
        yield [(ASSIGNED_NUMBER, person.coordination_number), (OTHER_NUMBER, person.number), (DEREGISTERED, "GS")]
        yield [(NUMBER, person.number), (OTHER_NUMBER, person.coordination_number)]
    if person.protected_from == day:
        yield [*_who(person, day), *_protection(person)]
    left = person.status != "active" and person.status_date == day
    if left and person.status == "moved_out":
        elsewhere = Address("Utflyttargatan 1", "99999", "Annanstad", "")
        where = [(COUNTY, person.moved_to[:2]), (IN_COUNTY, person.moved_to[2:])]
        yield [*_who(person, day), (REGISTERED_ON, _digits(day)), *where, *_address(elsewhere)]
    elif left:
        yield [*_who(person, day), (DEREGISTERED, REASON[person.status]), (DEREGISTERED_ON, _digits(day))]
    elif any(since == day for since, _ in person.addresses) and not _hidden(person, day):
        yield [*_who(person, day), (REGISTERED_ON, _digits(day)), *_address(person.address_on(day))]


def render(people: Iterable[Person], since: date, until: date) -> str:
    """Return the text of the file that tells of the days after ``since`` up to and with ``until``."""
    told = [
        (ordinal, person_posts)
        for ordinal in range(since.toordinal() + 1, until.toordinal() + 1)
        if (person_posts := [post for person in people for post in posts(person, date.fromordinal(ordinal))])
    ]
    days = [line for ordinal, notices in told for line in _day(date.fromordinal(ordinal), notices)]
    count = sum(len(notices) for _, notices in told)
    lines = [
        *("#INFO_START", "#FILTYP UTFIL", "#BESTÄLLNINGSID 00000000-FO01-0001", f"#EFFEKTUERAD {_digits(until)}"),
        *(f"#DATUM_ANDRING {_digits(date.fromordinal(since.toordinal() + 1))}-{_digits(until)}", "#INFO_SLUT"),
        *("#DATA_START", *days, "#DATA_SLUT"),
        *("#AVST_START", f"#ANTAL_POSTER {count:08}", "#AVST_SLUT", "#FIL_SLUT"),
        *("#DATABESKRIVNING_START", "#PRODUKT NAVET", "#FILNAMN NAVET", "#DATABESKRIVNING_SLUT", ""),
    ]
    return "\n".join(lines)


def write(people: Iterable[Person], since: date, until: date, folder: Path) -> Path:
    """Write ``navet_YYYYMMDD.txt`` of ``until`` into ``folder``; it is seen under its name only when whole."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"navet_{until:%Y%m%d}.txt"
    part = path.with_suffix(".part")
    part.write_bytes(as_written(render(tuple(people), since, until)).encode(ENCODING))
    part.replace(path)
    return path


def _day(day: date, notices: Iterable[Post]) -> Iterator[str]:
    yield f"#DAG_START {_digits(day)}"
    for post in notices:
        yield from ("#POST_START", *(f"#UP {code} {value}" for code, value in post), "#POST_SLUT")
    yield "#DAG_SLUT"


def _who(person: Person, day: date) -> Post:
    number = person.number_on(day)
    return [(ASSIGNED_NUMBER if number == person.coordination_number else NUMBER, number)]


def _names(person: Person) -> Post:
    """Everybody has a second first name that they are not called by."""
    return [(GIVEN_NAME, "10"), (FIRST_NAMES, f"{person.first_name} Kim"), (LAST_NAME, person.last_name)]


def _registration(person: Person, day: date) -> Post:
    where = [
        (REGISTERED_ON, _digits(person.moved_in_on or day)),
        (COUNTY, MUNICIPALITY[:2]),
        (IN_COUNTY, MUNICIPALITY[2:]),
    ]
    return [*where, *([(IMMIGRATED_ON, _digits(person.immigrated_on))] if person.immigrated_on else [])]


def _home(person: Person, day: date) -> Post:
    return [one for one in _address(person.address_on(day)) if one[1] != EMPTIED]


def _address(address: Address) -> Post:
    return [
        (CARE_OF, address.care_of or EMPTIED),
        (LINE_2, address.street),
        (POSTAL_CODE, address.postal_code),
        (CITY, address.city),
    ]


def _protection(person: Person) -> Post:
    if person.protection == "sekretessmarkering":
        return [(MARKED, "J")]
    return [
        (MARKED, "J"),
        (PROTECTED_REGISTRATION, "J"),
        *((code, EMPTIED) for code in (CARE_OF, LINE_2, POSTAL_CODE, CITY)),
        (SPECIAL_LINE_1, "Skatteverket"),
        (SPECIAL_LINE_2, "Förmedlingsboxen 1"),
        (SPECIAL_POSTAL_CODE, "99998"),
        (SPECIAL_CITY, "Exempelstad"),
    ]


def _hidden(person: Person, day: date) -> bool:
    return person.status_on(day) != "active" or person.protection_on(day) == "skyddad_folkbokforing"


def _digits(day: date) -> str:
    return f"{day:%Y%m%d}"
