"""Stockholm's eleven districts as the sample sees them: share of the youths, postal area."""

from dataclasses import dataclass

MUNICIPALITY = "0180"
ELSEWHERE = ("0127", "0136", "0182", "0184")  # municipalities that people move to


@dataclass(frozen=True, slots=True)
class District:
    """``share``: percent of the sample's residents. ``postal``: first three digits of the postal codes."""

    code: str
    share: int
    postal: str
    city: str


DISTRICTS: tuple[District, ...] = (
    District("bromma", 10, "167", "Bromma"),
    District("enskede-arsta-vantor", 12, "122", "Enskede"),
    District("farsta", 8, "123", "Farsta"),
    District("hagersten-alvsjo", 13, "126", "Hägersten"),
    District("hasselby-vallingby", 10, "165", "Hässelby"),
    District("jarva", 12, "163", "Spånga"),
    District("kungsholmen", 5, "112", "Stockholm"),
    District("norra-innerstaden", 9, "113", "Stockholm"),
    District("skarholmen", 5, "127", "Skärholmen"),
    District("skarpnack", 5, "128", "Skarpnäck"),
    District("sodermalm", 11, "118", "Stockholm"),
)
SHARES: tuple[int, ...] = tuple(district.share for district in DISTRICTS)

OWN_SCHOOLS: tuple[str, ...] = tuple(f"9900{number:04d}" for number in range(1, 13))
OTHER_SCHOOLS: tuple[str, ...] = tuple(f"9910{number:04d}" for number in range(1, 25))
COMPULSORY_SCHOOLS: tuple[str, ...] = tuple(f"9920{number:04d}" for number in range(1, 31))
ADULT_SCHOOLS: dict[str, str] = {"SFI": "99300001", "FHS": "99300002", "KOMVUX": "99300003"}
PROGRAMMES: tuple[str, ...] = ("NA", "SA", "EK", "TE", "ES", "BA", "EE", "VO", "BF", "HA", "RL", "FT")
