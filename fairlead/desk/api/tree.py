"""/api/tree: every metric and measure with its value, what it is made of, and what is red."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from fairlead.actions.standing import Status
from fairlead.actions.treeing import tree as whole
from fairlead.desk.api.moments import AsOf, day_of
from fairlead.desk.api.operations import reads
from fairlead.desk.api.shapes import Figure, Shown
from fairlead.desk.workplace import workspace
from fairlead.model.metrics import Unit

router = Router(tags=["numbers"])


class TrendShown(Shown):
    """The course of a metric, from a stated test."""

    word: str = Field(description="accelerating, stable, decelerating or too few.")
    direction: str = Field(description="rising, falling or level.")
    says: str = Field(description="The test in words.")
    pace_before: float | None = Field(description="Change of the value per period, in the earlier half.")
    pace_after: float | None
    p: float | None = Field(description="Of the change of pace; null with too few values.")
    periods: int = Field(description="How many values the test rests on.")


class NodeShown(Shown):
    """A metric or measure, in its last whole month."""

    name: str = Field(examples=["win_rate"])
    label: str
    kind: str = Field(description="metric or measure.")
    unit: Unit = Field(description="What the value is; percent values are shares: 0.25 is 25 %.")
    value: Figure | None = Field(description="Null where it is undefined.")
    previous: Figure | None = Field(description="The value of the month before.")
    period: str | None = Field(examples=["2026-10"])
    status: Status = Field(description="How the value stands to its target.")
    tier: int | None
    group: str
    owner: str = Field(description="The role that answers for it.")
    target: str = Field(description="In words; empty where there is none.")
    is_open: bool = Field(description="Tiers 1 and 2 always; others when what they make or drive misses its target.")
    opened_by: list[str] = Field(description="The metrics whose miss opens it.")
    needs: list[str] = Field(description="What is missing before it can be computed.")
    trend: TrendShown | None


class EdgeShown(Shown):
    """What makes or drives what."""

    source: str
    target: str
    exact: bool = Field(description="True: the target is computed from it. False: it only influences it.")


class TreeShown(Shown):
    """The metric tree, and what it was made from."""

    currency: str = Field(description="Of every money value, ISO 4217.", examples=["EUR"])
    as_of: datetime
    build: str | None = Field(description="Null before the first build.")
    built_at: datetime | None
    seen_at: datetime | None
    breached: list[str] = Field(description="Metrics that miss their target.")
    opened: list[str] = Field(description="Metrics of tier 3 that are to be read because of that.")
    nodes: list[NodeShown]
    edges: list[EdgeShown]


@reads(router, "/tree", TreeShown, may=(400, 409), summary="The metric tree")
def tree(request: HttpRequest, asked: Query[AsOf]) -> TreeShown:
    """Every metric and measure in its last whole month, and the edges between them."""
    space = workspace()
    found = whole(space, as_of=day_of(asked.as_of, space), now=timezone.now())
    return TreeShown.model_validate(found._asdict() | {"currency": found.manner.currency})
