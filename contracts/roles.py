"""Roles that a token can carry. The full decision table of roles and areas comes with access control."""

from enum import StrEnum


class Role(StrEnum):
    LOCAL_COORDINATOR = "local_coordinator"  # lokal samordnare: own districts
    KAA_COORDINATOR = "kaa_coordinator"  # the city
    SPECIAL_HANDLER = "special_handler"  # protected identities
    REGISTER_SUPERUSER = "register_superuser"
    STATISTICIAN = "statistician"  # facts only
    OPERATOR = "operator"  # no personal data
    SERVICE = "service"  # one of our own services
    SCHOOL = "school"  # a school's system or staff: reports on behalf of the units of its token, reads nothing
