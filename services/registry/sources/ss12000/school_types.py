"""What an enrolment is to us, by school type and programme. Pure.

School types are the standard's `SchoolTypesEnum`; it has no word for what counts as upper-secondary school
(Skollagen 29 kap. 9 §), so that is decided here.
"""

from dataclasses import dataclass

from services.registry.domain.facts import EnrolmentKind

COMPULSORY = frozenset({"FKLASS", "GR", "GRS", "TR", "SP", "SAM"})
# Studies that leave the youth covered, and are worth knowing of.
OTHER = frozenset(
    {
        "VUX",
        "VUXSFI",
        "VUXGR",
        "VUXGY",
        "VUXSARGR",
        "VUXSARTR",
        "VUXSARGY",
        "SFI",
        "SARVUX",
        "SARVUXGR",
        "SARVUXGY",
        "YH",
        "FHS",
        "STF",
        "KKU",
        "HS",
        "ABU",
        "AU",
    }
)
# Preschool, after-school care and culture school say nothing of the duty: not taken in (2006:39, 3 §).
LEISURE = frozenset({"FS", "FTH", "OPPFTH", "KU"})

_NATIONAL_TYPES = frozenset({"yrkesprogram", "högskoleförberedande"})
# The standard spells it with a fault; servers spell it either way.
_INTRODUCTION_TYPES = frozenset({"intruduktionsprogram", "introduktionsprogram"})
_PART_TYPES = frozenset({"programinriktning", "yrkesutgång"})


@dataclass(frozen=True, slots=True)
class Classified:
    """``kind`` None: the school type is unknown. ``doubt``: (field, reason) of what was not understood."""

    kind: EnrolmentKind | None
    doubt: tuple[str, str] | None = None


def normalised(raw: object) -> str | None:
    """Return a school type as the standard writes it, or None when there is none."""
    return raw.strip().upper() or None if isinstance(raw, str) else None


def classify(school_type: str, programme_type: str | None, code: str | None) -> Classified:
    """Return the kind of an enrolment. ``code`` is a programme code (NA, IMV) or a studievägskod (NANAT0).

    An upper-secondary pupil of whose programme nothing is told is on a national one: since 2018:749 it decides
    nothing (introduction programmes count as attending too), before that it errs towards not registering.
    """
    if school_type in COMPULSORY:
        return Classified(EnrolmentKind.COMPULSORY)
    if school_type in OTHER:
        return Classified(EnrolmentKind.OTHER)
    if school_type == "GYS":
        return Classified(EnrolmentKind.ANPASSAD)
    if school_type != "GY":
        return Classified(None, ("enrolments.schoolType", "unknown_code"))
    return _upper_secondary(programme_type, code)


def _upper_secondary(programme_type: str | None, code: str | None) -> Classified:
    by_type = (programme_type or "").strip().lower()
    if by_type in _INTRODUCTION_TYPES:
        return Classified(EnrolmentKind.INTRODUCTION)
    letters = (code or "").strip().upper()
    # IMV, IMA, IMY, IMS; IB is the International Baccalaureate. No national programme begins so.
    kind = {"IM": EnrolmentKind.INTRODUCTION, "IB": EnrolmentKind.EQUIVALENT}.get(
        letters[:2], EnrolmentKind.NATIONAL
    )
    if by_type and by_type not in _NATIONAL_TYPES | _PART_TYPES:
        return Classified(kind, ("programme.type", "unknown_code"))
    if not by_type and not letters:
        return Classified(kind, ("enrolments.programme", "not_told"))
    return Classified(kind)
