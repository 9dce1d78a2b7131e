"""The courses whose histories are kept for replay: together they go through every step and every message.

What staff do beside the search (a concern, a handover, a contact before a dropout) has no workflow: the outreach
service's own tests are about that.
"""

from collections.abc import Awaitable, Callable

from temporalio.client import Client, WorkflowHistory

from tests.replay.scenarios import circumstances, of_the_city, outages, searched
from tests.workflows.driver import Youth
from tests.workflows.stage import NewYouth

YOUTHS: dict[str, Callable[[NewYouth], Awaitable[Youth]]] = {
    course.__name__: course
    for course in (
        searched.never_answers,
        searched.answers_the_letter,
        searched.answers_a_call_then_starts_school,
        searched.does_not_live_there,
        searched.is_hard_to_talk_to,
        searched.is_not_visited_at_home_again,
        searched.declines_then_gets_in_touch,
        circumstances.is_protected_for_a_time,
        circumstances.is_on_hold_again_and_again,
        circumstances.is_on_hold_before_the_visit,
        circumstances.is_held_by_operations,
        circumstances.has_applied_for_start_stockholm,
        circumstances.has_not_applied_for_start_stockholm,
        circumstances.has_a_studiebevis,
        circumstances.starts_with_a_new_policy,
        circumstances.is_registered_anew,
        outages.ends_before_the_letter_was_taken,
        outages.meets_a_bug,
    )
}
CITY: dict[str, Callable[[Client], Awaitable[list[WorkflowHistory]]]] = {
    course.__name__: course
    for course in (
        of_the_city.gallring_is_decided_by_two,
        of_the_city.gallring_is_decided_by_nobody,
        of_the_city.the_registers_are_read,
        of_the_city.searches_begin,
        of_the_city.a_wave_is_paused_and_goes_on,
        of_the_city.a_wave_is_stopped,
    )
}
