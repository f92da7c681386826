"""A scoreboard with one score of every kind, for pages to show."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from fairlead.actions.parts import Part
from fairlead.actions.scoreboard import Number, Score, Scoreboard, Status
from fairlead.actions.sources import Freshness
from fairlead.actions.why import Why
from fairlead.analysis.rhythm import NextReview
from fairlead.analysis.trend import Trend
from fairlead.model.metrics import Limits
from fairlead.picture.wording import Manner

MONTHS = ("2025-11", "2025-12", *(f"2026-{month:02}" for month in range(1, 12)))


def course(middle: float, swing: float, start: float, gaps: Sequence[int] = ()) -> tuple[tuple[str, float | None], ...]:
    """Thirteen months around `middle`; undefined at the `gaps`."""
    return tuple(
        (month, None if index in gaps else middle + swing * math.sin(index * 0.9 + start))
        for index, month in enumerate(MONTHS)
    )


WIN_RATE = Score(
    metric="win_rate",
    label="Win rate",
    definition="Opportunities won, out of all opportunities closed in the period.",
    unit="percent",
    value=0.2531,
    period="2026-11",
    previous=0.26,
    target="at least 30%",
    status=Status.MISSED,
    history=(*course(0.24, 0.03, 0.4)[:-2], ("2026-10", 0.26), ("2026-11", 0.2531)),
    owner_role="VP Sales",
    owner_name="Bob Okafor",
    tier=1,
    needs=(),
    decision="By closed date; the same by created date is a metric of its own.",
    better="higher",
    trend=Trend("stable", "falling", "The pace has not changed (p = 0.61, 24 periods).", -0.1, -0.1, 0.61, 24),
    next_review=NextReview("Executive review", date(2026, 12, 1)),
    baseline="22.0%",
    freshness=Freshness(("salesforce",), None, False, "salesforce was last looked at 2 hours ago."),
    limits=Limits(at_least=0.3),
    swing=2.4,
    group="pipeline_health",
)


def score(metric: str, label: str, unit: str, value: Number | None, status: Status, **changed: object) -> Score:
    """A score like the win rate, but for what is given."""
    history = (*WIN_RATE.history[:-1], ("2026-11", value))
    like = WIN_RATE._replace(metric=metric, label=label, unit=unit, value=value, status=status, history=history)
    return like._replace(decision=None, limits=None, baseline="", **changed)  # type: ignore[arg-type]


SCORES = (
    score(
        "new_arr",
        "New ARR",
        "money",
        1_243_117.4,
        Status.MET,
        definition="Annual recurring revenue won from new customers in the period.",
        previous=1_105_000.0,
        history=(*course(1_100_000, 140_000, 0)[:-1], ("2026-11", 1_243_117.4)),
        target="at least $1,000,000",
        owner_role="CRO",
        owner_name="Ines Marchetti",
    ),
    score(
        "net_revenue_retention",
        "Net revenue retention",
        "percent",
        1.082,
        Status.NEAR,
        definition="Recurring revenue now of those who were customers at the start, out of what they paid then.",
        previous=1.228,
        history=course(1.08, 0.02, 1),
        target="at least 110%",
        owner_role="VP Customer Success",
        owner_name="Tomasz Zieliński",
    ),
    WIN_RATE,
    score(
        "forecast_accuracy",
        "Forecast accuracy",
        "percent",
        None,
        Status.UNDEFINED,
        definition="How near the committed forecast came to what was won.",
        previous=0.9,
        target="at least 85%",
        owner_role="RevOps lead",
        owner_name="Alice Fairweather",
        why="Nothing was committed for this month.",
    ),
    score(
        "pipeline_velocity",
        "Pipeline velocity",
        "money_per_day",
        21_100.0,
        Status.MET,
        definition="Open deals times win rate times average deal size, over the sales cycle length.",
        previous=18_700.0,
        history=course(19_000, 2_600, 2),
        target="at least $18,000 / day",
        tier=2,
    ),
    score(
        "lead_response_time",
        "Lead response time",
        "minutes",
        33.4,
        Status.MISSED,
        definition="Median working minutes from a lead's arrival to the first human response.",
        previous=40.1,
        history=course(30, 9, 5, gaps=(4, 5)),
        target="at most 5 minutes",
        owner_role="SDR manager",
        owner_name=None,
        tier=2,
        better="lower",
        freshness=Freshness(
            ("hubspot",),
            None,
            True,
            "hubspot was last looked at 5 days ago, longer ago than the 2 days agreed.",
            ("hubspot",),
        ),
    ),
    score(
        "qualified_pipeline",
        "Qualified pipeline <created>",
        "money",
        2_900_000.0,
        Status.NO_TARGET,
        definition="Value of opportunities that passed qualification in the period.",
        previous=None,
        history=course(2_700_000, 310_000, 4),
        target="",
        owner_role="VP Marketing",
        owner_name="Charlotte Beaumont",
        tier=2,
    ),
    score(
        "gross_margin",
        "Gross margin",
        "percent",
        None,
        Status.NEEDS,
        definition="Revenue less its direct cost, out of revenue.",
        period=None,
        previous=None,
        history=(),
        target="",
        owner_role="CFO",
        owner_name="Priya Raman",
        needs=("the ledger: cost of revenue by month",),
    ),
)

MOVED = Why(
    metric="win_rate",
    label="Win rate",
    definition=WIN_RATE.definition,
    unit="percent",
    better="higher",
    period_from="2026-10",
    period_to="2026-11",
    before=0.26,
    after=0.2531,
    change=Decimal("-0.0069"),
    whole=Part("win_rate", "Win rate", "percent", 0.26, 0.2531, Decimal("-0.0069"), ()),
    cuts=(),
    record=(),
    restated=None,
    sentence="Win rate fell 0.7 points, mostly because of fewer deals won.",
    notes=(),
    build="20261123T025731Z-4f1c2a9e",
    reported=None,
    sql="",
)
OPENED = score(
    "contact_attempts",
    "Contact attempts",
    "ratio",
    2.44,
    Status.MISSED,
    definition="Attempts by people per marketing qualified person.",
    target="between 4 and 9",
    tier=3,
    opened_by=("win_rate",),
)

BOARD = Scoreboard(
    company="Acme Robotics",
    manner=Manner("USD", "en_US", "Europe/Berlin"),
    as_of=datetime(2026, 11, 23, 2, 58, tzinfo=UTC),
    build="20261123T025731Z-4f1c2a9e",
    built_at=datetime(2026, 11, 23, 2, 57, 31, tzinfo=UTC),
    seen_at=datetime(2026, 11, 23, 2, 55, tzinfo=UTC),
    scores=SCORES,
    problems=0,
    moved=(MOVED,),
    opened=(OPENED,),
)
EMPTY = BOARD._replace(
    build=None,
    built_at=None,
    seen_at=None,
    moved=(),
    opened=(),
    scores=tuple(s._replace(value=None, period=None, status=Status.UNDEFINED, history=()) for s in SCORES),
)
