"""Settings of the notifications service."""

from datetime import time
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator

from chassis.settings import Settings as ChassisSettings
from services.notifications.domain.hours import SendingHours
from services.notifications.sender import STOCKHOLM


class Settings(ChassisSettings):
    """What the notifications service can be told besides what every process can."""

    part: ClassVar[str] = "notifications"

    database_url: str = Field(validation_alias="DATABASE_URL_NOTIFICATIONS")

    notifications_registry_url: str = Field(default="http://127.0.0.1:8101", description="The registry's API")
    notifications_outreach_url: str = Field(default="http://127.0.0.1:8102", description="The API of outreach")
    notifications_answer_url: str = Field(
        default="http://127.0.0.1:8103", description="Public base URL, printed in letters and SMS with /svar"
    )
    notifications_code_days: int = Field(
        default=365, ge=1, description="How long after a message was asked for its code can be answered with"
    )
    notifications_requests_per_minute: int = Field(
        default=600,
        ge=60,
        description="Of one address to the answer page and /answers; a mobile operator has many behind one",
    )
    notifications_sender_file: Path = Field(default=STOCKHOLM, description="Who writes (docs/letters.md)")

    notifications_letter_folder: Path = Field(default=Path(".local/letters"), description="Sandbox print folder")
    notifications_letter_window: Literal["right", "left"] = Field(
        default="right", description="Which window the print supplier's C5 envelopes have"
    )

    notifications_sms_provider: Literal["sandbox", "twilio"] = "sandbox"
    notifications_sms_folder: Path = Field(default=Path(".local/sms"), description="Where the sandbox writes SMS")
    notifications_sms_from: time = Field(default=time(8), description="No SMS before, Stockholm time")
    notifications_sms_until: time = Field(default=time(20), description="No SMS from this time on")
    notifications_unmatched_sms_days: int = Field(
        default=90, ge=1, description="How long an SMS is kept of which nobody knows whose it is"
    )
    notifications_sms_at_once: int = Field(default=8, ge=1, le=100, description="Sends under way at a time")

    notifications_twilio_account_sid: str = ""
    notifications_twilio_auth_token: SecretStr = SecretStr("")
    notifications_twilio_base_url: str = Field(
        default="https://api.twilio.com", description="Another address for tests, or a regional one"
    )
    notifications_twilio_timeout: float = Field(default=10.0, gt=0, description="Real seconds per request")
    notifications_webhook_url: str = Field(
        default="http://127.0.0.1:8103", description="Public base URL of this API, as Twilio calls it"
    )

    @property
    def sending_hours(self) -> SendingHours:
        return SendingHours(self.notifications_sms_from, self.notifications_sms_until)

    @model_validator(mode="after")
    def complete(self) -> Self:
        _ = self.sending_hours  # raises ValueError
        if self.notifications_sms_provider == "twilio" and not (
            self.notifications_twilio_account_sid and self.notifications_twilio_auth_token.get_secret_value()
        ):
            raise ValueError("the Twilio provider needs UPPSOK_NOTIFICATIONS_TWILIO_ACCOUNT_SID and _AUTH_TOKEN")
        if self.environment == "production" and self.notifications_sms_provider == "sandbox":
            raise ValueError("UPPSOK_NOTIFICATIONS_SMS_PROVIDER: the sandbox sends nothing; not in production")
        if self.environment == "production":
            self._refuse_in_the_clear()
        return self

    def _refuse_in_the_clear(self) -> None:
        for name in ("answer_url", "webhook_url", "twilio_base_url"):
            if not getattr(self, f"notifications_{name}").startswith("https://"):
                raise ValueError(f"UPPSOK_NOTIFICATIONS_{name.upper()} must be https in production")
