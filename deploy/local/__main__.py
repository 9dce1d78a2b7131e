"""`python -m deploy.local COMMAND`: what the Makefile calls."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from rich.console import Console

from contracts.roles import Role
from deploy.local import audit_chains, config, facts, logs, stack, status, supervisor
from deploy.local.config import Config, InvalidConfig
from deploy.local.dev_tokens import NotForProduction, refuse_in_production
from deploy.local.environment import Environment
from deploy.local.keys import Keys
from deploy.local.layout import Layout
from deploy.local.process import StartFailed
from deploy.local.processes import PROCESSES
from deploy.local.progress import Progress


def main() -> int:
    arguments = _parser().parse_args()
    arguments.dir = arguments.dir.absolute()
    console = Console()
    try:
        return int(arguments.run(arguments, console) or 0)
    except (InvalidConfig, NotForProduction, stack.PortsTaken, StartFailed) as error:
        Console(stderr=True).print(f"{error}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Left; the start goes on in the background (make status, make down).")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--dir", type=Path, default=config.default_folder(), help="data folder (.local)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, parents=[shared])
        added.set_defaults(run=run)
        return added

    up = command("up", _up, "start everything, or say what runs where")
    up.add_argument("--port-offset", type=int, default=0, help="added to each port")
    up.add_argument("--free-ports", action="store_true", help="take any free ports")
    up.add_argument("--clock", help="JSON of chassis.clock.ClockSpec; default real time")
    up.add_argument("--policy", help="name in services/outreach/policies, or a path")
    up.add_argument("--kafka", choices=("tansu", "apache"))
    up.add_argument("--no-sample", action="store_true", help="load nothing at the first start")
    command("down", _down, "stop everything; all data is kept")
    command("status", lambda a, c: status.show(a.dir, c), "what runs, restarts, memory")
    show_logs = command("logs", _logs, "follow the logs")
    show_logs.add_argument("part", nargs="?", help="one process, e.g. outreach-worker")
    show_logs.add_argument("--no-follow", action="store_true", help="print the last lines and end")
    token = command("token", _token, "print a development token")
    token.add_argument("role", choices=[role.value for role in Role], metavar="role")
    token.add_argument("--districts", default="", help="separated by commas; none = all")
    token.add_argument("--units", default="", help="role school: school units, separated by commas")
    token.add_argument("--subject", default="dev", help="staff id")
    run = command("run", _run, "run a command in the environment of one of our processes")
    run.add_argument("process", choices=[one.name for one in PROCESSES], metavar="process")
    run.add_argument("argv", nargs=argparse.REMAINDER, metavar="command")
    reset = command("reset", _reset, "stop everything and delete all data")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    audit = command("verify-audit", _verify_audit, "compute the seals of every service's audit anew")
    audit.add_argument(
        "--known",
        action="append",
        default=[],
        metavar="SERVICE=NUMBER:HASH",
        help="a seal, as it was logged",
    )
    command("supervise", lambda a, _: supervisor.main(a.dir), "(the background process itself)")
    return parser


def _configured(arguments: argparse.Namespace) -> Config:
    found = config.load(
        arguments.dir,
        clock=arguments.clock,
        policy=arguments.policy,
        kafka=arguments.kafka,
        sample=False if arguments.no_sample else None,
    )
    if arguments.free_ports:
        return found.with_free_ports()
    return found.with_port_offset(arguments.port_offset) if arguments.port_offset else found


def _up(arguments: argparse.Namespace, console: Console) -> None:
    refuse_in_production()
    running = stack.supervisor_pid(arguments.dir) is not None
    with Progress(console) as progress:
        stack.up(_configured(arguments), progress.show if not running else lambda _: None)
    if running:
        console.print("It was up already.")
    facts.show(Config.saved(arguments.dir), console)


def _down(arguments: argparse.Namespace, console: Console) -> None:
    console.print("Stopped; all data is kept." if stack.down(arguments.dir) else "It was not running.")


def _logs(arguments: argparse.Namespace, _: Console) -> int:
    return logs.show(Layout(arguments.dir), arguments.part, follow=not arguments.no_follow)


def _token(arguments: argparse.Namespace, _: Console) -> None:
    refuse_in_production()
    keys = Keys(Layout(arguments.dir).keys)
    if not keys.signing_key.exists():
        raise StartFailed("There is no signing key yet: `make up` makes it.")
    districts, units = (
        [code for code in given.split(",") if code] for given in (arguments.districts, arguments.units)
    )
    token = keys.issuer().token(arguments.role, districts, subject=arguments.subject, units=units)
    sys.stdout.write(f"{token}\n")


def _verify_audit(arguments: argparse.Namespace, console: Console) -> int:
    return audit_chains.show(Config.saved(arguments.dir), arguments.known, console)


def _run(arguments: argparse.Namespace, _: Console) -> int:
    """The last that this process does: it becomes the command."""
    process = next(one for one in PROCESSES if one.name == arguments.process)
    if not Layout(arguments.dir).config_file.exists():
        raise StartFailed("There is no stack yet: `make up` makes it.")
    variables = Environment(Config.saved(arguments.dir)).of_process(process)
    os.execvpe(arguments.argv[0], arguments.argv, variables)


def _reset(arguments: argparse.Namespace, console: Console) -> int:
    folder: Path = arguments.dir
    if not (folder / "run").exists():
        console.print("There is nothing to delete.")
        return 0
    if not arguments.yes:
        if not sys.stdin.isatty():
            console.print(f"This would delete all data in {folder}. Nobody to ask here: use YES=1.")
            return 1
        if console.input(f"Delete all data in {folder}? Type yes: ").strip() != "yes":
            return 1
    stack.down(folder)
    for kept in Layout(folder).data():
        shutil.rmtree(kept) if kept.is_dir() else kept.unlink(missing_ok=True)
    console.print("Deleted. `make up` starts anew.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
