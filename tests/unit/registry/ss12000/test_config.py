"""The file that says which servers are read."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.registry.settings import Settings
from services.registry.sources.ss12000.config import ConfigRefused, read_config

SERVER = {
    "name": "skolan",
    "base_url": "https://skola.example/ss12000/v2.1",
    "token_url": "https://login.example/token",
    "client_id": "uppsok",
    "secret_file": "secrets/skolan",
}


def written(folder: Path, *servers: dict[str, Any], **changes: Any) -> Path:
    path = folder / "ss12000.json"
    path.write_text(json.dumps({"servers": servers, **changes}))
    return path


def test_a_short_file_is_enough(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, SERVER))
    (server,) = config.servers
    assert server.secret_file == tmp_path / "secrets/skolan"  # beside the file, wherever the process was started
    assert (config.whole_every_days, server.page_size, server.absence, server.patience.attempts) == (
        7,
        500,
        None,
        6,
    )


def test_an_absolute_path_of_a_secret_stays(tmp_path: Path) -> None:
    (server,) = read_config(written(tmp_path, SERVER | {"secret_file": "/run/secrets/skolan"})).servers
    assert server.secret_file == Path("/run/secrets/skolan")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"base_url": "http://skola.example/ss12000"}, "base_url must be https"),
        ({"base_url": "https://user:hemligt@skola.example"}, "base_url must be https"),
        ({"base_url": "https://skola.example?key=hemligt"}, "base_url must be https"),
        ({"base_url": "https://[hemligt"}, "base_url must be https"),
        ({"token_url": "ftp://skola.example"}, "token_url must be https"),
        ({"client_secret": "hemligt"}, "servers.0.client_secret: Extra inputs are not permitted"),
        ({"name": "Skolan hemligt"}, "servers.0.name"),
        ({"page_size": 0}, "servers.0.page_size"),
        ({"default_school_unit": "hemligt"}, "servers.0.default_school_unit"),
        ({"school_units": {"00000000-0000-0000-0000-000000000001": "hemligt"}}, "a code has eight digits"),
        ({"school_units": {"hemligt": "12345678"}}, "servers.0.school_units.hemligt.[key]"),
        ({"absence": {"over_percent": 0}}, "servers.0.absence.over_percent"),
    ],
)
def test_what_does_not_hold_is_named_and_not_repeated(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigRefused) as refused:
        read_config(written(tmp_path, SERVER | change))
    assert said in str(refused.value)
    assert "hemligt" not in str(refused.value).replace("school_units.hemligt", "")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost/ss12000", "http://[::1]:1/"])
def test_in_the_clear_within_this_machine_only(tmp_path: Path, url: str) -> None:
    assert read_config(written(tmp_path, SERVER | {"base_url": url})).servers[0].base_url == url


def test_a_name_stands_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigRefused, match="each name must stand once"):
        read_config(written(tmp_path, SERVER, SERVER))


def test_a_file_that_is_not_there_or_no_json(tmp_path: Path) -> None:
    with pytest.raises(ConfigRefused, match="FileNotFoundError"):
        read_config(tmp_path / "nowhere.json")
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(ConfigRefused, match="Invalid JSON"):
        read_config(tmp_path / "broken.json")


def test_the_setting_names_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL_REGISTRY", "postgresql://nowhere")
    assert Settings.load().registry_ss12000_file is None
    monkeypatch.setenv("UPPSOK_REGISTRY_SS12000_FILE", "/etc/uppsok/ss12000.json")
    assert Settings.load().registry_ss12000_file == Path("/etc/uppsok/ss12000.json")
