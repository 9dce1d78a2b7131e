"""The mermaid diagram of transitions. What many steps have in common is drawn once."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from contracts.reasons import Step
from workflows.diagram.walk import Transition

MANY = 5  # one arrow from, or to, as many steps
OPEN = frozenset(Step) - {Step.ENDED}
# Whom nobody knew yet.
BEGIN = "[*]"


def diagram(transitions: Iterable[Transition]) -> str:
    """Return the diagram: the states that stand for many steps, and an arrow from each state to each other one."""
    transitions = sorted(transitions)
    come_from: dict[tuple[str, Step], set[Step]] = defaultdict(set)
    lead_to: dict[tuple[Step, str], set[Step]] = defaultdict(set)
    for one in transitions:
        if one.begins:
            come_from[one.what, one.ends].add(one.begins)
            lead_to[one.begins, one.what].add(one.ends)
    arrows: dict[tuple[str, str], set[str]] = defaultdict(set)
    groups: dict[str, str] = {}
    for one in transitions:
        begins, ends = one.begins or BEGIN, one.ends.value
        if one.begins and len(sources := come_from[one.what, one.ends]) >= MANY:
            begins = _group(groups, sources | ({one.ends} & OPEN))
        elif one.begins and len(targets := lead_to[one.begins, one.what]) >= MANY:
            ends = _group(groups, targets | {one.begins})
        arrows[begins, ends].add(one.what)
    states = [f'    state "{label}" as {name}' for label, name in groups.items()]
    order = [BEGIN, *Step, *groups.values()]
    drawn = sorted(arrows, key=lambda arrow: (order.index(arrow[0]), order.index(arrow[1])))
    lines = [f"    {begins} --> {ends}: {_words(arrows[begins, ends])}" for begins, ends in drawn]
    return "\n".join(["stateDiagram-v2", *states, *lines, f"    {Step.ENDED.value} --> {BEGIN}"])


def _group(groups: dict[str, str], steps: Collection[Step]) -> str:
    """Return the name of the state that stands for many steps. An arrow leaves out the step at its other end."""
    but = [step.value for step in Step if step in OPEN and step not in steps]
    label = "any step" if Step.ENDED in steps else "any step but ended"
    label += "".join(f", {step}" for step in but)
    return groups.setdefault(label, f"any_{len(groups) + 1}")


def _words(whats: Iterable[str]) -> str:
    """Return what an arrow is about: ``time, call (no_answer, voicemail)``."""
    results: dict[str, list[str]] = defaultdict(list)
    for what in sorted(whats):
        name, _, result = what.partition(": ")
        results[name] += [result] if result else []
    return ", ".join(name + (f" ({', '.join(found)})" if found else "") for name, found in results.items())
