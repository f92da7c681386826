"""The first page: the few numbers everybody sees, each against its target."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from fairlead.actions.scoreboard import Score, Scoreboard, Status
from fairlead.actions.scoreboard import scoreboard as ask
from fairlead.desk.stamp import Stamp, stamp
from fairlead.desk.workplace import workspace
from fairlead.picture.marks import WORDS, mark
from fairlead.picture.sparkline import Number, sparkline
from fairlead.picture.wording import Change, Manner, Worded, change, period_words, worded
from fairlead.problem import Refused

TIERS = {1: "Executive", 2: "Operational", 3: "Diagnostic"}


class Standing(NamedTuple):
    """How a value stands to its target, as shape and as word."""

    status: str
    word: str
    mark: SafeString


class Tally(NamedTuple):
    """How many scores stand so."""

    standing: Standing
    number: int


class Row(NamedTuple):
    """One score, worded. `value` is None where it is undefined."""

    score: Score
    value: Worded | None
    period: str
    change: Change | None
    standing: Standing
    spark: SafeString


class Tier(NamedTuple):
    """The rows of one tier, with its name."""

    number: int
    name: str
    rows: tuple[Row, ...]


class Board(NamedTuple):
    """The scoreboard as the template shows it: `waiting` are the scores whose data does not exist yet."""

    company: str
    build: str | None
    problems: int
    stamp: Stamp
    tally: tuple[Tally, ...]
    tiers: tuple[Tier, ...]
    waiting: tuple[Row, ...]


@require_safe
def scoreboard(request: HttpRequest) -> HttpResponse:
    """The scoreboard of the published build."""
    try:
        board = ask(workspace())
    except Refused as refused:
        return render(request, "refused.html", {"problems": refused.problems}, status=503)
    return render(request, "scoreboard.html", {"board": worded_board(board)})


def worded_board(board: Scoreboard) -> Board:
    """The board in words and pictures, in the model's order within each tier."""
    rows = [_row(score, board.manner) for score in board.scores]
    shown = [row for row in rows if row.score.status != Status.NEEDS]
    return Board(
        company=board.company,
        build=board.build,
        problems=board.problems,
        stamp=stamp(board),
        tally=tuple(_tally(shown)),
        tiers=tuple(_tiers(shown)),
        waiting=tuple(row for row in rows if row.score.status == Status.NEEDS),
    )


def _row(score: Score, manner: Manner) -> Row:
    def say(value: Number) -> str:
        return worded(value, score.unit, manner).text

    return Row(
        score=score,
        value=None if score.value is None else worded(score.value, score.unit, manner),
        period=period_words(score.period, manner) if score.period else "",
        change=change(score.value, score.previous, score.unit, score.better, manner),
        standing=_standing(score.status),
        # The picture escapes what it is given.
        spark=mark_safe(sparkline(score.history, label=score.label, say=say, manner=manner)),  # noqa: S308
    )


def _standing(status: str) -> Standing:
    return Standing(str(status), WORDS[status], mark_safe(mark(status)))  # noqa: S308


def _tally(rows: list[Row]) -> Iterator[Tally]:
    counted = Counter(str(row.score.status) for row in rows)
    return (Tally(_standing(status), counted[status]) for status in WORDS if counted[status])


def _tiers(rows: list[Row]) -> Iterator[Tier]:
    for number in sorted({row.score.tier for row in rows}):
        inside = tuple(row for row in rows if row.score.tier == number)
        yield Tier(number, TIERS.get(number, ""), inside)


urls = [path("", scoreboard, name="scoreboard")]
