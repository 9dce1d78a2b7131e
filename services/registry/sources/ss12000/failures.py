"""Why a server could not be read: codes, never an address, a token or a value."""


class FeedFailed(Exception):
    """A server was not read to its end. ``step`` is the path that was asked, ``reason`` a code:

    ``timeout``, ``unreachable``, ``http_NNN``, ``told_to_wait`` (longer than we may), ``token_refused``,
    ``token_shape``, ``secret_missing``, ``not_json``, ``unexpected_shape``, ``page_loop``, ``too_many_pages``,
    ``page_too_large``.
    """

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step, self.reason = step, reason


class NotOffered(FeedFailed):
    """The server lacks the endpoint, or does not let us in there. A server need not offer all of them."""
