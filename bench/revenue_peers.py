"""The same movements, rates and triangle by the usual pandas, and by dbt-duckdb with each step as a model.

Both run in an environment of their own, make the same two tables with the same columns, and are held to our answers, to
the cent. pandas (`revenue_pandas`) is what an analyst writes who knows these lines: it reads the same Parquet file,
counts in whole cents, groups and merges without a loop or `apply`, and has one row for every customer and month; it
need not honour what no line of the bench has. dbt runs the hand's SQL, a model a step and each a table; its time is
that of `dbt run`.
"""

import json
import subprocess
import tempfile
import textwrap
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

from bench import revenue_by_hand as hand
from bench.figure import Figure, rows, seconds
from bench.peers import python_with
from bench.revenue import AS_OF, CUSTOMERS, Rows, ours, prepared
from fairlead.record.engine import Connection

PEER = ("dbt-core==1.10.13", "dbt-duckdb==1.9.6", "pandas==3.1.1", "pyarrow")
# Rows and totals of both tables: money in cents, and how many losses have a reason.
TOTALS = """SELECT
  (SELECT count(*) FROM mart.mrr_movement), (SELECT CAST(sum(mrr_after) * 100 AS BIGINT) FROM mart.mrr_movement),
  (SELECT CAST(sum(abs(amount)) * 100 AS BIGINT) FROM mart.mrr_movement),
  (SELECT count(reason) FROM mart.mrr_movement), (SELECT count(*) FROM mart.account_month),
  (SELECT CAST(sum(closing_mrr) * 100 AS BIGINT) FROM mart.account_month),
  (SELECT CAST(sum(churned_mrr) * 100 AS BIGINT) FROM mart.account_month)"""
READ_CODE = f"""
import duckdb, json, sys
with duckdb.connect(sys.argv[1], read_only=True) as c:
    rates = c.execute("SELECT strftime(month, '%Y-%m'), CAST(base * 100 AS BIGINT), CAST(grown * 100 AS BIGINT),"
        " CAST(kept * 100 AS BIGINT) FROM rates ORDER BY 1").fetchall()
    cell = c.execute("SELECT strftime(cohort, '%Y-%m'), strftime(month, '%Y-%m'), CAST(money * 100 AS BIGINT)"
        " FROM triangle ORDER BY 1, 2").fetchall()
    totals = c.execute({TOTALS.replace("mart.mrr_movement", "movement").replace("mart.account_month", "month")!r})
    totals = [int(value) for value in totals.fetchone()]
print(json.dumps([0, rates, cell, totals]))
"""
NAMES = {name: "{{ ref('" + name + "') }}" for name in hand.STEPS}
RATE = "SELECT CAST(NULL AS VARCHAR) AS currency, CAST(NULL AS DATE) AS starts_on, NULL AS deleted_at WHERE false"
MODELS: Mapping[str, str] = {
    name: sql.format(**hand.words("{{ ref('line') }}", AS_OF, NAMES)).replace("record.rate", "{{ ref('rate') }}")
    for name, sql in {**hand.STEPS, **hand.ANSWERS}.items()
}
SCRIPT = Path(__file__).with_name("revenue_pandas.py")
PROJECT = """\
name: movements
version: "1.0"
profile: movements
models: {movements: {+materialized: table}}
flags: {send_anonymous_usage_stats: false}
"""


def _told(answer: tuple[Rows, Rows]) -> list[list[list[object]]]:
    """Rates and triangle as the peers tell them: months as 2025-01, money in cents."""

    def plain(value: object) -> object:
        return int(value * 100) if isinstance(value, Decimal | int) else f"{value:%Y-%m}"

    return [sorted([plain(value) for value in row] for row in part) for part in answer]


def _held(said: str, made: "Run", who: str) -> float:
    """The seconds a peer says it took; raises where its answers or the totals of its tables are not ours."""
    taken, rates, cells, totals = json.loads(said.splitlines()[-1])
    if [sorted(rates), sorted(cells)] != made.answer:
        raise AssertionError(f"NRR, GRR or the cohorts differ from those of {who}")
    if totals != made.totals:
        raise AssertionError(f"the tables differ from those of {who}: {totals} and {made.totals}")
    return float(taken)


class Run:
    """The lines of the bench in a folder, and how long ours takes on them."""

    def __init__(self) -> None:
        self.kept = tempfile.TemporaryDirectory()
        self.folder = Path(self.kept.name)
        self.connection: Connection = prepared(self.folder, rows(CUSTOMERS))
        self.answer = _told(ours(self.connection))
        (totals,) = self.connection.execute(TOTALS).fetchall()
        self.totals = [int(value) for value in totals]
        self.taken = min(seconds(lambda: ours(self.connection)) for _ in range(3))


@cache
def run() -> Run:
    return Run()


def _figure(who: str, target: float, measure: Callable[[Path, "Run"], float]) -> Figure:
    says = f"the same by {who}: times faster with {rows(CUSTOMERS):,} customers"
    python = python_with(*PEER)
    if python is None:
        return Figure(says, 0, "x", target, at_least=True, detail="not measured: could not install the peers")
    theirs = measure(python, run())
    mine = run().taken
    detail = f"{mine:.1f} s and {theirs:.1f} s, the same cents"
    return Figure(says, theirs / mine, "x", target, at_least=True, detail=detail)


def against_pandas() -> Figure:
    return _figure("the usual pandas", 8, _with_pandas)


def against_dbt() -> Figure:
    return _figure("dbt-duckdb", 12, _with_dbt)


def _with_pandas(python: Path, made: Run) -> float:
    told = subprocess.run(
        [python, SCRIPT, made.folder / "contract_line.parquet"], check=True, capture_output=True, text=True
    )
    return _held(told.stdout, made, "pandas")


def _with_dbt(python: Path, made: Run) -> float:
    project = made.folder / "dbt"
    (project / "models").mkdir(parents=True, exist_ok=True)
    database = project / "movements.duckdb"
    (project / "dbt_project.yml").write_text(PROJECT)
    profile = f"movements: {{target: dev, outputs: {{dev: {{type: duckdb, path: {database}, threads: 2}}}}}}\n"
    (project / "profiles.yml").write_text(profile)
    source = f"SELECT * FROM read_parquet('{made.folder / 'contract_line.parquet'}')"
    (project / "models" / "line.sql").write_text("{{ config(materialized='view') }}\n" + source)
    (project / "models" / "rate.sql").write_text(RATE)
    for name, sql in MODELS.items():
        (project / "models" / f"{name}.sql").write_text(textwrap.dedent(sql))
    command = [
        str(python.with_name("dbt")),
        "run",
        "--quiet",
        "--project-dir",
        str(project),
        "--profiles-dir",
        str(project),
    ]
    taken = seconds(lambda: subprocess.run(command, check=True, capture_output=True, cwd=project))
    told = subprocess.run([python, "-c", READ_CODE, database], check=True, capture_output=True, text=True)
    _held(told.stdout, made, "dbt")
    return taken
