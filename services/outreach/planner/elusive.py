"""Who answers neither letter nor telephone, whatever is sent: some of those who come, more of those long sought.

Without such youths the planner would take who was silent three times to answer the fourth as anybody does.
"""

from contracts.messages import MessageKind
from contracts.reasons import Step
from contracts.tasks import CallResult, HomeVisitResult, TaskKind
from services.outreach.planner.assumptions import Assumptions, Share
from workflows.youth_outreach.state import State

IN_TOUCH = (CallResult.REACHED, CallResult.DECLINED)
AT_THE_DOOR = (HomeVisitResult.REACHED, HomeVisitResult.GUARDIAN_REACHED)


def probability(state: State, assumptions: Assumptions) -> Share:
    """Return how likely it is that a youth is elusive, by what they have not answered (Bayes' rule).

    Who was reached is not; that an elusive youth is met at the door now and then is left out.
    """
    share = assumptions.elusive
    if not share or state.reached:
        return 0.0
    silent = _silence(state, assumptions)
    return share / (share + (1 - share) * silent)


def _silence(state: State, assumptions: Assumptions) -> float:
    """Return how likely somebody else has not answered what this youth has not."""
    letters = []
    if state.started and (state.step is not Step.FIRST_CONTACT or state.round > 1):
        letters.append(MessageKind.FIRST_LETTER)
    if state.made(TaskKind.PLAN_HOME_VISIT):
        letters.append(MessageKind.TRIED_LETTER)
    if state.made(TaskKind.HOME_VISIT):
        letters.append(MessageKind.DOOR_CARD)
    silent = 1.0
    for letter in letters:
        silent *= 1 - assumptions.answers.get(letter, 0.0)
    for number in range(state.made(TaskKind.CALL) - (state.task_of(TaskKind.CALL) is not None)):
        call = assumptions.of_call(number + 1)
        silent *= 1 - sum(call.get(result, 0.0) for result in IN_TOUCH)
    for number in range(state.made(TaskKind.HOME_VISIT) - (state.task_of(TaskKind.HOME_VISIT) is not None)):
        visit, other = assumptions.of_visit(number + 1), assumptions.of_visit(number + 1, elusive=True)
        met, met_elusive = (sum(one.get(result, 0.0) for result in AT_THE_DOOR) for one in (visit, other))
        silent *= (1 - met) / max(1 - met_elusive, 0.01)
    return silent
