"""Whether a covered youth can be called at all, for those who have no right to know the number."""

from contracts.event import Event


class TelephoneChanged(Event):
    """The register got, or lost, the last usable telephone number of a covered youth's own.

    Until it is told that there is none, there is one. Nothing is told of protected youths, and not which number.
    """

    type = "se.uppsok.registry.telephone-changed.v1"
    # On the topic of coverage: the registration comes before it.
    topic = "registry.youth.v1"

    has_phone: bool
