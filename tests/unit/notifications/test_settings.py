"""Settings that would send nothing, or to nobody, are refused at start."""

import pytest
from pydantic import ValidationError

from services.notifications.settings import Settings

BASE = {"DATABASE_URL_NOTIFICATIONS": "postgresql://localhost/x", "UPPSOK_ENVIRONMENT": "test"}


def load(monkeypatch: pytest.MonkeyPatch, **extra: str) -> Settings:
    for key, value in {**BASE, **extra}.items():
        monkeypatch.setenv(key, value)
    return Settings.load()


def test_the_sandbox_is_the_default_outside_production(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch).notifications_sms_provider == "sandbox"


def test_production_does_not_pretend(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="sandbox sends nothing"):
        load(monkeypatch, UPPSOK_ENVIRONMENT="production")


def test_twilio_needs_its_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="ACCOUNT_SID"):
        load(monkeypatch, UPPSOK_NOTIFICATIONS_SMS_PROVIDER="twilio")


def test_sending_hours_must_be_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="same day"):
        load(monkeypatch, UPPSOK_NOTIFICATIONS_SMS_FROM="20:00", UPPSOK_NOTIFICATIONS_SMS_UNTIL="08:00")


def test_the_token_never_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        UPPSOK_NOTIFICATIONS_SMS_PROVIDER="twilio",
        UPPSOK_NOTIFICATIONS_TWILIO_ACCOUNT_SID="AC1",
        UPPSOK_NOTIFICATIONS_TWILIO_AUTH_TOKEN="very-secret",
    )
    assert "very-secret" not in repr(settings)


PRODUCTION = {
    "UPPSOK_ENVIRONMENT": "production",
    "UPPSOK_NOTIFICATIONS_SMS_PROVIDER": "twilio",
    "UPPSOK_NOTIFICATIONS_TWILIO_ACCOUNT_SID": "AC1",
    "UPPSOK_NOTIFICATIONS_TWILIO_AUTH_TOKEN": "very-secret",
    "UPPSOK_NOTIFICATIONS_ANSWER_URL": "https://uppsok.stockholm.example",
    "UPPSOK_NOTIFICATIONS_WEBHOOK_URL": "https://uppsok.stockholm.example",
}


@pytest.mark.parametrize("name", ["ANSWER_URL", "WEBHOOK_URL", "TWILIO_BASE_URL"])
def test_in_production_the_world_is_met_by_https_only(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert load(monkeypatch, **PRODUCTION).environment == "production"
    with pytest.raises(ValidationError, match=f"{name} must be https"):
        load(monkeypatch, **PRODUCTION | {f"UPPSOK_NOTIFICATIONS_{name}": "http://uppsok.stockholm.example"})
