"""The exports that the company's tools would give of what happened: one module a system, each with its mapping."""
