"""The scoreboard in words and pictures, as its template shows it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString, mark_safe

from fairlead.actions.scoreboard import Score, Scoreboard, Status
from fairlead.actions.why import Why
from fairlead.desk.stamp import Stamp, stamp
from fairlead.desk.wordings import Standing, standing
from fairlead.model.metrics import GROUPS, TIERS
from fairlead.picture.marks import WORDS
from fairlead.picture.sparkline import Goal, sparkline
from fairlead.picture.wording import Change, Manner, Number, Worded, change, period_words, worded
from fairlead.values import in_words


class Row(NamedTuple):
    """One score, worded. `value` is None where it is undefined; addresses are empty where there is no such page."""

    score: Score
    value: Worded | None
    period: str
    change: Change | None
    standing: Standing
    spark: SafeString
    trend: str
    review: str
    page: str
    term: str
    records: str
    why: str
    opened_by: tuple[str, ...]


class Section(NamedTuple):
    """Rows under one heading."""

    name: str
    note: str
    rows: tuple[Row, ...]


class Tally(NamedTuple):
    """How many scores stand so, and the `first` of them."""

    standing: Standing
    number: int
    first: str


class ScoreMove(NamedTuple):
    """How and why one score moved: the sentence, how unusual that is, which way it went, where it is split."""

    sentence: str
    unusual: str
    verdict: str
    why: str


class Tab(NamedTuple):
    """A view of the scoreboard."""

    label: str
    url: str
    is_current: bool


class Board(NamedTuple):
    """The scoreboard as the template shows it: `waiting` are the scores whose data does not exist yet."""

    company: str
    build: str | None
    problems: int
    stamp: Stamp
    tally: tuple[Tally, ...]
    sections: tuple[Section, ...]
    moved: tuple[ScoreMove, ...]
    opened: tuple[Row, ...]
    closed: tuple[Row, ...]
    waiting: tuple[Row, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.sections or self.waiting or self.opened or self.closed)


def worded_board(board: Scoreboard, tier: int | None, labels: Mapping[str, str]) -> Board:
    """The board in words and pictures, in the model's order within each section; `labels` are those of all metrics."""
    rows = [_row(score, board.manner, labels) for score in board.scores]
    opened = tuple(_row(score, board.manner, labels) for score in board.opened)
    shown = [row for row in rows if row.score.status != Status.NEEDS]
    swings = {score.metric: score.swing for score in board.scores}
    is_read = tier != 3  # of tier 3 only what a miss has opened is read
    return Board(
        company=board.company,
        build=board.build,
        problems=board.problems,
        stamp=stamp(board, (score.freshness for score in (*board.scores, *board.opened))),
        tally=tuple(_tally(shown)) if is_read else (),
        sections=tuple(_sections(shown, tier)) if is_read else (),
        moved=tuple(_told(why, swings.get(why.metric), board.manner) for why in board.moved),
        opened=opened,
        closed=() if is_read else tuple(shown),
        waiting=tuple(row for row in rows if row.score.status == Status.NEEDS),
    )


def tabs(tier: int | None, as_of: str) -> tuple[Tab, ...]:
    """The views: what everybody sees, and each tier whole."""
    named = [("Board", None), *((name, number) for number, name in TIERS.items())]
    return tuple(Tab(label, _query("scoreboard", tier=number, as_of=as_of), number == tier) for label, number in named)


def _row(score: Score, manner: Manner, labels: Mapping[str, str]) -> Row:
    def say(value: Number) -> str:
        return worded(value, score.unit, manner).text

    goal = Goal(score.limits.low, score.limits.high, score.target) if score.limits else None
    review = score.next_review
    previous = score.history[-2][0] if len(score.history) > 1 else ""
    return Row(
        score=score,
        value=None if score.value is None else worded(score.value, score.unit, manner),
        period=period_words(score.period, manner) if score.period else "",
        change=change(score.value, score.previous, score.unit, score.better, manner),
        standing=standing(score.status),
        # The picture escapes what it is given.
        spark=mark_safe(sparkline(score.history, label=score.label, say=say, manner=manner, goal=goal)),  # noqa: S308
        trend=_trend(score),
        review=f"{review.label}, {period_words(review.day.isoformat(), manner)}" if review else "",
        page=_address("metric", score.metric),
        term=_address("term", score.metric),
        records=_query("rows", score.metric, **{"from": score.period, "to": score.period}),
        why=_query("why", score.metric, **{"from": previous, "to": score.period}),
        opened_by=tuple(labels.get(name, in_words(name)) for name in score.opened_by),
    )


def _trend(score: Score) -> str:
    """The direction and its pace in words: `rising, accelerating`; only what the test says."""
    trend = score.trend
    if trend is None:
        return ""
    if trend.pace_after is None:
        return "too few values"
    return f"{trend.direction}, {trend.word}" if trend.direction != "level" or trend.word != "stable" else "stable"


def _told(why: Why, swing: float | None, manner: Manner) -> ScoreMove:
    moved = change(why.after, why.before, why.unit, why.better, manner)
    times = f"{worded(swing, 'ratio', manner).text} its usual move" if swing else ""
    address = _query("why", why.metric, **{"from": why.period_from, "to": why.period_to})
    return ScoreMove(why.sentence, times, moved.verdict if moved else "same", address)


def _tally(rows: Sequence[Row]) -> Iterator[Tally]:
    metrics: dict[str, list[str]] = {}
    for row in rows:
        metrics.setdefault(str(row.score.status), []).append(row.score.metric)
    return (Tally(standing(status), len(metrics[status]), metrics[status][0]) for status in WORDS if status in metrics)


def _sections(rows: Sequence[Row], tier: int | None) -> Iterator[Section]:
    """By tier; within one tier, by group of the metric tree."""
    if tier is None:
        for number in sorted({row.score.tier for row in rows}):
            inside = tuple(row for row in rows if row.score.tier == number)
            yield Section(TIERS.get(number, ""), f"tier {number}", inside)
        return
    for group in dict.fromkeys([*GROUPS, *(row.score.group for row in rows)]):
        if inside := tuple(row for row in rows if row.score.group == group):
            yield Section(GROUPS.get(group, "Others"), "", inside)


def _query(page: str, *parts: str, **asked: object) -> str:
    """The address of a page with what is asked of it; empty where there is no such page."""
    address = _address(page, *parts)
    told = {name: value for name, value in asked.items() if value}
    return f"{address}?{urlencode(told)}" if address and told else address


@lru_cache(maxsize=1024)
def _address(name: str, *parts: str) -> str:
    try:
        return reverse(name, args=parts)
    except NoReverseMatch:
        return ""
