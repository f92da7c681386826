"""/api/why: why a number moved, split into parts that sum to its change, to the last digit."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from fairlead.actions.why import Why
from fairlead.actions.why import why as reasons
from fairlead.desk.api.moments import Narrowed
from fairlead.desk.api.operations import reads
from fairlead.desk.api.shapes import Figure, ProblemShown, Shown, problems_shown
from fairlead.desk.reading import moment_of
from fairlead.desk.workplace import workspace
from fairlead.model.metrics import Better, Unit

router = Router(tags=["numbers"])


class WhyQuery(Narrowed):
    metric: str = Field(
        max_length=200,
        description="The one metric to split; /api/ask takes several `metrics`.",
        json_schema_extra={"example": "win_rate"},
    )
    start: str = Field(
        alias="from",
        max_length=40,
        description="The period it moved from: 2026-09, 2026-Q3, 2026-W05.",
        json_schema_extra={"example": "2026-09"},
    )
    end: str = Field(
        alias="to", max_length=40, description="The period it moved to.", json_schema_extra={"example": "2026-10"}
    )
    by: list[str] = Field([], max_length=8, description="Dimensions to cut by, each by itself.")
    reported: str | None = Field(
        None, max_length=200, description="A build: tells business from what the record has changed since."
    )


class PartShown(Shown):
    """A node of the split: what it is exactly made of is in `parts`, which sum to its `part`."""

    name: str
    label: str
    unit: str = Field(description="Of `before` and `after`; `part` is in the unit of the metric itself.")
    before: Figure | None
    after: Figure | None
    part: Figure | None = Field(description="What it adds to the metric's change; null where that is undefined.")
    parts: list["PartShown"]
    note: str = Field(description="Which input is zero or missing.")


class SliceShown(Shown):
    """One value of a dimension: `part` = `mix` + `rate`, where there is a mix."""

    value: str | None = Field(description="Null: not known.")
    before: Figure | None
    after: Figure | None
    part: Figure | None
    mix: Figure | None = Field(description="From its share of the whole having changed.")
    rate: Figure | None = Field(description="From its own value having changed.")
    weight_before: Figure | None = Field(description="Its share of the whole's denominator.")
    weight_after: Figure | None
    is_rest: bool = Field(
        description="Not a value of the dimension, but its smallest ones together, or what does not add up over it."
    )


class CutShown(Shown):
    """The change by one dimension, biggest part first; the parts sum to the change."""

    dimension: str = Field(examples=["account.segment"])
    kind: str = Field(description="sum, mix, parts, or none where the metric does not add up and only values are told.")
    slices: list[SliceShown]
    note: str


class RecordPartShown(Shown):
    """What of the move is the record and not business."""

    kind: str = Field(description="definition, late, corrected, removed, or since: after the earlier build's day.")
    part: Figure | None
    rows: int | None = Field(description="How many records are behind it.")
    says: str


class WhyShown(Shown):
    """Why a metric moved. `change` = the sum of `record` (empty without `reported`) and `whole.part`."""

    metric: str
    label: str
    definition: str
    unit: Unit = Field(description="What the value is; percent values are shares, money is in the company's currency.")
    better: Better
    period_from: str
    period_to: str
    before: Figure | None = Field(description="Null where it is undefined; with `reported` what that build told.")
    after: Figure | None
    change: Figure | None = Field(description="after - before, to the last digit.")
    whole: PartShown
    cuts: list[CutShown]
    record: list[RecordPartShown]
    restated: Figure | None = Field(description="With `reported`: the first period as it is known now.")
    sentence: str = Field(description="The same in one sentence.")
    notes: list[ProblemShown]
    build: str
    reported: str | None
    sql: str


@reads(router, "/why", WhyShown, may=(400, 409), summary="Why a number moved")
def why(request: HttpRequest, asked: Query[WhyQuery]) -> WhyShown:
    """The change of a metric from one period to another, over what it is made of and over dimensions."""
    space, now = workspace(), timezone.now()
    found = reasons(
        space,
        asked.metric,
        start=asked.start,
        end=asked.end,
        by=asked.by,
        where=asked.where,
        reported=asked.reported,
        as_of=asked.as_of,
        known_at=moment_of(asked.known_at, space, now),
        now=now,
    )
    return why_shown(found)


def why_shown(found: Why) -> WhyShown:
    """A move in its shape."""
    return WhyShown.model_validate(found._asdict() | {"notes": problems_shown(found.notes)})
