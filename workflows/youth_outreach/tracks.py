"""What precedes the search for groups whom the plan treats differently: newly arrived, and with a studiebevis.

The month within which the search starts (plan 4.2.2) goes on meanwhile: who is not answered for by its end is
sought as all others.
"""

from datetime import date, datetime, timedelta

from contracts.reasons import SpecialTrack
from contracts.studiebevis import StudiebevisPolicy
from contracts.tasks import TaskKind
from contracts.workdays import ONE_DAY, at_time
from workflows.youth_outreach.dates import SHORT_OF_TIME, task_due_on
from workflows.youth_outreach.spread import jitter
from workflows.youth_outreach.state import State


def first_task(state: State, now: datetime) -> TaskKind | None:
    """Return what staff do before the search starts, if anything; nothing when its start is late already."""
    if last_start(state) <= now:
        return None
    newly_arrived = SpecialTrack.NEWLY_ARRIVED in state.tracks
    if state.policy.ask_start_stockholm and newly_arrived and not state.made(TaskKind.START_STOCKHOLM):
        return TaskKind.START_STOCKHOLM
    track = _studiebevis(state)
    if track and not state.made(TaskKind.STUDIEBEVIS_CONTACT):
        return TaskKind.STUDIEBEVIS_CONTACT if _in_season(track, now.date()) else None
    return None


def start_due(state: State, now: datetime, task: TaskKind | None, due: datetime) -> datetime:
    """Return when the search starts by itself, ``due`` being when it would for all others."""
    if task is not None:
        last_day = task_due_on(state.policy, task, now, state.last_covered_day)
        return min(max(due, _morning(state, last_day + ONE_DAY)), last_start(state))
    track = _studiebevis(state)
    if track is None or _in_season(track, now.date()) or state.last_covered_day - now.date() < SHORT_OF_TIME:
        return due
    # Registered in the summer: the letter of mid-September, if the month lasts until then.
    if not _summer(track, now.date()):
        return due
    letter = min(letter_due(state, now), last_start(state))
    return letter if state.policy.intake == "capacity" else max(due, letter)


def precede(state: State, now: datetime) -> bool:
    """Return whether something comes before the search still, so that room in the daily intake does not begin it:
    the first question or contact, or the letter of mid-September."""
    if state.tasks or state.started:  # started: met at the end of the school year, and written to in September
        return True
    track = _studiebevis(state)
    return track is not None and _summer(track, now.date())


def letter_due(state: State, now: datetime) -> datetime:
    """Return when a youth with a studiebevis gets the first letter: mid-September."""
    track = state.policy.studiebevis
    if track is None:
        raise ValueError("the policy has no such track")
    this_year = _day(track.letter_on, now.year)
    return max(now, _morning(state, this_year))


def last_start(state: State) -> datetime:
    """Return the last morning on which the search starts in time (plan 4.2.2), holds left out."""
    last_day = state.registered_on + timedelta(days=state.policy.start_within_days) + state.held_for
    return _morning(state, last_day)


def _studiebevis(state: State) -> StudiebevisPolicy | None:
    return state.policy.studiebevis if SpecialTrack.STUDIEBEVIS in state.tracks else None


def _in_season(track: StudiebevisPolicy, day: date) -> bool:
    return track.contact_from <= f"{day:%m-%d}" <= track.contact_until


def _summer(track: StudiebevisPolicy, day: date) -> bool:
    return track.contact_until < f"{day:%m-%d}" < track.letter_on


def _morning(state: State, day: date) -> datetime:
    return at_time(day, state.policy.sending_hours.start) + jitter(state.youth_id, "track", ONE_DAY)


def _day(month_and_day: str, year: int) -> date:
    return date.fromisoformat(f"{year}-{month_and_day}")
