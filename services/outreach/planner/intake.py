"""The daily intake in simulated time: by the real one's own rule (`services.outreach.domain.intake`)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from contracts.ids import business_id
from contracts.outreach_workflow import SIGNAL_START_SEARCH, StartSearch
from contracts.policy import OutreachPolicy
from contracts.reasons import Step
from services.outreach.domain.intake import Waiting, plan, why_no_intake
from workflows.youth_outreach.dates import start_by
from workflows.youth_outreach.state import State
from workflows.youth_outreach.tracks import leaves_to_itself


def begins_today(
    policy: OutreachPolicy,
    youths: Iterable[tuple[int, State]],
    coordinators: Mapping[str, float],
    now: datetime,
) -> list[tuple[int, StartSearch]]:
    """Return whom the day's intake begins with, by their numbers, in its order, and what it tells them."""
    day = now.date()
    if why_no_intake(policy, day) is not None:
        return []
    waiting = {
        state.youth_id: (number, state)
        for number, state in youths
        if state.step is Step.AWAITING_START
        and state.begun
        and not state.protected
        and not leaves_to_itself(state, now)
    }
    planned = plan(
        policy,
        day,
        [
            Waiting(
                youth_id=state.youth_id,
                episode_id=state.episode_id,
                district=state.district,
                registered_on=state.registered_on,
                start_by=start_by(state.policy, state.registered_on),
            )
            for _, state in waiting.values()
        ],
        {},
        coordinators,
    )
    return [
        (
            waiting[pick.youth_id][0],
            StartSearch(
                event_id=business_id(pick.episode_id, SIGNAL_START_SEARCH, day), episode_id=pick.episode_id
            ),
        )
        for pick in planned.picks
    ]
