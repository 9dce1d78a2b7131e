"""Which providers a process has: the settings say."""

from services.notifications.providers.letters import LetterProvider
from services.notifications.providers.print_folder import PrintFolder
from services.notifications.providers.sandbox_sms import SandboxSms
from services.notifications.providers.sms import SmsProvider
from services.notifications.providers.twilio_sms import TwilioSms
from services.notifications.sender import Sender
from services.notifications.settings import Settings


def sms_provider(settings: Settings, sender: Sender) -> SmsProvider:
    if settings.notifications_sms_provider == "twilio":
        return TwilioSms(settings, sender.sms)
    return SandboxSms(settings.notifications_sms_folder, settings.clock)


def letter_provider(settings: Settings) -> LetterProvider:
    return PrintFolder(settings.notifications_letter_folder)
