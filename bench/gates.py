"""Gates at size: a million deals with six stays each, against SQL written by hand for these gates alone.

Both tell of every stay whether what its stage asks for was there when it was left: three fields as the change log has
them, a condition on meetings, the grade of evidence, and waivers. Their answers are held to be the same,
column by column.
"""

import resource
import sys
import tempfile
from pathlib import Path

from bench.figure import Figure, rows, side_by_side
from bench.stages import AS_OF
from fairlead.analysis.gate import gate_entries
from fairlead.model.lifecycle import Lifecycle
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.record.engine import Connection, connect

DEALS = 1_000_000
STAYS = 6
STAGES = ("discovery", "qualification", "evaluation", "proposal", "negotiation", "review")
ASKS = {"exit_when": "meetings >= 1 and amount > 0", "required": ["amount", "close_date", "next_step"], "evidence": 2}
MODEL = Model(
    lifecycle=Lifecycle.model_validate({"pipelines": {"sales": {"stages": {
        **dict.fromkeys(STAGES, ASKS),
        "closed_won": {"enter_when": "is_won", "outcome": "won"},
        "closed_lost": {"enter_when": "is_closed", "outcome": "lost"},
    }}}})
)  # fmt: skip
READ = ("opportunity", "stage_entry", "change", "activity", "waiver", "member")
DAY = 86_400
START = "TIMESTAMPTZ '2025-01-01 00:00:00+00'"

# A deal stays 20 days in each stage; some of its fields are filled or emptied on the way, some people act.
STAYED = """
SELECT 'opportunity' AS subject, 'd' || d AS subject_id, 'd' || d AS opportunity_id, 'a' || d % 90000 AS account_id,
  'm' || d % 40 AS owner_id, 'sales' AS flow, 1 AS cycle, n AS sequence, stages[n] AS stage,
  {start} + to_seconds(d % 5000000 + (n - 1) * 20 * {day}) AS entered_at,
  CASE WHEN n < {stays} OR d % 3 > 0 THEN {start} + to_seconds(d % 5000000 + n * 20 * {day}) END AS left_at,
  CASE WHEN n < {stays} THEN stages[n + 1] WHEN d % 3 = 1 THEN 'closed_won' WHEN d % 3 = 2 THEN 'closed_lost' END
    AS next_stage, true AS is_dated
FROM range({deals}) AS deals (d), range(1, {stays} + 1) AS steps (n), (SELECT {stages} AS stages) AS named
"""
DEAL = """
SELECT 'd' || d AS id, 'a' || d % 90000 AS account_id, 'm' || d % 40 AS owner_id, 'crm' AS source_system,
  CASE WHEN d % 11 > 0 THEN CAST(d % 9000 AS DECIMAL(18, 2)) END AS amount,
  CASE WHEN d % 7 > 0 THEN DATE '2025-06-01' + CAST(d % 200 AS INTEGER) END AS close_date,
  CASE WHEN d % 5 > 0 THEN 'call' END AS next_step, {start} AS created_at, false AS is_won, false AS is_closed
FROM range({deals}) AS deals (d)
"""
CHANGED = """
SELECT 'c' || d || '-' || n AS id, 'opportunity' AS entity, 'd' || d AS entity_id, 'crm' AS source_system,
  ['amount', 'close_date', 'next_step'][1 + (d + n) % 3] AS field,
  CASE WHEN n = 1 THEN NULL ELSE ['500', '2025-05-01', 'mail'][1 + (d + n) % 3] END AS old,
  ['700', '2025-07-01', 'call'][1 + (d + n) % 3] AS new,
  {start} + to_seconds(d % 5000000 + n * 37 * {day}) AS at
FROM range({deals}) AS deals (d), range(1, 4) AS steps (n)
"""
ACTED = """
SELECT 'x' || d || '-' || n AS id, 'd' || d AS opportunity_id, ['call', 'email', 'meeting'][1 + (d + n) % 3] AS kind,
  CASE WHEN (d + n) % 4 = 0 THEN 'inbound' ELSE 'outbound' END AS direction, d % 9 = n AS automated,
  {start} + to_seconds(d % 5000000 + n * 31 * {day}) AS at
FROM range({deals}) AS deals (d), range(0, 4) AS steps (n) WHERE (d * 7 + n) % 3 > 0
"""
WAIVED = """
SELECT 'w' || d AS id, 'opportunity' AS subject, 'd' || d AS subject_id, stages[1 + d % {stays}] AS stage,
  CASE WHEN d % 2 = 0 THEN 'next_step' END AS what, 'because' AS waiver_reason, 'm' || d % 40 AS waived_by_id,
  {start} + to_seconds(d % 5000000) AS at, DATE '2026-06-01' AS expires_on
FROM range(0, {deals}, 50) AS deals (d), (SELECT {stages} AS stages) AS named
"""
MEMBER = "SELECT 'm' || n AS id, 'Member ' || n AS name FROM range(40) AS people (n)"
DRAWN = {"stage_entry": STAYED, "opportunity": DEAL, "change": CHANGED, "activity": ACTED, "waiver": WAIVED,
         "member": MEMBER}  # fmt: skip

# What somebody who knows these gates would write: each field as of the instant, and what people did by then.
BY_HAND = """
WITH stay AS (
  SELECT e.*, coalesce(e.left_at, TIMESTAMPTZ '{as_of} 23:59:59+00') AS then_at FROM mart.stage_entry AS e
),
changes AS (
  SELECT * FROM record.change WHERE entity = 'opportunity' AND field IN ('amount', 'close_date', 'next_step')
),
told AS (
  SELECT s.subject_id, s.sequence, {then}
  FROM stay AS s
  JOIN (
    SELECT entity_id, field, new AS value, c.at AS from_at, lead(c.at) OVER w AS to_at FROM changes AS c
    WINDOW w AS (PARTITION BY entity_id, field ORDER BY c.at, id)
    UNION ALL
    SELECT entity_id, field, arg_min(old, (c.at, id)), NULL, min(c.at) FROM changes AS c GROUP BY entity_id, field
  ) AS v ON v.entity_id = s.subject_id AND coalesce(v.from_at <= s.then_at, true)
    AND coalesce(s.then_at < v.to_at, true)
  GROUP BY s.subject_id, s.sequence
),
done AS (
  SELECT s.subject_id, s.sequence, count(*) FILTER (a.kind = 'meeting') AS meetings,
    max(timezone('UTC', a.at)::DATE) FILTER (a.at >= s.entered_at) AS acted_on,
    max(timezone('UTC', a.at)::DATE) FILTER (a.at >= s.entered_at AND (a.direction = 'inbound' OR a.kind = 'meeting'))
      AS met_on
  FROM stay AS s JOIN record.activity AS a ON a.opportunity_id = s.subject_id AND a.at <= s.then_at
  WHERE a.deleted_at IS NULL AND NOT coalesce(a.automated, false) GROUP BY s.subject_id, s.sequence
),
asked AS (
  SELECT s.*, {fields}, {today}, coalesce(d.meetings, 0) AS meetings, {grades}
  FROM stay AS s JOIN record.opportunity AS o ON o.id = s.subject_id
  LEFT JOIN told AS t ON t.subject_id = s.subject_id AND t.sequence = s.sequence
  LEFT JOIN done AS d ON d.subject_id = s.subject_id AND d.sequence = s.sequence
  CROSS JOIN (SELECT {since} FROM changes AS c) AS c
),
judged AS (
  SELECT a.*, a.amount IS NULL OR grade_amount < 2 AS no_amount,
    a.close_date IS NULL OR grade_close_date < 2 AS no_date,
    coalesce(trim(a.next_step), '') = '' OR grade_next_step < 2 AS no_step,
    coalesce(meetings >= 1 AND amount > 0, false) AS exit_met,
    coalesce(next_stage IN {forward} AND left_at IS NOT NULL, false) AS is_passed
  FROM asked AS a
),
leaves AS (
  SELECT subject_id, stage, bool_or(what IS NULL) AS everything, bool_or(what = 'next_step') AS step,
    min(v.at) AS given_at, max(m.name) AS waived_by, max(waiver_reason) AS waiver_reason
  FROM record.waiver AS v LEFT JOIN record.member AS m ON m.id = v.waived_by_id
  WHERE subject = 'opportunity' AND v.deleted_at IS NULL AND withdrawn_at IS NULL GROUP BY subject_id, stage
),
told_of AS (
  SELECT j.*, no_amount OR no_date OR no_step OR NOT exit_met AS lacks, w.waived_by, w.waiver_reason,
    coalesce(w.everything OR (w.step AND NOT no_amount AND NOT no_date AND exit_met), false) AS covered,
    no_amount::INT + no_date::INT + no_step::INT AS lacking
  FROM judged AS j
  LEFT JOIN leaves AS w ON w.subject_id = j.subject_id AND w.stage = j.stage AND w.given_at <= j.then_at
)
SELECT subject, subject_id, sequence, flow, stage, next_stage, cycle, person_id, opportunity_id, account_id, owner_id,
  entered_at, then_at AS "at", left_at IS NULL AS is_open, 3 AS required_count, 3 - lacking AS filled_count,
  nullif(concat_ws(', ', CASE WHEN no_amount THEN 'amount' END, CASE WHEN no_date THEN 'close_date' END,
    CASE WHEN no_step THEN 'next_step' END), '') AS missing,
  (3 - lacking) / 3 AS completeness, exit_met AS is_exit_met,
  CASE WHEN amount IS NULL OR close_date IS NULL OR coalesce(trim(next_step), '') = '' THEN 0
    ELSE least(grade_amount, grade_close_date, grade_next_step) END AS grade,
  is_passed, is_passed AND NOT lacks AS is_clean, is_passed AND lacks AND NOT covered AS is_slipped,
  NOT is_passed AND (left_at IS NOT NULL OR (lacks AND NOT covered)) AS is_stopped, lacks AND covered AS is_waived,
  CASE WHEN lacks AND covered THEN waived_by END AS waived_by,
  CASE WHEN lacks AND covered THEN waiver_reason END AS waiver_reason,
  is_passed AND row_number() OVER (PARTITION BY subject_id, stage, is_passed ORDER BY sequence DESC) = 1
    AS is_last_pass,
  nullif(concat_ws(', ', CASE WHEN today_amount THEN 'amount' END, CASE WHEN today_close_date THEN 'close_date' END,
    CASE WHEN today_next_step THEN 'next_step' END), '') AS from_today
FROM told_of
"""
KINDS = {"amount": "DECIMAL(18, 2)", "close_date": "DATE", "next_step": "VARCHAR"}
WORDS = {
    "as_of": AS_OF,
    "then": ", ".join(
        f"max(CASE WHEN field = '{f}' THEN coalesce(value, '') END) AS {f},"
        f" coalesce(max(CASE WHEN field = '{f}' THEN timezone('UTC', from_at)::DATE END), DATE '1970-01-01') AS on_{f}"
        for f in KINDS
    ),
    "grades": ", ".join(
        f"CASE WHEN met_on >= coalesce(on_{f}, met_on) THEN 3 WHEN acted_on >= coalesce(on_{f}, acted_on) THEN 2"
        f" ELSE 1 END AS grade_{f}"
        for f in KINDS
    ),
    "fields": ", ".join(
        f"CASE WHEN t.{f} IS NULL THEN o.{f} ELSE TRY_CAST(nullif(t.{f}, '') AS {kind}) END AS {f}"
        for f, kind in KINDS.items()
    ),
    "today": ", ".join(
        f"s.left_at IS NOT NULL AND t.{f} IS NULL AND coalesce(s.then_at < c.{f}, true) AS today_{f}" for f in KINDS
    ),
    "since": ", ".join(f"min(CASE WHEN c.field = '{f}' THEN c.at END) AS {f}" for f in KINDS),
    "forward": (*STAGES[1:], "closed_won"),
}


def prepared(folder: Path, deals: int) -> Connection:
    """The tables that the SQL reads, as Parquet like a build's."""
    connection = connect(threads=2)
    for schema in ("record", "mart", "build"):
        connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute(f"CREATE TABLE build.clock AS SELECT DATE '{AS_OF}' AS as_of_day, 'UTC' AS timezone")
    said = {"deals": deals, "stays": STAYS, "start": START, "day": DAY, "stages": list(STAGES)}
    for name in READ:
        table, file = TABLES[name], folder / f"{name}.parquet"
        columns = ", ".join(f'"{c.name}" {c.kind.sql}' for c in table.all_columns)
        connection.execute(f"CREATE TABLE {table.schema}.drawn_{name} ({columns})")
        connection.execute(f"INSERT INTO {table.schema}.drawn_{name} BY NAME {DRAWN[name].format(**said)}")
        connection.execute(f"COPY {table.schema}.drawn_{name} TO '{file}' (FORMAT parquet, COMPRESSION zstd)")
        connection.execute(f"DROP TABLE {table.schema}.drawn_{name}")
        connection.execute(f"CREATE VIEW {table.schema}.{name} AS FROM '{file}'")
    return connection


def ours(connection: Connection) -> None:
    """mart.gate as a build makes it."""
    for query in gate_entries(MODEL):
        connection.execute(f"CREATE OR REPLACE TABLE {query.name} AS {query.sql}")


def by_hand(connection: Connection) -> None:
    connection.execute(f"CREATE OR REPLACE TABLE by_hand AS {BY_HAND.format(**WORDS)}")


def differences(connection: Connection) -> int:
    """How many stays the two tell otherwise of."""
    names = ", ".join(f'"{c.name}"' for c in TABLES["gate"].columns)
    apart = f"(SELECT {names} FROM mart.gate EXCEPT SELECT {names} FROM by_hand)"
    told = connection.execute(
        f"SELECT count(*), (SELECT count(*) FROM mart.gate), (SELECT count(*) FROM by_hand) FROM {apart} AS apart"
    ).fetchall()
    found, mine, theirs = told[0]
    return int(found) + abs(int(mine) - int(theirs))


def against_hand() -> Figure:
    """Our SQL and the hand's on the same rows, the same answers; the detail says how much memory this process held."""
    deals = rows(DEALS)
    with tempfile.TemporaryDirectory() as name:
        connection = prepared(Path(name), deals)
        ours(connection)
        by_hand(connection)
        if apart := differences(connection):
            raise AssertionError(f"{apart} stays are judged otherwise than by hand")
        mine, theirs = side_by_side(lambda: ours(connection), lambda: by_hand(connection), times=3)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    says = f"gates of {deals:,} deals with {STAYS} stays each, over SQL by hand"
    return Figure(says, mine / theirs, "x", 1.3, detail=f"{mine:.1f} s and {theirs:.1f} s; {held:,.0f} MB held at most")
