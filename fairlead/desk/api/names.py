"""The names that stand in addresses."""

from ninja import P, PathEx

Metric = PathEx[str, P(description="A metric or measure, by name, alias or number.", example="win_rate")]
Word = PathEx[str, P(description="A word, by name, alias, number or `kind:name`.", example="win_rate")]
Build = PathEx[str, P(description="A build, by its name or the beginning of it.", example="2026")]
Subject = PathEx[str, P(description="A subject of the model.", example="lifecycle")]
Stage = PathEx[str, P(description="A stage of the lifecycle or of a pipeline.", example="marketing_qualified")]
