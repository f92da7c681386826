"""mart.stage_entry: everybody's stays in the stages of the lifecycle, and deals' stays in the stages of their pipeline.

    record.change of 'stage' ──┐
    time columns of the facts ─┼─> build.SUBJECT_move ──> build.SUBJECT_stay ──┐
    returns ───────────────────┘                                               ├─> mart.stage_entry
    build.deal_stay ──────────────────────────────────> build.pipeline_stay ───┘

A person whose stage has a history in a source is where that history says. Of everybody else the time columns that the
model names (`enters`) tell when a stage was reached: in the order of time, and only forward. A return starts the next
cycle: a person's to nurture (`recycled_at`), and a customer's after it had left (build.customer_stay). Nobody reaches a
stage before the subject's first one. Times that a return has overwritten are in the change log.
Where `enter_when` reads what that very moment decides (won or lost), it says which stage the moment speaks of; other
criteria are the gate's. A stage with `enter_when` alone holds from the day the build is of, and is not dated.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from fairlead.analysis.customer_stay import RENEWAL, SINCE, customer_stays, renewed, returned, while_paid
from fairlead.analysis.dimension import TRUE_SINCE, Columns, View
from fairlead.analysis.losing import lost
from fairlead.analysis.scan import text
from fairlead.analysis.stays import (
    STAYS,
    Flow,
    Spot,
    follower,
    follows,
    moved,
    owner_spans,
    pipeline_stays,
    stay_entry,
)
from fairlead.model.agreed import Subject
from fairlead.model.lifecycle import Outcome, Pipeline, Stage
from fairlead.model.predicate import columns_of, parse
from fairlead.model.tables import CANONICAL_BY_NAME, TABLES, Kind, Table, day_name
from fairlead.model.whole import Model
from fairlead.values import Query

LIFECYCLE = "lifecycle"
UNNAMED = "deals"  # the flow of deals when the model has no pipeline
CLOSED = "closed_at"  # when a deal was won or lost
RETURNED = "recycled_at"  # when sales returned a person to nurture
AS_OF = "timezone(c.timezone, CAST(c.as_of_day + INTERVAL 1 DAY AS TIMESTAMP))"
NO_DAY = date(1970, 1, 1)  # predicates in a build read the day from its clock
TODAY = "timezone(c.timezone, CAST(c.as_of_day AS TIMESTAMP))"


def stage_entries(model: Model) -> tuple[Query, ...]:
    """The SQL of mart.stage_entry and of the steps to it, as this model has its stages."""
    flows = _flows(model)
    pipelines = pipeline_stays(pipelines_of(model))
    return (*_lifecycle_steps(model, flows), *pipelines, owner_spans(), stay_entry(flows))


def _flows(model: Model) -> tuple[Flow, ...]:
    """The lifecycle by subject, of those that have stages in it."""
    return tuple(flow for subject in Subject if (flow := lifecycle_of(model, subject)).spots)


def _lifecycle_steps(model: Model, flows: Sequence[Flow]) -> list[Query]:
    """The steps to everybody's stays in the lifecycle, and to where the next subject took over."""
    steps = [customer_stays(model.revenue.switches), *(step for flow in flows for step in _steps(model, flow))]
    steps += [step for flow in flows if (step := lost(flow, _closings(model)))]
    return steps + [follows(flow.subject, later) for flow in flows if (later := follower(flow, flows))]


def _closings(model: Model) -> list[str]:
    """The stages of deals that closing one leads to: by their time column, or by what they ask for."""
    table = TABLES[Subject.OPPORTUNITY.facts]
    return [
        stage.name
        for stage in model.stages
        if stage.subject is Subject.OPPORTUNITY and (stage.enters == CLOSED or _reads_closing(table, stage))
    ]


def _reads_closing(table: Table, stage: Stage) -> bool:
    predicate, _ = parse(stage.enter_when or "true", columns_of(table))
    return bool(predicate and any(c == CLOSED or TRUE_SINCE.get(c) == CLOSED for c in predicate.columns))


def lifecycle_stays(model: Model, as_of: date, timezone: str) -> tuple[Query, ...]:
    """The lifecycle's rows of mart.stage_entry as a build with this model has them, from the tables of any build.

    The steps to them, in order, and last the rows: each reads the ones before it as tables by their names. `as_of` is
    the build's last company day. A deal's sequence begins at 1: its stays in a pipeline are not among these.
    """
    flows = _flows(model)
    clock = Query("build.clock", f"SELECT DATE '{as_of}' AS as_of_day, {text(timezone)} AS timezone")
    steps = [clock, *_lifecycle_steps(model, flows), owner_spans()]
    days = ", ".join(f"CAST(timezone({text(timezone)}, e.{m}_at) AS DATE) AS {m}_on" for m in ("entered", "left"))
    rows = Query("stays", f"SELECT e.*, {days} FROM (\n{stay_entry(flows, pipelines=False).sql}\n) AS e")
    names = [step.name for step in steps]
    return tuple(Query(_here(one.name, names), _here(one.sql, names)) for one in (*steps, rows))


def _here(sql: str, steps: Sequence[str]) -> str:
    """The SQL with the steps of a build as tables that are given with it."""
    for name in steps:
        sql = sql.replace(name, name.replace(".", "_"))
    return sql


def pipelines_of(model: Model) -> tuple[Flow, ...]:
    """The pipelines as flows; one without stages when the model has none."""
    return tuple(map(pipeline_flow, model.lifecycle.pipelines.values())) or (Flow(UNNAMED, "opportunity", ()),)


def lifecycle_of(model: Model, subject: Subject) -> Flow:
    """The part of the lifecycle that a subject goes through; its stages keep their places in the whole."""
    places = {name: place for place, name in enumerate(model.lifecycle.stages, 1)}
    own = [stage for stage in model.stages if stage.subject is subject]
    spots = tuple(Spot(s.name, places[s.name], places[s.name], Outcome.OPEN, (s.name, *s.stands_for)) for s in own)
    back_to = {Subject.PERSON: _back_to, Subject.OPPORTUNITY: _nowhere, Subject.ACCOUNT: _paying}[subject]
    return Flow(LIFECYCLE, str(subject), spots, back_to(model, spots))


def _back_to(model: Model, spots: Sequence[Spot]) -> int:
    """The place somebody who is returned comes back to: a move back to it, or before it, starts the next cycle."""
    for handoff in model.handoffs.handoffs.values():
        if handoff.subject is Subject.PERSON and handoff.recycling and handoff.recycling.to_stage:
            stage = model.stage(handoff.recycling.to_stage)
            if found := [s.position for s in spots if stage and s.stage == stage.name]:
                return found[0]
    return min((s.position for s in spots), default=0)


def _nowhere(model: Model, spots: Sequence[Spot]) -> int:
    """Deals begin anew in their pipeline only."""
    return 0


def _paying(model: Model, spots: Sequence[Spot]) -> int:
    """The place a customer comes back to: the stage that being a customer begins with, or else the first."""
    dated = [s.position for s in spots if model.lifecycle.stages[s.stage].enters == SINCE]
    return min(dated or [s.position for s in spots], default=0)


def pipeline_flow(pipeline: Pipeline) -> Flow:
    """A pipeline's stages in order; `step` leaves out the lost ones, so that losing skips nothing."""
    spots: list[Spot] = []
    step = 0
    for position, stage in enumerate(pipeline.stages.values(), 1):
        step += stage.outcome is not Outcome.LOST
        told = (stage.name, *stage.stands_for)
        spots.append(Spot(stage.name, position, None if stage.outcome is Outcome.LOST else step, stage.outcome, told))
    return Flow(pipeline.name, "opportunity", tuple(spots), kinds=pipeline.kinds)


def _steps(model: Model, flow: Flow) -> Iterator[Query]:
    """The steps of one subject's lifecycle."""
    table = TABLES[Subject(flow.subject).facts]
    own = [model.lifecycle.stages[s.stage] for s in flow.spots]
    told = [_reached(table, flow, stage) for stage in own if stage.enters]
    told += [seen for stage in own if not stage.enters and (seen := _seen_today(table, flow, stage))]
    is_person = flow.subject == "person"
    if is_person:
        told += _returned(model, flow)
        told += [_overwritten(flow, own)]
    if flow.subject == "account":
        told += [renewed(s.name, _place(flow, s)) for s in own if s.enters == RENEWAL]
        told += [returned(s.name, _place(flow, s)) for s in own if _place(flow, s) == flow.back_to]
    nobody = "SELECT CAST(NULL AS VARCHAR) AS id, " + ", ".join(f"CAST(NULL AS {kind}) AS {n}" for n, kind in _TOLD)
    rows = "\n  UNION ALL\n".join(told or [f"  {nobody} WHERE false"])
    yield Query(f"build.{flow.subject}_reached", _forward(rows, flow))
    history = _history(flow) if is_person else None
    stays = moved(flow, _columns_moved(flow, has_history=is_person), history)
    if flow.subject == "account":
        yield Query("build.account_moved", stays)
        stays = while_paid("build.account_moved")
    yield Query(STAYS[flow.subject], stays)


_TOLD = (
    ("stage", "VARCHAR"), ("position", "BIGINT"), ("at", "TIMESTAMPTZ"), ("day", "DATE"), ("entered_by", "VARCHAR"),
    ("known_at", "TIMESTAMPTZ"), ("is_dated", "BOOLEAN"), ("is_return", "BIGINT"), ("told_at", "TIMESTAMPTZ"),
)  # fmt: skip


def _place(flow: Flow, stage: Stage) -> int:
    return next(s.position for s in flow.spots if s.stage == stage.name)


def _moment(table: Table, name: str) -> tuple[str, str]:
    """SQL of a time column of the facts as an instant and as a company day, which lineage has no column for."""
    column = table.column(name)
    if column is not None and column.kind is Kind.DATE:
        return f"timezone(c.timezone, CAST(s.{name} AS TIMESTAMP))", f"s.{name}"
    has_day = table.column(day_name(name)) is not None
    return f"s.{name}", f"s.{day_name(name)}" if has_day else f"CAST(timezone(c.timezone, s.{name}) AS DATE)"


def _reached(table: Table, flow: Flow, stage: Stage) -> str:
    """When a stage's time column says that it was reached; not before the subject's first stage."""
    at, day = _moment(table, stage.enters or "")
    columns = Columns(View(table, NO_DAY, "UTC", past=False))
    decided = _decided(table, stage)
    condition = f" AND coalesce({_render(table, decided, columns)}, false)" if decided else ""
    return (
        f"  SELECT s.id, {text(stage.name)} AS stage, {_place(flow, stage)} AS position, {at} AS at, {day} AS day,"
        " NULL AS entered_by, v.seen_at AS known_at, true AS is_dated, 0 AS is_return,"
        " CAST(NULL AS TIMESTAMPTZ) AS told_at\n"
        f"  FROM mart.{table.name} AS s JOIN record.{flow.subject} AS v ON v.id = s.id\n"
        f"  CROSS JOIN build.clock AS c {columns.joins}\n"
        f"  WHERE s.{stage.enters} IS NOT NULL{condition}"
    )


def _decided(table: Table, stage: Stage) -> str | None:
    """The entry criterion, where it reads what the time column itself decides: `closed_at` and `is_won`."""
    predicate, _ = parse(stage.enter_when or "true", columns_of(table))
    return stage.enter_when if predicate and any(TRUE_SINCE.get(c) == stage.enters for c in predicate.columns) else None


def _seen_today(table: Table, flow: Flow, stage: Stage) -> str | None:
    """Who meets a criterion that no time column dates, on the day the build is of."""
    columns = Columns(View(table, NO_DAY, "UTC", past=False))
    condition = _render(table, stage.enter_when or "false", columns)
    return (
        f"  SELECT s.id, {text(stage.name)} AS stage, {_place(flow, stage)} AS position, {TODAY} AS at,"
        " c.as_of_day AS day, NULL AS entered_by, v.seen_at AS known_at, false AS is_dated, 0 AS is_return,"
        " CAST(NULL AS TIMESTAMPTZ) AS told_at\n"
        f"  FROM mart.{table.name} AS s JOIN record.{flow.subject} AS v ON v.id = s.id\n"
        f"  CROSS JOIN build.clock AS c {columns.joins}\n"
        f"  WHERE coalesce({condition}, false) AND s.deleted_at IS NULL"
    )


def _render(table: Table, condition: str, columns: Columns) -> str:
    predicate, _ = parse(condition, columns_of(table))
    return predicate.render(lambda name: AS_OF if name == "as_of" else columns.sql(name)) if predicate else "false"


def _returned(model: Model, flow: Flow) -> list[str]:
    """Returns to nurture: each starts the next cycle in the stage that recycling leads back to."""
    back = next((s for s in flow.spots if s.position == flow.back_to), None)
    if back is None or not any(h.recycling for h in model.handoffs.handoffs.values()):
        return []
    return [
        f"  SELECT s.id, {text(back.stage)} AS stage, {back.position} AS position, s.{RETURNED} AS at,"
        f" s.{day_name(RETURNED)} AS day, NULL AS entered_by, v.seen_at AS known_at, true AS is_dated, 1 AS is_return,"
        " CAST(NULL AS TIMESTAMPTZ) AS told_at\n"
        f"  FROM mart.facts_person AS s JOIN record.person AS v ON v.id = s.id\n  WHERE s.{RETURNED} IS NOT NULL"
    ]


def _overwritten(flow: Flow, stages: Sequence[Stage]) -> str:
    """Times that stood in those columns before: what a later cycle has overwritten."""
    canonical = CANONICAL_BY_NAME[flow.subject]
    fields = [(s.enters, s.name, _place(flow, s), 0) for s in stages if s.enters and canonical.column(s.enters)]
    back = next((s for s in flow.spots if s.position == flow.back_to), flow.spots[0])
    fields.append((RETURNED, back.stage, back.position, 1))
    rows = ", ".join(f"({text(f or '')}, {text(stage)}, {place}, {back})" for f, stage, place, back in fields)
    at = "TRY_CAST(h.old AS TIMESTAMPTZ)"
    return (
        f"  SELECT h.entity_id AS id, f.stage, f.position, {at} AS at, CAST(timezone(c.timezone, {at}) AS DATE) AS day,"
        " h.changed_by AS entered_by, h.seen_at AS known_at, true AS is_dated, f.is_return, h.at AS told_at\n"
        "  FROM record.change AS h\n"
        f"  JOIN (VALUES {rows}) AS f (field, stage, position, is_return) ON f.field = h.field\n"
        "  CROSS JOIN build.clock AS c\n"
        f"  WHERE h.entity = {text(flow.subject)} AND {at} IS NOT NULL"
    )


def _forward(told: str, flow: Flow) -> str:
    """Of what was told, what counts: by cycle the last word on each stage, and only the way forward.

    A time that was overwritten counts where a return lies after it; otherwise it was corrected. What is of the same
    instant as a return comes before it; a customer returns with the day, before all that happens on it.
    """
    first, since = flow.spots[0].position, "-k.is_return" if flow.subject == "account" else "k.is_return"
    return f"""-- Grain: one row per subject, cycle and stage reached, in the order of time and only forward.
WITH told AS (
{told}
),
begun AS (
  SELECT t.id, min(t.at) AS at, min(t.day) AS day
  FROM told AS t
  WHERE t.position = {first} AND t.is_return = 0
  GROUP BY t.id
),
clamped AS (
  SELECT
    t.id, t.stage, t.position, t.entered_by, t.known_at, t.is_dated, t.is_return, t.told_at,
    CASE WHEN b.at > t.at THEN b.at ELSE t.at END AS at,
    CASE WHEN b.at > t.at THEN b.day ELSE t.day END AS day
  FROM told AS t
  CROSS JOIN build.clock AS c
  LEFT JOIN begun AS b ON b.id = t.id
  WHERE t.day <= c.as_of_day
),
counted AS (
  SELECT
    k.*,
    sum(k.is_return) OVER (
      PARTITION BY k.id ORDER BY k.at, {since}, k.position ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS returns,
    sum(k.is_return) OVER (PARTITION BY k.id) AS all_returns
  FROM clamped AS k
),
latest AS (
  SELECT
    n.*,
    row_number() OVER (
      PARTITION BY n.id, n.returns, n.stage, n.is_return
      ORDER BY CASE WHEN n.told_at IS NULL THEN 0 ELSE 1 END, n.told_at DESC, n.at
    ) AS place
  FROM counted AS n
  WHERE n.told_at IS NULL OR n.is_return = 1 OR n.returns < n.all_returns
),
run AS (
  SELECT
    l.*,
    max(l.position) OVER (
      PARTITION BY l.id, l.returns ORDER BY l.at, CASE WHEN l.is_return = 1 THEN 0 ELSE 1 END, l.position
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS furthest
  FROM latest AS l
  WHERE l.place = 1
)
SELECT r.id, r.stage, r.position, r.at, r.day, r.entered_by, r.known_at, r.is_dated, r.is_return, r.returns
FROM run AS r
WHERE r.furthest IS NULL OR r.position > r.furthest"""


def _columns_moved(flow: Flow, *, has_history: bool) -> str:
    """Moves that time columns tell, of those whose stage has no history of its own."""
    without = (
        "\n  LEFT JOIN (SELECT DISTINCT entity_id FROM record.change WHERE entity = 'person' AND field = 'stage') AS h"
        " ON h.entity_id = r.id\n  WHERE h.entity_id IS NULL"
    )
    return (
        "  SELECT r.id, r.stage, r.position, r.at, r.day,"
        " lpad(CAST(r.returns AS VARCHAR), 4, '0') || lpad(CAST(r.position AS VARCHAR), 4, '0') AS told,"
        " r.entered_by, r.known_at, r.is_dated, CAST(NULL AS VARCHAR) AS was, CAST(NULL AS BIGINT) AS was_position"
        f"{'' if has_history else ', r.returns'}\n"
        f"  FROM build.{flow.subject}_reached AS r{without if has_history else ''}"
    )


def _history(flow: Flow) -> str:
    """Moves that a history of the stage tells; names of the other presets are read as the stages they stand for."""
    return (
        "  SELECT h.entity_id AS id, n.stage, n.position, h.at, h.day,"
        " CASE WHEN h.old IS NULL THEN '~' || lpad(CAST(n.position AS VARCHAR), 4, '0') || h.id ELSE h.id END AS told,"
        " h.changed_by AS entered_by, h.seen_at AS known_at, true AS is_dated, w.stage AS was,"
        " w.position AS was_position\n"
        "  FROM record.change AS h\n"
        "  JOIN named AS n ON n.told = h.new\n"
        "  LEFT JOIN named AS w ON w.told = h.old\n"
        f"  WHERE h.entity = {text(flow.subject)} AND h.field = 'stage'"
    )
