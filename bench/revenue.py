"""Recurring revenue at size: 200,000 customers, 36 months of changed lines; against SQL written by hand.

Both make mart.mrr_movement and mart.account_month with the same rows and columns from the same lines, and then NRR and
GRR of every month and the cohorts' triangle; all of it is held to be equal. The lines have second products, swaps from
one product to another, lines in euro that follow each other at other rates, pauses that end, and customers who come
back; the hand's SQL (`revenue_by_hand`) would honour everything else a line may say as well, as ours does. On neither
side are what none of these needs: the published stretches, trailing years, first days, renewals, and the deal and
month a customer began with.
`revenue_peers` asks pandas and dbt the same.
"""

import resource
import sys
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from bench import revenue_by_hand as hand
from bench.figure import Figure, rows, side_by_side
from fairlead.analysis import beginning, cohort, revenue_report
from fairlead.analysis.cohort import CohortAsk
from fairlead.analysis.revenue_tables import revenue_of
from fairlead.model.revenue import Switches
from fairlead.model.tables import TABLES
from fairlead.record.engine import Connection, connect
from fairlead.record.models import calendar_sql
from fairlead.values import Grain, periods

CUSTOMERS = 200_000
FIRST, AS_OF = date(2023, 1, 1), date(2025, 12, 31)
MONTHS = periods(FIRST, AS_OF + timedelta(days=1), Grain.MONTH)
READ = ("invoice", "payment", "rate", "account")
# Made besides; neither the movements nor NRR, GRR and the cohorts read them.
NOT_ASKED = ("mart.mrr_span", "mart.renewal", "mart.account_year", "mart.customer_start")
Rows = list[tuple[object, ...]]

# A customer has one to eight lines after each other, mostly without a gap, on one of three products, one in ten with a
# second product beside them; one in five pays in euro, one in twenty pauses for two months.
LINES = """
WITH customer AS (
  SELECT c, hash(c) AS dice, 1 + hash(c * 3) % 8 AS turns, hash(c * 7) % 5 = 0 AS is_euro
  FROM range({customers}) AS r (c)
),
turn AS (
  SELECT c, n, is_euro, turns, dice, hash(c * 97 + n) AS luck, 60 + hash(c * 13 + n) % 300 AS days
  FROM customer CROSS JOIN range(8) AS t (n) WHERE n < turns
),
placed AS (
  SELECT *, CAST(coalesce(sum(days + CASE WHEN luck % 11 = 0 THEN 40 ELSE 0 END) OVER (
      PARTITION BY c ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS INTEGER) AS before
  FROM turn
),
main AS (
  SELECT c, n, is_euro, luck, days, n + 1 = turns AS is_last,
    DATE '2023-01-01' + CAST(dice % 700 AS INTEGER) + before AS starts_on,
    'p' || CASE WHEN luck % 9 = 0 THEN (c + n) % 3 ELSE c % 3 END AS product_id
  FROM placed
),
lines AS (
  SELECT c, n, is_euro, starts_on,
    CASE WHEN NOT is_last OR luck % 4 = 0 THEN starts_on + CAST(days AS INTEGER) END AS ends_on,
    product_id, 20 + (c % 40) * 10 + n * 5 - CASE WHEN luck % 8 = 0 THEN 12 ELSE 0 END AS price,
    CASE WHEN luck % 20 = 1 AND days > 150 THEN starts_on + 30 END AS paused_on
  FROM main WHERE starts_on <= DATE '2025-12-31'
  UNION ALL
  SELECT c, 10, is_euro, starts_on + 45, CASE WHEN c % 20 = 0 THEN starts_on + 55 END,
    'p' || (c + 1) % 3, 15 + c % 7, NULL
  FROM main WHERE n = 0 AND c % 10 = 0 AND starts_on + 45 <= DATE '2025-12-31'
)
SELECT 'crm:l' || c || '-' || n AS id, 'crm' AS source_system, 'l' || c || '-' || n AS source_id,
  'a' || c AS account_id,
  product_id, 's' || c AS subscription, starts_on, ends_on, 'month' AS billing_interval,
  1 AS billing_interval_count,
  CASE WHEN is_euro THEN 'EUR' ELSE 'USD' END AS currency, 'active' AS status, CAST(price AS DECIMAL(18, 2)) AS amount,
  paused_on, CASE WHEN paused_on IS NOT NULL THEN paused_on + 60 END AS resumes_on,
  CASE WHEN ends_on <= DATE '2025-12-31' AND c % 6 = 0 THEN 'price' END AS cancel_reason,
  CAST(price AS DECIMAL(18, 2)) AS mrr, CAST(price AS DECIMAL(18, 2)) AS list_mrr,
  CAST(round(price * CASE WHEN is_euro THEN 1 + (month(starts_on) % 5) / 20.0 ELSE 1 END, 2) AS DECIMAL(18, 2))
    AS mrr_converted,
  mrr_converted AS list_mrr_converted, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS seen_at,
  CAST(NULL AS TIMESTAMPTZ) AS deleted_at
FROM lines
"""

ASK = CohortAsk(MONTHS, Grain.MONTH, None, AS_OF)


def prepared(folder: Path, customers: int) -> Connection:
    """The tables that the SQL reads, the lines as Parquet like a build's."""
    connection = connect(threads=2)
    for schema in ("record", "mart", "build"):
        connection.execute(f"CREATE SCHEMA {schema}")
    clock = f"SELECT DATE '{AS_OF}' AS as_of_day, 'UTC' AS timezone, 'USD' AS currency, false AS is_past"
    for name, sql in (("build.clock", clock), ("build.calendar", calendar_sql(1)), ("mart.calendar", calendar_sql(1))):
        connection.execute(f"CREATE TABLE {name} AS {sql}")
    for name in READ:
        columns = ", ".join(f'"{c.name}" {c.kind.sql}' for c in TABLES[name].all_columns)
        connection.execute(f"CREATE TABLE record.{name} ({columns})")
    connection.execute(f"CREATE TEMP TABLE drawn AS {LINES.format(customers=customers)}")
    told = {row[0] for row in connection.execute("DESCRIBE drawn").fetchall()}
    shown = ", ".join(
        f'd."{c.name}"' if c.name in told else f'CAST(NULL AS {c.kind.sql}) AS "{c.name}"'
        for c in TABLES["contract_line"].all_columns
    )
    file = folder / "contract_line.parquet"
    connection.execute(f"COPY (SELECT {shown} FROM drawn AS d) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")
    connection.execute(f"DROP TABLE drawn; CREATE VIEW record.contract_line AS FROM '{file}'")
    return connection


def ours(connection: Connection) -> tuple[Rows, Rows]:
    """The tables of movements as a build makes them, without what follows; then the rates and the triangle."""
    for step in revenue_of(Switches()):
        if step.name not in NOT_ASKED:
            connection.execute(f"CREATE OR REPLACE TABLE {step.name} AS {step.sql}")
    asked = revenue_report.Asked(MONTHS, None, True, False)
    kept = connection.execute(f"SELECT place, base, grown, kept FROM ({revenue_report.retained(asked).sql})").fetchall()
    rates: Rows = []
    base = Decimal(0)
    for place, gained, grown, left in kept:
        rates.append((MONTHS[place].start, base, grown, left))
        base += gained
    told = connection.execute(f"SELECT cohort, place, money FROM ({cohort.cells(ASK).sql})").fetchall()
    return rates, [(MONTHS[a].start, MONTHS[b].start, money) for a, b, money in told]


def by_hand(connection: Connection) -> tuple[Rows, Rows]:
    """The same tables and the same answers, by the hand's SQL."""
    said = hand.words("record.contract_line", AS_OF, {name: f"by_hand_{name}" for name in hand.STEPS})
    for name, sql in hand.STEPS.items():
        connection.execute(f"CREATE OR REPLACE TABLE by_hand_{name} AS {sql.format(**said)}")
    rates, triangle = (connection.execute(sql.format(**said)).fetchall() for sql in hand.ANSWERS.values())
    return rates, triangle


def same(connection: Connection) -> None:
    """Raises where a row of ours is not among those by hand, or the other way round, or the answers differ."""
    if ours(connection) != by_hand(connection):
        raise AssertionError("NRR, GRR or the cohorts differ from those by hand")
    for mart, theirs in (("mrr_movement", "by_hand_movement"), ("account_month", "by_hand_month")):
        names = ", ".join(f'"{c.name}"' for c in TABLES[mart].columns if c.name not in beginning.ADDED)
        mine, other = (f"SELECT {names} FROM {table}" for table in (f"mart.{mart}", theirs))
        for a, b in ((mine, other), (other, mine)):
            lacking = connection.execute(f"SELECT count(*) FROM ({a} EXCEPT ALL {b})").fetchone()
            if lacking != (0,):
                raise AssertionError(f"{mart} differs from the one by hand: {lacking}")


def against_hand() -> Figure:
    """Our SQL and the hand's on the same lines, the same answers."""
    customers = rows(CUSTOMERS)
    with tempfile.TemporaryDirectory() as name:
        connection = prepared(Path(name), customers)
        same(connection)
        mine, theirs = side_by_side(lambda: ours(connection), lambda: by_hand(connection), times=3)
        (lines,) = connection.execute("SELECT count(*) FROM record.contract_line").fetchone() or (0,)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    says = f"movements, NRR, GRR and cohorts of {customers:,} customers and {lines:,} lines, over SQL by hand"
    return Figure(says, mine / theirs, "x", 1.3, detail=f"{mine:.1f} s and {theirs:.1f} s; {held:,.0f} MB held at most")
