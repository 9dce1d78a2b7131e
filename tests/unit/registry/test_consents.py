from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import STOCKHOLM
from contracts.documentation import ConsentPurpose, GivenBy, HoldEndReason, Party
from services.registry.domain.consents import Consent, Refusal, Refused, check_given, valid
from services.registry.domain.holds import Hold, State, check_extension, check_until
from services.registry.domain.holds import Refusal as HoldRefusal
from services.registry.domain.holds import Refused as HoldRefused

BORN = date(2010, 3, 1)
DAY = date(2026, 10, 5)
LAST_COVERED = date(2030, 2, 28)
AUTUMN = datetime(2026, 9, 1), datetime(2026, 12, 31)  # noqa: DTZ001 - hypothesis adds the zone
moments = st.datetimes(*AUTUMN, timezones=st.just(STOCKHOLM))
days = st.dates(date(2026, 9, 1), date(2026, 12, 31))


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=STOCKHOLM)


@st.composite
def consents(draw: st.DrawFn) -> Consent:
    given_on = draw(days)
    until = draw(st.none() | st.dates(given_on, given_on + timedelta(days=90)))
    return Consent(
        draw(st.sampled_from(Party)),
        draw(st.sampled_from(ConsentPurpose)),
        given_on,
        until,
        draw(st.none() | moments),
    )


@given(st.lists(consents(), max_size=5), st.sampled_from(Party), st.sampled_from(ConsentPurpose), moments)
def test_a_consent_opens_to_its_party_for_its_purpose_in_its_time(
    given_: list[Consent], party: Party, purpose: ConsentPurpose, at: datetime
) -> None:
    expected = [
        one
        for one in given_
        if (one.party, one.purpose) == (party, purpose)
        and one.given_on <= at.date() <= (one.until or date.max)
        and (one.withdrawn_at is None or at < one.withdrawn_at)
    ]
    assert valid(given_, party, purpose, at) == bool(expected)
    assert not valid([], party, purpose, at)


@given(consents(), moments)
def test_a_withdrawal_holds_at_once_and_for_ever(consent: Consent, at: datetime) -> None:
    if consent.withdrawn_at is not None and at >= consent.withdrawn_at:
        assert not valid([consent], consent.party, consent.purpose, at)


def test_the_day_is_the_one_in_stockholm() -> None:
    consent = Consent(Party.REGION, ConsentPurpose.SIP, DAY, DAY)
    assert consent.holds_at(datetime.fromisoformat("2026-10-04T22:00:00+00:00"))
    assert not consent.holds_at(datetime.fromisoformat("2026-10-05T22:00:00+00:00"))


@pytest.mark.parametrize(
    ("given_by", "given_on", "why"),
    [
        (GivenBy.YOUTH, date(2026, 3, 1), None),  # the 16th birthday
        (GivenBy.YOUTH, date(2026, 2, 28), Refusal.GUARDIAN_NEEDED),
        (GivenBy.GUARDIAN, date(2026, 2, 28), None),
        (GivenBy.YOUTH_AND_GUARDIAN, date(2026, 2, 28), None),
        (GivenBy.GUARDIAN, date(2026, 3, 1), Refusal.YOUTH_SPEAKS),
        (GivenBy.YOUTH_AND_GUARDIAN, date(2026, 3, 1), None),
        (GivenBy.YOUTH_AND_GUARDIAN, date(2028, 2, 29), None),
        (GivenBy.YOUTH_AND_GUARDIAN, date(2028, 3, 1), Refusal.NO_GUARDIAN),
        (GivenBy.GUARDIAN, date(2028, 3, 1), Refusal.NO_GUARDIAN),
        (GivenBy.YOUTH, date(2028, 3, 1), None),
        (GivenBy.YOUTH, date(2029, 1, 2), Refusal.IN_THE_FUTURE),
    ],
)
def test_who_may_give_a_consent(given_by: GivenBy, given_on: date, why: Refusal | None) -> None:
    if why is None:
        check_given(given_by, given_on, BORN, date(2029, 1, 1))
        return
    with pytest.raises(Refused) as refused:
        check_given(given_by, given_on, BORN, date(2029, 1, 1))
    assert refused.value.why is why


TO_HOLD = Consent(Party.SOCIALTJANST, ConsentPurpose.HOLD, DAY, DAY + timedelta(days=30))


@pytest.mark.parametrize(
    ("consent", "until", "why"),
    [
        (TO_HOLD, DAY, None),
        (TO_HOLD, DAY + timedelta(days=30), None),
        (TO_HOLD, DAY + timedelta(days=31), HoldRefusal.OUTLIVES_CONSENT),
        (TO_HOLD, DAY - timedelta(days=1), HoldRefusal.IN_THE_PAST),
        (Consent(Party.SOCIALTJANST, ConsentPurpose.HOLD, DAY), LAST_COVERED, None),
        (
            Consent(Party.SOCIALTJANST, ConsentPurpose.HOLD, DAY),
            LAST_COVERED + timedelta(days=1),
            HoldRefusal.OUTLIVES_DUTY,
        ),
        (Consent(Party.SOCIALTJANST, ConsentPurpose.SIP, DAY), DAY, HoldRefusal.NO_VALID_CONSENT),
        (
            Consent(Party.SOCIALTJANST, ConsentPurpose.HOLD, DAY + timedelta(days=1)),
            DAY + timedelta(days=1),
            HoldRefusal.NO_VALID_CONSENT,
        ),
        (
            # Withdrawn by a machine whose clock is ahead of ours.
            Consent(Party.SOCIALTJANST, ConsentPurpose.HOLD, DAY, None, noon(DAY) + timedelta(seconds=1)),
            DAY,
            HoldRefusal.NO_VALID_CONSENT,
        ),
    ],
)
def test_a_hold_needs_a_consent_that_holds_to_its_end(
    consent: Consent, until: date, why: HoldRefusal | None
) -> None:
    if why is None:
        check_until(until, consent, LAST_COVERED, noon(DAY))
        return
    with pytest.raises(HoldRefused) as refused:
        check_until(until, consent, LAST_COVERED, noon(DAY))
    assert refused.value.why is why


@given(days, moments, st.none() | moments)
def test_a_hold_is_over_after_its_last_day_or_when_it_is_ended(
    until: date, at: datetime, ended_at: datetime | None
) -> None:
    reason = None if ended_at is None else HoldEndReason.NOT_NEEDED
    hold = Hold(date(2026, 9, 1), until, ended_at, reason)
    active = at.date() <= until and (ended_at is None or at < ended_at)
    assert (hold.state_at(at) is State.ACTIVE) == active
    assert hold.state_at(noon(until + timedelta(days=1))) is not State.ACTIVE


def test_an_extension_is_of_an_active_hold_and_to_a_later_day() -> None:
    hold = Hold(DAY, DAY + timedelta(days=5))
    check_extension(hold, DAY + timedelta(days=6), noon(DAY))
    with pytest.raises(HoldRefused, match="not-later"):
        check_extension(hold, DAY + timedelta(days=5), noon(DAY))
    with pytest.raises(HoldRefused, match="hold-not-active"):
        check_extension(hold, DAY + timedelta(days=9), noon(DAY + timedelta(days=6)))
    with pytest.raises(HoldRefused, match="hold-not-active"):
        check_extension(
            Hold(DAY, hold.until, noon(DAY), HoldEndReason.NOT_NEEDED), DAY + timedelta(days=9), noon(DAY)
        )
