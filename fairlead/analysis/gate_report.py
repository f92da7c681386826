"""How gates do: who came, who was stopped, what lacked, and whether passing with everything goes with winning.

Each pass counts once a deal (the last one), and once a person and cycle. Won: of the deals that passed and are closed.
Went on: of all that passed, whether they have left the next stage forward so far.
"""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from fairlead.analysis.gate_columns import LIFECYCLE
from fairlead.analysis.proportion import Interval, difference
from fairlead.analysis.scan import text
from fairlead.model.lifecycle import Outcome
from fairlead.model.whole import Model
from fairlead.values import Query

WIDEST = 0.10  # half an interval, as a share: wider tells nothing
FEWEST = 10  # cases on either side: fewer tell nothing, however far apart


class Verdict(StrEnum):
    """Whether a gate is worth its trouble, by how those who slipped through fare."""

    USEFUL = "useful"
    NO_DIFFERENCE = "no_difference"
    TOO_FEW = "too_few"
    REVERSED = "reversed"
    NOTHING_AFTER = "nothing_after"


class Fared(NamedTuple):
    """How many passed one way and how many of them succeeded."""

    hits: int
    cases: int

    @property
    def share(self) -> float | None:
        return self.hits / self.cases if self.cases else None


class Compared(NamedTuple):
    """Those who passed clean against those who slipped: the difference of shares and its 95 % interval (Newcombe)."""

    clean: Fared
    slipped: Fared
    difference: float | None
    interval: Interval | None
    verdict: Verdict


def compared(clean: Fared, slipped: Fared, *, has_after: bool = True) -> Compared:
    """Whether a gate is useful, judged by the interval of clean less slipped.

    Above nothing: useful; below: reversed. Around nothing and no wider than ten points either way: no difference;
    wider, or fewer than ten on one side: too few to tell.
    """
    interval = difference(*clean, *slipped)
    apart = None if interval is None else (clean.share or 0.0) - (slipped.share or 0.0)
    if not has_after:
        verdict = Verdict.NOTHING_AFTER
    elif interval is None or min(clean.cases, slipped.cases) < FEWEST:
        verdict = Verdict.TOO_FEW
    elif interval.low > 0 or interval.high < 0:
        verdict = Verdict.USEFUL if interval.low > 0 else Verdict.REVERSED
    else:
        verdict = Verdict.NO_DIFFERENCE if interval.half <= WIDEST else Verdict.TOO_FEW
    return Compared(clean, slipped, apart, interval, verdict)


def _within(start: date | None, end: date | None) -> str:
    """SQL of the stays that were left, or are still going on, on the days asked for; both are included."""
    parts = [f"g.day >= DATE '{start}'"] if start else []
    return " AND ".join([*parts, *([f"g.day <= DATE '{end}'"] if end else [])]) or "true"


def counts(model: Model, start: date | None, end: date | None) -> Query:
    """One row a gate: its counts, completeness, and how those fared who passed clean, slipped or were waived."""
    ways = ("clean", "slipped", "waived")
    fared = ", ".join(
        f"count(*) FILTER (p.way = '{way}' AND p.is_closed) AS closed_{way},"
        f" count(*) FILTER (p.way = '{way}' AND p.is_closed AND p.is_won) AS won_{way},"
        f" count(*) FILTER (p.way = '{way}') AS went_{way}, count(*) FILTER (p.way = '{way}' AND p.goes_on) AS on_{way}"
        for way in ways
    )
    return Query(
        "gates",
        f"""WITH chosen AS (SELECT g.* FROM mart.gate AS g WHERE {_within(start, end)}),
counted AS (
  SELECT flow, stage, count(*) AS came, count(*) FILTER (is_open) AS waiting, count(*) FILTER (is_passed) AS passed,
    count(*) FILTER (is_clean) AS clean, count(*) FILTER (is_slipped) AS slipped,
    count(*) FILTER (is_passed AND is_waived) AS waived, count(*) FILTER (is_stopped) AS stopped,
    count(*) FILTER (from_today IS NOT NULL) AS from_today,
    sum(required_count) FILTER (NOT is_open) AS required, sum(filled_count) FILTER (NOT is_open) AS filled
  FROM chosen GROUP BY flow, stage
),
places (flow, stage, place) AS (VALUES {_places(model)}),
moves AS (
  SELECT e.subject, e.subject_id, e.flow, e.sequence, lead(e.stage) OVER steps AS stage,
    lead(e.next_stage) OVER steps AS next_stage
  FROM mart.stage_entry AS e WINDOW steps AS (PARTITION BY e.subject, e.subject_id, e.flow ORDER BY e.sequence)
),
passes AS (
  SELECT c.flow, c.stage, CASE WHEN c.is_clean THEN 'clean' WHEN c.is_slipped THEN 'slipped' ELSE 'waived' END AS way,
    coalesce(o.is_closed, false) AS is_closed, coalesce(o.is_won, false) AS is_won,
    coalesce(b.place > a.place, false) AS goes_on
  FROM chosen AS c
  LEFT JOIN moves AS m ON m.subject = c.subject AND m.subject_id = c.subject_id AND m.sequence = c.sequence
  LEFT JOIN places AS a ON a.flow = m.flow AND a.stage = m.stage
  LEFT JOIN places AS b ON b.flow = m.flow AND b.stage = m.next_stage
  LEFT JOIN mart.facts_opportunity AS o ON c.subject = 'opportunity' AND o.id = c.subject_id
  WHERE c.is_passed
  QUALIFY row_number() OVER (PARTITION BY c.flow, c.stage, c.subject_id,
    CASE WHEN c.subject = 'opportunity' THEN 0 ELSE c.cycle END ORDER BY c.sequence DESC) = 1
),
fared AS (SELECT p.flow, p.stage, {fared} FROM passes AS p GROUP BY p.flow, p.stage)
SELECT k.*, f.* EXCLUDE (flow, stage) FROM counted AS k LEFT JOIN fared AS f ON f.flow = k.flow AND f.stage = k.stage
ORDER BY k.flow, k.stage""",
    )


def _places(model: Model) -> str:
    """SQL values of every stage that leads on: its flow, name and place in it; lost ones lead nowhere."""
    found = [(LIFECYCLE, name, place) for place, name in enumerate(model.lifecycle.stages)]
    for line in model.lifecycle.pipelines.values():
        stages = enumerate(line.stages.values())
        found += [(line.name, s.name, place) for place, s in stages if s.outcome is not Outcome.LOST]
    return ", ".join(f"({text(flow)}, {text(stage)}, {place})" for flow, stage, place in found) or "('', '', 0)"


def lacked(start: date | None, end: date | None) -> Query:
    """One row a gate and item: how many lacked it, and how many of those slipped through, were waived or stopped."""
    return Query(
        "what gates lack",
        f"""WITH chosen AS (SELECT g.* FROM mart.gate AS g WHERE {_within(start, end)}),
items AS (
  SELECT c.*, unnest(string_split(c.missing, ', ')) AS item FROM chosen AS c WHERE c.missing IS NOT NULL
  UNION ALL
  SELECT c.*, 'exit' AS item FROM chosen AS c WHERE c.is_exit_met = false
)
SELECT flow, stage, item, count(*) AS lacked, count(*) FILTER (is_slipped) AS slipped,
  count(*) FILTER (is_passed AND is_waived) AS waived, count(*) FILTER (is_stopped) AS stopped
FROM items GROUP BY flow, stage, item ORDER BY flow, stage, lacked DESC, item""",
    )
