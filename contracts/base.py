"""The bases of the contract models: frozen values.

A validation error never repeats the value that was wrong: it ends in logs, and a wrong value may be
a person's.
"""

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """A value that crosses a border between two parts of the system.

    Unknown fields are refused, so that a misspelt field is an error and not a silent default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class EventData(BaseModel):
    """The data of an event. Unknown fields are ignored: an older consumer must survive a newer producer."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
