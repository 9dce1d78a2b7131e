"""Skatteverket's Navet: files of change notices in the format with term codes (docs/sources/navet.md).

The seam is `reader.Reader` (and `reader.read`): a file in, one `Change` or `Reject` a post out, in the
file's order. What a change makes of what the register knows of a person is `resident.applied`.
"""
