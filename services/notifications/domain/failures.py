"""Why a message failed: our codes, whichever provider said it."""

from enum import StrEnum


class FailureCode(StrEnum):
    INVALID_NUMBER = "invalid_number"  # not a telephone number, or nobody has it
    NOT_MOBILE = "not_mobile"  # a fixed line, or an operator without SMS
    UNREACHABLE = "unreachable"  # switched off, abroad, no coverage
    OPTED_OUT = "opted_out"  # has answered STOP to our number
    BLOCKED = "blocked"  # the operator or the receiver blocks us
    FILTERED = "filtered"  # taken for spam on the way
    NOT_PERMITTED = "not_permitted"  # our account may not send there
    EXPIRED = "expired"  # waited too long at the operator
    PROVIDER_ERROR = "provider_error"  # the provider or operator failed, and will not try again
    UNKNOWN = "unknown"  # the provider gives no reason, or one that we do not know
    GAVE_UP = "gave_up"  # tried for as long as we try, see domain/retries.py
    UNCLEAR = "unclear"  # the provider took it or not; it would never say which
    UNKNOWN_RECIPIENT = "unknown_recipient"  # the registry does not know the youth
    TOO_LATE = "too_late"  # a door card whose visit has been
    NOT_RENDERED = "not_rendered"  # the letter could not be made
