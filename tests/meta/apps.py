"""Every HTTP app of the system, built with the settings that the local stack gives it."""

import importlib
from pathlib import Path

import pytest
from fastapi import FastAPI

from chassis.settings import Settings
from deploy.local import config
from deploy.local.environment import Environment
from deploy.local.keys import Keys
from deploy.local.processes import PROCESSES, OwnProcess

APIS = tuple(process for process in PROCESSES if process.kind == "api")


def settings_class(process: OwnProcess) -> type[Settings]:
    """Return the subclass of Settings of the service's settings module."""
    module = importlib.import_module(f"{process.argv[0]}.settings")
    found = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Settings)]
    return next(value for value in found if value.__module__ == module.__name__)


def build_app(process: OwnProcess, folder: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """Build the API of ``process``. Raises what its settings refuse."""
    stack = config.load(folder, environ={})
    stack.layout.make()
    Keys(stack.layout.keys).make()
    for key, value in Environment(stack).of_process(process).items():
        monkeypatch.setenv(key, value)
    app: FastAPI = importlib.import_module(f"{process.argv[0]}.app").make_app(settings_class(process).load())
    return app
