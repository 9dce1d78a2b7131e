from collections.abc import AsyncIterator

import pytest

from tests.integration.login.issuer import Issuer
from tests.integration.notifications.servers import serving


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    """One with the key ``one``, listening."""
    issuer = Issuer()
    issuer.add("one")
    async with serving(issuer.app()) as url:
        issuer.url = url
        yield issuer
