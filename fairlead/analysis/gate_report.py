"""How gates do: who came, who was stopped, what lacked, and whether passing with everything goes with winning.

How they fared counts once a deal, by the last time it passed, and once a person or company and cycle. Won: of the deals
that passed and are closed. Went on: of all that passed, whether they have left the next stage forward so far.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from fairlead.analysis.dimension import Columns, View
from fairlead.analysis.gate import EXIT, Gate, gates
from fairlead.analysis.gate_columns import LIFECYCLE
from fairlead.analysis.proportion import Interval, difference
from fairlead.analysis.scan import text
from fairlead.model.lifecycle import Outcome
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.values import Period, Query

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


class Ask(NamedTuple):
    """Which stays, and how they are cut: those left, or still going on, from `start` to `end`, both included.

    `periods` and `by`, a dimension of mart.gate, cut them; without them all are one. `as_of` is the build's day.
    """

    start: date | None
    end: date | None
    periods: tuple[Period, ...]
    by: str | None
    as_of: date
    timezone: str


def chosen(model: Model, ask: Ask) -> str:
    """A CTE of the stays asked for, each with its `period` (NULL: it is not cut by time) and its `cut`.

    `is_end`: of a stage that leads nowhere; `is_back`: it was left all the same, so that nobody was stopped there.
    """
    ends = ", ".join(text(one.name) for one in gates(model) if not one.forward) or "''"
    end = f"s.flow || '.' || s.stage IN ({ends})"
    columns = Columns(View(TABLES["gate"], ask.as_of, ask.timezone, past=False))
    cut = f"CAST({columns.sql(ask.by)} AS VARCHAR)" if ask.by else "CAST(NULL AS VARCHAR)"
    spans = ", ".join(f"({text(p.name)}, DATE '{p.start}', DATE '{p.end}')" for p in ask.periods)
    period = "p.period" if spans else "CAST(NULL AS VARCHAR)"
    timed = f"\n  JOIN (VALUES {spans}) AS p (period, starts_on, ends_on) ON s.day >= p.starts_on AND s.day < p.ends_on"
    within = [f"s.day >= DATE '{ask.start}'"] if ask.start else []
    within += [f"s.day <= DATE '{ask.end}'"] if ask.end else []
    return (
        f"chosen AS (\n  SELECT s.*, {period} AS period, {cut} AS cut, {end} AS is_end,"
        f" {end} AND NOT s.is_open AS is_back\n  FROM mart.gate AS s {columns.joins}"
        f"{timed if spans else ''}\n  WHERE {' AND '.join(within) or 'true'}\n)"
    )


def counts(model: Model, ask: Ask) -> Query:
    """One row a gate, period and cut: its counts, completeness, and how those fared who passed clean or otherwise.

    Required fields are counted of those who passed; of a stage that nobody passes, of those who are in it.
    """
    ways = ("clean", "slipped", "waived")
    fared = ", ".join(
        f"count(*) FILTER (p.way = '{way}' AND p.is_closed) AS closed_{way},"
        f" count(*) FILTER (p.way = '{way}' AND p.is_closed AND p.is_won) AS won_{way},"
        f" count(*) FILTER (p.way = '{way}') AS went_{way}, count(*) FILTER (p.way = '{way}' AND p.goes_on) AS on_{way}"
        for way in ways
    )
    return Query(
        "gates",
        f"""WITH {chosen(model, ask)},
counted AS (
  SELECT flow, stage, period, cut, count(*) AS came, count(*) FILTER (is_open) AS waiting,
    count(*) FILTER (is_passed) AS passed, count(*) FILTER (is_clean) AS clean, count(*) FILTER (is_slipped) AS slipped,
    count(*) FILTER (is_passed AND is_waived) AS waived, count(*) FILTER (is_open AND is_waived) AS waiting_waived,
    count(*) FILTER (is_stopped AND NOT is_back) AS stopped, count(*) FILTER (from_today IS NOT NULL) AS from_today,
    sum(required_count) FILTER (is_passed OR (is_end AND is_open)) AS required,
    sum(filled_count) FILTER (is_passed OR (is_end AND is_open)) AS filled
  FROM chosen GROUP BY flow, stage, period, cut
),
places (flow, stage, place) AS (VALUES {_places(model)}),
moves AS (
  SELECT e.subject, e.subject_id, e.sequence, lead(e.flow) OVER steps AS flow, lead(e.stage) OVER steps AS stage,
    lead(e.next_stage) OVER steps AS next_stage
  FROM mart.stage_entry AS e WINDOW steps AS (PARTITION BY e.subject, e.subject_id, e.flow ORDER BY e.sequence)
),
passes AS (
  SELECT c.flow, c.stage, c.period, c.cut,
    CASE WHEN c.is_clean THEN 'clean' WHEN c.is_slipped THEN 'slipped' ELSE 'waived' END AS way,
    coalesce(o.is_closed, false) AS is_closed, coalesce(o.is_won, false) AS is_won,
    coalesce(b.place > a.place, false) AS goes_on
  FROM chosen AS c
  LEFT JOIN moves AS m ON m.subject = c.subject AND m.subject_id = c.subject_id AND m.sequence = c.sequence
  LEFT JOIN places AS a ON a.flow = m.flow AND a.stage = m.stage
  LEFT JOIN places AS b ON b.flow = m.flow AND b.stage = m.next_stage
  LEFT JOIN mart.facts_opportunity AS o ON c.subject = 'opportunity' AND o.id = c.subject_id
  WHERE c.is_last_pass
),
fared AS (SELECT p.flow, p.stage, p.period, p.cut, {fared} FROM passes AS p GROUP BY p.flow, p.stage, p.period, p.cut)
SELECT k.*, f.* EXCLUDE (flow, stage, period, cut)
FROM counted AS k
LEFT JOIN fared AS f ON f.flow = k.flow AND f.stage = k.stage AND f.period IS NOT DISTINCT FROM k.period
  AND f.cut IS NOT DISTINCT FROM k.cut
ORDER BY k.flow, k.stage, k.period, k.cut NULLS LAST""",
    )


def _places(model: Model) -> str:
    """SQL values of every stage that leads on: its flow, name and place in it; lost ones lead nowhere."""
    found = [(LIFECYCLE, name, place) for place, name in enumerate(model.lifecycle.stages)]
    for line in model.lifecycle.pipelines.values():
        stages = enumerate(line.stages.values())
        found += [(line.name, s.name, place) for place, s in stages if s.outcome is not Outcome.LOST]
    return ", ".join(f"({text(flow)}, {text(stage)}, {place})" for flow, stage, place in found) or "('', '', 0)"


def lacked(model: Model, ask: Ask) -> Query:
    """One row a gate and item: how many lacked it, as the sum of those who slipped, were waived and were stopped."""
    return Query(
        "what gates lack",
        f"""WITH {chosen(model, ask)},
items AS (
  SELECT c.*, unnest(string_split(c.missing, ', ')) AS item FROM chosen AS c
  WHERE c.missing IS NOT NULL AND NOT c.is_back
  UNION ALL
  SELECT c.*, '{EXIT}' AS item FROM chosen AS c WHERE c.is_exit_met = false AND NOT c.is_back
)
SELECT flow, stage, item, count(*) AS lacked, count(*) FILTER (is_slipped) AS slipped,
  count(*) FILTER (is_waived AND NOT is_stopped) AS waived, count(*) FILTER (is_stopped) AS stopped
FROM items GROUP BY flow, stage, item ORDER BY flow, stage, lacked DESC, item""",
    )


def untold(model: Model, ask: Ask) -> Query:
    """One row a gate and column: of how many who left the record does not tell what it was then."""
    return Query(
        "what gates take from today",
        f"""WITH {chosen(model, ask)},
items AS (
  SELECT c.flow, c.stage, unnest(string_split(c.from_today, ', ')) AS item FROM chosen AS c
  WHERE c.from_today IS NOT NULL
)
SELECT flow, stage, item, count(*) AS stays FROM items GROUP BY flow, stage, item
ORDER BY flow, stage, stays DESC, item""",
    )


def lacking(found: Sequence[Gate]) -> Query:
    """One row a record that is at one of these gates and lacks something nobody has waived; the longest first."""
    named = " UNION ALL ".join(
        f"SELECT '{s}' AS subject, id, name FROM record.{s}" for s in dict.fromkeys(g.subject.value for g in found)
    )
    at = ", ".join(text(g.name) for g in found)
    return Query(
        "who lacks something",
        f"""SELECT g.subject, g.subject_id, n.name, a.name AS account, g.flow, g.stage, g.missing,
  coalesce(NOT g.is_exit_met, false) AS lacks_exit, g.owner_id, m.name AS owner, g.entered_at,
  date_diff('day', g.entered_on, g.day) AS days
FROM mart.gate AS g
LEFT JOIN ({named}) AS n ON n.subject = g.subject AND n.id = g.subject_id
LEFT JOIN record.member AS m ON m.id = g.owner_id
LEFT JOIN record.account AS a ON a.id = g.account_id
WHERE g.is_open AND g.is_stopped AND g.flow || '.' || g.stage IN ({at})
ORDER BY g.entered_at, g.subject, g.subject_id, g.flow""",
    )
