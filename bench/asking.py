"""Asking: many metrics in one scan, against the query somebody would write by hand, and against a query each."""

import math
import statistics
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from bench.company import write
from bench.dictionary import ACTIVITY_METRICS, DEAL_METRICS, write_model
from bench.figure import Figure, rows, seconds, side_by_side
from fairlead.actions.asking import Answer, ask
from fairlead.workspace import Workspace, open_workspace

FIRST, LAST = date(2023, 1, 1), date(2025, 12, 31)
Numbers = dict[tuple[str, str, str], float]

# What somebody who knows the tables would write: each column read once, each deal aggregated once.
BY_HAND = """
SELECT strftime(week, '%G-W%V') AS period, segment, won, lost, closed, bookings, lost_amount, new_bookings,
  expansion_bookings, renewal_bookings, largest_deal, days_to_win, days_to_lose,
  won / nullif(closed, 0) AS win_rate, bookings / nullif(won, 0) AS average_deal,
  marketing_bookings / nullif(bookings, 0) AS marketing_share, pushes / nullif(closed, 0) AS pushes_per_deal
FROM (
  SELECT date_trunc('week', deal.closed_on) AS week, account.segment,
    count(*) FILTER (deal.is_won) AS won,
    count(*) FILTER (deal.is_closed AND NOT deal.is_won) AS lost,
    count(*) FILTER (deal.is_closed) AS closed,
    sum(deal.amount_converted) FILTER (deal.is_won) AS bookings,
    sum(deal.amount_converted) FILTER (deal.is_closed AND NOT deal.is_won) AS lost_amount,
    sum(deal.amount_converted) FILTER (deal.is_won AND deal.kind = 'new') AS new_bookings,
    sum(deal.amount_converted) FILTER (deal.is_won AND deal.kind = 'expansion') AS expansion_bookings,
    sum(deal.amount_converted) FILTER (deal.is_won AND deal.kind = 'renewal') AS renewal_bookings,
    sum(deal.amount_converted) FILTER (deal.is_won AND deal.is_marketing_sourced) AS marketing_bookings,
    max(deal.amount_converted) FILTER (deal.is_won) AS largest_deal,
    avg(deal.days_to_close) FILTER (deal.is_won) AS days_to_win,
    avg(deal.days_to_close) FILTER (deal.is_closed AND NOT deal.is_won) AS days_to_lose,
    sum(deal.pushes) FILTER (deal.is_closed) AS pushes
  FROM mart.facts_opportunity AS deal LEFT JOIN record.account AS account ON account.id = deal.account_id
  WHERE deal.closed_on >= DATE '2023-01-01' AND deal.closed_on < DATE '2026-01-01'
  GROUP BY ALL
)
"""


def opened(folder: Path, opportunities: int, activity: int = 0) -> Workspace:
    """An opened workspace over a synthetic build."""
    write_model(folder)
    write(folder, opportunities=opportunities, activity=activity)
    return open_workspace(folder)


def answer(space: Workspace, metrics: tuple[str, ...], per: str) -> Answer:
    """The answer by segment, over all the time there is."""
    return ask(space, metrics, per=per, by=("account.segment",), start=FIRST, end=LAST)


def raw(folder: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB over the same files, with nothing of ours in between."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for file in sorted(folder.glob(".fairlead/builds/*/*/*.parquet")):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {file.parent.name}")
        connection.execute(f"CREATE VIEW {file.parent.name}.{file.stem} AS FROM '{file}'")
    return connection


def by_hand(connection: duckdb.DuckDBPyConnection) -> Numbers:
    """The numbers of `BY_HAND`, keyed by metric, period and segment; undefined ones left out."""
    cursor = connection.execute(BY_HAND)
    names = [column[0] for column in cursor.description or ()]
    return {
        (name if name in DEAL_METRICS else f"m_{name}", period, segment): float(value)
        for period, segment, *values in cursor.fetchall()
        for name, value in zip(names[2:], values, strict=True)
        if value is not None
    }


def asked(table: Any) -> Numbers:
    """The same from an answer."""
    found = table.to_pydict()
    keys = zip(found["metric"], found["period"], found["account.segment"], strict=True)
    return {key: float(v) for key, v in zip(keys, found["value"], strict=True) if v is not None}


def differences(ours: Numbers, theirs: Numbers) -> list[str]:
    """Where two sets of numbers differ. A count of nothing is 0 in an answer and no row by hand."""
    return [
        f"{key}: {ours.get(key)} is not {theirs.get(key)}"
        for key in sorted(ours.keys() | theirs.keys())
        if not math.isclose(ours.get(key, 0.0), theirs.get(key, 0.0), rel_tol=1e-9, abs_tol=1e-9)
    ]


def one_scan() -> Figure:
    """Fifteen metrics of deals by week and segment, against one scan written by hand that gives the same."""
    count = rows(5_000_000)
    with tempfile.TemporaryDirectory() as name:
        space = opened(Path(name), count)
        connection = raw(Path(name))
        faults = differences(asked(answer(space, DEAL_METRICS, "week").table), by_hand(connection))
        if faults:
            raise AssertionError(f"{len(faults)} numbers differ from the scan by hand, such as {faults[:3]}")
        ours, theirs = side_by_side(
            lambda: answer(space, DEAL_METRICS, "week"),
            lambda: connection.sql(BY_HAND).to_arrow_table(),
        )
    says = f"15 deal metrics by week and segment, {count:,} deals: against one scan by hand"
    return Figure(says, ours / theirs, "x", 1.3, detail=f"{ours:.2f} s against {theirs:.2f} s, the same numbers")


def together() -> Figure:
    """Twenty-five metrics of two tables asked at once, against a query each."""
    count = rows(2_000_000)
    metrics = (*DEAL_METRICS, *ACTIVITY_METRICS)
    with tempfile.TemporaryDirectory() as name:
        space = opened(Path(name), count, activity=count)
        ours, theirs = side_by_side(
            lambda: answer(space, metrics, "month"),
            lambda: [answer(space, (metric,), "month") for metric in metrics],
            times=3,
        )
    says = f"25 metrics of two tables of {count:,} rows asked together: times faster than a query each"
    return Figure(says, theirs / ours, "x", 3.0, at_least=True, detail=f"{ours:.2f} s against {theirs:.2f} s")


def overhead() -> Figure:
    """What `ask` costs before and after its query: over the same SQL given to DuckDB."""
    with tempfile.TemporaryDirectory() as name:
        space = opened(Path(name), 2_000)
        connection = raw(Path(name))
        sql = answer(space, ("win_rate",), "month").sql
        connection.sql(sql).to_arrow_table()
        taken = [
            (
                seconds(lambda: answer(space, ("win_rate",), "month")),
                seconds(lambda: connection.sql(sql).to_arrow_table()),
            )
            for _ in range(50)
        ]
    ours, theirs = (statistics.median(column) * 1000 for column in zip(*taken, strict=True))
    says = "fixed cost of one ask, over the same SQL in DuckDB"
    return Figure(says, ours - theirs, "ms", 15.0, detail=f"{ours:.1f} ms against {theirs:.1f} ms")
