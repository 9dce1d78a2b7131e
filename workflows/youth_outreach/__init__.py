"""One workflow per youth: the outreach of plan 4.2.2, from registration to the end of the duty.

`workflow` is the class alone, because the sandbox imports its file anew for every running youth. All the
rest is passed through: `course` runs it, and the other modules are pure functions of (state, civil time).
"""
