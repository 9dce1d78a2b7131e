"""Running a process: an API, or a worker with a small health endpoint beside its work."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import NoReturn

import structlog
import uvicorn
from fastapi import FastAPI

from chassis import telemetry
from chassis.health import Check
from chassis.http import create_app
from chassis.origin import set_origin
from chassis.settings import Settings

log = structlog.get_logger(__name__)

# Given an exit stack's worth of things to run: an async context manager that gives the awaitables.
Start = Callable[[dict[str, Check]], AbstractAsyncContextManager[list[Awaitable[object]]]]


def server_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """Return how an app is served: it does not say by what, and believes nobody but our proxies' headers."""
    return uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        log_config=None,  # telemetry has set up logging
        access_log=False,  # paths may be looked up; metrics and traces have the routes
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies,  # else uvicorn believes whom FORWARDED_ALLOW_IPS names
        timeout_graceful_shutdown=10,
        loop="uvloop",
    )


def run_api(app: FastAPI, settings: Settings, name: str) -> NoReturn:
    """Serve an API until SIGTERM. ``name`` is the process' name in logs and traces."""
    telemetry.configure(settings, name)
    set_origin(name)
    _run(lambda: _serve(app, settings))


def run_worker(settings: Settings, name: str, start: Start) -> NoReturn:
    """Run a worker until SIGTERM or until one of its parts fails.

    ``start`` gets the dict of readiness checks to fill and yields what to run (consumers, relays,
    Temporal workers), each an awaitable that ends when cancelled. A part that ends by itself ends the
    process, whose supervisor starts it again: a half-dead worker is worse than a restarted one.
    """
    telemetry.configure(settings, name)
    set_origin(name)
    _run(lambda: _work(settings, name, start))


async def _serve(app: FastAPI, settings: Settings) -> None:
    server = uvicorn.Server(server_config(app, settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _ask_to_exit, server)
    await _serve_without_signals(server)


def _ask_to_exit(server: uvicorn.Server) -> None:
    server.should_exit = True


async def _work(settings: Settings, name: str, start: Start) -> None:
    checks: dict[str, Check] = {}
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = uvicorn.Server(server_config(create_app(title=name, settings=settings, checks=checks), settings))
    async with start(checks) as parts:
        serving = asyncio.create_task(_serve_without_signals(server), name="health")
        running = [asyncio.ensure_future(part) for part in parts]
        stopping = asyncio.create_task(stop.wait())
        log.info("worker_started", worker=name)
        done, _ = await asyncio.wait({serving, stopping, *running}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        for task in running:
            task.cancel()
        await asyncio.wait({*running, serving}, timeout=30)
        stopping.cancel()
        for task in done - {stopping}:
            task.result()  # raises what ended it
            raise RuntimeError("a part of the worker ended by itself")


async def _serve_without_signals(server: uvicorn.Server) -> None:
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]  # raised again, they would end us before the rest is stopped
    await server.serve()


def _run(main: Callable[[], Awaitable[object]]) -> NoReturn:
    """Run to the end and leave at once: the Temporal SDK can crash at interpreter exit."""
    code = 0

    async def wrapped() -> None:
        await main()

    try:
        with asyncio.Runner(loop_factory=_loop) as runner:
            runner.run(wrapped())
    except KeyboardInterrupt:
        code = 130
    except Exception as error:
        log.error("process_failed", exc_info=error)
        code = 1
    leave(code)


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()


def leave(code: int) -> NoReturn:
    """Flush and end the process without interpreter teardown."""
    telemetry.flush()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def dispatch(commands: Mapping[str, Callable[[], object]], program: str) -> NoReturn:
    """Run the command named by the first argument, e.g. ``python -m services.registry api``."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    if wanted not in commands:
        sys.stderr.write(f"usage: python -m {program} {'|'.join(commands)}\n")
        leave(2)
    commands[wanted]()
    leave(0)
