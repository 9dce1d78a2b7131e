"""A policy that is in force on every day, for parts that go by the policy of the day."""

from contracts.policy import OutreachPolicy
from services.outreach.policy_versions import InForce


def always(policy: OutreachPolicy) -> InForce:
    async def in_force() -> OutreachPolicy:
        return policy

    return in_force
