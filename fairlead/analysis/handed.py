"""Questions about handoffs, asked of a build: how each runs, what is lacking, what came back, where it waits."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from fairlead.analysis.gap import HORIZON, LATE, NEVER, Pull
from fairlead.analysis.scan import text
from fairlead.values import Query

# What a handoff is cut by: SQL over its row `h`, its person `p`, deal `o` and company `a`.
DIMENSIONS = {
    "source": "coalesce(CASE WHEN h.subject = 'person' THEN p.source ELSE o.source END, p.source)",
    "segment": "a.segment",
    "region": "a.region",
    "persona": "p.persona",
    "taker": "t.name",
    "giver": "g.name",
}


# What stopped the clock was not the return: also how a page links to the rows, so in what predicates can say.
ANSWERED = "coalesce(stopped_by, '') <> 'recycled_at'"


class Pulled(NamedTuple):
    """What a conversion pulls the loss of a gap by: its place among all gaps, its handoff and name."""

    place: int
    handoff: str
    gap: str
    pull: Pull


class Span(NamedTuple):
    """Handoffs triggered from day `start` to day `end`, both included, as seen on day `as_of`."""

    start: date
    end: date
    as_of: date

    @property
    def old_enough(self) -> date:
        """The last day on which something handed over has had the time to convert."""
        return self.as_of - timedelta(days=HORIZON)


def _told(span: Span, name: str | None = None) -> str:
    """One row per handoff of the span; without a time of its own it belongs to every span."""
    cut = ", ".join(f"{sql} AS {dimension}" for dimension, sql in DIMENSIONS.items())
    only = f" AND h.handoff = {text(name)}" if name else ""
    return f"""told AS (
  SELECT h.*, {cut},
    coalesce(CAST(h.opportunity_id AS VARCHAR), h.subject || ' ' || h.subject_id) AS deal,
    h.triggered_on <= DATE '{span.old_enough}' AS is_old,
    h.is_converted AND h.converted_on <= h.triggered_on + {HORIZON} AS counts
  FROM mart.handoff AS h
  LEFT JOIN record.person AS p ON p.id = h.person_id
  LEFT JOIN record.opportunity AS o ON o.id = h.opportunity_id
  LEFT JOIN record.account AS a ON a.id = h.account_id
  LEFT JOIN record.member AS t ON t.id = h.taker_id
  LEFT JOIN record.member AS g ON g.id = h.giver_id
  WHERE coalesce(h.triggered_on BETWEEN DATE '{span.start}' AND DATE '{span.end}', h.triggered_at IS NULL){only}
)"""


def _lacks(span: Span) -> str:
    """One row per handoff and thing it could lack: needed items that can be seen, an answer, an answer in time.

    A clock may stop at the return as well. That is no answer that could have come in time and converted: those whose
    clock it stopped are compared neither as late nor as in time.
    """
    return f"""{_told(span)},
lacks AS (
  SELECT t.handoff, t.deal, t.limit_name, t.source, t.is_old, t.is_converted, t.counts,
    i.item AS gap, NOT i.is_there AS lacks, i.is_today
  FROM told AS t
  JOIN mart.handoff_item AS i ON i.handoff = t.handoff AND i.subject_id = t.subject_id AND i.cycle = t.cycle
  WHERE i.is_needed AND i.is_there IS NOT NULL
  UNION ALL
  SELECT handoff, deal, limit_name, source, is_old, is_converted, counts, {text(LATE)}, is_late, false
  FROM told WHERE is_late IS NOT NULL AND responded_at IS NOT NULL AND {ANSWERED}
  UNION ALL
  SELECT handoff, deal, limit_name, source, is_old, is_converted, counts, {text(NEVER)}, responded_at IS NULL, false
  FROM told WHERE (NOT is_late AND {ANSWERED}) OR (is_late AND responded_at IS NULL)
)"""


def summaries(span: Span) -> Query:
    """A row a handoff: how many, and how they ran. Shares are of those where it is known; times in working seconds."""
    return Query(
        "handoffs",
        f"""WITH {_told(span)}
SELECT handoff, count(*) AS handed, count(responded_at) AS responded,
  count(*) FILTER (is_late IS NOT NULL) AS timed, count(*) FILTER (is_late) AS late,
  median(working_seconds) FILTER (responded_at IS NOT NULL) AS median_seconds,
  count(is_accepted) AS judged, count(*) FILTER (is_accepted) AS accepted, count(*) FILTER (is_returned) AS returned,
  count(*) FILTER (seen > 0 AND provided < seen) AS incomplete, avg(completeness) AS completeness,
  avg(quality) AS quality,
  count(*) FILTER (coalesce(is_late, false) OR is_returned OR coalesce(provided < seen, false)) AS snagged,
  count(*) FILTER (is_late IS NOT NULL OR is_returned OR seen > 0) AS known,
  count(*) FILTER (is_old AND is_converted IS NOT NULL) AS compared, count(*) FILTER (is_old AND counts) AS converted,
  sum(value) FILTER (is_old AND counts) AS value
FROM told GROUP BY handoff ORDER BY handoff""",
    )


def cells(span: Span) -> Query:
    """A row a handoff, thing it could lack, limit, source and whether it lacks it: how many, and how many converted.

    `today`: of how many of them the record does not tell what it was at the handoff.
    """
    return Query(
        "gaps",
        f"""WITH {_lacks(span)}
SELECT handoff, gap, coalesce(limit_name, '') AS limit_name, coalesce(source, '') AS source, lacks,
  count(*) AS every, count(*) FILTER (is_old AND is_converted IS NOT NULL) AS count,
  count(*) FILTER (is_old AND counts) AS converted,
  count(*) FILTER (is_old AND is_converted IS NOT NULL AND is_today) AS today
FROM lacks GROUP BY ALL ORDER BY ALL""",
    )


def worths(span: Span) -> Query:
    """A row a handoff and limit: how many conversions, their worth in all, and the sum of its squares."""
    return Query(
        "worth of conversions",
        f"""WITH {_told(span)}
SELECT handoff, coalesce(limit_name, '') AS limit_name, count(*) AS count,
  CAST(sum(value) AS DOUBLE) AS total, sum(CAST(value AS DOUBLE) * CAST(value AS DOUBLE)) AS squares
FROM told WHERE is_old AND counts AND value IS NOT NULL GROUP BY ALL ORDER BY ALL""",
    )


def taken(span: Span, order: Sequence[tuple[str, str, Sequence[str]]]) -> Query:
    """How many deals each gap of `order` is charged with: each deal to the first of them that it has.

    A gap is given by its handoff, its name and the limits under which it has a price.
    """
    rows = ", ".join(
        f"({place}, {text(handoff)}, {text(gap)}, {text(limit)})"
        for place, (handoff, gap, limits) in enumerate(order)
        for limit in limits
    )
    return Query(
        "deals by gap",
        f"""WITH {_lacks(span)},
first AS (
  SELECT l.deal, min(v.place) AS place
  FROM lacks AS l
  JOIN (VALUES {rows}) AS v (place, handoff, gap, limit_name)
    ON v.handoff = l.handoff AND v.gap = l.gap AND v.limit_name = coalesce(l.limit_name, '')
  WHERE l.lacks AND l.is_old AND l.is_converted IS NOT NULL
  GROUP BY l.deal
)
SELECT place, count(*) AS deals FROM first GROUP BY place ORDER BY place""",
    )


def pulled(span: Span, pulls: Sequence[Pulled]) -> Query:
    """A row for two gaps, or one with itself: over all deals, the sum of what each pulls both by, multiplied.

    What a deal pulls a gap by: whether its handoffs converted, less the share of their like that did, times what one
    more conversion there changes the loss by.
    """
    rows = ", ".join(
        f"({one.place}, {text(one.handoff)}, {text(one.gap)}, {text(one.pull.limit)}, {text(one.pull.source)},"
        f" {str(one.pull.lacks).lower()}, {one.pull.by!r}::DOUBLE)"
        for one in pulls
    )
    return Query(
        "how gaps err together",
        f"""WITH {_lacks(span)},
told_apart AS (
  SELECT l.deal, v.place, v.pull, CASE WHEN l.counts THEN 1.0 ELSE 0.0 END AS converted,
    avg(CASE WHEN l.counts THEN 1.0 ELSE 0.0 END) OVER (PARTITION BY v.place, v.limit_name, v.source, v.lacks) AS usual
  FROM lacks AS l
  JOIN (VALUES {rows}) AS v (place, handoff, gap, limit_name, source, lacks, pull)
    ON v.handoff = l.handoff AND v.gap = l.gap AND v.limit_name = coalesce(l.limit_name, '')
    AND v.source = coalesce(l.source, '') AND v.lacks = l.lacks
  WHERE l.is_old AND l.is_converted IS NOT NULL
),
by_deal AS (SELECT deal, place, sum(pull * (converted - usual)) AS pull FROM told_apart GROUP BY deal, place)
SELECT a.place, b.place AS other, sum(a.pull * b.pull) AS product
FROM by_deal AS a JOIN by_deal AS b ON b.deal = a.deal AND b.place >= a.place
GROUP BY ALL ORDER BY ALL""",
    )


def items(span: Span, name: str) -> Query:
    """A row an item of a handoff: how many could be seen, and how many of them were there."""
    return Query(
        "items",
        f"""WITH {_told(span, name)}
SELECT i.item, count(i.is_there) AS seen, count(*) FILTER (i.is_there) AS there
FROM told AS t
JOIN mart.handoff_item AS i ON i.handoff = t.handoff AND i.subject_id = t.subject_id AND i.cycle = t.cycle
GROUP BY i.item ORDER BY i.item""",
    )


def unseen() -> Query:
    """A row a handoff and item that nothing in the record can show of anybody."""
    return Query(
        "unseen",
        "SELECT i.handoff, i.item FROM mart.handoff_item AS i GROUP BY i.handoff, i.item HAVING count(i.is_there) = 0",
    )


def waits(span: Span, name: str) -> Query:
    """A row a dimension and value: answered, the logarithms of their working seconds, and how many late.

    Not by who took it: where a handoff waits is looked for in its design and not in a person (R47).
    """
    return Query(
        "waits",
        f"""WITH {_told(span, name)}
SELECT {_which(("region", "segment", "source", "persona"))}
  count(*) AS handed, count(working_seconds) FILTER (responded_at IS NOT NULL) AS answered,
  sum(ln(1 + working_seconds)) FILTER (responded_at IS NOT NULL) AS logs,
  sum(pow(ln(1 + working_seconds), 2)) FILTER (responded_at IS NOT NULL) AS squares,
  count(*) FILTER (is_late IS NOT NULL) AS timed, count(*) FILTER (is_late) AS late
FROM told GROUP BY GROUPING SETS ((region), (segment), (source), (persona)) ORDER BY ALL""",
    )


def _which(dimensions: Sequence[str]) -> str:
    """The columns dimension and value of rows grouped by one of several dimensions each."""
    names = " ".join(f"WHEN grouping({d}) = 0 THEN {text(d)}" for d in dimensions)
    values = " ".join(f"WHEN grouping({d}) = 0 THEN {d}" for d in dimensions)
    return f"CASE {names} END AS dimension, CASE {values} END AS value,"


def recycled(span: Span, name: str) -> Query:
    """A row a dimension and value: handed over, returned, without an agreed reason, came back, converted after all."""
    dims = ("return_reason", "source", "persona", "taker")
    return Query(
        "recycling",
        f"""WITH {_told(span, name)}
SELECT {_which(dims)} count(*) AS handed, count(*) FILTER (is_returned) AS returned,
  count(*) FILTER (NOT is_reason_agreed) AS not_agreed,
  count(*) FILTER (came_back) AS came_back,
  count(*) FILTER (converted_after) AS converted
FROM told GROUP BY GROUPING SETS ((return_reason), (source), (persona), (taker)) ORDER BY ALL""",
    )


def answers(span: Span, name: str) -> Query:
    """A row a dimension, value and whether it was late: handed over, answered, accepted, contact attempts, waiting.

    `minutes_of_all` is the median, in and out of time, of the minutes until the answer that count for the limit.
    """
    return Query(
        "answers",
        f"""WITH {_told(span, name)},
tried AS (
  SELECT t.*, f.attempts FROM told AS t LEFT JOIN mart.facts_person AS f ON f.id = t.person_id
  WHERE t.is_late IS NOT NULL AND t.is_accepted IS NOT NULL
),
sides AS (
  SELECT {_which(("source", "segment", "persona"))} is_late, count(*) AS handed, count(responded_at) AS answered,
    count(*) FILTER (is_accepted) AS accepted, sum(attempts) AS attempts
  FROM tried GROUP BY is_late, GROUPING SETS ((source), (segment), (persona))
),
waits AS (
  SELECT {_which(("source", "segment", "persona"))}
    median(working_seconds) FILTER (responded_at IS NOT NULL) / 60 AS minutes
  FROM tried GROUP BY GROUPING SETS ((source), (segment), (persona))
)
SELECT s.*, w.minutes AS minutes_of_all
FROM sides AS s
JOIN waits AS w ON w.dimension = s.dimension AND w.value IS NOT DISTINCT FROM s.value
ORDER BY ALL""",
    )
