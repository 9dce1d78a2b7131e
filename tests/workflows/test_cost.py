"""Every event is written by the server, and read again at each replay: a city has 7 500 youths.

The budget is the plan's; what it costs today stands beside it, so that growth is seen before the budget is spent.
"""

from datetime import timedelta
from uuid import UUID

from contracts.reasons import Step, WatchReason
from contracts.tasks import MappingOutcome, MappingResult, Occupation, TaskKind
from tests.workflows.counting import Cost, cost_of
from tests.workflows.holds import hold
from tests.workflows.samples import REGISTERED, policy
from tests.workflows.stage import NewYouth

BUDGET_TO_THE_HOME_VISIT = Cost(events=140, activities=25, longest=300)
BUDGET_OF_A_YEAR_UNDER_WATCH = 30
A_YEAR = timedelta(days=365)


async def test_from_registration_to_the_home_visit(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.HOME_VISIT)
    cost = cost_of(await youth.chain())
    assert cost.activities == 12, "one per transition, and one per batch of messages"
    assert cost.events < BUDGET_TO_THE_HOME_VISIT.events
    assert cost.longest < BUDGET_TO_THE_HOME_VISIT.longest


async def test_a_year_under_watch(new_youth: NewYouth) -> None:
    """With what happens in a year: another district, another number."""
    youth = await new_youth(policy=policy(watch_intervals=dict.fromkeys(WatchReason, A_YEAR)))
    await youth.never_answers_until(Step.FIRST_CONTACT)
    await youth.answers()
    await youth.has(TaskKind.MAPPING)
    await youth.completes(MappingOutcome(result=MappingResult.OCCUPIED, occupation=Occupation.WORK))
    await youth.arrives_at(Step.WATCH)
    before = cost_of(await youth.chain())
    await youth.passes(timedelta(days=100))
    await youth.changes(district="bromma")
    await youth.passes(timedelta(days=100))
    await youth.changes(district="farsta")
    await youth.passes(timedelta(days=150))
    assert youth.step is Step.WATCH
    after = cost_of(await youth.chain())
    assert after.events - before.events < BUDGET_OF_A_YEAR_UNDER_WATCH
    assert after.activities == before.activities


async def test_no_run_is_long(new_youth: NewYouth) -> None:
    """The whole duty, with all its rounds, a hold, and twenty at the end."""
    youth = await new_youth(last_covered_day=REGISTERED.date() + timedelta(days=700))
    await youth.never_answers_until(Step.WATCH)
    await hold(youth, (await youth.now()).date() + timedelta(days=14), UUID(int=1))
    await youth.arrives_at(Step.ON_HOLD)
    await youth.passes(timedelta(days=700))
    await youth.is_over()
    cost = cost_of(await youth.chain())
    assert cost.longest < BUDGET_TO_THE_HOME_VISIT.longest
