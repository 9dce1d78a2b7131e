"""The clocks of gallring: days before today, and what cannot be set."""

from datetime import date

import pytest
from pydantic import ValidationError

from services.registry.settings import Settings


def settings(**days: int) -> Settings:
    values = {f"registry_gallring_{name}_days": value for name, value in days.items()}
    return Settings.model_validate({"environment": "test", "database_url": "postgresql://x", **values})


def test_each_clock_has_its_own_days() -> None:
    limits = settings(register=730, documentation=365, never_covered=30).gallring_clocks.limits(date(2026, 11, 25))
    assert limits.register_before == date(2024, 11, 25)
    assert limits.documentation_before == date(2025, 11, 25)
    assert limits.never_covered_before == date(2026, 10, 26)


def test_documentation_is_not_kept_longer_than_the_register() -> None:
    with pytest.raises(ValidationError, match="says whom it is about"):
        settings(register=365, documentation=366)
