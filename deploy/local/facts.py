"""What runs where: `stack.json` for scripts, and the table at the end of `make up` for people."""

import json
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.local.config import Config
from deploy.local.databases import SERVICES
from deploy.local.environment import Environment
from deploy.local.keys import Keys
from deploy.local.process import ROOT

PURPOSE = {
    "registry": "who is covered, and why",
    "outreach": "tasks of the staff, journeys of the youths",
    "notifications": "letters, SMS and answers",
    "reporting": "the funnel",
}


def facts(config: Config) -> dict[str, Any]:
    """Return the facts of a stack, as they stand in stack.json (which holds passwords: mode 0600)."""
    environment, keys, layout = Environment(config), Keys(config.layout.keys), config.layout
    shared = environment.shared()
    external_temporal = config.is_external("temporal")
    return {
        "folder": str(config.folder),
        "services": {
            name: {"url": environment.url(name), "docs": f"{environment.url(name)}/docs"} for name in SERVICES
        },
        "health": {name: environment.url(name) for name in config.ports if name.endswith("_worker")}
        | {"workflows": environment.url("workflows")},
        "codec": environment.url("codec"),
        "temporal": {
            "address": shared["TEMPORAL_ADDRESS"],
            "namespace": shared["TEMPORAL_NAMESPACE"],
            "ui": None if external_temporal else environment.url("temporal_ui"),
        },
        "kafka": {
            "bootstrap_servers": shared["KAFKA_BOOTSTRAP_SERVERS"],
            "idempotence": shared["UPPSOK_KAFKA_IDEMPOTENCE"] == "true",
            "kind": "external" if config.is_external("kafka") else config.kafka,
        },
        "databases": {
            service: {"app": database.app_url, "migrator": database.migrator_url}
            for service in SERVICES
            for database in [environment.database(service)]
        },
        "auth": {
            "issuer": shared["UPPSOK_TOKEN_ISSUER"],
            "audience": shared["UPPSOK_TOKEN_AUDIENCE"],
            "jwks_file": str(keys.jwks),
            "signing_key_file": str(keys.signing_key),
        },
        "payload_keys_file": str(keys.payload_keys),
        "folders": {
            "logs": str(layout.logs),
            "drop": str(layout.drop),
            "letters": str(layout.letters),
            "sms": str(layout.sms),
        },
        "policy_file": str(config.policy_file),
        "clock": json.loads(config.clock) if config.clock else None,
        "ports": dict(config.ports),
    }


def write(config: Config) -> None:
    file = config.layout.stack_file
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(json.dumps(facts(config), indent=2, ensure_ascii=False) + "\n")
    new.replace(file)


def show(config: Config, console: Console) -> None:
    """Print what runs where and what to try next."""
    stack = facts(config)
    console.print("Uppsök is running", style="bold")
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, purpose in PURPOSE.items():
        table.add_row(name, stack["services"][name]["docs"], purpose)
    if stack["temporal"]["ui"]:
        table.add_row("Temporal UI", stack["temporal"]["ui"], "one workflow per youth: step, district, due date")
    table.add_row("Temporal", stack["temporal"]["address"], "")
    table.add_row("Kafka", stack["kafka"]["bootstrap_servers"], stack["kafka"]["kind"])
    table.add_row("letters", _short(stack["folders"]["letters"]), "PDF, as the print shop would get them")
    table.add_row("SMS", _short(stack["folders"]["sms"]), "what would have been sent")
    table.add_row("source files", _short(stack["folders"]["drop"]), "drop new extracts here")
    table.add_row("logs", _short(stack["folders"]["logs"]), "make logs PART=outreach-worker")
    table.add_row("for scripts", _short(str(config.layout.stack_file)), "")
    console.print(table)
    urls = {name: stack["services"][name]["url"] for name in ("outreach", "reporting")}
    console.print(NEXT.format(**urls), highlight=False, soft_wrap=True)


NEXT = """
Try next (the first letters, SMS and call tasks come within two minutes):
  TOKEN=$(make -s token ROLE=kaa_coordinator)
  curl -sH "Authorization: Bearer $TOKEN" "{outreach}/tasks?kind=call"
  curl -sH "Authorization: Bearer $TOKEN" "{reporting}/funnel"
  make status    make down    make help"""


def _short(path: str) -> str:
    """Return a path below the repository without its beginning."""
    prefix = f"{ROOT}/"
    return path.removeprefix(prefix)
