"""All of Uppsök, three youths whose search was over in 2023, and today's registry."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from contracts.tasks import TaskKind
from deploy.local.databases import Database
from tests.integration.everywhere import lives
from tests.integration.everywhere.whole import Whole, whole
from tests.integration.gallring.filling import Youth
from tests.stack.tokens import AuthEnv


@dataclass
class Town:
    whole: Whole
    gone: Youth
    protected: Youth
    stays: Youth

    @property
    def youths(self) -> tuple[Youth, ...]:
        return self.gone, self.protected, self.stays


@pytest.fixture(scope="module")
async def town(
    service_database: Callable[[str], Awaitable[Database]],
    kafka_settings: dict[str, str],
    temporal_address: str,
    auth_env: AuthEnv,
    token: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Town]:
    environment = {**auth_env, **kafka_settings, "TEMPORAL_ADDRESS": temporal_address}
    folder = tmp_path_factory.mktemp("everywhere")
    async with whole(service_database, environment, folder, lives.AUTUMN, token) as all_of_it:
        async with all_of_it.running("registry", lives.AUTUMN):
            lives.deliver(all_of_it, lives.AUTUMN, with_youths=True)
            await lives.sync(all_of_it)
            gone, protected, stays = [
                await lives.known(all_of_it, one) for one in (lives.GONE, lives.PROTECTED, lives.STAYS)
            ]
            for youth in (gone, stays):
                await lives.is_found(all_of_it, youth)
            await lives.task_of(all_of_it, protected, TaskKind.PROTECTED)
        async with all_of_it.running("registry", lives.WINTER):
            lives.deliver(all_of_it, lives.WINTER, with_youths=False)
            await lives.sync(all_of_it)
            for youth in (gone, protected, stays):
                await lives.search_is_over(all_of_it, youth)
            await all_of_it.published()
        for youth in (gone, protected, stays):
            await lives.fill_the_rest(all_of_it, youth)
        # Nothing is due of who has an open measure.
        await all_of_it.registry.execute(lives.OPEN_MEASURE, stays.youth_id)
        async with all_of_it.running("registry", lives.TODAY):
            yield Town(all_of_it, gone, protected, stays)
