"""Dates and numbers as Swedes write them. Own tables: no locale of the machine decides how a letter reads."""

from datetime import date, datetime

import phonenumbers

from chassis.clock import STOCKHOLM

MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni", "juli",
    "augusti", "september", "oktober", "november", "december",
)  # fmt: skip
WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")


def long_date(day: date) -> str:
    """Return ``16 september 2025``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def day_and_time(moment: datetime) -> str:
    """Return ``torsdag 16 oktober 2025 kl. 14.30``, Stockholm time."""
    local = moment.astimezone(STOCKHOLM)
    return f"{WEEKDAYS[local.weekday()]} {long_date(local.date())} kl. {local:%H.%M}"


def phone(e164: str) -> str:
    """Return a telephone number as it is dialled in Sweden: ``070-174 06 10``."""
    return phonenumbers.format_number(phonenumbers.parse(e164), phonenumbers.PhoneNumberFormat.NATIONAL)


def postal_code(code: str) -> str:
    """Return ``126 49`` for ``12649``; anything else as it is."""
    digits = code.replace(" ", "")
    return f"{digits[:3]} {digits[3:]}" if len(digits) == 5 and digits.isdigit() else code
