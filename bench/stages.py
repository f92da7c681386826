"""Stages at size: a million leads with six moves each, against SQL written by hand and against pm4py.

Both make the same table (every stay: when it began and ended, its cycle, what it skipped, whether it went back, whose
it was) and ask it the same: the graph of moves with exact medians, and how many were where at the end of 104 weeks.
pm4py runs in an environment of its own on the part it can do: the moves' counts, which it calls the
directly-follows graph.
"""

import json
import resource
import subprocess
import sys
import tempfile
from datetime import date
from importlib.resources import files
from pathlib import Path

from bench.figure import Figure, rows, seconds, side_by_side
from bench.peers import python_with
from fairlead.analysis import lingering
from fairlead.analysis.funnel import Ask, Step
from fairlead.analysis.stages import stage_entries
from fairlead.model.handoffs import Handoffs
from fairlead.model.lifecycle import Again, Lifecycle, Skipped
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.record.engine import Connection, connect
from fairlead.record.models import in_order
from fairlead.values import Period

STAGES = ("inquiry", "engaged", "mql", "accepted", "qualified", "proposal", "customer", "renewal")
MOVES = 6
LEADS = 1_000_000
AS_OF = date(2026, 1, 1)
PEER = ("pm4py==2.7.23.11", "pyarrow")
MODEL = Model(
    lifecycle=Lifecycle.model_validate({"stages": {s: {"subject": "person", "enters": "created_at"} for s in STAGES[:1]}
        | {s: {"subject": "person"} for s in STAGES[1:]}}),
    handoffs=Handoffs.model_validate(
        {"handoffs": {"mql": {"from": "marketing", "to": "sales", "recycling": {"to_stage": "engaged"}}}}
    ),
)  # fmt: skip
READ = ("opportunity", "account", "buying_role", "mrr_span", "facts_person", "facts_opportunity", "facts_account")

# One lead: a stage to begin with, then six moves, mostly a step forward, at times two of them, or back.
DRAWN = """
WITH drawn AS (
  SELECT lead, step, hash(lead * 31 + step) % 1000 AS dice
  FROM range({leads}) AS l (lead), range(1, {moves} + 1) AS s (step)
),
placed AS (
  SELECT lead, step, sum(CASE WHEN dice < 700 THEN 1 WHEN dice < 800 THEN 2 WHEN dice < 900 THEN -1 ELSE -2 END)
    OVER (PARTITION BY lead ORDER BY step) AS sum_of, dice FROM drawn
),
moves AS (
  SELECT lead, step, dice, CAST(1 + ((sum_of % {stages}) + {stages}) % {stages} AS BIGINT) AS place FROM placed
)
SELECT 'c' || lead || '-' || step AS id, 'person' AS entity, 'p' || lead AS entity_id, 'stage' AS field,
  ({names})[coalesce(lag(place) OVER w, 1)] AS old, ({names})[place] AS new,
  t.at, CAST(timezone('UTC', t.at) AS DATE) AS day, 'm' || lead % 40 AS changed_by, t.at AS seen_at,
  'crm' AS source_system
FROM moves CROSS JOIN LATERAL (
  SELECT TIMESTAMPTZ '2024-01-02 00:00:00+00' + to_seconds(lead % 30000000 + step * 7000000 + dice * 6000) AS at
) AS t
WINDOW w AS (PARTITION BY lead ORDER BY step)
"""

# What somebody who knows these tables and this lifecycle would write for the same table.
BY_HAND = """
WITH named AS (SELECT unnest({names}) AS stage, generate_subscripts({names}, 1) AS position),
moves AS (
  SELECT c.entity_id, c.id, n.stage, n.position, c.at, c.day, c.changed_by, c.seen_at, w.stage AS old,
    w.position AS old_position,
    lag(n.stage) OVER o AS before, lag(n.position) OVER o AS position_before
  FROM record.change AS c JOIN named AS n ON n.stage = c.new LEFT JOIN named AS w ON w.stage = c.old
  WHERE c.entity = 'person' AND c.field = 'stage' AND c.day <= DATE '{as_of}'
  WINDOW o AS (PARTITION BY c.entity_id ORDER BY c.at, c.id)
),
entries AS (
  SELECT m.entity_id, m.id, m.stage, m.position, m.at, m.day, m.changed_by, m.seen_at,
    coalesce(m.position_before, m.old_position) AS position_before, true AS is_dated
  FROM moves AS m WHERE coalesce(before, old) IS DISTINCT FROM stage
  UNION ALL
  SELECT m.entity_id, '', m.old, m.old_position, least(p.created_at, m.at), least(p.created_on, m.day), NULL, m.seen_at,
    NULL, p.created_at <= m.at
  FROM moves AS m JOIN record.person AS p ON p.id = m.entity_id WHERE m.before IS NULL AND m.old IS NOT NULL
)
SELECT 'person' AS subject, e.entity_id AS subject_id, p.account_id, e.stage, e.position, e.at AS entered_at,
  e.day AS entered_on, e.changed_by AS entered_by, p.owner_id, p.source, e.seen_at AS known_at, e.is_dated,
  row_number() OVER o AS sequence, lead(e.at) OVER o AS left_at, lead(e.day) OVER o AS left_on,
  lead(e.stage) OVER o AS next_stage,
  date_diff('day', e.day, coalesce(lead(e.day) OVER o, DATE '{as_of}')) AS days,
  1 + count(*) FILTER (e.position < e.position_before AND e.position <= 2) OVER o AS cycle,
  greatest(e.position - e.position_before - 1, 0) AS skipped, e.position < e.position_before AS is_regression
FROM entries AS e JOIN record.person AS p ON p.id = e.entity_id
WINDOW o AS (PARTITION BY e.entity_id ORDER BY e.at, e.id)
"""
GRAPH_BY_HAND = """
SELECT stage, next_stage, count(*) AS moves, count(DISTINCT subject_id) AS subjects,
  median(epoch(left_at) - epoch(entered_at)) AS median
FROM by_hand WHERE left_on >= DATE '2024-01-01' AND left_on < DATE '2026-01-02' GROUP BY ALL ORDER BY ALL
"""
WEEKS_BY_HAND = """
WITH days AS (
  SELECT stage, entered_on AS day, count(*) AS change FROM by_hand GROUP BY ALL
  UNION ALL SELECT stage, left_on, -count(*) FROM by_hand WHERE left_on IS NOT NULL GROUP BY ALL
)
SELECT CAST(w.week_ends AS DATE) AS week_ends, s.stage, coalesce(sum(change), 0) AS standing
FROM (
  SELECT least(unnest(range(DATE '2024-01-14', DATE '2026-01-05', INTERVAL 7 DAY)), DATE '{as_of}') AS week_ends
) AS w
CROSS JOIN (SELECT unnest({names}) AS stage) AS s LEFT JOIN days AS d ON d.stage = s.stage AND d.day <= w.week_ends
GROUP BY ALL ORDER BY ALL
"""
PM4PY_CODE = """
import json, sys, time, pandas, pm4py
began = time.perf_counter()
log = pandas.read_parquet(sys.argv[1])
log = pm4py.format_dataframe(log, case_id="entity_id", activity_key="stage", timestamp_key="at")
loaded = time.perf_counter()
graph, _, _ = pm4py.discover_dfg(log)
done = time.perf_counter()
print(json.dumps([done - began, done - loaded, [[a, b, n] for (a, b), n in graph.items()]]))
"""
NAMES = "[" + ", ".join(f"'{s}'" for s in STAGES) + "]"
ASK = Ask(
    "lifecycle", tuple(Step(s, "person", n) for n, s in enumerate(STAGES, 1)), None,
    (Period("all", date(2024, 1, 1), date(2026, 1, 2)),), True, Skipped.PASSED, Again.CONTINUES, AS_OF, "UTC",
)  # fmt: skip


def prepared(folder: Path, leads: int) -> Connection:
    """The tables that the SQL reads, as Parquet like a build's."""
    connection = connect(threads=2)
    for schema in ("record", "mart", "build"):
        connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute(f"CREATE TABLE build.clock AS SELECT DATE '{AS_OF}' AS as_of_day, 'UTC' AS timezone")
    connection.execute(
        "CREATE TABLE build.pipeline_stage (stage VARCHAR, position INT, is_won BOOLEAN, is_lost BOOLEAN)"
    )
    for name in READ:
        table = TABLES[name]
        columns = ", ".join(f'"{c.name}" {c.kind.sql}' for c in table.all_columns)
        connection.execute(f"CREATE TABLE {table.schema}.{name} ({columns})")
    people = (
        "SELECT 'p' || lead AS id, 'a' || lead % 90000 AS account_id, 'm' || lead % 40 AS owner_id, 'web' AS source,"
        " TIMESTAMPTZ '2024-01-02 00:00:00+00' + to_seconds(lead % 30000000) AS created_at,"
        " CAST(timezone('UTC', created_at) AS DATE) AS created_on, created_at AS seen_at,"
        f" CAST(NULL AS TIMESTAMPTZ) AS deleted_at FROM range({leads}) AS l (lead)"
    )
    change = DRAWN.format(leads=leads, moves=MOVES, stages=len(STAGES), names=NAMES)
    for name, sql in {"person": people, "change": change}.items():
        file = folder / f"{name}.parquet"
        connection.execute(f"COPY ({sql}) TO '{file}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)")
        connection.execute(f"CREATE VIEW record.{name} AS FROM '{file}'")
    own = files("fairlead.record").joinpath("sql", "build", "deal_stay.sql").read_text()
    connection.execute(f"CREATE TABLE build.deal_stay AS {own}")
    return connection


def ours(connection: Connection) -> tuple[list[tuple[object, ...]], ...]:
    """mart.stage_entry as a build makes it, then the graph and the weeks."""
    day = "CAST(timezone('UTC', s.{0}_at) AS DATE) AS {0}_on"  # a build adds the day of every timestamp
    days = ", ".join(day.format(name) for name in ("entered", "left"))
    for name, sql in in_order({q.name: q.sql for q in stage_entries(MODEL)}).items():
        whole = f"SELECT s.*, {days} FROM ({sql}) AS s" if name == "mart.stage_entry" else sql
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS {whole}")
    return asked(connection, lingering.moves(ASK).sql, lingering.standing(ASK).sql)


def by_hand(connection: Connection) -> tuple[list[tuple[object, ...]], ...]:
    words = {"names": NAMES, "as_of": AS_OF}
    connection.execute(f"CREATE OR REPLACE TABLE by_hand AS {BY_HAND.format(**words)}")
    return asked(connection, GRAPH_BY_HAND.format(**words), WEEKS_BY_HAND.format(**words))


def asked(connection: Connection, *queries: str) -> tuple[list[tuple[object, ...]], ...]:
    return tuple([row[:5] for row in connection.execute(sql).fetchall()] for sql in queries)


def against_hand() -> Figure:
    """Our SQL and the hand's on the same rows, the same answers; the detail says how much memory this process held."""
    leads = rows(LEADS)
    with tempfile.TemporaryDirectory() as name:
        connection = prepared(Path(name), leads)
        if ours(connection) != by_hand(connection):
            raise AssertionError("the graph or the weeks differ from those by hand")
        mine, theirs = side_by_side(lambda: ours(connection), lambda: by_hand(connection), times=3)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    says = f"stays, graph with exact medians and 104 weeks of {leads:,} leads with {MOVES} moves, over SQL by hand"
    return Figure(says, mine / theirs, "x", 1.3, detail=f"{mine:.1f} s and {theirs:.1f} s; {held:,.0f} MB held at most")


def against_pm4py() -> Figure:
    """Counts of moves, both from the bare log in one Parquet file; they are equal.

    The detail has pm4py's time without its reading and sorting, and ours from the stays that a build leaves.
    """
    leads = rows(LEADS)
    says = f"counts of the moves of {leads:,} leads, times faster than pm4py"
    python = python_with(*PEER)
    if python is None:
        return Figure(says, 0, "x", 20, at_least=True, detail=f"not measured: could not install {PEER[0]}")
    with tempfile.TemporaryDirectory() as name:
        log, stays = (Path(name) / f"{one}.parquet" for one in ("log", "stays"))
        connection = prepared(Path(name), leads)
        ours(connection)
        connection.execute(
            "COPY (SELECT subject_id AS entity_id, stage, entered_at AS at, sequence FROM mart.stage_entry"
            f" ORDER BY subject_id, sequence) TO '{log}' (FORMAT parquet)"
        )
        connection.execute(f"COPY mart.stage_entry TO '{stays}' (FORMAT parquet)")
        counted = f"SELECT stage, next_stage, count(*) FROM '{stays}' WHERE next_stage IS NOT NULL GROUP BY ALL"
        bare = (
            "SELECT stage, next_stage, count(*) FROM (SELECT stage, lead(stage) OVER (PARTITION BY entity_id"
            f" ORDER BY e.at) AS next_stage FROM '{log}' AS e) WHERE next_stage IS NOT NULL GROUP BY ALL"
        )
        kept, mine = (min(seconds(connection.sql(sql).fetchall) for _ in range(3)) for sql in (counted, bare))
        found = {(a, b): n for a, b, n in connection.execute(counted).fetchall()}
        told = subprocess.run([python, "-c", PM4PY_CODE, log], check=True, capture_output=True, text=True).stdout
    theirs, alone, graph = json.loads(told.splitlines()[-1])
    if found != {(a, b): n for a, b, n in graph}:
        raise AssertionError("the moves' counts differ from pm4py's")
    detail = f"{mine:.2f} s and {theirs:.1f} s ({alone:.1f} s in memory), the same counts; {kept:.2f} s from the stays"
    return Figure(says, theirs / mine, "x", 20, at_least=True, detail=detail)
