"""The pure decisions: who gets it, when it is tried again, when SMS may go, what a receipt or a reply does."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import STOCKHOLM
from contracts.messages import Channel, MessageState, SkipReason
from services.notifications.domain.hours import SendingHours
from services.notifications.domain.receipts import ReceiptStatus, states_passed
from services.notifications.domain.recipients import PostalAddress, Recipient, skip_reason
from services.notifications.domain.replies import Choice, read_reply
from services.notifications.domain.retries import (
    ASK_AFTER,
    LONGEST,
    MAX_ATTEMPTS,
    Again,
    GiveUp,
    after_failed_attempt,
    after_unclear_attempt,
)

HOME = PostalAddress(street="Exempelvägen 1", postal_code="12345", city="Farsta")
HOURS = SendingHours(time(8), time(20))
START = datetime(2020, 1, 1, tzinfo=STOCKHOLM)
instants = st.integers(0, 10 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


def recipient(
    *,
    covered: bool = True,
    protected: bool = False,
    on_hold: bool = False,
    phone: str | None = "+46701740610",
    home: bool = True,
) -> Recipient:
    return Recipient(
        covered=covered,
        protected=protected,
        on_hold=on_hold,
        name="Alex Exempel",
        address=HOME if home else None,
        phone=phone,
    )


@pytest.mark.parametrize("channel", Channel)
@given(st.booleans(), st.booleans(), st.booleans())
def test_a_protected_youth_is_skipped_whatever_else_holds(
    channel: Channel, covered: bool, phone: bool, home: bool
) -> None:
    shielded = recipient(covered=covered, protected=True, phone="+46701740610" if phone else None, home=home)
    assert skip_reason(shielded, channel) is SkipReason.PROTECTED


@pytest.mark.parametrize(
    ("who", "letter", "sms"),
    [
        (recipient(), None, None),
        (recipient(covered=False), SkipReason.NOT_COVERED, SkipReason.NOT_COVERED),
        (recipient(on_hold=True), SkipReason.ON_HOLD, SkipReason.ON_HOLD),
        (recipient(phone=None), None, SkipReason.NO_PHONE),
        (recipient(home=False), SkipReason.NO_ADDRESS, None),
    ],
)
def test_why_a_message_is_skipped(who: Recipient, letter: SkipReason | None, sms: SkipReason | None) -> None:
    assert (skip_reason(who, Channel.LETTER), skip_reason(who, Channel.SMS)) == (letter, sms)


@given(st.integers(1, MAX_ATTEMPTS * 2))
def test_back_off_grows_to_a_limit_and_ends(attempts: int) -> None:
    follows, asked = after_failed_attempt(attempts), after_unclear_attempt(attempts)
    if attempts >= MAX_ATTEMPTS:
        assert follows == asked == GiveUp()
        return
    assert isinstance(follows, Again)
    assert isinstance(asked, Again)
    assert timedelta(0) < follows.after <= LONGEST
    assert ASK_AFTER <= asked.after <= LONGEST
    earlier = after_failed_attempt(max(attempts - 1, 1))
    assert isinstance(earlier, Again)
    assert earlier.after <= follows.after


def test_a_night_without_the_provider_loses_nothing() -> None:
    waits = (after_failed_attempt(attempt) for attempt in range(1, MAX_ATTEMPTS))
    assert sum((wait.after for wait in waits if isinstance(wait, Again)), timedelta(0)) > timedelta(hours=8)


@pytest.mark.parametrize(
    ("clock", "is_open"), [("07:59", False), ("08:00", True), ("19:59", True), ("20:00", False), ("03:00", False)]
)
@pytest.mark.parametrize("day", ["2026-03-29", "2025-10-26", "2025-12-24"])  # both changes of the clock
def test_sms_go_by_day_in_stockholm(day: str, clock: str, is_open: bool) -> None:
    assert HOURS.open_at(datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=STOCKHOLM)) is is_open


@given(instants)
def test_the_next_opening_is_the_first_open_moment(civil: datetime) -> None:
    opens = HOURS.next_opening(civil)
    assert HOURS.open_at(opens)
    assert opens >= civil
    assert opens - civil <= timedelta(hours=13)  # the longest night: the clock is put back
    if not HOURS.open_at(civil):
        assert (opens.hour, opens.minute) == (8, 0)


def test_hours_over_midnight_are_refused() -> None:
    with pytest.raises(ValueError, match="same day"):
        SendingHours(time(20), time(8))


FINAL = (MessageState.DELIVERED, MessageState.FAILED, MessageState.SKIPPED)


@pytest.mark.parametrize("status", ReceiptStatus)
@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize("state", FINAL)
def test_a_receipt_changes_nothing_that_is_final(state: MessageState, begun: bool, status: ReceiptStatus) -> None:
    assert states_passed(state, begun, status) == ()


@pytest.mark.parametrize(
    ("state", "begun", "status", "passed"),
    [
        (MessageState.SENT, True, ReceiptStatus.DELIVERED, (MessageState.DELIVERED,)),
        (MessageState.SENT, True, ReceiptStatus.FAILED, (MessageState.FAILED,)),
        (MessageState.SENT, True, ReceiptStatus.ON_ITS_WAY, ()),
        # quicker than our own note of the sending
        (MessageState.QUEUED, True, ReceiptStatus.DELIVERED, (MessageState.SENT, MessageState.DELIVERED)),
        (MessageState.QUEUED, True, ReceiptStatus.FAILED, (MessageState.SENT, MessageState.FAILED)),
        (MessageState.QUEUED, True, ReceiptStatus.ON_ITS_WAY, (MessageState.SENT,)),
        (MessageState.QUEUED, False, ReceiptStatus.DELIVERED, ()),
    ],
)
def test_what_a_receipt_does(
    state: MessageState, begun: bool, status: ReceiptStatus, passed: tuple[MessageState, ...]
) -> None:
    assert states_passed(state, begun, status) == passed


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("JA", Choice.CONTACT_ME),
        (" ja! ", Choice.CONTACT_ME),
        ("Ja, ring efter fyra", Choice.CONTACT_ME),
        ("nej tack", Choice.NO_CONTACT),
        ("STOPP", Choice.NO_CONTACT),
        ("Jag jobbar på ICA", Choice.OTHER),
        ("", Choice.OTHER),
        ("👍", Choice.OTHER),
    ],
)
def test_what_a_reply_means(text: str, choice: Choice) -> None:
    assert read_reply(text) is choice
