"""Fairlead: an operating system for revenue.

import fairlead
table = fairlead.open("acme").ask("win_rate", per="month")     # a pyarrow.Table
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from fairlead.workspace import Workspace

__version__ = "0.1.0"


class Company:
    """A workspace for notebooks and scripts: the same verbs as the command line, answered as Arrow."""

    def __init__(self, workspace: "Workspace") -> None:
        self.workspace = workspace

    def ask(self, *metrics: str | Sequence[str], **question: Any) -> "pa.Table":
        """Numbers as a pyarrow Table (metric, period, one column a dimension, value, unit).

        Metrics by name, one by one or as a list. Takes what `fairlead ask` takes: per, by, where, start, end,
        as_of, known_at (an aware datetime).
        """
        from fairlead.actions.asking import ask

        names = [name for one in metrics for name in ([one] if isinstance(one, str) else one)]
        return ask(self.workspace, names, **question).table


def open(folder: str | Path) -> Company:  # noqa: A001 - `fairlead.open(...)` is what people expect to write
    """Open a workspace; raises fairlead.problem.Refused, saying why, when it cannot be."""
    from fairlead.workspace import open_workspace

    return Company(open_workspace(Path(folder)))
