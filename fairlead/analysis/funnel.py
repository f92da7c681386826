"""The funnel: who came in, how far they came, how long it took, and where they left. SQL over mart.stage_entry.

    mart.stage_entry ──┬─> arrivals: everybody's way through the stages, over person, deal and company
                       │     └─> reached and moved on, by period and dimension
                       ├─> stays: time in stage with those still there censored (survival), and who is stuck
                       ├─> moves: from stage to stage, back and out
                       └─> standing: how many were in each stage at the end of each week

Whoever enters is counted once in a stage and period, however often they came back to it: so a conversion is a share of
people, and never above 100 %. In the lifecycle the one who enters is the person; a deal's stages are reached by the
people on it, and a company's by the people on its deals.
"""

from datetime import date
from typing import NamedTuple

from fairlead.analysis.dimension import Columns, View, as_of_instant
from fairlead.analysis.scan import text
from fairlead.model.lifecycle import Again, Skipped
from fairlead.model.tables import TABLES
from fairlead.values import Period, Query

STAYS = TABLES["stage_entry"]
THIN = 10  # fewer that left than this, and their curve says nothing about who is late


class Step(NamedTuple):
    """A stage that the funnel counts, with whose it is and its place in the flow, from 1."""

    name: str
    subject: str
    position: int


class Ask(NamedTuple):
    """What is asked of a flow. `by` is a column of mart.stage_entry or one that it leads to.

    `is_cohort`: by the period in which they came in; otherwise by the one in which they entered the stage.
    `as_of` is the last company day of the build.
    """

    flow: str
    steps: tuple[Step, ...]
    by: str | None
    periods: tuple[Period, ...]
    is_cohort: bool
    skipped: Skipped
    reopened: Again
    as_of: date
    timezone: str

    @property
    def subject(self) -> str:
        """Who enters: the subject of the first stage."""
        return self.steps[0].subject

    @property
    def over(self) -> str:
        """SQL of the instant at which the last day is over: who is still there has been so until then."""
        return as_of_instant(self.as_of, self.timezone)


def counts(ask: Ask) -> Query:
    """Columns period, cut, step (from 1), reached, advanced: of those who reached a step, how many came to the next."""
    return Query(
        "funnel",
        f"""WITH {_arrivals(ask)},
{_each(ask)}
SELECT period, cut, step, count(*) AS reached, CAST(sum(advanced) AS BIGINT) AS advanced
FROM each
GROUP BY period, starts_on, cut, step
ORDER BY starts_on, cut, step""",
    )


def counted_at(ask: Ask, step: str, cut: str | None, *, only_advanced: bool) -> Query:
    """Who is counted at a step, in the periods asked for and one cut: columns who, day, moved_on.

    A row for each that `counts` counts: the same one twice, where who comes back counts each time.
    """
    place = next(at for at, one in enumerate(ask.steps, 1) if one.name == step)
    same = "true" if ask.by is None else "cut IS NULL" if cut is None else f"cut = {text(cut)}"
    also = " AND advanced = 1" if only_advanced else ""
    return Query(
        "counted at a step",
        f"""WITH {_arrivals(ask)},
{_each(ask)}
SELECT unit AS who, since AS day, advanced = 1 AS moved_on
FROM each
WHERE step = {place} AND {same}{also}
ORDER BY since, unit, cycle""",
    )


def _arrivals(ask: Ask) -> str:
    """CTEs up to `walked`: each unit's arrivals in order, with the stage before and the furthest one after."""
    steps = ",\n    ".join(
        f"({step.position}, {place}, {place + 1 if place < len(ask.steps) else 'CAST(NULL AS INTEGER)'})"
        for place, step in enumerate(ask.steps, 1)
    )
    periods = ",\n    ".join(f"({text(p.name)}, DATE '{p.start}', DATE '{p.end}')" for p in ask.periods)
    columns = Columns(View(STAYS, ask.as_of, ask.timezone, past=False))
    cut = f"CAST({columns.sql(ask.by)} AS VARCHAR)" if ask.by else "CAST(NULL AS VARCHAR)"
    unit = "a.unit, a.cycle" if ask.reopened is Again.AGAIN else "a.unit"
    return f"""steps AS (
  SELECT * FROM (VALUES
    {steps}
  ) AS v (position, step, next_step)
),
periods AS (
  SELECT * FROM (VALUES
    {periods}
  ) AS v (period, starts_on, ends_on)
),
own AS (
  SELECT s.subject_id AS unit, s.cycle, s.position, s.entered_at, s.entered_on, s.is_dated, s.sequence, {cut} AS cut
  FROM mart.stage_entry AS s
  {columns.joins}
  WHERE s.flow = {text(ask.flow)} AND s.subject = {text(ask.subject)}
),
arrived AS (
  SELECT o.unit, o.cycle, o.position, o.entered_at, o.entered_on, o.is_dated, o.sequence
  FROM own AS o{_followed(ask)}
),
walked AS (
  SELECT
    a.unit, {"a.cycle" if ask.reopened is Again.AGAIN else "1 AS cycle"}, t.step, a.entered_on, a.is_dated,
    row_number() OVER way AS place,
    lag(t.step) OVER way AS before,
    max(t.step) OVER (
      PARTITION BY {unit} ORDER BY a.entered_at, a.position, a.sequence ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    ) AS furthest,
    first_value(a.entered_on) OVER way AS came_in_on
  FROM arrived AS a
  JOIN steps AS t ON t.position = a.position
  WINDOW way AS (PARTITION BY {unit} ORDER BY a.entered_at, a.position, a.sequence)
),
cuts AS (
  SELECT o.unit, min_by(o.cut, o.sequence) AS cut FROM own AS o GROUP BY o.unit
),
{_reached(ask)}"""


def _followed(ask: Ask) -> str:
    """Arrivals of what follows the one who came in: the stages of their deals, and of those deals' companies."""
    after = {s.subject for s in ask.steps} - {ask.subject}
    if ask.subject != "person" or not after:
        return ""
    parts = []
    roles = (
        "\n  FROM (SELECT DISTINCT person_id, opportunity_id FROM record.buying_role WHERE deleted_at IS NULL) AS r"
        "\n  JOIN mart.stage_entry AS d ON d.subject = 'opportunity' AND d.subject_id = r.opportunity_id"
        f" AND d.flow = {text(ask.flow)}"
    )
    begun = (
        "\n  JOIN (SELECT b.unit, b.cycle, min(b.entered_at) AS begun_at,"
        " lead(min(b.entered_at)) OVER (PARTITION BY b.unit ORDER BY b.cycle) AS over_at,"
        " min(min(b.entered_at)) OVER (PARTITION BY b.unit) AS came_at,"
        " min(min(b.entered_on)) OVER (PARTITION BY b.unit) AS came_on"
        " FROM own AS b GROUP BY b.unit, b.cycle) AS b"
        " ON b.unit = {id} AND b.begun_at <= {at} AND (b.over_at IS NULL OR b.over_at > {at})"
    )
    if "opportunity" in after:
        # A stay from before the person came in, in a deal that was open then, is one they come to at once.
        begins = begun.format(id="r.person_id", at="greatest(d.entered_at, b.came_at)")
        parts.append(
            "SELECT r.person_id AS unit, b.cycle, d.position, greatest(d.entered_at, b.came_at) AS entered_at,"
            f" greatest(d.entered_on, b.came_on) AS entered_on, d.is_dated, d.sequence{roles}"
            f"\n  JOIN record.opportunity AS w ON w.id = d.subject_id{begins}"
            "\n  WHERE d.entered_at >= b.came_at OR (coalesce(d.left_at >= b.came_at, true)"
            " AND coalesce(w.closed_at >= b.came_at, true))"
        )
    if "account" in after:
        # Of a deal that was lost, or is open, nothing leads on to what the company bought by another one.
        won = (
            "\n  JOIN record.opportunity AS w ON w.id = d.subject_id AND w.is_won"
            f" AND w.closed_on <= DATE '{ask.as_of}'"
        )
        later = "greatest(f.{0}, d.{0}, w.{1})" if "opportunity" in after else "greatest(f.{0}, d.{0})"
        linked = roles + won if "opportunity" in after else "\n  FROM own AS d JOIN record.person AS r ON r.id = d.unit"
        person = "r.person_id" if "opportunity" in after else "r.id"
        account = "d.account_id" if "opportunity" in after else "r.account_id"
        at = "greatest(d.entered_at, w.closed_at)" if "opportunity" in after else "d.entered_at"
        begins = begun.format(id=person, at=at)
        parts.append(
            f"SELECT DISTINCT {person} AS unit, b.cycle, f.position, {later.format('entered_at', 'closed_at')} AS"
            f" entered_at, {later.format('entered_on', 'closed_on')} AS entered_on, f.is_dated, f.sequence{linked}"
            f"\n  JOIN mart.stage_entry AS f ON f.subject = 'account' AND f.subject_id = {account}"
            f" AND f.flow = {text(ask.flow)}{begins}{_past(ask) if 'opportunity' in after else ''}"
        )
    return "".join(f"\n  UNION ALL\n  {part}" for part in parts)


def _past(ask: Ask) -> str:
    """What a company came to before it left, and a deal that was won later (`w`) did not lead to, is no arrival."""
    return (
        "\n  LEFT JOIN (SELECT x.subject_id, x.cycle, max(x.left_on) AS over_on FROM mart.stage_entry AS x"
        f" WHERE x.subject = 'account' AND x.flow = {text(ask.flow)} GROUP BY x.subject_id, x.cycle"
        " HAVING count(*) = count(x.left_on)) AS past ON past.subject_id = f.subject_id AND past.cycle = f.cycle"
        "\n  WHERE past.over_on IS NULL OR past.over_on > w.closed_on"
    )


def _reached(ask: Ask) -> str:
    """Every step that an arrival counts for: its own, and where skipped ones are passed, those jumped over."""
    passed, advanced, later = "", "l.place IS NOT NULL", ""
    if ask.skipped is Skipped.PASSED:
        passed = " OR (t.step > coalesce(w.before, 0) AND t.step < w.step)"
        advanced = "coalesce(w.furthest >= t.next_step, false)"
    else:
        later = (
            "\n  LEFT JOIN (SELECT unit, cycle, step, max(place) AS place FROM walked GROUP BY unit, cycle, step) AS l"
            "\n    ON l.unit = w.unit AND l.cycle = w.cycle AND l.step = t.next_step AND l.place > w.place"
        )
    return f"""reached AS (
  SELECT w.unit, w.cycle, t.step, w.entered_on, w.is_dated, w.came_in_on, {advanced} AS advanced
  FROM walked AS w
  JOIN (SELECT DISTINCT step, next_step FROM steps) AS t ON t.step = w.step{passed}{later}
)"""


def _each(ask: Ask) -> str:
    """Distinct units a period, cut and step: whoever reached it twice counts once, and moved on if they ever did."""
    day, also = ("r.came_in_on", "") if ask.is_cohort else ("r.entered_on", " AND r.is_dated")
    return f"""each AS (
  SELECT p.period, p.starts_on, c.cut, r.step, r.unit, r.cycle, min(r.entered_on) AS since,
    max(CASE WHEN r.advanced THEN 1 ELSE 0 END) AS advanced
  FROM reached AS r
  JOIN periods AS p ON {day} >= p.starts_on AND {day} < p.ends_on{also}
  JOIN cuts AS c ON c.unit = r.unit
  GROUP BY p.period, p.starts_on, c.cut, r.step, r.unit, r.cycle
)"""
