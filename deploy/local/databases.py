"""One database per service, with two roles: the migrator owns it, the app reads and writes its rows.

The app role cannot create or drop anything, and may only read and add to the audit table (the
chassis' migrations take the rest away).
"""

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import asyncpg

SERVICES = ("registry", "outreach", "notifications", "reporting")


@dataclass(frozen=True, slots=True)
class Database:
    """The URLs of a service's database, one per role."""

    app_url: str
    migrator_url: str


async def create_roles(admin_url: str, service: str, app_password: str, migrator_password: str) -> None:
    """Create the two roles of a service in the cluster, or give them these passwords."""
    conn = await asyncpg.connect(admin_url)
    try:
        for role, password in ((f"{service}_app", app_password), (f"{service}_migrator", migrator_password)):
            exists = await conn.fetchval("select true from pg_roles where rolname = $1", role)
            verb = "alter" if exists else "create"
            await conn.execute(f"{verb} role {role} login password {_literal(password)}")
    finally:
        await conn.close()


async def create_database(admin_url: str, service: str, name: str | None = None) -> bool:
    """Create a service's database (named as the service unless ``name``); return whether it was new."""
    name = name or service
    conn = await asyncpg.connect(admin_url)
    try:
        if await conn.fetchval("select true from pg_database where datname = $1", name):
            return False
        await conn.execute(f'create database "{name}" owner {service}_migrator')
        await conn.execute(f'revoke all on database "{name}" from public')
        await conn.execute(f'grant connect, temporary on database "{name}" to {service}_app')
    finally:
        await conn.close()
    await _grant_by_default(with_database(admin_url, name), service)
    return True


async def _grant_by_default(database_admin_url: str, service: str) -> None:
    """What the migrator makes from now on, the app may use."""
    conn = await asyncpg.connect(database_admin_url)
    by_default = f"alter default privileges for role {service}_migrator in schema public grant"
    try:
        await conn.execute(
            f"alter schema public owner to {service}_migrator;"
            f"grant usage on schema public to {service}_app;"
            f"{by_default} select, insert, update, delete, maintain on tables to {service}_app;"
            f"{by_default} usage, select on sequences to {service}_app;"
            f"{by_default} execute on functions to {service}_app;"
        )
    finally:
        await conn.close()


def with_database(url: str, name: str) -> str:
    """Return ``url`` pointing at another database of the same server."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))


def with_login(url: str, user: str, password: str) -> str:
    """Return ``url`` with another user."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, f"{user}:{password}@{parts.netloc.rpartition('@')[2]}", parts.path, "", ""))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
