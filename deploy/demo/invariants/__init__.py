"""What must hold at the end of the year, told by the four databases, the folders and the Temporal histories.

Each rule is a pure function over rows that yields what breaks it; ids and codes only, never a person.
`databases`, `house` and `temporal` read, `everything` puts the two together.
"""
