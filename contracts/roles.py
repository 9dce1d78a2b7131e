"""Roles that a token can carry. What each may do stands in contracts/access.py, and nowhere else."""

from enum import StrEnum


class Role(StrEnum):
    LOCAL_COORDINATOR = "local_coordinator"  # lokal samordnare: own districts
    KAA_COORDINATOR = "kaa_coordinator"  # the city
    SPECIAL_HANDLER = "special_handler"  # protected identities, and nobody else
    REGISTER_SUPERUSER = "register_superuser"
    SLUSSEN_COUNSELLOR = "slussen_counsellor"  # Skolslussen, of the education board: by the youth's consent
    SOCIAL_WORKER = "social_worker"  # of a district's social services: by the youth's consent
    STATISTICIAN = "statistician"  # figures only
    COMMUNICATIONS = "communications"  # texts: letter templates, the words of the policy
    JURIST = "jurist"  # the municipality's: approves gallring
    AUDITOR = "auditor"  # logs only
    OPERATOR = "operator"  # no personal data
    SERVICE = "service"  # one of our own services
    SCHOOL = "school"  # a school's system or staff: reports on behalf of the units of its token, reads nothing
