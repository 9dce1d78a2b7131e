"""Personnummer and samordningsnummer: parsed once, at the border, into twelve checked digits."""

import re
from dataclasses import dataclass
from datetime import date

from personnummer.personnummer import Personnummer, PersonnummerException

from contracts.reasons import Sex

_TWELVE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})-?([0-9]{4})")
# Schools number pupils who lack a number as 20130101TF01 or 000101-T220: nothing can be matched by those.
_INTERIM = re.compile(r"[0-9]{6,8}-?(?=[0-9A-ZÅÄÖ]*[A-ZÅÄÖ])[0-9A-ZÅÄÖ]{4}")
_COORDINATION = 60


class InvalidNumber(ValueError):
    """Not a person number. ``reason`` is a code; the number itself is never repeated."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PersonNumber:
    """Twelve digits ``YYYYMMDDNNNK`` with a right check digit and a possible date."""

    digits: str
    birth_date: date
    sex: Sex
    is_coordination: bool  # samordningsnummer: day + 60


def parse(raw: str) -> PersonNumber:
    """Return the person number in ``raw`` (``YYYYMMDDNNNK``, a hyphen before the last four allowed).

    Skatteverket's test series are numbers like any other. Raises InvalidNumber with one of the
    reasons ``interim_number``, ``format``, ``impossible_date``, ``check_digit``.
    """
    match = _TWELVE.fullmatch(raw)
    if match is None:
        raise InvalidNumber("interim_number" if _INTERIM.fullmatch(raw) else "format")
    year, month, day, last_four = match.groups()
    is_coordination = int(day) > _COORDINATION
    try:
        birth_date = date(int(year), int(month), int(day) - (_COORDINATION if is_coordination else 0))
    except ValueError:
        raise InvalidNumber("impossible_date") from None
    digits = f"{year}{month}{day}{last_four}"
    try:
        Personnummer(digits)
    except PersonnummerException:
        raise InvalidNumber("check_digit") from None
    return PersonNumber(digits, birth_date, Sex.MAN if int(digits[10]) % 2 else Sex.WOMAN, is_coordination)
