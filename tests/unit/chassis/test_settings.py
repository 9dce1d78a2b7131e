"""Settings: misspelt keys are refused, other parts' keys are not ours to judge, values stay out of errors."""

import pytest
from pydantic import Field, ValidationError

from chassis.settings import Settings, UnknownSetting


class ExampleSettings(Settings):
    part = "registry"

    drop_folder: str = Field(default="drop", validation_alias="UPPSOK_REGISTRY_DROP_FOLDER")


def test_a_misspelt_key_is_refused_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPPSOK_REGISTRY_DROP_FODLER", "x")
    with pytest.raises(UnknownSetting, match="did you mean UPPSOK_REGISTRY_DROP_FOLDER"):
        ExampleSettings.load()


def test_keys_of_other_parts_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPPSOK_OUTREACH_WHATEVER", "x")
    monkeypatch.setenv("UPPSOK_REGISTRY_DROP_FOLDER", "here")
    assert ExampleSettings.load().drop_folder == "here"


def test_production_runs_at_speed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPPSOK_ENVIRONMENT", "production")
    monkeypatch.setenv("UPPSOK_CLOCK", '{"speed": 60}')
    with pytest.raises(ValidationError, match="speed must be 1 in production"):
        ExampleSettings.load()


def test_an_error_does_not_repeat_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPPSOK_HTTP_PORT", "secret-value")
    with pytest.raises(ValidationError) as refused:
        ExampleSettings.load()
    assert "http_port" in str(refused.value).lower()
    assert "secret-value" not in str(refused.value)
