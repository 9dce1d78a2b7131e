"""How long a code can be answered with."""

from datetime import datetime, timedelta

import pytest

from chassis.clock import STOCKHOLM
from services.notifications.domain.open_codes import REPEATED, is_open

ASKED = datetime(2025, 9, 16, 10, tzinfo=STOCKHOLM)
DAYS = 365
OLD = ASKED + timedelta(days=DAYS)
A_MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "ended", "answered_at", "open_"),
    [
        (ASKED, False, None, True),
        (OLD - A_MOMENT, False, None, True),
        (OLD, False, None, False),
        (ASKED, True, None, False),
        (ASKED, False, ASKED, True),
        (ASKED + REPEATED - A_MOMENT, False, ASKED, True),
        (ASKED + REPEATED, False, ASKED, False),
        (ASKED + A_MOMENT, True, ASKED, True),  # the duty ended just after the answer: a reload still thanks
        (OLD, False, OLD, True),
    ],
)
def test_a_code_is_taken(now: datetime, ended: bool, answered_at: datetime | None, open_: bool) -> None:
    assert is_open(ASKED, ended, answered_at, now, DAYS) is open_
