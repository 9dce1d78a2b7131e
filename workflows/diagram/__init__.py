"""What can become of a youth, found out from the rules themselves: the state diagram of docs/states.md.

`walk` tries everything that can happen wherever a youth can stand; `draw` makes the diagram of what came of it.
"""
