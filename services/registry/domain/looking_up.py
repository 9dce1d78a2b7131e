"""Why somebody searches by person number: it finds one person, whom the searcher then must have meant to find."""

from enum import StrEnum


class LookupReason(StrEnum):
    YOUTH_IN_TOUCH = "youth_in_touch"
    GUARDIAN_IN_TOUCH = "guardian_in_touch"
    SCHOOL_TELLS = "school_tells"
    AUTHORITY_ASKS = "authority_asks"  # another board, municipality or authority
    OWN_CASE = "own_case"  # the searcher has a case of the person's: another board, by consent
    REGISTER_CARE = "register_care"  # a source tells something that does not fit
    EXPORT_ASKED = "export_asked"  # the data-subject export, which begins by finding the person
