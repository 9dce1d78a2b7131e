"""The workflow `TermMailing`: a large mailing to all open youths, spread over minutes, hours and days.

`workflow` is the class alone; `pace` has the pure decisions.
"""
