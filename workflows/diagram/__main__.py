"""``python -m workflows.diagram``: draw the states of a youth into docs/states.md anew.

With ``--check`` it writes nothing, and ends with 1 when the page would change. A test does the same.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from workflows.diagram.draw import diagram
from workflows.diagram.walk import Transition, transitions

PAGE = Path(__file__).parents[2] / "docs/states.md"
BEGIN, END = "<!-- made by workflows.diagram: begin -->", "<!-- made by workflows.diagram: end -->"


def with_diagram(page: str, found: Iterable[Transition]) -> str:
    """Return the page with its diagram made anew. Raises ValueError when its marks are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} has lost the marks of its generated part")
    return f"{before}{BEGIN}\n```mermaid\n{diagram(found)}\n```\n{END}{after}"


def main(arguments: list[str]) -> int:
    page = PAGE.read_text(encoding="utf-8")
    made = with_diagram(page, transitions())
    if "--check" not in arguments:
        PAGE.write_text(made, encoding="utf-8")
        return 0
    if made != page:
        sys.stderr.write(f"stale: {PAGE.name}. Run `python -m workflows.diagram` and commit what it writes.\n")
    return int(made != page)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
