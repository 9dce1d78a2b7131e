"""`make demo`: a school year of one municipality at speed, on the real parts, through the public APIs."""
