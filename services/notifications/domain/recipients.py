"""Who gets a message, as the registry says at the moment of sending, and who must not."""

from pydantic import BaseModel, ConfigDict

from contracts.messages import Channel, SkipReason


class PostalAddress(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    care_of: str | None = None
    street: str
    postal_code: str
    city: str


class Recipient(BaseModel):
    """One item of the registry's ``POST /recipients``. Protected or not covered: nothing but the flags."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    covered: bool
    protected: bool
    on_hold: bool = False  # avvakta: outreach waits
    name: str | None = None
    address: PostalAddress | None = None
    phone: str | None = None  # E.164


def skip_reason(recipient: Recipient, channel: Channel) -> SkipReason | None:
    """Return why this recipient gets nothing by this channel, or None when it may be sent.

    Protection comes first: nothing automatic may ever be sent to a protected youth, whatever else holds.
    """
    if recipient.protected:
        return SkipReason.PROTECTED
    if not recipient.covered:
        return SkipReason.NOT_COVERED
    if recipient.on_hold:
        return SkipReason.ON_HOLD
    if channel is Channel.SMS:
        return None if recipient.phone else SkipReason.NO_PHONE
    return None if recipient.address and recipient.name else SkipReason.NO_ADDRESS
