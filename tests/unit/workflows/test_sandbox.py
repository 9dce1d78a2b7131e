"""The sandbox imports a workflow's file anew for every running youth, so nothing else may come with it."""

import sys
from typing import Any

import pytest
from temporalio.worker import workflow_sandbox
from temporalio.worker.workflow_sandbox import _runner
from temporalio.workflow import _Definition

from workflows.worker import WORKFLOWS, sandbox

OURS = ("contracts", "chassis", "workflows", "pydantic")
# The packages that hold the files: nothing but a docstring.
PACKAGES = {"workflows", "workflows.youth_outreach", "workflows.term_mailing"}


@pytest.mark.parametrize("workflow", WORKFLOWS)
async def test_only_the_workflows_own_file_is_imported_anew(
    workflow: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    instances: list[Any] = []
    made = _runner._Instance.__init__

    def remember(self: Any, *arguments: Any) -> None:
        instances.append(self)
        made(self, *arguments)

    monkeypatch.setattr(_runner._Instance, "__init__", remember)
    runner = sandbox()
    assert isinstance(runner, workflow_sandbox.SandboxedWorkflowRunner)
    runner.prepare_workflow(_Definition.must_from_class(workflow))
    (instance,) = instances
    anew = {
        name
        for name, module in instance.importer.new_modules.items()
        if name.partition(".")[0] in OURS and module is not sys.modules.get(name)
    }
    assert anew - PACKAGES == {workflow.__module__}
