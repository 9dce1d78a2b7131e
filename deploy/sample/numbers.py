"""Numbers that belong to nobody: personnummer of the test series, and telephone numbers.

*Personnummer*: Skatteverket reserves the birth numbers 238 and 239 for tests: one woman and one man a
birth date, some 2 900 for four birth years. A larger municipality takes further birth numbers, made
on the fly and never committed, because such a number can be a living person's.

*Telephone numbers*: PTS reserves 070-174 06 05 to 070-174 06 99 for fiction. When these 95 are used,
numbers follow from 079-980 00 00 on, a range of the mobile series that no operator has been allotted
(a test asks libphonenumber's carrier table). The sandbox SMS provider is the only one that sees them.
"""

from collections.abc import Iterator
from datetime import date

from contracts.reasons import Sex

TEST_SERIES = {Sex.WOMAN: 238, Sex.MAN: 239}
_FURTHER = (*range(980, 1000), *range(1, 238), *range(240, 980))
_DRAMA_FIRST, _DRAMA_LAST = 46701740605, 46701740699
_UNALLOTTED_FIRST = 46799800000


def luhn_digit(digits: str) -> int:
    """Return the modulus-10 check digit of nine digits (YYMMDDNNN)."""
    total = sum(sum(divmod(int(digit) * (2 - index % 2), 10)) for index, digit in enumerate(digits))
    return -total % 10


def personnummer(born: date, birth_number: int, *, coordination: bool = False) -> str:
    """Return the twelve digits of a person number. ``coordination``: a samordningsnummer (day + 60)."""
    nine = f"{born:%y%m}{born.day + 60 * coordination:02d}{birth_number:03d}"
    return f"{born.year // 100}{nine}{luhn_digit(nine)}"


def birth_numbers(sex: Sex) -> Iterator[int]:
    """Yield the birth numbers of one birth date for a sex, the reserved one first (even: woman)."""
    yield TEST_SERIES[sex]
    yield from (number for number in _FURTHER if number % 2 == TEST_SERIES[sex] % 2)


def phone(serial: int) -> str:
    """Return telephone number ``serial`` (from 0) in E.164."""
    drama = _DRAMA_FIRST + serial
    if drama <= _DRAMA_LAST:
        return f"+{drama}"
    return f"+{_UNALLOTTED_FIRST + serial - (_DRAMA_LAST - _DRAMA_FIRST + 1)}"
