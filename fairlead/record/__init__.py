"""Happened: what happened, in one shape, never overwritten. Only `record.engine` opens a database engine."""
