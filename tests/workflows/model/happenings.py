"""What can happen to a youth, and how: one thing after the other, at once, or amid the recording or sending of
what another led to.
"""

from dataclasses import dataclass
from enum import Enum

from hypothesis import strategies as st

from tests.workflows.model.places import Place


class What(Enum):
    TIME = "time passes until the next thing is due or can be done"
    HOURS = "hours pass"
    WORK = "staff complete a task"
    TWICE = "staff complete a task, and send it again"
    ANSWER = "the youth answers"
    AGAIN = "an event is delivered again"
    CONTACT = "the youth gets in touch with staff"
    HELD = "social services ask to wait"
    LIFTED = "the wait is over"
    RECALLED = "a message did not go out because of the wait"
    PROTECTED = "the identity becomes protected"
    UNPROTECTED = "the protection is lifted"
    TELEPHONE = "a number comes or goes"
    SEARCH = "the intake has room"
    AGE = "the register corrects the last day"
    END = "the duty ends"
    ANEW = "the youth is registered anew"


class How(Enum):
    AT_ONCE = "at once"
    AMID_RECORDING = "while the first is being recorded"
    AMID_SENDING = "while the first's messages are being sent"


@dataclass(frozen=True, slots=True)
class Thing:
    """``choice`` says which one, where there are several: which task, which outcome, how many hours."""

    what: What
    choice: int

    def __repr__(self) -> str:
        return f"Thing({self.what}, {self.choice})"


@dataclass(frozen=True, slots=True)
class Moment:
    """Things that happen together. Only the first one may be that time passes.

    ``fails``: the service amid whose work they happen fails when it is done, and is asked again.
    """

    how: How
    things: tuple[Thing, ...]
    fails: bool = False

    def __repr__(self) -> str:
        return f"Moment({self.how}, {self.things!r}, fails={self.fails})"


@dataclass(frozen=True, slots=True)
class Course:
    """What happens to one youth, from a place on. Its text is Python: put it into `KNOWN` to have it played."""

    youth: int
    place: Place
    moments: tuple[Moment, ...]

    def __repr__(self) -> str:
        moments = "".join(f"\n        {moment!r}," for moment in self.moments)
        return f"Course(\n    youth={self.youth},\n    place={self.place},\n    moments=({moments}\n    ),\n)"


_TIME = (What.TIME, What.TIME, What.TIME, What.HOURS)
_WORK = (What.WORK, What.WORK, What.TWICE)
_AGAIN = (What.ANSWER, What.AGAIN)
_SILENCES = (What.END, What.HELD, What.PROTECTED)
_ANY = tuple(what for what in What if what not in _TIME)

_choices = st.integers(0, 999)


def _things(*what: tuple[What, ...]) -> st.SearchStrategy[Thing]:
    return st.builds(Thing, st.one_of(*(st.sampled_from(some) for some in what)), _choices)


_time, _thing = _things(_TIME), _things(_WORK, _AGAIN, _ANY)
_at_once = st.one_of(
    st.tuples(_time),
    st.tuples(_time, _thing),
    st.tuples(_time, _thing, _thing),
    st.lists(_thing, min_size=1, max_size=3).map(tuple),
)
# What is recorded; and what may lead to a message, which may then be one too many.
_amid_recording = st.tuples(_things(_TIME, _WORK, _ANY), _thing)
_amid_sending = st.tuples(_things(_TIME, _WORK), _things(_SILENCES, _ANY))
_moments = st.one_of(
    st.builds(Moment, st.just(How.AT_ONCE), _at_once),
    st.builds(Moment, st.just(How.AMID_RECORDING), _amid_recording, st.booleans()),
    st.builds(Moment, st.just(How.AMID_SENDING), _amid_sending, st.booleans()),
)
beginnings = st.sampled_from(Place)
moments = st.lists(_moments, min_size=1, max_size=3).map(tuple)
