"""The list of a pair's visits on paper: made when it is asked for, and kept nowhere."""
