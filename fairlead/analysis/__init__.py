"""Means: pure functions from the model and a time to a Query, or from rows to values. No I/O, no clock."""
