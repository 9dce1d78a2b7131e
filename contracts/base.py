"""The base of every contract model: frozen, and strict about unknown fields."""

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """A value that crosses a border between two parts of the system.

    Unknown fields are refused, so that a misspelt field is an error and not a silent default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class EventData(BaseModel):
    """The data of an event. Unknown fields are ignored: an older consumer must survive a newer producer."""

    model_config = ConfigDict(frozen=True, extra="ignore")
