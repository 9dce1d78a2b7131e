"""Values of a field: from text to what is stored. What does not fit is refused with a code, never repeated."""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum

import phonenumbers

from services.registry.domain import person_number

MAX_LENGTH = 200  # characters; longer is not a name or an address but a broken file

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EARLIEST, _LATEST = date(1900, 1, 1), date(2199, 12, 31)
_SWEDISH_MOBILE = re.compile(r"(?:\+46|0046|0)(7[0-9]{8})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class BadValue(ValueError):
    """A value that does not fit its field. ``reason`` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def text(raw: str) -> str:
    if len(raw) > MAX_LENGTH:
        raise BadValue("too_long")
    if _CONTROL.search(raw):
        raise BadValue("control_character")
    return raw


def person(raw: str) -> person_number.PersonNumber:
    try:
        return person_number.parse(raw)
    except person_number.InvalidNumber as error:
        raise BadValue(error.reason) from None


def day(raw: str) -> date:
    if _DATE.fullmatch(raw) is None:
        raise BadValue("date_format")
    try:
        value = date.fromisoformat(raw)
    except ValueError:
        raise BadValue("impossible_date") from None
    if not _EARLIEST <= value <= _LATEST:
        raise BadValue("impossible_date")
    return value


def code(allowed: type[StrEnum]) -> Callable[[str], str]:
    """Return a reader of one of an enumeration's values."""
    values = {str(value): str(value) for value in allowed}

    def read(raw: str) -> str:
        try:
            return values[raw]
        except KeyError:
            raise BadValue("unknown_code") from None

    return read


def digits(count: int) -> Callable[[str], str]:
    pattern = re.compile(rf"[0-9]{{{count}}}")

    def read(raw: str) -> str:
        if pattern.fullmatch(raw) is None:
            raise BadValue(f"not_{count}_digits")
        return raw

    return read


def postal_code(raw: str) -> str:
    return digits(5)(raw.replace(" ", ""))


def phone(raw: str) -> str:
    """Return a number in E.164; a number without a country code is Swedish."""
    compact = raw.replace(" ", "").replace("-", "")
    if match := _SWEDISH_MOBILE.fullmatch(compact):  # nearly all, and 100 times faster
        return f"+46{match[1]}"
    try:
        number = phonenumbers.parse(raw, "SE")
    except phonenumbers.NumberParseException:
        raise BadValue("phone") from None
    if not phonenumbers.is_valid_number(number):
        raise BadValue("phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(raw: str) -> str:
    if _EMAIL.fullmatch(text(raw)) is None:
        raise BadValue("email")
    return raw
