"""The parts that a stack starts itself."""

from deploy.local.config import Config
from deploy.local.environment import Environment
from deploy.local.keys import Keys
from deploy.local.parts.kafka_apache import Apache
from deploy.local.parts.kafka_tansu import Tansu
from deploy.local.parts.part import Part
from deploy.local.parts.postgres import Postgres
from deploy.local.parts.temporal import Temporal

PARTS = ("postgres", "kafka", "temporal")


def chosen_parts(config: Config) -> list[Part]:
    """Return the parts that are not external, as the settings want them."""
    make = {"postgres": _postgres, "kafka": _kafka, "temporal": _temporal}
    return [make[name](config) for name in PARTS if not config.is_external(name)]


def _postgres(config: Config) -> Part:
    password = Keys(config.layout.keys).passwords()["postgres"]
    return Postgres(config.layout.postgres, config.ports["postgres"], password)


def _kafka(config: Config) -> Part:
    port, layout = config.ports["kafka"], config.layout
    if config.kafka == "apache":
        return Apache(layout.kafka, port, controller_port=config.ports["kafka_controller"], jars=layout.kafka_jars)
    return Tansu(port)


def _temporal(config: Config) -> Part:
    return Temporal(
        config.ports["temporal"],
        database=config.layout.temporal_database,
        ui_port=config.ports["temporal_ui"],
        codec_endpoint=Environment(config).url("codec"),
    )
