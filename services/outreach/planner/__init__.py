"""The planner: what the plan will ask of the staff, by running its own rules over the youths in simulated time.

The one part of a service that uses the workflows' code: the pure rules of `workflows.youth_outreach`, so that a
forecast cannot differ from what will be done.
"""
