"""Kill -9, and the supervisor's word that it was noticed. Only processes of the stack's own pid files."""

from collections.abc import Mapping, Sequence

from deploy.local import pid_files
from deploy.local.config import Config
from deploy.local.state import State
from tests.e2e.waiting import until


def kill(config: Config, names: Sequence[str]) -> Mapping[str, int]:
    """Kill processes of the stack at once; return how often each had been restarted before."""
    before = {name: _state(config).processes[name].restarts for name in names}
    found = {one.name: one.process for one in pid_files.alive(config.layout) if one.name in names}
    assert found.keys() == set(names), f"of {', '.join(names)} only {', '.join(found) or 'none'} are running"
    for process in found.values():
        process.kill()
    return before


async def all_back(config: Config, before: Mapping[str, int]) -> None:
    """Wait until the supervisor has started again what was killed, and all that ended because of it."""

    async def ready() -> bool:
        processes = _state(config).processes
        return all(processes[name].restarts > count for name, count in before.items()) and all(
            facts.state == "ready" for facts in processes.values()
        )

    await until(ready, f"the supervisor to bring back {', '.join(before)}")


def _state(config: Config) -> State:
    state = State.read(config.layout.state_file)
    assert state is not None
    return state
