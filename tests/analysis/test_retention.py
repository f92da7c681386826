"""NRR and GRR of revenue's periods: closed cohorts, customer by customer, and what neither of them has in it."""

from decimal import Decimal

import pytest

from fairlead.analysis import revenue_report as report
from fairlead.values import Grain
from tests.analysis.counted import Book, Counted, asked, line


def rates(
    counted: Counted, first: str, last: str, grain: Grain = Grain.YEAR, *, winback: bool = False
) -> tuple[float, float, int]:
    """(NRR, GRR, customers lost) of the only period, or last one, of the question."""
    question = asked(first, last, grain, winback=winback)
    rows = {row["place"]: row for row in counted.asked(report.retained(question, report.LENS))}
    final = len(question.periods) - 1
    base = sum((row["base"] for place, row in rows.items() if place < final), Decimal(0))
    row = rows[final]
    return float((base + row["grown"]) / base), float((base + row["kept"]) / base), row["lost"]


def before(key: str, mrr: float, who: str, ends: str | None = None) -> dict[str, object]:
    """A line of before the year."""
    return line(key, "2025-06-01", ends, mrr=mrr, account_id=who)


def test_e32_who_comes_later_is_in_neither_part() -> None:
    late = line("3", "02-01", mrr=900, account_id="c")
    counted = Book(before("1", 100, "a"), before("2", 100, "b", "03-01"), late).counted()
    assert rates(counted, "01-01", "12-31") == (0.5, 0.5, 1)


def test_e34_one_customers_growth_does_not_hide_anothers_loss_nor_its_own_loss_its_growth() -> None:
    """a: 100 to 150, b: 100 to 50, c: 100 less a line of 40 and with another one of 60: kept in full."""
    counted = Book(
        before("1", 100, "a"), line("2", "04-01", mrr=50, account_id="a"),
        before("3", 50, "b"), before("4", 50, "b", "05-01"),
        before("5", 60, "c"), before("6", 40, "c", "06-01"), line("7", "07-01", mrr=60, account_id="c"),
    ).counted()  # fmt: skip
    nrr, grr, lost = rates(counted, "01-01", "12-31")
    assert nrr == pytest.approx(320 / 300)
    assert grr == pytest.approx(250 / 300)
    assert lost == 0
    assert grr <= min(nrr, 1)


def test_e34_no_customer_counts_for_less_than_nothing() -> None:
    again = line("3", "04-01", "05-01", 30, account_id="b")
    counted = Book(before("1", 100, "a"), before("2", 100, "b", "03-01"), again).counted()
    assert rates(counted, "01-01", "12-31") == (0.5, 0.5, 1)
    assert rates(counted, "01-01", "12-31", winback=True)[0] == 0.5, "came back and left again"


def test_e5_who_left_and_came_back_is_a_customer_lost_unless_winning_back_counts() -> None:
    back = line("2", "05-01", mrr=100, account_id="a")
    counted = Book(before("1", 100, "a", "03-01"), back, before("3", 100, "b")).counted()
    assert rates(counted, "01-01", "12-31") == (0.5, 0.5, 1)
    assert rates(counted, "01-01", "12-31", winback=True) == (1, 1, 0)


def test_e11_e20_e29_pauses_currency_and_price_steps_are_in_neither() -> None:
    counted = Book(
        line("1", "2025-06-01", mrr=100, paused_on="11-15"),
        line("2", "2025-06-01", "05-01", currency="EUR", rate="1.0", account_id="b"),
        line("3", "05-01", currency="EUR", rate="1.2", account_id="b"),
        before("4", 100, "c", "05-01"), line("5", "05-01", mrr=110, is_escalator=True, account_id="c"),
    ).counted()  # fmt: skip
    assert rates(counted, "01-01", "12-31") == (1, 1, 0)


@pytest.mark.parametrize("rate", ["0.8", "1.2"])
def test_e20_e34_who_is_lost_keeps_nothing_whatever_its_currency_did(rate: str) -> None:
    """Another rate in April, then a leaves: what it paid when the year began is lost, no more and no less.

    c came back in the year at one rate and left it at another, which is nothing won back either.
    """
    euro = {"currency": "EUR", "account_id": "a"}
    again = {"currency": "EUR", "account_id": "c"}
    counted = Book(
        line("1", "2025-06-01", "04-01", rate="1.0", **euro), line("2", "04-01", "04-20", rate=rate, **euro),
        before("3", 100, "b"),
        line("4", "2025-06-01", "2025-09-01", rate="1.0", **again), line("5", "03-01", "04-01", rate="1.0", **again),
        line("6", "04-01", "05-01", rate=rate, **again),
    ).counted()  # fmt: skip
    assert rates(counted, "01-01", "12-31") == (0.5, 0.5, 1)
    assert rates(counted, "04-01", "04-30", Grain.MONTH)[0] == pytest.approx(200 / 300)
    assert rates(counted, "01-01", "12-31", winback=True) == (0.5, 0.5, 1)
    sql = "SELECT m.base_mrr, m.net_mrr, m.kept_mrr, m.is_kept FROM lens_account_year AS m WHERE m.month = '2026-12-01'"
    assert [tuple(row.values()) for row in counted.rows(f"{sql} AND m.account_id = 'a'")] == [(100, -100, 0, False)]
    april = "SELECT m.opening_mrr, m.lost_mrr, m.is_lost FROM lens_account_month AS m WHERE m.month = '2026-04-01'"
    assert [tuple(row.values()) for row in counted.rows(f"{april} AND m.account_id = 'a'")] == [(100, 100, True)]
    back = counted.book.counted(reactivation_in_nrr=True)
    assert back.rows(f"{sql} AND m.account_id = 'c' AND m.net_mrr > 0") == []
