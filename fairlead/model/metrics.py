"""metrics.yaml: measures over one table, and the metrics made from them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Cadence, Names, Titled

__all__ = [
    "Aggregate", "Better", "Example", "Group", "Limits", "Measure", "Metric", "Metrics", "Reading",
    "Review", "Shape", "Target", "Unit", "Window",
]  # fmt: skip


class Aggregate(StrEnum):
    COUNT = "count"
    DISTINCT = "distinct"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    MEDIAN = "median"


class Reading(NamedTuple):
    """What a measure aggregates: `expression` is '*' for a plain count."""

    aggregate: Aggregate
    expression: str


class Measure(Agreed):
    """One aggregate over one table, cut by the time of `at`, or, with `during`, as it stands at a period's end.

    ```yaml
    won:      {from: opportunity, count: '*', where: is_won, at: closed_at}
    open_mrr: {from: contract_line, sum: mrr_converted, during: [starts_on, ends_on]}
    ```
    """

    from_: Annotated[str, Field(alias="from", description="The table or mart whose rows are read.")]
    count: str | None = Field(None, description="Count rows: '*', or a column to count where it is known.")
    distinct: str | None = Field(None, description="Count the different values of a column.")
    sum: str | None = Field(None, description="Add up a column.")
    avg: str | None = Field(None, description="The mean of a column.")
    min: str | None = Field(None, description="The smallest value of a column.")
    max: str | None = Field(None, description="The largest value of a column.")
    median: str | None = Field(None, description="The median of a column.")
    where: str | None = Field(None, description="Only rows for which this predicate holds.")
    at: str | None = Field(None, description="The date or timestamp column that puts a row in a period.")
    during: tuple[str, str] | None = Field(
        None, description="Two columns, from and until: rows that are in force at the end of each period."
    )
    says: str = Field("", description="What is measured, in a sentence.")

    @property
    def reading(self) -> Reading:
        """The one aggregate that is filled in; the checker has seen to it that there is exactly one."""
        return next(Reading(a, e) for a in Aggregate if (e := getattr(self, a.value)) is not None)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Every aggregate that is filled in; sound measures have exactly one."""
        return tuple(Reading(a, e) for a in Aggregate if (e := getattr(self, a.value)) is not None)


class Window(Agreed):
    """A trailing window that ends with each period: the last `trailing` units, or everything so far (`ever`)."""

    trailing: int | Literal["ever"] = Field(description="How many units back, this one included; or ever.")
    unit: Literal["day", "week", "month", "quarter", "year"] = Field("month", description="What is counted back.")


class Unit(StrEnum):
    """What a metric's value is; percent values are shares: 0.25 is shown as 25 %."""

    PERCENT = "percent"
    RATIO = "ratio"
    MONEY = "money"
    MONEY_PER_DAY = "money_per_day"
    COUNT = "count"
    DAYS = "days"
    HOURS = "hours"
    MINUTES = "minutes"
    MONTHS = "months"
    SCORE = "score"


class Better(StrEnum):
    """Which way is good."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Group(StrEnum):
    """The four groups of the metric tree, from the outcome to what can be controlled."""

    NORTH_STAR = "north_star"
    PIPELINE_HEALTH = "pipeline_health"
    DEMAND_QUALITY = "demand_quality"
    RETENTION_EXPANSION = "retention_expansion"


# What people call the groups and the tiers.
GROUPS: Mapping[str, str] = {
    Group.NORTH_STAR: "North star",
    Group.PIPELINE_HEALTH: "Pipeline health",
    Group.DEMAND_QUALITY: "Demand quality",
    Group.RETENTION_EXPANSION: "Retention and expansion",
}
TIERS: Mapping[int, str] = {1: "Executive", 2: "Operational", 3: "Diagnostic"}


class Shape(StrEnum):
    """How a metric gets its value."""

    MEASURE = "measure"
    RATIO = "ratio"
    DERIVED = "derived"
    NEEDS = "needs"


class Limits(Agreed):
    """Where a value should lie: exactly one of at_least, at_most, between."""

    at_least: float | None = Field(None, description="Good from this value on.")
    at_most: float | None = Field(None, description="Good up to this value.")
    between: tuple[float, float] | None = Field(None, description="Good from the first value to the second.")

    @property
    def low(self) -> float | None:
        """The value below which the target is missed."""
        return self.between[0] if self.between else self.at_least

    @property
    def high(self) -> float | None:
        """The value above which the target is missed."""
        return self.between[1] if self.between else self.at_most

    def met(self, value: float) -> bool:
        """Whether a value lies within; the limits themselves are within."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def __str__(self) -> str:
        if self.between:
            return f"between {self.between[0]:g} and {self.between[1]:g}"
        return f"at least {self.at_least:g}" if self.at_least is not None else f"at most {self.at_most or 0:g}"


class Target(Limits):
    """The limits for the whole company, and for values of a dimension where they differ.

    ```yaml
    target: {at_least: 0.25, by: {segment: {enterprise: {at_least: 0.2}}}}
    ```
    """

    by: Mapping[str, Mapping[str, Limits]] = Field(
        default_factory=dict, description="Other limits for values of a dimension: dimension, value, limits."
    )
    baseline: float | None = Field(None, description="The value when the target was set.")


class Review(Agreed):
    """Who looks at a metric how often: a property of the metric and the audience together."""

    audience: str = Field(description="A role or a meeting of the cadence.")
    cadence: Cadence = Field(description="How often this audience looks.")


class Example(Agreed):
    """A worked example that tests hold the definition to: these operands give this value (null: undefined)."""

    given: Mapping[str, float | None] = Field(description="Operand names and their values.")
    gives: float | None = Field(None, description="What the metric then is; null when it is undefined.")


class Metric(Titled):
    """One number the company steers by: exactly one of measure, ratio, derived, needs.

    ```yaml
    win_rate:
      definition: Deals won, out of all deals closed in the period.
      ratio: [won, closed]
      unit: percent
      better: higher
      tier: 1
      group: pipeline_health
      owner: vp_sales
      target: {at_least: 0.25}
      plan: Review the five largest losses by reason; report back at the next council.
    ```
    """

    id: str | None = Field(None, description="Number in the dictionary, such as M10.")
    definition: str = Field("", description="What it is, in a sentence everybody agreed to.")
    measure: str | Measure | None = Field(None, description="The value is one measure: its name, or one in place.")
    ratio: tuple[str, str] | None = Field(None, description="The value is the first measure or metric over the second.")
    derived: str | None = Field(None, description="The value is arithmetic over measures and metrics.")
    needs: Names = Field((), description="What is missing before it can be computed; it is shown as such.")
    unit: Unit = Field(description="What the value is. Percent values are shares: 0.25 is 25 %.")
    better: Better = Field(Better.HIGHER, description="Which way is good.")
    tier: Literal[1, 2, 3] | None = Field(
        None, description="1 executive, monthly; 2 operational, weekly; 3 diagnostic, when 1 or 2 degrade."
    )
    group: Group | None = Field(None, description="Group of the metric tree.")
    owner: str | None = Field(None, description="The role that answers for it.")
    target: Target | None = Field(None, description="Where it should lie.")
    plan: str = Field("", description="What is done when it misses the target.")
    drives: Names = Field((), description="Metrics it influences; drawn in the tree, never added up.")
    window: Window | None = Field(None, description="Look back over a trailing window instead of one period.")
    decision: str | None = Field(None, description="The decision (C1, C2, ...) behind the definition.")
    frameworks: Names = Field((), description="Frameworks of decisions.yaml that name it.")
    note: str = Field("", description="What a reader should know: variants, limits, policies.")
    aliases: Names = Field((), description="Other names it goes by.")
    by: Names = Field((), description="Dimensions it is usually looked at by.")
    review: tuple[Review, ...] = Field((), description="Who looks at it how often.")
    pay: Names = Field((), description="Roles whose pay depends on it.")
    scoreboard: bool = Field(False, description="Whether it stands on the one scoreboard.")
    examples: tuple[Example, ...] = Field((), description="Worked examples of the definition.")

    @property
    def shape(self) -> Shape:
        """How it gets its value; sound metrics fill in exactly one of the four."""
        return next((s for s in Shape if getattr(self, s.value)), Shape.NEEDS)

    @property
    def computable(self) -> bool:
        """False while its own data is missing."""
        return self.shape is not Shape.NEEDS


class Metrics(Agreed):
    """metrics.yaml: the dictionary. Measures and metrics share one namespace."""

    measures: Mapping[str, Measure] = Field(default_factory=dict, description="Measures by name.")
    metrics: Book[Metric] = Field(default_factory=dict, description="Metrics by name.")
