"""Agreed: what the company agreed, as frozen types loaded from plain YAML. Does no I/O but reading that YAML."""
