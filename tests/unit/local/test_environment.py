"""What our processes are told, and what they are not."""

from pathlib import Path

import pytest

from deploy.local import config
from deploy.local.environment import Environment
from deploy.local.keys import Keys
from deploy.local.processes import PROCESSES


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    stack = config.load(tmp_path, {})
    stack.layout.make()
    Keys(stack.layout.keys).make()
    return Environment(stack)


def test_a_process_knows_no_other_services_database(environment: Environment) -> None:
    for process in PROCESSES:
        urls = {key for key in environment.of_process(process) if key.startswith("DATABASE_URL")}
        assert urls == ({f"DATABASE_URL_{process.service.upper()}"} if process.service else set())


def test_the_registry_finds_the_others_for_an_export(environment: Environment) -> None:
    told = environment.of_service("registry")
    others = ("outreach", "notifications", "reporting")
    assert [told[f"UPPSOK_REGISTRY_{other.upper()}_URL"] for other in others] == [
        environment.url(other) for other in others
    ]


def test_no_process_has_the_migrators_login(environment: Environment) -> None:
    for process in PROCESSES:
        urls = [value for value in environment.of_process(process).values() if value.startswith("postgresql:")]
        assert not any("_migrator" in url for url in urls)


def test_idempotence_is_off_for_tansu_only(tmp_path: Path) -> None:
    tansu, apache = config.load(tmp_path, {}), config.load(tmp_path, {"KAFKA": "apache"})
    elsewhere = config.load(tmp_path, {"KAFKA_BOOTSTRAP_SERVERS": "k:9092"})
    found = [Environment(one).shared()["UPPSOK_KAFKA_IDEMPOTENCE"] for one in (tansu, apache, elsewhere)]
    assert found == ["false", "true", "true"]


def test_the_stacks_own_variables_are_not_passed_on(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPPSOK_LOCAL_PORT_POSTGRES", "1")
    monkeypatch.setenv("DATABASE_URL_REGISTRY_MIGRATOR", "postgresql://secret")
    monkeypatch.setenv("UPPSOK_NOTIFICATIONS_SMS_PROVIDER", "twilio")
    found = environment.of_process(PROCESSES[0])
    assert "UPPSOK_LOCAL_PORT_POSTGRES" not in found
    assert "DATABASE_URL_REGISTRY_MIGRATOR" not in found
    assert found["UPPSOK_NOTIFICATIONS_SMS_PROVIDER"] == "twilio"


def test_secrets_are_for_us_alone(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys")
    keys.make()
    modes = {file.name: file.stat().st_mode & 0o077 for file in (tmp_path / "keys").iterdir()}
    assert len(modes) == 5
    assert set(modes.values()) == {0}


def test_keys_are_kept_from_one_start_to_the_next(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys")
    keys.make()
    before = (keys.payload_keys.read_text(), keys.passwords(), keys.signing_key.read_text())
    keys.make()
    assert before == (keys.payload_keys.read_text(), keys.passwords(), keys.signing_key.read_text())
