"""Why a youth is registered, why the duty ends, how a youth was reached. Codes, never free text."""

from enum import StrEnum


class RegistrationReason(StrEnum):
    """Why a youth came under the duty (the categories SCB publishes; see law-and-data section 2)."""

    LEFT_SCHOOL = "left_school"  # avbrott: left a national programme
    STUDIEBEVIS = "studiebevis"  # three years done, no exam
    NEVER_STARTED = "never_started"  # compulsory school done, never started upper-secondary
    MOVED_IN = "moved_in"  # moved to the municipality while covered
    NEWLY_ARRIVED = "newly_arrived"  # registered in the country when not of compulsory school age
    LEFT_INTRODUCTION = "left_introduction"  # left an introduction programme (IM)
    UNKNOWN = "unknown"


class EndReason(StrEnum):
    """Why the duty for a youth ended (Skollagen 29 kap. 9 §)."""

    STARTED_SCHOOL = "started_school"
    EXAM = "exam"  # gymnasieexamen or gymnasiebevis from anpassad gymnasieskola
    EQUIVALENT_EDUCATION = "equivalent_education"
    MOVED_OUT = "moved_out"
    EMIGRATED = "emigrated"
    DEAD = "dead"
    TURNED_20 = "turned_20"
    REGISTERED_IN_ERROR = "registered_in_error"


class ReachedBy(StrEnum):
    """By which way a youth was reached."""

    SMS_ANSWER = "sms_answer"
    ANSWER_PAGE = "answer_page"  # the link or code in a letter or SMS
    CALL = "call"
    INBOUND_CALL = "inbound_call"  # the youth called us
    DROP_IN = "drop_in"
    HOME_VISIT = "home_visit"
    GUARDIAN = "guardian"
    MANUAL = "manual"  # protected identity: by its special handler


class WatchReason(StrEnum):
    """Why a youth is under watch (bevakning); the policy gives each reason its re-contact interval."""

    WORKS = "works"
    STUDIES_OTHER = "studies_other"  # SFI, folkhögskola, Komvux: occupied but still covered
    OTHER_OCCUPATION = "other_occupation"
    DECLINED = "declined"
    MEASURE_ENDED = "measure_ended"
    NOT_REACHED = "not_reached"
    APPLIED = "applied"  # has applied for language introduction (newly arrived): starts school, as a rule


class Sex(StrEnum):
    WOMAN = "woman"
    MAN = "man"


class SpecialTrack(StrEnum):
    """Groups whom the plan treats differently (plan 4.1.4, 4.1.5, 4.2.3)."""

    NEWLY_ARRIVED = "newly_arrived"
    STUDIEBEVIS = "studiebevis"


class Step(StrEnum):
    """Where a youth stands in the outreach (plan 4.2.2). docs/states.md draws the transitions."""

    AWAITING_START = "awaiting_start"  # registered; the start is due within one month
    FIRST_CONTACT = "first_contact"  # letter (and SMS) sent, answer window open
    CALLING = "calling"  # at least three calls on different days and hours
    TRIED_TO_REACH = "tried_to_reach"  # SMS and letter: we have tried to reach you
    DOOR_CARD = "door_card"  # a visit is planned and the door card (knackakort) sent
    HOME_VISIT = "home_visit"  # two staff at the door
    MAPPING = "mapping"  # reached: mapping conversation (kartläggning)
    SUPPORT = "support"  # wants support: followed up
    WATCH = "watch"  # bevakning, with a re-contact date
    MANUAL = "manual"  # protected identity: nothing automatic
    ON_HOLD = "on_hold"  # avvakta: nothing is done until the hold is over
    ENDED = "ended"  # the duty has ended
