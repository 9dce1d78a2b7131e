"""What workflows asked of the services, read from their Temporal histories."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pydantic import TypeAdapter
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from contracts.messages import MessageSpec
from contracts.notifications_activities import QUEUE_MESSAGES, QueueMessages
from contracts.outreach_activities import RECORD_PROGRESS, Progress

_PROGRESS, _MESSAGES = TypeAdapter(Progress), TypeAdapter(QueueMessages)
# The server has the worker look again, since something came meanwhile.
HARMLESS = (WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. ``under_way``: what was being sent when it was made, and not recalled in the same breath."""

    what: Progress | QueueMessages
    recalled: bool = False
    under_way: tuple[MessageSpec, ...] = ()


@dataclass(slots=True)
class Run:
    """One run of a workflow, event by event."""

    asked: list[Asked] = field(default_factory=list)
    timers: int = 0  # that have neither fired nor been cancelled
    completed: bool = False
    under_way: set[int] = field(default_factory=set)  # scheduled and not done
    failures: list[str] = field(default_factory=list)
    _sending: dict[int, int] = field(default_factory=dict)  # scheduled event: number of the request
    _ran: bool = False
    _transition: int | None = None  # number of the request by which the workflow task being read records one

    @classmethod
    def of(cls, history: WorkflowHistory) -> "Run":
        run = cls()
        for event in history.events:
            run._take(event)
        run._breath_is_over()
        return run

    @property
    def rests(self) -> bool:
        """Whether it has done all that it can do now. One that follows another begins after a pause."""
        return self._ran and not self.under_way

    def _take(self, event: HistoryEvent) -> None:
        match event.event_type:
            case EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
                self.under_way.add(event.event_id)
            case EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
                self._ran = True
                self._breath_is_over()
                self.under_way.discard(event.workflow_task_completed_event_attributes.scheduled_event_id)
            case EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
                self.under_way.discard(event.workflow_task_timed_out_event_attributes.scheduled_event_id)
            case EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                failed = event.workflow_task_failed_event_attributes
                self.under_way.discard(failed.scheduled_event_id)
                if failed.cause not in HARMLESS:
                    self.failures.append(f"{WorkflowTaskFailedCause.Name(failed.cause)}: {failed.failure.message}")
            case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                self.under_way.add(event.event_id)
                self._scheduled(event)
            case EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED:
                self._recalled(event.activity_task_cancel_requested_event_attributes.scheduled_event_id)
            case EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
                self._over(event.activity_task_completed_event_attributes.scheduled_event_id)
            case EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED:
                self._over(event.activity_task_canceled_event_attributes.scheduled_event_id)
            case EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED:  # it was recalled, and is not asked again
                self._over(event.activity_task_failed_event_attributes.scheduled_event_id)
            case EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
                self._over(event.activity_task_timed_out_event_attributes.scheduled_event_id)
            case EventType.EVENT_TYPE_TIMER_STARTED:
                self.timers += 1
            case EventType.EVENT_TYPE_TIMER_FIRED | EventType.EVENT_TYPE_TIMER_CANCELED:
                self.timers -= 1
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
                self.completed = True
                self.under_way.clear()
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
                self.failures.append(event.workflow_execution_failed_event_attributes.failure.message)
                self.under_way.clear()

    def _over(self, scheduled: int) -> None:
        self._breath_is_over()
        self.under_way.discard(scheduled)
        self._sending.pop(scheduled, None)

    def _scheduled(self, event: HistoryEvent) -> None:
        activity = event.activity_task_scheduled_event_attributes
        data = activity.input.payloads[0].data
        if activity.activity_type.name == RECORD_PROGRESS:
            self._transition = len(self.asked)
            self.asked.append(Asked(_PROGRESS.validate_json(data)))
        elif activity.activity_type.name == QUEUE_MESSAGES:
            self._sending[event.event_id] = len(self.asked)
            self.asked.append(Asked(_MESSAGES.validate_json(data)))

    def _recalled(self, scheduled: int) -> None:
        if (number := self._sending.pop(scheduled, None)) is not None:
            self.asked[number] = replace(self.asked[number], recalled=True)

    def _breath_is_over(self) -> None:
        """All that one workflow task asked for has been read: what is being sent now was not recalled by it."""
        if self._transition is not None:
            sending = (self.asked[number].what for number in self._sending.values())
            messages = tuple(
                message for one in sending if isinstance(one, QueueMessages) for message in one.messages
            )
            self.asked[self._transition] = replace(self.asked[self._transition], under_way=messages)
        self._transition = None


def all_asked(runs: Sequence[Run]) -> list[Asked]:
    """Return what all runs asked, in order."""
    return [asked for run in runs for asked in run.asked]
