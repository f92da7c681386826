"""The words of a scoreboard report: what stands in it, before it is set as a PDF or as a page."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from fairlead.actions.drawing import Drawing
from fairlead.actions.scoreboard import Score, Scoreboard, Status
from fairlead.actions.why import Part, Why
from fairlead.model.decisions import Decision
from fairlead.model.metrics import TIERS, Metric
from fairlead.model.whole import Model
from fairlead.picture.marks import WORDS
from fairlead.picture.reasons import signed
from fairlead.picture.sparkline import Goal, sparkline
from fairlead.picture.wording import Manner, Number, change, day_words, moment_words, period_words, worded

MOST_PARTS = 9
NOT_READ = (Status.NEEDS,)


class Standing(NamedTuple):
    """A status and its word."""

    status: str
    word: str


class Line(NamedTuple):
    """One metric on the board, in words. `verdict` says whether its change is better, worse or the same."""

    metric: str
    label: str
    definition: str
    value: str
    period: str
    change: str
    verdict: str
    target: str
    standing: Standing
    owner: str
    role: str
    review: str
    trend: str
    spark: str
    why: str
    stale: str
    needs: str


class Section(NamedTuple):
    """Lines under one heading."""

    name: str
    lines: tuple[Line, ...]


class Adds(NamedTuple):
    """A part of a move: from what to what, and what it adds."""

    label: str
    before: str
    after: str
    adds: str
    note: str
    depth: int


class Miss(NamedTuple):
    """A metric that misses its target: how it went, why, what is done about it, and who does it."""

    line: Line
    chart: Drawing | None
    sentence: str
    before: str
    after: str
    parts: tuple[Adds, ...]
    plan: str
    note: str
    baseline: str


class Meaning(NamedTuple):
    """A definition: what is counted, and what was decided where practitioners differ."""

    metric: str
    label: str
    number: str
    definition: str
    made_of: str
    target: str
    note: str
    topic: str
    positions: tuple[tuple[str, str], ...]
    decision: str


class Pack(NamedTuple):
    """A whole report. `stamp` is what its numbers were made from: (name, words)."""

    company: str
    title: str
    as_of: str
    build: str
    stamp: tuple[tuple[str, str], ...]
    stale: tuple[str, ...]
    tally: tuple[tuple[Standing, int], ...]
    moved: tuple[str, ...]
    sections: tuple[Section, ...]
    opened: tuple[Line, ...]
    waiting: tuple[Line, ...]
    missed: tuple[Miss, ...]
    meanings: tuple[Meaning, ...]
    locale: str


def pack(
    board: Scoreboard, model: Model, tier: int | None, reasons: Mapping[str, Why], charts: Mapping[str, Drawing]
) -> Pack:
    """The report of a scoreboard, with why each missed metric moved and how it went."""
    manner = board.manner
    lines = [line(score, manner) for score in board.scores]
    shown = [one for one, score in zip(lines, board.scores, strict=True) if score.status not in NOT_READ]
    as_of = day_words(board.as_of.astimezone(manner.zone).date(), manner)
    every = (*board.scores, *board.opened)
    return Pack(
        company=board.company,
        title=f"{TIERS[tier]} metrics" if tier is not None else "Scoreboard",
        as_of=as_of,
        build=board.build or "",
        stamp=tuple(_stamp(board, as_of)),
        stale=tuple(dict.fromkeys(s.freshness.says for s in every if s.freshness and s.freshness.is_stale)),
        tally=tuple(_tally(shown)),
        moved=tuple(why.sentence for why in board.moved),
        sections=tuple(_sections(board.scores, lines)),
        opened=tuple(line(score, manner) for score in board.opened),
        waiting=tuple(one for one, score in zip(lines, board.scores, strict=True) if score.status in NOT_READ),
        missed=tuple(
            _miss(score, model, manner, reasons.get(score.metric), charts.get(score.metric))
            for score in board.scores
            if score.status is Status.MISSED
        ),
        meanings=tuple(_meaning(score, model) for score in every),
        locale=manner.locale,
    )


def line(score: Score, manner: Manner) -> Line:
    """One metric in words."""

    def say(value: Number) -> str:
        return worded(value, score.unit, manner).text

    moved = change(score.value, score.previous, score.unit, score.better, manner)
    goal = Goal(score.limits.low, score.limits.high, score.target) if score.limits else None
    review = score.next_review
    return Line(
        metric=score.metric,
        label=score.label,
        definition=score.definition,
        value=WORDS["undefined"] if score.value is None else say(score.value),
        period=period_words(score.period, manner) if score.period else "",
        change=moved.text if moved else "",
        verdict=moved.verdict if moved else "same",
        target=score.target,
        standing=Standing(str(score.status), WORDS[score.status]),
        owner=score.owner_name or "nobody named",
        role=score.owner_role,
        review=f"{review.label}, {period_words(review.day.isoformat(), manner)}" if review else "",
        trend=_trend(score),
        spark=sparkline(score.history, label=score.label, say=say, manner=manner, goal=goal),
        why=score.why,
        stale=score.freshness.says if score.freshness and score.freshness.is_stale else "",
        needs=", ".join(score.needs),
    )


def _stamp(board: Scoreboard, as_of: str) -> Iterator[tuple[str, str]]:
    yield "As of", as_of
    for name, moment in (("Data seen", board.seen_at), ("Built", board.built_at)):
        if isinstance(moment, datetime):
            yield name, moment_words(moment, board.manner)
    yield "Build", board.build or "none"


def _trend(score: Score) -> str:
    """The direction and the pace as the test has them; nothing where there is too little to say."""
    told = score.trend
    if told is None or told.pace_after is None:
        return ""
    return "stable" if (told.direction, told.word) == ("level", "stable") else f"{told.direction}, {told.word}"


def _tally(lines: Sequence[Line]) -> Iterator[tuple[Standing, int]]:
    counted = Counter(one.standing for one in lines)
    return ((Standing(s, w), counted[Standing(s, w)]) for s, w in WORDS.items() if counted[Standing(s, w)])


def _sections(scores: Sequence[Score], lines: Sequence[Line]) -> Iterator[Section]:
    """The lines by tier; those that wait for data stand elsewhere."""
    told = [(s.tier, one) for s, one in zip(scores, lines, strict=True) if s.status not in NOT_READ]
    for tier in sorted({number for number, _ in told}):
        yield Section(f"{TIERS.get(tier, '')}, tier {tier}", tuple(one for number, one in told if number == tier))


def _miss(score: Score, model: Model, manner: Manner, why: Why | None, chart: Drawing | None) -> Miss:
    metric = model.metrics.metrics.get(score.metric)

    def said(value: Number | None, unit: str) -> str:
        return WORDS["undefined"] if value is None else worded(value, unit, manner).text

    return Miss(
        line=line(score, manner),
        chart=chart,
        sentence=why.sentence if why else "",
        before=f"{period_words(why.period_from, manner)}: {said(why.before, why.unit)}" if why else "",
        after=f"{period_words(why.period_to, manner)}: {said(why.after, why.unit)}" if why else "",
        parts=_made(why, manner) if why else (),
        plan=metric.plan if metric else "",
        note=metric.note if metric else "",
        baseline=score.baseline,
    )


def _made(why: Why, manner: Manner) -> tuple[Adds, ...]:
    """What a move is made of, and what that is made of where the page has room for it."""
    whole = tuple(_adds(why.whole.parts, why.unit, manner, 0))
    return whole if len(whole) <= MOST_PARTS else tuple(one for one in whole if one.depth == 0)


def _adds(parts: Sequence[Part], unit: str, manner: Manner, depth: int) -> Iterator[Adds]:
    """The parts of a move and, one level below, what those are made of."""
    for part in parts:
        ends = [
            WORDS["undefined"] if value is None else worded(value, part.unit, manner).text
            for value in (part.before, part.after)
        ]
        adds = WORDS["undefined"] if part.part is None else signed(part.part, unit, manner)
        yield Adds(part.label, ends[0], ends[1], adds, part.note, depth)
        if depth == 0:
            yield from _adds(part.parts, unit, manner, 1)


def _meaning(score: Score, model: Model) -> Meaning:
    metric = model.metrics.metrics.get(score.metric)
    decided = model.decisions.decisions.get(metric.decision) if metric and metric.decision else None
    return Meaning(
        metric=score.metric,
        label=score.label,
        number=metric.id or "" if metric else "",
        definition=score.definition,
        made_of=_made_of(metric) if metric else "",
        target=score.target,
        note=metric.note if metric else "",
        topic=f"{decided.name}: {decided.topic}" if decided else "",
        positions=_positions(decided),
        decision=decided.decision if decided else "",
    )


def _positions(decided: Decision | None) -> tuple[tuple[str, str], ...]:
    return tuple((position.who, position.says) for position in decided.positions) if decided else ()


def _made_of(metric: Metric) -> str:
    """How it gets its value, in the model's own words."""
    if metric.ratio:
        return " / ".join(metric.ratio)
    if metric.derived:
        return metric.derived
    if isinstance(metric.measure, str):
        return metric.measure
    if metric.measure:
        reading = metric.measure.reading
        where = f" where {metric.measure.where}" if metric.measure.where else ""
        return f"{reading.aggregate} {reading.expression} from {metric.measure.from_}{where}"
    return f"needs {', '.join(metric.needs)}"
