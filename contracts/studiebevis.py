"""How the policy has youths with a studiebevis met: three years done, no exam (plan 4.1.5)."""

from datetime import date

from pydantic import Field

from contracts.base import Contract

MONTH_AND_DAY = r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d)$"


class StudiebevisPolicy(Contract):
    """Days of the year, month and day. From one up to and with another."""

    contact_from: str = Field(default="05-15", pattern=MONTH_AND_DAY, description="Who is registered from then")
    contact_until: str = Field(
        default="07-15",
        pattern=MONTH_AND_DAY,
        description="... until then is contacted in person, at the end of the school year",
    )
    letter_on: str = Field(
        default="09-15", pattern=MONTH_AND_DAY, description="Who was not reached then gets the first letter"
    )

    def letter_day(self, registered_on: date) -> date | None:
        """Return the day of the letter for who is registered in the summer, after the contacts; else None."""
        if not self.contact_until < f"{registered_on:%m-%d}" < self.letter_on:
            return None
        return date.fromisoformat(f"{registered_on.year}-{self.letter_on}")
