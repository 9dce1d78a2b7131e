"""All that a youth's workflow knows: one serialisable value, carried through continue-as-new."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from pydantic import ConfigDict, RootModel, SerializerFunctionWrapHandler, TypeAdapter, model_serializer

from chassis.clock import ClockSpec
from contracts.ids import business_id
from contracts.outreach_workflow import Decided, OutreachStart
from contracts.policy import OutreachPolicy
from contracts.reasons import SpecialTrack, Step, WatchReason
from contracts.tasks import TaskKind, TaskSpec
from workflows.youth_outreach.hold import WHOLE, Hold

# Redelivered events and repeated decisions come soon after the first; what is older is known to the inbox and
# the decisions in PostgreSQL.
EVENTS_REMEMBERED = 60
DECISIONS_REMEMBERED = 20
EPISODES_REMEMBERED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A call that counted: when, and in which part of the day."""

    __pydantic_config__: ClassVar[ConfigDict] = WHOLE

    at: datetime
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where one youth stands. Only `moves.transition` and the modules that use it make the next one."""

    __pydantic_config__: ClassVar[ConfigDict] = WHOLE

    # Who, and by which rules. The policy is the one that the youth started with.
    youth_id: UUID
    episode_id: UUID
    municipality: str
    policy: OutreachPolicy
    clock: ClockSpec
    # What the register says.
    district: str | None
    tracks: tuple[SpecialTrack, ...] = ()
    protected: bool
    registered_on: date
    last_covered_day: date
    # Where the youth stands.
    begun: bool = False  # the first transition is recorded
    step: Step = Step.AWAITING_START
    due: datetime | None = None  # when the step's own time is up; None: it waits for staff
    started: bool = False
    reached: bool = False
    round: int = 1  # from the second on, after a watch, a lighter one
    attempts: tuple[Attempt, ...] = ()  # calls that counted since calling began
    wrong_numbers: int = 0
    visits: int = 0  # home visits at which nobody was met
    has_phone: bool = True  # as the register says, or staff found
    searches: int = 0  # for other contact details, since calling began
    call_backs: int = 0  # at a time that the youth asked for, since calling began
    letters: int = 0  # further ones, since "we have tried to reach you"
    language_needed: bool = False
    home_unsafe: bool = False  # no visit at home any more
    turns_20_letter_sent: bool = False
    watch_reason: WatchReason | None = None  # of the last watch; none for watches begun before it was kept
    hold: Hold | None = None  # while the step is ON_HOLD
    held_for: timedelta = timedelta(0)  # holds of this episode that are over
    tasks: tuple[TaskSpec, ...] = ()
    # What makes repeats harmless.
    numbers: dict[str, int] = field(default_factory=dict)  # how many of a kind have been made: business ids
    handled: tuple[UUID, ...] = ()  # events
    decided: dict[str, Decided] = field(default_factory=dict)  # answers by decision key
    former_episodes: tuple[UUID, ...] = ()

    @classmethod
    def of(cls, start: OutreachStart) -> "State":
        """Return the state of a youth who has just been registered. The start counts as handled."""
        return cls(
            youth_id=start.youth_id,
            episode_id=start.episode_id,
            municipality=start.municipality,
            policy=start.policy,
            clock=start.clock,
            district=start.district,
            tracks=start.tracks,
            protected=start.protected,
            registered_on=start.registered_on,
            last_covered_day=start.last_covered_day,
            handled=(start.event_id,),
        )

    def followed_by(self, start: OutreachStart) -> "State":
        """Return the state of a new episode of the same youth, which remembers what was handled in this one."""
        former = (*self.former_episodes, self.episode_id)[-EPISODES_REMEMBERED:]
        return replace(
            State.of(start), handled=self.handled, decided=self.decided, former_episodes=former
        ).having_handled(start.event_id)

    def having_handled(self, event_id: UUID) -> "State":
        return replace(self, handled=(*self.handled, event_id)[-EVENTS_REMEMBERED:])

    def having_decided(self, key: str, decided: Decided) -> "State":
        answers = list({**self.decided, key: decided}.items())
        return replace(self, decided=dict(answers[-DECISIONS_REMEMBERED:]))

    def numbered(self, kind: str) -> tuple["State", UUID, int]:
        """Return the state that has made one more of a kind, with its business id and its number (from 1)."""
        number = self.made(kind) + 1
        made = replace(self, numbers={**self.numbers, kind: number})
        return made, business_id(self.youth_id, self.episode_id, kind, number), number

    def made(self, kind: str) -> int:
        """Return how many tasks or messages of a kind have been asked for in this episode."""
        return self.numbers.get(kind, 0)

    def task(self, task_id: UUID) -> TaskSpec | None:
        return next((task for task in self.tasks if task.task_id == task_id), None)

    def task_of(self, kind: TaskKind) -> TaskSpec | None:
        return next((task for task in self.tasks if task.kind is kind), None)


class Begin(RootModel[OutreachStart | State]):
    """What a run begins with: a registration, or the state that the run before left.

    A model rather than a union in the signature: each workflow would build the union's validator anew (4 ms).
    """

    @model_serializer(mode="wrap")
    def only_what_is_used(self, whole: SerializerFunctionWrapHandler) -> Any:
        """Leave a state without what has its default: an older worker can read on until something new is used.

        Of the policy, what its document says.
        """
        if not isinstance(self.root, State):
            return whole(self)
        left = LEFT.dump_python(self.root, mode="json", exclude_defaults=True)
        return {**left, "policy": self.root.policy.model_dump(mode="json", exclude_unset=True)}


LEFT = TypeAdapter(State)
