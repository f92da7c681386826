"""Fairlead: an operating system for revenue.

import fairlead
table = fairlead.open("acme").ask("win_rate", per="month")     # a pyarrow.Table
chart = fairlead.open("acme").chart("win_rate", by="segment")  # an Altair chart
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

    from fairlead.actions.days import Day
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

    def chart(  # noqa: PLR0913 - a question has this many parts
        self,
        metric: str,
        *,
        per: str = "month",
        by: str | Sequence[str] = (),
        where: str | None = None,
        start: "Day" = None,
        end: "Day" = None,
        as_of: "Day" = None,
        dark: bool = False,
    ) -> "alt.LayerChart":
        """The picture that the desk shows of a number, as an Altair chart; the last whole periods unless asked."""
        from fairlead.actions.asking import Asked
        from fairlead.actions.drawing import course
        from fairlead.picture.theme import Style

        names = (by,) if isinstance(by, str) else tuple(by)
        drawing = course(self.workspace, Asked((metric,), per, names, where, start, end, as_of))
        return drawing.chart(Style("dark" if dark else "light", "medium"))


def open(folder: str | Path) -> Company:  # noqa: A001 - `fairlead.open(...)` is what people expect to write
    """Open a workspace; raises fairlead.problem.Refused, saying why, when it cannot be."""
    from fairlead.workspace import open_workspace

    return Company(open_workspace(Path(folder)))
