"""The policy document that the installation comes with; it becomes a version at the start (docs/policy.md)."""

from contracts.policy import OutreachPolicy
from services.outreach.domain.policy import PolicyInvalid, load_policy
from services.outreach.domain.policy_rules import rules_of_the_plan
from services.outreach.settings import Settings


def configured_policy(settings: Settings) -> OutreachPolicy:
    """Return the configured document. Raises PolicyInvalid when it cannot be used.

    In production it keeps the rules of the plan as a coordinator's does: the local policy, which calls at any
    hour, is not for real youths.
    """
    policy = load_policy(settings.outreach_policy_file)
    if settings.environment == "production" and (faults := list(rules_of_the_plan(policy))):
        raise PolicyInvalid(settings.outreach_policy_file.name, faults)
    return policy
