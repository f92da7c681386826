"""Trends of metrics over the last whole months: accelerating, stable or decelerating, from one question."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from fairlead.actions.asking import Asked, answer
from fairlead.analysis.trend import Direction, Pace, Trend, trend
from fairlead.values import add_months
from fairlead.workspace import Workspace

__all__ = ["MONTHS", "Direction", "Pace", "Trend", "history", "trend", "trends"]

MONTHS = 24  # two years: enough for the test to see a change of pace, few enough to be about now

History = tuple[tuple[str, float | None], ...]  # period names and values, oldest first


def trends(
    workspace: Workspace, metrics: Sequence[str], *, build: Path, day: date, now: datetime
) -> Mapping[str, Trend]:
    """The trend of each metric over the last whole months up to company day `day`."""
    found = history(workspace, metrics, build=build, day=day, now=now)
    return {name: trend([value for _, value in told]) for name, told in found.items()}


def history(
    workspace: Workspace, metrics: Sequence[str], *, build: Path, day: date, now: datetime
) -> Mapping[str, History]:
    """Each metric's last whole months up to company day `day`, from one query."""
    if not metrics:
        return {}
    after = (day + timedelta(days=1)).replace(day=1)
    start, end = add_months(after, -MONTHS), after - timedelta(days=1)
    given = answer(workspace, Asked(tuple(metrics), "month", start=start, end=end, as_of=day), build, now)
    found: dict[str, list[tuple[str, float | None]]] = {}
    for name, period, value in zip(*(given.table[c].to_pylist() for c in ("metric", "period", "value")), strict=True):
        found.setdefault(name, []).append((period, value))
    return {name: tuple(told) for name, told in found.items()}
