"""/api/scoreboard and /api/ask: the numbers."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from fairlead.actions import asking
from fairlead.actions.scoreboard import Score as Scored
from fairlead.actions.scoreboard import scoreboard as scores
from fairlead.actions.standing import Status
from fairlead.desk.api.files import streamed
from fairlead.desk.api.freshness import wants_csv
from fairlead.desk.api.moments import AsOf, Spanned, day_of
from fairlead.desk.api.operations import reads
from fairlead.desk.api.paging import Page, Paging, following
from fairlead.desk.api.shapes import Cell, Figure, ProblemShown, Shown, problems_shown
from fairlead.desk.api.tree import TrendShown
from fairlead.desk.reading import moment_of
from fairlead.desk.workplace import workspace
from fairlead.model.metrics import Better, Unit

router = Router(tags=["numbers"])


class Point(Shown):
    """A metric's value in one period."""

    period: str = Field(examples=["2026-03"])
    value: Figure | None = Field(description="Null where it is undefined, which is not zero.", examples=[0.2531])


class Score(Shown):
    """One metric of the scoreboard, in its last whole month."""

    metric: str = Field(description="Its name in the dictionary.", examples=["win_rate"])
    label: str = Field(examples=["Win rate"])
    definition: str
    unit: Unit = Field(description="What the value is; percent values are shares: 0.25 is 25 %.")
    better: Better = Field(description="Which way is good.")
    tier: int = Field(description="1 executive, 2 operational, 3 diagnostic.")
    value: Figure | None = Field(description="Null where it is undefined.", examples=[0.2531])
    period: str | None = Field(description="The month the value is of.", examples=["2026-10"])
    previous: Figure | None = Field(description="The value of the month before.")
    target: str = Field(description="In words; empty where there is none.", examples=["at least 25 %"])
    status: Status = Field(description="How the value stands to its target.")
    why: str = Field(description="Why the value is undefined, where that is known.")
    needs: list[str] = Field(description="What is missing before it can be computed.")
    owner: str = Field(description="The role that answers for it.", examples=["VP Sales"])
    owner_name: str | None = Field(description="Who holds that role.")
    decision: str | None = Field(description="The decision behind the definition.")
    history: list[Point] = Field(description="Months, oldest first, `period` last.")
    trend: TrendShown | None
    swing: Figure | None = Field(description="The last move as a multiple of the usual one.")
    seen_at: datetime | None = Field(description="The oldest look at any source behind it.")
    is_stale: bool = Field(description="Whether that is longer ago than agreed.")
    opened_by: list[str] = Field(description="Of tier 3: the metrics whose miss opens it.")


class Moved(Shown):
    """How a metric moved over its last whole month, and mostly why; /api/why has it all."""

    metric: str = Field(examples=["win_rate"])
    period_from: str = Field(examples=["2026-09"])
    period_to: str = Field(examples=["2026-10"])
    change: Figure | None
    sentence: str


class Board(Shown):
    """The scoreboard, and what it was made from."""

    company: str
    currency: str = Field(description="Of every money value, ISO 4217.", examples=["EUR"])
    as_of: datetime = Field(description="The last moment that counts.")
    build: str | None = Field(description="The build the numbers come from; null before the first.")
    built_at: datetime | None
    seen_at: datetime | None = Field(description="When the newest export was taken.")
    problems: int = Field(description="Errors in the model.")
    scores: list[Score] = Field(description="In the order of the model.")
    moved: list[Moved] = Field(description="What moved most, against what each usually moves; biggest first.")
    opened: list[Score] = Field(description="Metrics of tier 3 that a miss among the scores opens.")


class BoardQuery(AsOf):
    tier: int | None = Field(
        None, ge=1, le=3, description="Every metric of this tier, instead of the few chosen for the scoreboard."
    )


@reads(router, "/scoreboard", Board, may=(400, 409), summary="The scoreboard")
def scoreboard(request: HttpRequest, asked: Query[BoardQuery]) -> Board:
    """The metrics of the scoreboard, each in its last whole month, against its target."""
    space = workspace()
    board = scores(space, tier=asked.tier, as_of=day_of(asked.as_of, space), now=timezone.now())
    return Board(
        company=board.company,
        currency=board.manner.currency,
        as_of=board.as_of,
        build=board.build,
        built_at=board.built_at,
        seen_at=board.seen_at,
        problems=board.problems,
        scores=[_score(one) for one in board.scores],
        moved=[Moved.model_validate(one) for one in board.moved],
        opened=[_score(one) for one in board.opened],
    )


def _score(score: Scored) -> Score:
    history = [Point(period=period, value=value) for period, value in score.history]
    fresh = score.freshness
    seen = {"seen_at": fresh.seen_at if fresh else None, "is_stale": bool(fresh and fresh.is_stale)}
    return Score.model_validate(score._asdict() | {"owner": score.owner_role, "history": history} | seen)


class Question(Spanned):
    """A question as `fairlead ask` takes it."""

    metrics: list[str] = Field(
        min_length=1,
        max_length=50,
        description="Metrics or measures of the dictionary, side by side; repeat it for several.",
        json_schema_extra={"example": ["win_rate"]},
    )
    per: str | None = Field(None, max_length=20, description="day, week, month, quarter or year; without: one number.")
    by: list[str] = Field(
        [],
        max_length=8,
        description="Dimensions to cut by, such as account.segment; repeat it for several.",
        json_schema_extra={"example": ["account.segment"]},
    )
    defined_on: str | None = Field(
        None, max_length=200, description="Reckon by the dictionary of that day, period or build: 2026-Q1."
    )


class PagedQuestion(Question, Paging):
    limit: int = Field(500, ge=1, le=500, description="At most so many rows, up to 500. CSV has them all.")


class AnswerRow(Shown):
    """One number."""

    metric: str = Field(examples=["win_rate"])
    period: str = Field(description="The period, or the days asked for.", examples=["2026-03"])
    by: dict[str, Cell] = Field(description="The value of every dimension.", examples=[{"account.segment": "smb"}])
    value: Figure | None = Field(description="Null where it is undefined, which is not zero.", examples=[0.2531])
    unit: Unit = Field(description="What the value is; percent values are shares, money is in `currency`.")


class Answer(Page[AnswerRow]):
    """The rows of an answer, in the order of the metrics, the periods and the dimensions."""

    currency: str = Field(description="Of every money value, ISO 4217.", examples=["EUR"])
    build: str = Field(description="The build the numbers come from. Pages of one answer have one build.")
    notes: list[ProblemShown] = Field(description="What could not be computed, and why.")
    sql: str = Field(description="The query that was run.")


@reads(router, "/ask", Answer, may=(400, 409), csv=True, summary="Ask for numbers")
def ask(request: HttpRequest, asked: Query[PagedQuestion]) -> Answer | HttpResponseBase:
    """Metrics by period and dimension. With `Accept: text/csv` the whole answer as CSV."""
    space, now = workspace(), timezone.now()
    given = asking.ask(
        space,
        asked.metrics,
        per=asked.per or None,
        by=asked.by,
        where=asked.where,
        start=asked.start,
        end=asked.end,
        as_of=asked.as_of,
        known_at=moment_of(asked.known_at, space, now),
        defined_on=asked.defined_on,
        now=now,
    )
    if wants_csv(request):
        return streamed(given.table)
    total = given.table.num_rows
    rows = given.table.slice(asked.offset, asked.limit).to_pylist()
    return Answer(
        items=[_row(row, asked.by) for row in rows],
        total=total,
        limit=asked.limit,
        offset=asked.offset,
        next=following(request, asked, total),
        currency=space.manner.currency,
        build=given.build,
        notes=problems_shown(given.notes),
        sql=given.sql,
    )


def _row(row: dict[str, Any], by: list[str]) -> AnswerRow:
    cut = {name: row[name] for name in by}
    return AnswerRow(metric=row["metric"], period=row["period"], by=cut, value=row["value"], unit=row["unit"])
