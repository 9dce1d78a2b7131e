"""From where something is done, for the audit: a caller's network address, or the name of a process of ours."""

from contextvars import ContextVar

_origin: ContextVar[str | None] = ContextVar("origin", default=None)


def set_origin(name: str) -> None:
    """Say it for what follows in this task, and in those that it starts.

    Of a caller who has logged in the address; never of a youth who answers: nobody needs it.
    """
    _origin.set(name)


def origin() -> str | None:
    """Return from where what is going on is done; None when nobody has said."""
    return _origin.get()
