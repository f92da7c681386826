"""Why revenue was lost, and how sure a lifetime value is: simulated companies whose loss is known."""

from datetime import date

import numpy as np
import pytest

from fairlead.analysis.leaving import Sums, interval, reasons, sums
from fairlead.analysis.revenue_report import LENS
from tests.analysis.counted import Book, line

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def test_e31_who_left_voluntarily_or_not_and_why() -> None:
    """An unpaid line leaves involuntarily; a downgrade is contraction; what is scheduled has not been lost."""
    counted = Book(
        line("1", "01-01", "06-01", account_id="a", cancel_kind="voluntary", cancel_reason="price"),
        line("2", "01-01", "07-01", mrr=40, account_id="b", cancel_kind="voluntary", cancel_reason="price"),
        line("3", "01-01", mrr=70, account_id="c", status="unpaid", past_due_on="08-01"),
        line("4", "01-01", account_id="d"), line("5", "02-01", "09-01", mrr=30, account_id="d"),
        line("6", "01-01", "2027-03-01", account_id="e", cancel_kind="voluntary", cancel_reason="price"),
    ).counted()  # fmt: skip
    rows = counted.asked(reasons(*YEAR, LENS))
    assert [(r["movement"], r["kind"], r["reason"], r["customers"], float(r["money"])) for r in rows] == [
        ("churn", "voluntary", "price", 2, 140), ("churn", "involuntary", "not paid", 1, 70),
        ("contraction", None, None, 1, 30),
    ]  # fmt: skip


def test_the_sums_are_by_customer() -> None:
    """a pays 100 for five months and leaves, b pays 50 for eleven (it starts in January, and opens from February)."""
    counted = Book(line("1", "2025-12-01", "05-20"), line("2", "01-10", mrr=50, account_id="b")).counted()
    (row,) = counted.asked(sums(*YEAR, LENS))
    assert Sums(**row) == Sums(2, 500 + 550, 100, 500**2 + 550**2, 100**2, 500 * 100)


def test_the_sums_of_segments_are_those_of_their_customers() -> None:
    """As above, with one more beside b; c is of no segment."""
    lines = [line("1", "2025-12-01", "05-20"), line("2", "01-10", mrr=50, account_id="b")]
    lines += [line("3", "2025-12-01", mrr=10, account_id="d"), line("4", "2025-12-01", mrr=1, account_id="c")]
    accounts = [{"id": name, "segment": segment} for name, segment in [("a", "smb"), ("b", "big"), ("d", "big")]]
    counted = Book(*lines, account=[*accounts, {"id": "c"}]).counted()
    rows = counted.asked(sums(*YEAR, LENS, by="segment"))
    assert {row.pop("value"): Sums(**row) for row in rows} == {
        "smb": Sums(1, 500, 100, 500**2, 100**2, 500 * 100),
        "big": Sums(2, 550 + 120, 0, 550**2 + 120**2, 0, 0),
        None: Sums(1, 12, 0, 12**2, 0, 0),
    }


def test_an_interval_needs_two_customers_and_somebody_who_pays() -> None:
    assert interval(Sums(0, 0, 0, 0, 0, 0)) is None
    assert interval(Sums(1, 100, 10, 1e4, 1e2, 1e3)) is None


@pytest.mark.parametrize(("monthly", "customers"), [(0.02, 300), (0.05, 120)])
def test_the_interval_holds_the_true_loss_about_ninety_five_times_in_a_hundred(monthly: float, customers: int) -> None:
    """Companies of unlike customers who each leave with the same chance a month, drawn many times."""
    draw, held, runs = np.random.default_rng(7), 0, 600
    for _ in range(runs):
        pays = draw.lognormal(5, 0.8, customers)
        leaves = draw.geometric(monthly, customers)
        paid = pays * np.minimum(leaves, 12)
        lost = np.where(leaves <= 12, pays, 0)
        told = Sums(customers, *(float(v.sum()) for v in (paid, lost, paid**2, lost**2, paid * lost)))
        between = interval(told)
        held += between is not None and between.low <= monthly <= between.high
    assert 0.9 < held / runs < 0.98
