"""Codes of what is kept about a covered youth: measures, plan, consents, holds.

None says anything of health, crime, drugs, religion or origin (förordning 2006:39, 5 §). The national
file's own code values are not known here [?]: the report's layout maps these to them, per period.
"""

from enum import StrEnum

REGISTRY_DOCUMENTATION = "registry.documentation.v1"  # the topic of their events


class MeasureOwner(StrEnum):
    """Which board answers for a measure."""

    AMN = "amn"  # arbetsmarknadsnämnden
    UBN = "ubn"  # utbildningsnämnden
    OTHER = "other"


class MeasureType(StrEnum):
    """Kinds that stay the same from year to year; what a year's catalogue offers is a sub-type of one."""

    STUDY_COUNSELLING = "study_counselling"  # studie- och yrkesvägledning; a category of the statistics
    INDIVIDUAL_SUPPORT = "individual_support"  # individuellt stöd
    MOTIVATION = "motivation"  # motiverande insats: Aim, SELMA, FILUR
    JOB_SEARCH = "job_search"  # Jobbtorg Unga, YrkesPlus, external suppliers
    PRACTICE = "practice"  # praktik
    EMPLOYMENT = "employment"  # ungdomsanställning, arbetslagsanställning
    SCHOOL_PLACE = "school_place"  # slussplats
    STUDIES = "studies"  # Komvux, folkhögskola
    OTHER = "other"  # never without a sub-type: the statistics complain of its overuse


class MeasureEndReason(StrEnum):
    """Why a measure that had started ended (SCB: OrsakAvslutadAktivitetsatgard)."""

    TO_UPPER_SECONDARY = "to_upper_secondary"
    TO_OTHER_STUDIES = "to_other_studies"
    TO_WORK = "to_work"
    COMPLETED = "completed"  # carried through, nothing of the above followed
    BROKEN_OFF_BY_YOUTH = "broken_off_by_youth"
    BROKEN_OFF_BY_MUNICIPALITY = "broken_off_by_municipality"
    DUTY_ENDED = "duty_ended"  # turned 20, moved and the like


class WithdrawalReason(StrEnum):
    """Why a measure that never started is not in question any more, without the youth declining it."""

    YOUTH_CHANGED_MIND = "youth_changed_mind"
    NOT_GIVEN = "not_given"  # the municipality does not give it after all
    ANOTHER_MEASURE = "another_measure"
    DUTY_ENDED = "duty_ended"
    RECORDED_IN_ERROR = "recorded_in_error"


class Party(StrEnum):
    """To whom a consent opens what we know: secrecy holds between boards too (OSL 10 kap. 1 §)."""

    UBF = "ubf"  # utbildningsförvaltningen
    AMF = "amf"  # arbetsmarknadsförvaltningen
    SOCIALTJANST = "socialtjanst"
    ARBETSFORMEDLINGEN = "arbetsformedlingen"
    REGION = "region"
    NEW_MUNICIPALITY = "new_municipality"
    SCHOOL = "school"
    SUPPLIER = "supplier"  # who carries out a measure for us
    GUARDIAN = "guardian"


class ConsentPurpose(StrEnum):
    """What a consent is for. One purpose each: what was allowed for one thing is not for another."""

    PLANNING = "planning"  # plan measures together
    MEASURE = "measure"  # carry out a measure
    HOLD = "hold"  # outreach waits at the party's request (avvakta)
    SIP = "sip"  # start a coordinated individual plan
    HANDOVER = "handover"  # at 20, or at a move


class GivenBy(StrEnum):
    """Who gave a consent: the youth from 16; a guardian below 16, or beside the youth."""

    YOUTH = "youth"
    GUARDIAN = "guardian"
    YOUTH_AND_GUARDIAN = "youth_and_guardian"


class HoldEndReason(StrEnum):
    """Why a hold ended before its last day."""

    NOT_NEEDED = "not_needed"
    ASKED_BY_YOUTH = "asked_by_youth"
    CONSENT_WITHDRAWN = "consent_withdrawn"


class AnswersFor(StrEnum):
    """Who answers for an effort of a plan (förordning 2006:39, 8-9 §§)."""

    YOUTH = "youth"
    MUNICIPALITY = "municipality"
    OTHER_PARTY = "other_party"


class EffortResult(StrEnum):
    DONE = "done"
    BROKEN_OFF = "broken_off"


class PlanResult(StrEnum):
    """Why a plan ended."""

    GOAL_REACHED = "goal_reached"
    GOAL_CHANGED = "goal_changed"  # another plan follows
    BROKEN_OFF = "broken_off"
    DUTY_ENDED = "duty_ended"
