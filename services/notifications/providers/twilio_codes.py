"""Twilio's words in ours. One table for errors at sending, one for receipts, one for statuses.

Codes: https://www.twilio.com/docs/api/errors. A code that is not here becomes `FailureCode.UNKNOWN`;
the provider's own code is kept beside it.
"""

from services.notifications.domain.failures import FailureCode
from services.notifications.domain.receipts import ReceiptStatus

FAILURES: dict[int, FailureCode] = {
    21211: FailureCode.INVALID_NUMBER,
    21214: FailureCode.INVALID_NUMBER,
    21217: FailureCode.INVALID_NUMBER,
    21421: FailureCode.INVALID_NUMBER,
    21408: FailureCode.NOT_PERMITTED,  # no permission for the region
    21606: FailureCode.NOT_PERMITTED,  # our number may not send there
    21610: FailureCode.OPTED_OUT,
    21612: FailureCode.UNREACHABLE,
    21614: FailureCode.NOT_MOBILE,
    30001: FailureCode.PROVIDER_ERROR,  # queue overflow
    30002: FailureCode.PROVIDER_ERROR,  # account suspended
    30003: FailureCode.UNREACHABLE,
    30004: FailureCode.BLOCKED,
    30005: FailureCode.INVALID_NUMBER,  # unknown destination
    30006: FailureCode.NOT_MOBILE,
    30007: FailureCode.FILTERED,
    30008: FailureCode.UNKNOWN,
    30017: FailureCode.PROVIDER_ERROR,  # operator's network congested
    30022: FailureCode.PROVIDER_ERROR,  # operator's rate limit
    30036: FailureCode.EXPIRED,
    30410: FailureCode.PROVIDER_ERROR,  # operator timed out
    30500: FailureCode.PROVIDER_ERROR,
}

# The request was refused because of us or of the load, not because of this SMS: it waits.
NOT_NOW = frozenset({
    14107,  # SMS send rate limit exceeded
    20003,  # authentication failed
    20005,  # account not active
    20429,  # too many requests
    21611,  # our number's queue is full
})  # fmt: skip

STATUSES: dict[str, ReceiptStatus] = {
    "accepted": ReceiptStatus.ON_ITS_WAY,
    "scheduled": ReceiptStatus.ON_ITS_WAY,
    "queued": ReceiptStatus.ON_ITS_WAY,
    "sending": ReceiptStatus.ON_ITS_WAY,
    "sent": ReceiptStatus.ON_ITS_WAY,
    "delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.DELIVERED,
    "partially_delivered": ReceiptStatus.DELIVERED,
    "undelivered": ReceiptStatus.FAILED,
    "failed": ReceiptStatus.FAILED,
    "canceled": ReceiptStatus.FAILED,
}


def failure(code: int | str | None) -> FailureCode:
    """Return our code for one of Twilio's, as a number or as it stands in a form."""
    try:
        return FAILURES.get(int(code or 0), FailureCode.UNKNOWN)
    except ValueError:
        return FailureCode.UNKNOWN
