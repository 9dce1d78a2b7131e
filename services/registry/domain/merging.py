"""Why a person finds that two entries of the register are one, or two after all. Codes only: no free text."""

from enum import StrEnum


class MergeReason(StrEnum):
    NEW_NUMBER = "new_number"  # samordningsnummer and personnummer, or a number that was replaced
    REGISTERED_TWICE = "registered_twice"  # a source registered them twice
    PROTECTED_NUMBER = "protected_number"  # fingerade personuppgifter taken back


class SplitReason(StrEnum):
    TWO_PERSONS = "two_persons"  # they were never one
    WRONG_NUMBER = "wrong_number"  # a source told a wrong number
