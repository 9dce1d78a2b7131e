"""Stockholm's city districts (stadsdelsområden) as dated reference data.

The codes are our own (documented in docs/sources/files.md). Districts merge: in July 2023 Rinkeby-Kista and
Spånga-Tensta became Järva, and Norrmalm and Östermalm became Norra innerstaden. A figure about an
earlier day needs the district of that day, so none is ever removed from here.
"""

from dataclasses import dataclass
from datetime import date

MERGED_ON = date(2023, 7, 1)


@dataclass(frozen=True, slots=True)
class District:
    code: str
    name: str
    valid_from: date | None = None  # first day; None: since before this system
    valid_until: date | None = None  # last day; None: still
    merged_into: str | None = None


def _merged(code: str, name: str, into: str) -> District:
    return District(code, name, valid_until=date(2023, 6, 30), merged_into=into)


DISTRICTS: tuple[District, ...] = (
    District("bromma", "Bromma"),
    District("enskede-arsta-vantor", "Enskede-Årsta-Vantör"),
    District("farsta", "Farsta"),
    District("hagersten-alvsjo", "Hägersten-Älvsjö"),
    District("hasselby-vallingby", "Hässelby-Vällingby"),
    District("jarva", "Järva", valid_from=MERGED_ON),
    District("kungsholmen", "Kungsholmen"),
    District("norra-innerstaden", "Norra innerstaden", valid_from=MERGED_ON),
    District("skarholmen", "Skärholmen"),
    District("skarpnack", "Skarpnäck"),
    District("sodermalm", "Södermalm"),
    _merged("norrmalm", "Norrmalm", "norra-innerstaden"),
    _merged("ostermalm", "Östermalm", "norra-innerstaden"),
    _merged("rinkeby-kista", "Rinkeby-Kista", "jarva"),
    _merged("spanga-tensta", "Spånga-Tensta", "jarva"),
)
DISTRICT_BY_CODE: dict[str, District] = {district.code: district for district in DISTRICTS}


# Swedish alphabetical order: å, ä and ö come after z.
_ORDER = str.maketrans({"å": "{", "ä": "|", "ö": "}"})


def districts_on(day: date) -> tuple[District, ...]:
    """Return the districts that exist on a day, in Swedish alphabetical order."""
    existing = (
        district
        for district in DISTRICTS
        if (district.valid_from is None or district.valid_from <= day)
        and (district.valid_until is None or day <= district.valid_until)
    )
    return tuple(sorted(existing, key=lambda district: district.name.casefold().translate(_ORDER)))


def district_on(code: str, day: date) -> str:
    """Return the code of the district that a district belongs to on a day: itself, or what it merged into.

    An unknown code is returned as it is.
    """
    district = DISTRICT_BY_CODE.get(code)
    if district is None or district.merged_into is None or district.valid_until is None:
        return code
    return code if day <= district.valid_until else district_on(district.merged_into, day)
