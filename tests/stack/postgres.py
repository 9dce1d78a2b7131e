"""The PostgreSQL of the tests: a fresh migrated database per call, cloned from a template."""

import asyncio
from itertools import count
from pathlib import Path

import asyncpg

from chassis.migrate import migrate
from deploy.local.databases import Database, create_database, create_roles, with_database, with_login

ROOT = Path(__file__).parents[2]
PASSWORD = "only-for-tests"


class PostgresServer:
    """A running server; ``admin_url`` is the superuser's."""

    def __init__(self, admin_url: str) -> None:
        self.admin_url = admin_url
        self._templates: dict[str, str] = {}
        self._numbers = count(1)

    async def service_database(self, service: str) -> Database:
        """Return a fresh database of a service with all its migrations, in some 50 ms after the first."""
        template = self._templates.get(service) or await self._make_template(service)
        name = f"{service}_{next(self._numbers)}"
        conn = await asyncpg.connect(self.admin_url)
        try:
            await conn.execute(f'create database "{name}" template "{template}" owner {service}_migrator')
        finally:
            await conn.close()
        return self._urls(service, name)

    async def _make_template(self, service: str) -> str:
        template = f"template_{service}"
        await create_roles(self.admin_url, service, PASSWORD, PASSWORD)
        await create_database(self.admin_url, service, template)
        own = ROOT / "services" / service / "db" / "migrations"
        # Of a service that does not exist (yet), the chassis' tables alone.
        directories = [own] if own.is_dir() else []
        await asyncio.to_thread(migrate, self._urls(service, template).migrator_url, *directories)
        self._templates[service] = template
        return template

    def _urls(self, service: str, name: str) -> Database:
        url = with_database(self.admin_url, name)
        return Database(
            app_url=with_login(url, f"{service}_app", PASSWORD),
            migrator_url=with_login(url, f"{service}_migrator", PASSWORD),
        )
