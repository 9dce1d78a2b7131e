"""What may become of a wave, and when it begins and ends: pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

from chassis.clock import STOCKHOLM
from contracts.policy import OutreachPolicy, WavePolicy
from contracts.waves import WaveState


class WaveAction(StrEnum):
    APPROVE = "approve"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


_LEADS_TO: Mapping[tuple[WaveAction, WaveState], WaveState] = {
    (WaveAction.APPROVE, WaveState.PREVIEW): WaveState.RUNNING,
    (WaveAction.PAUSE, WaveState.RUNNING): WaveState.PAUSED,
    (WaveAction.RESUME, WaveState.PAUSED): WaveState.RUNNING,
    (WaveAction.STOP, WaveState.PREVIEW): WaveState.STOPPED,
    (WaveAction.STOP, WaveState.RUNNING): WaveState.STOPPED,
    (WaveAction.STOP, WaveState.PAUSED): WaveState.STOPPED,
    # Repeated: nothing more happens.
    (WaveAction.APPROVE, WaveState.RUNNING): WaveState.RUNNING,
    (WaveAction.APPROVE, WaveState.PAUSED): WaveState.PAUSED,
    (WaveAction.PAUSE, WaveState.PAUSED): WaveState.PAUSED,
    (WaveAction.RESUME, WaveState.RUNNING): WaveState.RUNNING,
    (WaveAction.STOP, WaveState.STOPPED): WaveState.STOPPED,
}


def leads_to(action: WaveAction, state: WaveState) -> WaveState | None:
    """Return the state after an action; None when it cannot be taken there."""
    return _LEADS_TO.get((action, state))


def begins(policy: OutreachPolicy, now: datetime) -> datetime:
    """Return when a wave that is approved now begins: not before the policy's day of this year (15 September)."""
    month, day = map(int, policy.waves.term_from.split("-"))
    first = date(now.astimezone(STOCKHOLM).year, month, day)
    return max(now, datetime.combine(first, policy.waves.hours.start, STOCKHOLM))


def mailed_lately_since(pace: WavePolicy, now: datetime) -> datetime:
    """Return the instant from which a letter counts as lately."""
    return now - timedelta(days=pace.not_within_days)


def sending_days(pace: WavePolicy, youths: int) -> int:
    """Return over how many sending days so many youths are spread."""
    opens, closes = (one.hour * 60 + one.minute for one in (pace.hours.start, pace.hours.end))
    minutes = (closes or 24 * 60) - opens
    a_day = min(pace.youths_per_day, min(pace.letters_per_minute, pace.sms_per_minute) * minutes)
    return -(-youths // a_day)
