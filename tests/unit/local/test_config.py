"""Settings of a local stack: where a value comes from, and what is refused."""

import json
from pathlib import Path

import pytest

from deploy.local import config
from deploy.local.config import Config, InvalidConfig


def load(folder: Path, **environ: str) -> Config:
    return config.load(folder, environ)


def test_the_developers_file_goes_over_the_defaults_and_the_environment_over_both(tmp_path: Path) -> None:
    (tmp_path / "local.toml").write_text("[ports]\npostgres = 9001\nkafka = 9002\n")
    ports = load(tmp_path, UPPSOK_LOCAL_PORT_KAFKA="9003").ports
    assert (ports["postgres"], ports["kafka"], ports["temporal"]) == (9001, 9003, 8133)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("colour = 1", "colour"),
        ("[ports]\npostgre = 1", "postgre"),
        ("[ports]\npostgres = 'x'", "postgres"),
        ("[ports]\npostgres = 8101", "postgres, registry"),
        ("kafka = 'redpanda'", "redpanda"),
        ("leave_out = ['web']", "web"),
        ("[ports", "local.toml"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "local.toml").write_text(text)
    with pytest.raises(InvalidConfig, match=named):
        load(tmp_path)


@pytest.mark.parametrize("key", ["UPPSOK_LOCAL_PORT_POSTGRE", "UPPSOK_LOCAL_PORT_KAFKA"])
def test_a_port_variable_must_name_a_port_and_hold_a_number(tmp_path: Path, key: str) -> None:
    with pytest.raises(InvalidConfig, match=key):
        load(tmp_path, **{key: "many"})


def test_parts_elsewhere_need_no_ports(tmp_path: Path) -> None:
    urls = {
        f"DATABASE_URL_{service}{role}": "postgresql://elsewhere/x"
        for service in ("REGISTRY", "OUTREACH", "NOTIFICATIONS", "REPORTING")
        for role in ("", "_MIGRATOR")
    }
    found = load(tmp_path, TEMPORAL_ADDRESS="t:7233", KAFKA_BOOTSTRAP_SERVERS="k:9092", **urls)
    assert not {"postgres", "kafka", "kafka_controller", "temporal", "temporal_ui"} & set(found.ports_needed())


def test_one_database_elsewhere_leaves_the_others_here(tmp_path: Path) -> None:
    found = load(
        tmp_path, DATABASE_URL_REGISTRY="postgresql://a/x", DATABASE_URL_REGISTRY_MIGRATOR="postgresql://a/x"
    )
    assert "postgres" in found.ports_needed()


def test_a_database_elsewhere_needs_both_roles(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match="DATABASE_URL_REGISTRY_MIGRATOR"):
        load(tmp_path, DATABASE_URL_REGISTRY="postgresql://elsewhere/registry")


def test_a_started_stack_is_found_again_as_it_was(tmp_path: Path) -> None:
    clock = json.dumps({"speed": 1000})
    started = config.load(tmp_path, {}, clock=clock, sample=False).with_port_offset(100)
    started.save()
    assert Config.saved(tmp_path) == started
    assert started.layout.config_file.stat().st_mode & 0o077 == 0


def test_a_policy_is_a_name_or_a_path(tmp_path: Path) -> None:
    own = tmp_path / "mine.json"
    assert config.load(tmp_path, {}, policy=str(own)).policy_file == own
    assert config.load(tmp_path, {}, policy="stockholm").policy_file.parent == config.POLICIES
