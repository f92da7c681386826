"""Where losing ends the last stay in the lifecycle: of a deal when it closed, of a person with their last deal. SQL."""

from collections.abc import Sequence

from fairlead.analysis.scan import text
from fairlead.analysis.stays import AFTER, STAYS, Flow
from fairlead.values import Query


def lost(flow: Flow, closings: Sequence[str]) -> Query | None:
    """Where losing ended the last stay of a deal, or of a person beyond whose last stage there are only deals.

    `closings` are the stages that closing a deal itself leads to: a lost deal may be in those.
    """
    if flow.subject == "opportunity":
        return Query("build.opportunity_lost", _deal_lost(closings))
    return Query("build.person_lost", _person_lost(flow.spots[-1].stage)) if flow.subject == "person" else None


def _deal_lost(closings: Sequence[str]) -> str:
    """A deal that was created after it closed, as far as its source says, has left its first stage at once."""
    names = ", ".join(map(text, ("", *closings)))
    return f"""-- Grain: one row per deal whose last stay ended because it was lost.
SELECT l.id, greatest(o.closed_at, l.entered_at) AS at, greatest(o.closed_on, l.entered_on) AS day
FROM {STAYS["opportunity"]} AS l
JOIN record.opportunity AS o ON o.id = l.id AND o.is_closed AND NOT coalesce(o.is_won, false)
JOIN build.clock AS c ON o.closed_on <= c.as_of_day
WHERE l.left_at IS NULL AND l.stage NOT IN ({names}) AND (l.sequence = 1 OR l.entered_at <= o.closed_at)
  AND (o.deleted_at IS NULL OR o.deleted_at > o.closed_at)"""


def _person_lost(stage: str) -> str:
    """The deals that were still open when the person came to the stage count, and those opened since."""
    return f"""-- Grain: one row per person whose deals are all lost: they left the last stage with the last of those.
WITH deals AS (
  SELECT l.id, o.closed_at, o.closed_on,
    coalesce(o.is_closed AND NOT coalesce(o.is_won, false) AND o.closed_on <= c.as_of_day, false) AS is_lost
  FROM {STAYS["person"]} AS l
  JOIN record.buying_role AS r ON r.person_id = l.id AND r.deleted_at IS NULL
  JOIN record.opportunity AS o ON o.id = r.opportunity_id
  JOIN build.clock AS c ON o.created_on <= c.as_of_day
  WHERE l.left_at IS NULL AND l.stage = {text(stage)} AND (o.deleted_at IS NULL OR o.deleted_at >= {AFTER})
    AND (o.closed_at IS NULL OR o.closed_at >= l.entered_at)
)
SELECT d.id, max(d.closed_at) AS at, max(d.closed_on) AS day
FROM deals AS d
GROUP BY d.id
HAVING count(*) FILTER (WHERE NOT d.is_lost) = 0"""
