"""Events of gallring: what may not be kept any more is deleted by everybody (docs/gallring.md)."""

from uuid import UUID

from contracts.event import Event


class Deletion(Event):
    """``episode_id`` is the youth's latest; ``episode_ids`` are all of them."""

    # On the topic of coverage: what was told of the youth before comes before it.
    topic = "registry.youth.v1"

    episode_ids: tuple[UUID, ...]


class YouthDeleted(Deletion):
    """The register's time is over: nothing of the youth may be left. Statistics keep facts of nobody."""

    type = "se.uppsok.registry.youth-deleted.v1"


class DocumentationDeleted(Deletion):
    """The documentation's time is over: what was done and sent may not be left. The register stays."""

    type = "se.uppsok.registry.documentation-deleted.v1"
