"""The workflow `YouthOutreach`: one per youth, from registration to the end of the duty."""

from temporalio import workflow

# Modules by their full names: `from package import module` would load them anew inside the sandbox.
with workflow.unsafe.imports_passed_through():
    import contracts.outreach_facts as outside
    import contracts.outreach_workflow as signature
    import workflows.youth_outreach.calling as calling
    import workflows.youth_outreach.holding as holding
    import workflows.youth_outreach.steps as steps
    from contracts.outreach_facts import HoldLifted, HoldSet, MessageRecalled
    from contracts.outreach_workflow import (
        Answered,
        Changed,
        CompleteTask,
        Decided,
        EndOfCoverage,
        NewPolicy,
        OutreachStart,
        RecordContact,
        StartSearch,
        Telephone,
    )
    from contracts.reasons import Step
    from workflows.youth_outreach.course import Course
    from workflows.youth_outreach.state import Begin


@workflow.defn(name=signature.YOUTH_OUTREACH)
class YouthOutreach:
    """Facts arrive as signals, decisions of staff as updates; both in any order, at any instant, repeated."""

    @workflow.init
    def __init__(self, begin: Begin) -> None:
        self.course = Course(begin.root)

    @workflow.run
    async def run(self, begin: Begin) -> None:
        """Plan 4.2.2: where the youth stands, and what is done when time is up and nothing was heard.

        What is heard instead ends the wait at any step: `facts` and `outcomes` say what it leads to.
        """
        course = self.course
        while True:
            match course.state.step:
                case Step.AWAITING_START:  # within one month of registration
                    await course.wait(then=steps.first_letter)
                case Step.FIRST_CONTACT:  # letter and SMS sent
                    await course.wait(then=calling.calls)
                case Step.CALLING:  # three attempts on different days and hours, by staff
                    await course.wait()
                case Step.TRIED_TO_REACH:  # letter and SMS: we have tried to reach you
                    await course.wait(then=calling.after_tried)
                case Step.DOOR_CARD:  # we come on this day, at this time
                    await course.wait(then=steps.home_visit)
                case Step.HOME_VISIT | Step.MAPPING | Step.SUPPORT | Step.MANUAL:  # by staff
                    await course.wait()
                case Step.WATCH:  # until the re-contact date
                    await course.wait(then=steps.recontact)
                case Step.ON_HOLD:  # avvakta: until the day after its last day, or until it is lifted
                    await course.wait(then=holding.resume)
                case Step.ENDED:
                    if await course.is_over():
                        return

    @workflow.signal(name=signature.SIGNAL_REGISTERED)
    def registered(self, start: OutreachStart) -> None:
        self.course.tell(start)

    @workflow.signal(name=signature.SIGNAL_CHANGED)
    def changed(self, change: Changed) -> None:
        self.course.tell(change)

    @workflow.signal(name=signature.SIGNAL_COVERAGE_ENDED)
    def coverage_ended(self, end: EndOfCoverage) -> None:
        self.course.tell(end)

    @workflow.signal(name=signature.SIGNAL_ANSWERED)
    def answered(self, answer: Answered) -> None:
        self.course.tell(answer)

    @workflow.signal(name=signature.SIGNAL_TELEPHONE)
    def telephone(self, telephone: Telephone) -> None:
        self.course.tell(telephone)

    @workflow.signal(name=outside.SIGNAL_HOLD_PLACED)
    def hold_placed(self, hold: HoldSet) -> None:
        self.course.tell(hold)

    @workflow.signal(name=outside.SIGNAL_HOLD_ENDED)
    def hold_ended(self, hold: HoldLifted) -> None:
        self.course.tell(hold)

    @workflow.signal(name=outside.SIGNAL_MESSAGE_RECALLED)
    def message_recalled(self, message: MessageRecalled) -> None:
        self.course.tell(message)

    @workflow.signal(name=signature.SIGNAL_START_SEARCH)
    def start_search(self, start: StartSearch) -> None:
        self.course.tell(start)

    @workflow.signal(name=signature.SIGNAL_NEW_POLICY)
    def new_policy(self, policy: NewPolicy) -> None:
        self.course.tell(policy)

    @workflow.update(name=signature.UPDATE_COMPLETE_TASK)
    async def complete_task(self, decision: CompleteTask) -> Decided:
        return await self.course.decide(decision)

    @complete_task.validator
    def can_complete_task(self, decision: CompleteTask) -> None:
        self.course.check(decision)

    @workflow.update(name=signature.UPDATE_RECORD_CONTACT)
    async def record_contact(self, contact: RecordContact) -> Decided:
        return await self.course.decide(contact)

    @record_contact.validator
    def can_record_contact(self, contact: RecordContact) -> None:
        self.course.check(contact)
