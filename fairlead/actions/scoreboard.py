"""The scoreboard: the few numbers everybody sees, each against its target, as the published build has them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from fairlead.actions.asking import Asked, answer, needs_of, opened
from fairlead.actions.checking import check_model
from fairlead.analysis.missing import missing
from fairlead.model.metrics import Metric, Unit
from fairlead.model.whole import Model
from fairlead.picture.wording import Manner, worded
from fairlead.record.lake import manifest
from fairlead.values import add_months
from fairlead.workspace import Workspace

Number = float | Decimal


class Status(StrEnum):
    """How a value stands to its target; `undefined` and `needs` are never zero and never missed."""

    MET = "met"
    NEAR = "near"
    MISSED = "missed"
    NO_TARGET = "no_target"
    UNDEFINED = "undefined"
    NEEDS = "needs"


class Score(NamedTuple):
    """One metric on the scoreboard.

    `value` and `previous` are for `period` and the one before it; percent values are shares (0.25 is 25 %).
    `history` is (period name, value or None) from oldest to newest, `period` last. `target` is worded
    ("at least 25 %"), empty when there is none. `needs` says what is missing when it cannot be computed, and
    `why` in words why a value is undefined, where that is known.
    """

    metric: str
    label: str
    definition: str
    unit: str
    value: Number | None
    period: str | None
    previous: Number | None
    target: str
    status: Status
    history: tuple[tuple[str, Number | None], ...]
    owner_role: str
    owner_name: str | None
    tier: int
    needs: tuple[str, ...]
    decision: str | None
    better: str
    why: str = ""


class Scoreboard(NamedTuple):
    """The scores in the model's order, and what they were made from. `build` is None before the first sync."""

    company: str
    manner: Manner
    as_of: datetime
    build: str | None
    built_at: datetime | None
    seen_at: datetime | None
    scores: tuple[Score, ...]
    problems: int


NEAR = 0.1  # of the limit: a value that misses by no more than this is near
NEAR_POINTS = 0.02  # for shares, two points: a tenth of a limit near 100 % would call every retention near
MONTHS_SHOWN = 13


def scoreboard(workspace: Workspace, *, as_of: date | None = None, now: datetime | None = None) -> Scoreboard:
    """The scoreboard of the published build: each metric's last whole month, and the year before it.

    `as_of` (default: today, or the day the workspace pins) is the last day that counts.
    """
    now = now or datetime.now(UTC)
    day = as_of or workspace.as_of(now)
    build = workspace.lake.current()
    metrics = workspace.model.scoreboard
    found = _values(workspace, metrics, build, day, now) if build and metrics else {}
    said = manifest(build) if build else {}
    return Scoreboard(
        company=workspace.config.company,
        manner=workspace.manner,
        as_of=workspace.end_of(day) - timedelta(seconds=1),
        build=build.name if build else None,
        built_at=_moment(said.get("made_at")),
        seen_at=_moment(said.get("seen_at")),
        scores=tuple(_score(workspace.model, metric, found.get(metric.name, Found()), workspace) for metric in metrics),
        problems=sum(1 for p in check_model(workspace) if p.is_error),
    )


class Found(NamedTuple):
    """A metric's values by month, oldest first, and what it lacks."""

    history: tuple[tuple[str, Number | None], ...] = ()
    needs: tuple[str, ...] = ()


def _values(workspace: Workspace, metrics: Sequence[Metric], build: Path, day: date, now: datetime) -> dict[str, Found]:
    """The last whole months of every metric that can be computed, from one query."""
    last = day + timedelta(days=1)
    first = add_months(last.replace(day=1), -MONTHS_SHOWN)
    end = last.replace(day=1) - timedelta(days=1)
    asked = Asked(tuple(m.name for m in metrics), "month", start=first, end=end, as_of=day)
    given = answer(workspace, asked, build, now)
    lacking = missing(workspace.model.metrics, asked.metrics, opened(build).supply)
    found: dict[str, list[tuple[str, Number | None]]] = {}
    for row in given.table.select(["metric", "period", "value"]).to_pylist():
        found.setdefault(row["metric"], []).append((row["period"], row["value"]))
    return {m.name: Found(tuple(found.get(m.name, ())), needs_of(workspace.model, m.name, lacking)) for m in metrics}


def _score(model: Model, metric: Metric, found: Found, workspace: Workspace) -> Score:
    value = found.history[-1][1] if found.history else None
    role = model.people.roles.get(metric.owner or "")
    needs = found.needs or metric.needs
    return Score(
        metric=metric.name,
        label=metric.title,
        definition=metric.definition,
        unit=str(metric.unit),
        value=value,
        period=found.history[-1][0] if found.history else None,
        previous=found.history[-2][1] if len(found.history) > 1 else None,
        target=_target(metric, workspace.manner),
        status=status_of(metric, value, needs),
        history=found.history,
        owner_role=role.title if role else metric.owner or "",
        owner_name=role.holders[0] if role and role.holders else None,
        tier=metric.tier or 3,
        needs=needs,
        decision=metric.decision,
        better=str(metric.better),
        why="" if value is not None or needs else "nothing to divide by in this period",
    )


def status_of(metric: Metric, value: Number | None, needs: Sequence[str]) -> Status:
    """How a value stands to its metric's target; near misses by at most NEAR_POINTS (shares) or NEAR of the limit."""
    if needs:
        return Status.NEEDS
    if value is None:
        return Status.UNDEFINED
    if metric.target is None:
        return Status.NO_TARGET
    number = float(value)
    if metric.target.met(number):
        return Status.MET
    low, high = metric.target.low, metric.target.high
    limit = low if low is not None and number < low else high
    if limit is None:
        return Status.MISSED
    margin = NEAR_POINTS if metric.unit is Unit.PERCENT else round(NEAR * abs(limit), 9)
    missed_by = abs(Decimal(str(number)) - Decimal(str(limit)))
    return Status.NEAR if missed_by <= Decimal(str(margin)) else Status.MISSED


def _target(metric: Metric, manner: Manner) -> str:
    if metric.target is None:
        return ""

    def say(value: float | None) -> str:
        return worded(value or 0, str(metric.unit), manner).text

    low, high = metric.target.low, metric.target.high
    if low is not None and high is not None:
        return f"between {say(low)} and {say(high)}"
    return f"at least {say(low)}" if low is not None else f"at most {say(high)}"


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
