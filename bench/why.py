"""Why a number moved, against the same numbers fetched by hand-written SQL."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from bench.asking import opened, raw
from bench.figure import Figure, rows, side_by_side
from fairlead.actions.why import Why, why
from fairlead.workspace import Workspace

NOW = datetime(2026, 1, 1, tzinfo=UTC)
METRIC, BEFORE, AFTER = "win_rate", "2024-06", "2025-03"

# What somebody who knows the tables would write for the two months by segment; the arithmetic is still to be done.
BY_HAND = """
SELECT strftime(deal.closed_on, '%Y-%m') AS period, account.segment,
  count(*) FILTER (deal.is_won) AS won, count(*) FILTER (deal.is_closed) AS closed
FROM mart.facts_opportunity AS deal LEFT JOIN record.account AS account ON account.id = deal.account_id
WHERE deal.closed_on BETWEEN DATE '2024-06-01' AND DATE '2024-06-30'
   OR deal.closed_on BETWEEN DATE '2025-03-01' AND DATE '2025-03-31'
GROUP BY ALL
"""


def told(space: Workspace) -> Why:
    """The move of the win rate between two months that lie apart, with its segments."""
    return why(space, METRIC, start=BEFORE, end=AFTER, by=["segment"], now=NOW)


def by_hand(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], float]:
    """Win rates by period and segment."""
    found = connection.execute(BY_HAND).fetchall()
    return {(period, segment): won / closed for period, segment, won, closed in found}


def differences(found: Why, rates: dict[tuple[str, str], float]) -> list[str]:
    """Where the segments' rates differ from those by hand, to the sixth digit."""
    (cut,) = found.cuts
    ours = {(BEFORE, str(s.value)): s.before for s in cut.slices} | {(AFTER, str(s.value)): s.after for s in cut.slices}
    return [
        f"{key}: {ours.get(key)} is not {rate}"
        for key, rate in rates.items()
        if abs(float(ours[key] or 0) - rate) > 1e-6
    ]


def seconds() -> Figure:
    """How long `why` with a dimension takes over five million deals; the same numbers by hand beside it."""
    count = rows(5_000_000)
    with tempfile.TemporaryDirectory() as name:
        space = opened(Path(name), count)
        connection = raw(Path(name))
        if faults := differences(told(space), by_hand(connection)):
            raise AssertionError(f"rates differ from those by hand: {faults[:3]}")
        ours, theirs = side_by_side(lambda: told(space), lambda: by_hand(connection))
    says = f"why the win rate moved between two months, by segment, {count:,} deals"
    return Figure(says, ours, "s", 2.0, detail=f"{ours / theirs:.1f} x the time of its numbers by hand, {theirs:.2f} s")
