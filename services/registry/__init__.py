"""The registry: who is covered by the duty, and why. The only place that knows a personnummer."""
