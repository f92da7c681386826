"""NRR, GRR and customers lost by one rule: the dictionary's tables say what `fairlead revenue` says of any period."""

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fairlead.analysis import revenue_report as report
from fairlead.analysis.revenue_report import LENS, Asked
from fairlead.model.revenue import Switches
from fairlead.values import Grain, Period, add_months, periods
from tests.analysis.counted import Counted
from tests.analysis.test_movements_replay import RATE_DAYS, book_of, some_line

NONE = Decimal("0.00")
Rates = tuple[Decimal, Decimal, Decimal, int, int]  # base, grown, kept (as a change), customers, lost
FIRST, LAST = date(2025, 12, 1), date(2027, 7, 1)
MONTHS = periods(FIRST, LAST, Grain.MONTH)


def told(counted: Counted, switches: dict[str, Any], *of: Period) -> list[Rates]:
    """What `fairlead revenue` has of these periods."""
    asked = Asked(of, None, True, False).under(Switches.model_validate(switches))
    rows = {row["place"]: row for row in counted.asked(report.retained(asked, LENS))}
    base, customers = (rows[-1]["base"], int(rows[-1]["customers"])) if -1 in rows else (NONE, 0)
    found = []
    for place in range(len(of)):
        row = rows.get(place, {"base": NONE, "customers": 0, "grown": NONE, "kept": NONE, "lost": 0, "idle": 0})
        found.append((base, row["grown"], row["kept"], customers + row["idle"], row["lost"]))
        base, customers = base + row["base"], customers + int(row["customers"])
    return found


def months(counted: Counted) -> list[Rates]:
    """What the dictionary's measures have of each month, as starter/metrics.yaml says."""
    sql = (
        "SELECT month, sum(opening_mrr) AS base, sum(gained_mrr - lost_mrr) AS grown, -sum(lost_mrr) AS kept,"
        " count(*) FILTER (WHERE opening_mrr > 0 OR is_lost) AS customers, count(*) FILTER (WHERE is_lost) AS lost"
        " FROM lens_account_month GROUP BY month"
    )
    return _by_month(counted.rows(sql))


def years(counted: Counted) -> list[Rates]:
    """The same of the twelve months that end with each month."""
    sql = (
        "SELECT month, sum(base_mrr) AS base, sum(net_mrr) AS grown, sum(kept_mrr - base_mrr) AS kept,"
        " count(*) FILTER (WHERE is_kept IS NOT NULL) AS customers, count(*) FILTER (WHERE NOT is_kept) AS lost"
        " FROM lens_account_year GROUP BY month"
    )
    return _by_month(counted.rows(sql))


def _by_month(rows: list[dict[str, Any]]) -> list[Rates]:
    found = {row["month"]: row for row in rows}
    names = ("base", "grown", "kept", "customers", "lost")
    return [tuple(found[m.start][n] for n in names) if m.start in found else (NONE, NONE, NONE, 0, 0) for m in MONTHS]


WAYS = [
    {"same_month": same_month, "reactivation_in_nrr": winback}
    for same_month in ("grouped", "counted", "hidden")
    for winback in (False, True)
]


@pytest.mark.parametrize("switches", WAYS, ids=lambda way: f"{way['same_month']}-{way['reactivation_in_nrr']}")
@pytest.mark.parametrize("seed", range(2))
def test_e32_the_dictionary_and_revenue_are_one_rule_under_every_switch(switches: dict[str, Any], seed: int) -> None:
    dice = random.Random(seed)
    lines = [some_line(dice, n, RATE_DAYS) for n in range(90)]
    for n, one in enumerate(lines):
        one["account_id"] += str(n // 3)
    counted = book_of(lines).counted(**switches, paused={"limit_days": 20})
    found = told(counted, switches, *MONTHS)
    assert months(counted) == found
    assert sum(lost for *_, lost in found) > 10
    for n, want in enumerate(years(counted)[11:], 11):
        period = Period("year", add_months(MONTHS[n].start, -11), MONTHS[n].end)
        assert (MONTHS[n].start, *told(counted, switches, period)[0]) == (MONTHS[n].start, *want)
