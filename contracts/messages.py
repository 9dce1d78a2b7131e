"""Messages that are sent to a youth: kinds, channels and what became of them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Contract


class Channel(StrEnum):
    LETTER = "letter"
    SMS = "sms"


class MessageKind(StrEnum):
    FIRST_LETTER = "first_letter"  # whoever is new always gets a letter (plan 4.2.2)
    FIRST_SMS = "first_sms"
    TRIED_LETTER = "tried_letter"  # we have tried to reach you (plan 2016 4.3.2)
    TRIED_SMS = "tried_sms"
    DOOR_CARD = "door_card"  # knackakort: a home visit will be made, with date and time
    VISIT_CALLED_OFF_LETTER = "visit_called_off_letter"  # the visit on the door card does not come about
    VISIT_CALLED_OFF_SMS = "visit_called_off_sms"
    RECONTACT_LETTER = "recontact_letter"  # the watch is over: a lighter new round
    TERM_LETTER = "term_letter"  # the large mailing after 15 September (plan 4.2.2): a wave
    TERM_SMS = "term_sms"
    TURNS_20_LETTER = "turns_20_letter"  # where to turn when the duty ends; sent while it still holds


CHANNEL_OF: dict[MessageKind, Channel] = {
    MessageKind.FIRST_LETTER: Channel.LETTER,
    MessageKind.FIRST_SMS: Channel.SMS,
    MessageKind.TRIED_LETTER: Channel.LETTER,
    MessageKind.TRIED_SMS: Channel.SMS,
    MessageKind.DOOR_CARD: Channel.LETTER,
    MessageKind.VISIT_CALLED_OFF_LETTER: Channel.LETTER,
    MessageKind.VISIT_CALLED_OFF_SMS: Channel.SMS,
    MessageKind.RECONTACT_LETTER: Channel.LETTER,
    MessageKind.TERM_LETTER: Channel.LETTER,
    MessageKind.TERM_SMS: Channel.SMS,
    MessageKind.TURNS_20_LETTER: Channel.LETTER,
}


# Those of a visit at a time: they tell nothing without it.
OF_A_VISIT = frozenset(
    {MessageKind.DOOR_CARD, MessageKind.VISIT_CALLED_OFF_LETTER, MessageKind.VISIT_CALLED_OFF_SMS}
)


class MessageState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"  # handed to the provider (SMS) or to print (letter)
    DELIVERED = "delivered"
    FAILED = "failed"
    SKIPPED = "skipped"  # never queued: no phone number, protected identity, duty ended


class SkipReason(StrEnum):
    NO_PHONE = "no_phone"
    NO_ADDRESS = "no_address"
    PROTECTED = "protected"
    NOT_COVERED = "not_covered"
    ON_HOLD = "on_hold"  # avvakta: outreach waits
    WAVE_STOPPED = "wave_stopped"  # recalled: somebody stopped the wave
    CALLED_OFF = "called_off"  # the visit is called off: no door card, and no word where none had been sent


class PrintPurpose(StrEnum):
    """What else names and addresses are printed for. The registry writes it in its audit, as a message's kind."""

    DAY_LIST = "day_list"  # the visits of a pair on a day


class MessageSpec(Contract):
    """A message that the workflow asks for. The id is a business id: asked for twice, sent once."""

    message_id: UUID
    kind: MessageKind
    visit_at: AwareDatetime | None = Field(default=None, description="Door card: when we come, civil time")


class MessageResult(Contract):
    message_id: UUID
    state: MessageState
    skipped: SkipReason | None = None


class AnswerChannel(StrEnum):
    SMS = "sms"
    ANSWER_PAGE = "answer_page"


class Answer(Contract):
    """That a youth answered, and how. What they wrote stays in notifications."""

    channel: AnswerChannel
    message_id: UUID | None = None
    answered_at: datetime
