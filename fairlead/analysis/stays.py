"""From moves to stays: when each began and ended, its cycle, what it skipped, who owned it then. SQL only.

    moves, in order ──> moves that change the stage ──> stays with cycle and flags ──> + owner, end in the next subject

A subject's last stay in the lifecycle ends where the one that follows it there (the person's deal, the won deal's
account) goes on to a later stage, where the deal is lost, or where it is deleted. An account's ends when it is a
customer no more (customer_stay.py), and its return is the next cycle.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import NamedTuple

from fairlead.analysis.scan import text
from fairlead.model.lifecycle import Outcome
from fairlead.values import Query

STAYS = MappingProxyType({s: f"build.{s}_stay" for s in ("person", "opportunity", "account")})
PIPELINE_STAY = "build.pipeline_stay"
OWNER_SPAN = "build.owner_span"
LOSING = ("person", "opportunity")  # whose last stay in the lifecycle a lost deal ends
AFTER = "timezone(c.timezone, CAST(c.as_of_day + INTERVAL 1 DAY AS TIMESTAMP))"


class Spot(NamedTuple):
    """A stage in a flow. `step` counts the stages up to it, lost ones left out; `told` are all its names."""

    stage: str
    position: int
    step: int | None
    outcome: Outcome
    told: tuple[str, ...]


class Flow(NamedTuple):
    """The stages that a subject goes through: its part of the lifecycle, or a pipeline.

    A person's move back to `back_to` or before starts the next cycle, and an account's return to it; in a pipeline
    leaving a closed stage does.
    """

    name: str
    subject: str
    spots: tuple[Spot, ...]
    back_to: int = 0
    kinds: tuple[str, ...] = ()


def named(flows: Sequence[Flow]) -> str:
    """SQL of every name a stage goes by: (flow, told, stage, position, step, outcome)."""
    rows = [
        f"({text(flow.name)}, {text(told)}, {text(s.stage)}, {s.position}, {s.step or 'NULL'}, {text(s.outcome)})"
        for flow in flows
        for s in flow.spots
        for told in _unclaimed(flow, s)
    ]
    rows = rows or ["(NULL, NULL, NULL, NULL, NULL, NULL)"]
    lines = ",\n    ".join(rows)
    return (
        "  SELECT CAST(v.flow AS VARCHAR) AS flow, CAST(v.told AS VARCHAR) AS told, CAST(v.stage AS VARCHAR) AS stage,"
        " CAST(v.position AS BIGINT) AS position, CAST(v.step AS BIGINT) AS step, CAST(v.outcome AS VARCHAR) AS outcome"
        f"\n  FROM (VALUES\n    {lines}\n  ) AS v (flow, told, stage, position, step, outcome)"
    )


def _unclaimed(flow: Flow, spot: Spot) -> list[str]:
    """The names that mean this stage: its own, and those of other models that no stage here has or claimed before."""
    before = {told for s in flow.spots if s.position < spot.position for told in s.told}
    own = {s.stage for s in flow.spots} - {spot.stage}
    return [told for told in dict.fromkeys(spot.told) if told == spot.stage or told not in before | own]


def moved(flow: Flow, columns: str, history: str | None) -> str:
    """The stays of one subject in the lifecycle, from the moves its time columns tell and those of its history."""
    back = f"m.position < m.place_before AND m.position <= {flow.back_to}"
    ordered = "PARTITION BY m.id ORDER BY m.at, m.told ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    backs = f"count(*) FILTER (WHERE {back}) OVER (\n    {ordered}\n  )"
    run = "t.id" if history else "t.id, t.returns"  # whoever returns without a step back begins anew
    kept = "" if history else " s.returns,"
    ctes = f"named AS (\n{named((flow,))}\n),\n" if history else ""
    told = f"{columns}\n  UNION ALL\n{history}" if history else columns
    return f"""-- Grain: one row per {flow.subject} and stay in a stage of the lifecycle.
WITH {ctes}told AS (
{told}
),
seen AS (
  SELECT t.*, lag(t.position) OVER (PARTITION BY {run} ORDER BY t.at, t.told) AS seen_before
  FROM told AS t
),
changed AS (
  SELECT s.id, s.stage, s.position, s.at, s.day, s.told, s.entered_by, s.known_at, s.is_dated,{kept}
    CASE WHEN s.seen_before IS NULL THEN s.was_position ELSE s.seen_before END AS place_before
  FROM seen AS s
  WHERE CASE WHEN s.seen_before IS NULL THEN s.was_position ELSE s.seen_before END IS DISTINCT FROM s.position
{_begins(flow.subject) if history else ""}),
moved AS (
  SELECT k.*
  FROM changed AS k
  CROSS JOIN build.clock AS c
  WHERE k.day <= c.as_of_day
)
SELECT
  m.id,
  m.stage,
  m.position,
  m.at AS entered_at,
  m.day AS entered_on,
  m.entered_by,
  m.known_at,
  m.is_dated,
  row_number() OVER stays AS sequence,
  lead(m.at) OVER stays AS left_at,
  lead(m.day) OVER stays AS left_on,
  lead(m.stage) OVER stays AS next_stage,
  {f"1 + {backs}" if history else "CAST(1 + m.returns AS BIGINT)"} AS cycle,
  CASE WHEN m.position > m.place_before THEN m.position - m.place_before - 1 ELSE 0 END AS skipped,
  coalesce(m.position < m.place_before, false) AS is_regression
FROM moved AS m
WINDOW stays AS (PARTITION BY m.id ORDER BY m.at, m.told)"""


def _begins(subject: str) -> str:
    """The stay before the first known move: it holds from creation on, where that is known."""
    return (
        "  UNION ALL\n"
        "  SELECT s.id, s.was AS stage, s.was_position AS position,\n"
        "    CASE WHEN o.created_at < s.at THEN o.created_at ELSE s.at END AS at,\n"
        "    CASE WHEN o.created_at < s.at THEN o.created_on ELSE s.day END AS day,\n"
        "    '' AS told, NULL AS entered_by, s.known_at, coalesce(o.created_at <= s.at, false) AS is_dated,\n"
        "    NULL AS place_before\n"
        f"  FROM seen AS s\n  JOIN record.{subject} AS o ON o.id = s.id\n"
        "  WHERE s.seen_before IS NULL AND s.was IS NOT NULL\n"
    )


def pipeline_stays(flows: Sequence[Flow]) -> tuple[Query, ...]:
    """Deals' stays in the pipeline they are in now: a stage of another one is read as the stage that stands for it."""
    cases = " ".join(f"WHEN o.pipeline = {text(f.name)} THEN {text(f.name)}" for f in flows)
    by_kind = " ".join(
        f"WHEN o.kind IN ({', '.join(map(text, f.kinds))}) THEN {text(f.name)}" for f in flows if f.kinds
    )
    flow = text(flows[0].name) if len(flows) == 1 else f"CASE {cases} {by_kind} ELSE {text(flows[0].name)} END"
    told = (
        "told AS (\n  SELECT d.opportunity_id AS id, coalesce(n.stage, d.stage) AS stage, n.position, n.step,\n"
        "    CASE WHEN n.outcome IS NOT NULL THEN n.outcome WHEN p.is_won THEN 'won' WHEN p.is_lost THEN 'lost'"
        " ELSE 'open' END AS outcome,\n"
        "    d.entered_at AS at, d.entered_on AS day, d.sequence AS place, d.entered_by, d.known_at,"
        " d.is_dated\n"
        "  FROM build.deal_stay AS d\n"
        "  JOIN build.deal_flow AS f ON f.id = d.opportunity_id\n"
        "  LEFT JOIN named AS n ON n.flow = f.flow AND n.told = d.stage\n"
        "  LEFT JOIN build.pipeline_stage AS p ON p.stage = d.stage\n)"
    )
    return (
        Query("build.deal_flow", f"SELECT o.id, {flow} AS flow FROM record.opportunity AS o"),
        Query(
            PIPELINE_STAY,
            f"-- Grain: one row per deal and stay.\nWITH named AS (\n{named(flows)}\n),\n{told},\n{_WALKED}",
        ),
    )


# Two stages of another pipeline may be one in this: a deal that moved between those has stayed here.
_WALKED = """seen AS (
  SELECT
    t.*,
    lag(t.stage) OVER w AS before,
    lag(t.step) OVER w AS step_before,
    lag(t.outcome) OVER w AS outcome_before
  FROM told AS t
  WINDOW w AS (PARTITION BY t.id ORDER BY t.place)
)
SELECT
  m.id,
  m.stage,
  m.position,
  m.step,
  m.outcome,
  m.at AS entered_at,
  m.day AS entered_on,
  m.entered_by,
  m.known_at,
  m.is_dated,
  row_number() OVER stays AS sequence,
  lead(m.at) OVER stays AS left_at,
  lead(m.day) OVER stays AS left_on,
  lead(m.stage) OVER stays AS next_stage,
  1 + count(*) FILTER (WHERE m.outcome_before <> 'open' AND m.outcome = 'open') OVER (
    PARTITION BY m.id ORDER BY m.place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS cycle,
  CASE WHEN m.outcome <> 'lost' AND m.outcome_before = 'open' AND m.step > m.step_before
    THEN m.step - m.step_before - 1 ELSE 0 END AS skipped,
  coalesce(m.outcome_before = 'open' AND m.step < m.step_before, false) AS is_regression,
  coalesce(m.outcome_before <> 'open' AND m.outcome = 'open', false) AS is_reopened
FROM seen AS m
WHERE m.before IS DISTINCT FROM m.stage
WINDOW stays AS (PARTITION BY m.id ORDER BY m.place)"""


def owner_spans() -> Query:
    """Who owned whom from when to when, of those whose owner ever changed."""
    return Query(
        OWNER_SPAN,
        """-- Grain: one row per subject and stretch of time under one owner, for subjects whose owner changed.
WITH changes AS (
  SELECT
    c.entity,
    c.entity_id,
    c.old,
    c.new,
    c.at AS starts_at,
    lead(c.at) OVER w AS ends_at,
    row_number() OVER w AS place
  FROM record.change AS c
  WHERE c.entity IN ('person', 'opportunity', 'account') AND c.field = 'owner_id'
  WINDOW w AS (PARTITION BY c.entity, c.entity_id ORDER BY c.at, c.id)
)
SELECT entity, entity_id, starts_at, ends_at, new AS owner_id FROM changes
UNION ALL
SELECT entity, entity_id, CAST(NULL AS TIMESTAMPTZ) AS starts_at, starts_at AS ends_at, old AS owner_id
FROM changes WHERE place = 1""",
    )


# How the one that follows in the lifecycle is found: the person's deals, the deal's account, the person's account.
_LINKS = MappingProxyType(
    {
        ("person", "opportunity"): "JOIN record.buying_role AS r ON r.person_id = l.id AND r.deleted_at IS NULL\n"
        "JOIN record.opportunity AS o ON o.id = r.opportunity_id\n"
        "JOIN {stays} AS f ON f.id = o.id AND (f.entered_at >= b.at OR (coalesce(f.left_at >= l.entered_at, true)\n"
        "  AND coalesce(o.deleted_at >= l.entered_at, true)\n"
        "  AND coalesce(o.closed_at >= CASE WHEN o.is_won THEN b.at ELSE l.entered_at END, true)))",
        ("opportunity", "account"): "JOIN record.opportunity AS r ON r.id = l.id AND r.is_won\n"
        "JOIN build.clock AS c ON r.closed_on <= c.as_of_day\n"
        "JOIN {stays} AS f ON f.id = r.account_id\n"
        "LEFT JOIN build.customer_stay AS k ON k.account_id = f.id AND k.cycle = f.cycle AND k.ends_on <= r.closed_on",
        ("person", "account"): "JOIN record.person AS r ON r.id = l.id\n"
        "JOIN {stays} AS f ON f.id = r.account_id AND f.entered_at >= b.at",
    }
)


def follows(subject: str, follower: str) -> Query:
    """Where the one that follows `subject` in the lifecycle went on to a later stage: the end of its last stay.

    A person goes on with the deals opened since they came in, and with those from before that were open when they came
    to their last stage or were won since they came in. A deal goes on with its company once it is won: what the company
    bought by another deal moves none of the others, and nor does a stay as a customer that was over by then.
    """
    is_over = " AND k.cycle IS NULL" if subject == "opportunity" else ""
    stays = STAYS[subject]
    is_won = ", r.closed_{0}" if subject == "opportunity" else ""
    at, day = (f"greatest(f.entered_{x}, l.entered_{x}{is_won.format(x)})" for x in ("at", "on"))
    return Query(
        f"build.{subject}_follow",
        f"""-- Grain: one row per {subject} whose {follower} went on in the lifecycle.
SELECT
  l.id,
  f.stage,
  {at} AS at,
  {day} AS day
FROM {stays} AS l
JOIN (SELECT id, cycle, min(entered_at) AS at FROM {stays} GROUP BY id, cycle) AS b ON b.id = l.id AND b.cycle = l.cycle
{_LINKS[subject, follower].format(stays=STAYS[follower])}
WHERE l.left_at IS NULL AND f.position > l.position AND f.is_dated{is_over}
QUALIFY row_number() OVER (PARTITION BY l.id ORDER BY f.entered_at, f.position, f.id) = 1""",
    )


def follower(flow: Flow, flows: Sequence[Flow]) -> str | None:
    """The subject that comes after this one in the lifecycle, if any."""
    later = [f.subject for f in flows if f.spots[-1].position > flow.spots[-1].position]
    return next((name for name in later if (flow.subject, name) in _LINKS), None)


def stay_entry(flows: Sequence[Flow], *, pipelines: bool = True) -> Query:
    """mart.stage_entry: the lifecycle's stays of every subject, and deals' stays in their `pipelines`."""
    parts = [_pipeline_part()] if pipelines else []
    parts += [_lifecycle_part(flow, follower(flow, flows) is not None, pipelines) for flow in flows]
    rows = "\n  UNION ALL\n".join(parts)
    return Query(
        "mart.stage_entry",
        f"""-- Grain: one row per subject and stay in a stage; a deal's in its pipeline come first.
WITH stays AS (
{rows}
)
SELECT
  s.subject,
  s.subject_id,
  s.person_id,
  s.opportunity_id,
  s.account_id,
  s.flow,
  s.cycle,
  s.sequence,
  s.stage,
  s.position,
  s.entered_at,
  s.left_at,
  s.next_stage,
  CASE
    WHEN NOT s.is_dated THEN NULL
    WHEN s.left_at IS NOT NULL THEN date_diff('day', s.entered_on, s.left_on)
    WHEN s.may_stay THEN date_diff('day', s.entered_on, c.as_of_day)
  END AS days,
  s.entered_by,
  CASE WHEN o.entity IS NULL THEN s.owner_now ELSE o.owner_id END AS owner_id,
  s.source,
  s.known_at,
  s.is_dated,
  s.skipped,
  s.is_regression,
  s.is_reopened,
  s.is_created_late,
  s.is_created_closed
FROM stays AS s
CROSS JOIN build.clock AS c
LEFT JOIN {OWNER_SPAN} AS o
  ON o.entity = s.subject AND o.entity_id = s.subject_id
  AND (o.starts_at IS NULL OR o.starts_at <= s.entered_at) AND (o.ends_at IS NULL OR o.ends_at > s.entered_at)""",
    )


_SAME = "s.stage, s.position, s.entered_at, s.entered_on"
_TOLD = "s.entered_by, s.known_at, s.is_dated, s.skipped, s.is_regression"


def _pipeline_part() -> str:
    """Deals in their pipelines. Whether one was created late can only be told where its source keeps a history."""
    is_first = "s.sequence = 1 AND coalesce(s.entered_on <= o.created_on, false)"
    gone = f"s.left_at IS NULL AND s.outcome = 'open' AND o.deleted_at < {AFTER}"
    return f"""  SELECT 'opportunity' AS subject, s.id AS subject_id, CAST(NULL AS VARCHAR) AS person_id,
    s.id AS opportunity_id, o.account_id, f.flow, s.cycle, s.sequence, {_SAME},
    s.outcome = 'open' AS may_stay, s.is_reopened,
    {_left(gone)},
    s.next_stage, {_TOLD}, o.owner_id AS owner_now, o.source,
    coalesce(s.outcome = 'open' AND s.step > 1 AND s.is_dated AND {is_first} AND h.source_system IS NOT NULL, false)
      AS is_created_late,
    s.outcome <> 'open' AND {is_first} AS is_created_closed
  FROM {PIPELINE_STAY} AS s
  JOIN build.deal_flow AS f ON f.id = s.id
  JOIN record.opportunity AS o ON o.id = s.id
  CROSS JOIN build.clock AS c
  LEFT JOIN (
    SELECT DISTINCT source_system FROM record.change
    WHERE entity = 'opportunity' AND field = 'stage' AND NOT starts_with(id, '~')
  ) AS h ON h.source_system = o.source_system"""


def _left(gone: str, at: str = "s.left_at", day: str = "s.left_on") -> str:
    """When a stay ended: by what is said (a move, the next subject's, a loss), or with the record itself."""
    never_before = "CASE WHEN o.deleted_at > s.entered_at THEN o.deleted_at ELSE s.entered_at END"
    return (
        f"CASE WHEN {gone} THEN {never_before} ELSE {at} END AS left_at,\n"
        f"    CASE WHEN {gone} THEN CAST(timezone(c.timezone, {never_before}) AS DATE) ELSE {day} END AS left_on"
    )


def _lifecycle_part(flow: Flow, has_follower: bool, has_pipelines: bool) -> str:
    """One subject's stays in the lifecycle."""
    subject = flow.subject
    ids = {
        "person": ("s.id", "CAST(NULL AS VARCHAR)", "o.account_id"),
        "opportunity": ("CAST(NULL AS VARCHAR)", "s.id", "o.account_id"),
        "account": ("CAST(NULL AS VARCHAR)", "CAST(NULL AS VARCHAR)", "s.id"),
    }[subject]
    person, deal, account = ids
    more = ""
    is_after = subject == "opportunity" and has_pipelines
    if is_after:
        more = f"\n  LEFT JOIN (SELECT id, count(*) AS stays FROM {PIPELINE_STAY} GROUP BY id) AS k ON k.id = s.id"
    ends = [("follow", "n")] if has_follower else []
    ends += [("lost", "x")] if subject in LOSING else []
    more += "".join(
        f"\n  LEFT JOIN build.{subject}_{how} AS {one} ON {one}.id = s.id AND s.left_at IS NULL" for how, one in ends
    )
    at, day = (f"coalesce(s.left_{x}, {', '.join(f'{one}.{y}' for _, one in ends) or 'NULL'})"
               for x, y in (("at", "at"), ("on", "day")))  # fmt: skip
    gone = f"{at} IS NULL AND o.deleted_at < {AFTER}"
    source = "CAST(NULL AS VARCHAR)" if subject == "account" else "o.source"
    sequence = "s.sequence + coalesce(k.stays, 0)" if is_after else "s.sequence"
    late = f"s.sequence = 1 AND s.position > {flow.spots[0].position} AND coalesce(s.entered_on <= o.created_on, false)"
    return f"""  SELECT '{subject}' AS subject, s.id AS subject_id, {person} AS person_id, {deal} AS opportunity_id,
    {account} AS account_id, {text(flow.name)} AS flow, s.cycle, {sequence} AS sequence, {_SAME},
    true AS may_stay, false AS is_reopened,
    {_left(gone, at, day)},
    {"coalesce(s.next_stage, n.stage)" if has_follower else "s.next_stage"} AS next_stage, {_TOLD},
    o.owner_id AS owner_now, {source} AS source, {late} AS is_created_late, false AS is_created_closed
  FROM {STAYS[subject]} AS s
  JOIN record.{subject} AS o ON o.id = s.id
  CROSS JOIN build.clock AS c{more}"""
