"""HTTP: thin. Staff read messages; youths answer; providers report."""
