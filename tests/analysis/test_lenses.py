"""The starter's lenses on the vendors' own examples: what their pages say comes of one and the same line."""

from typing import Any

import pytest

from fairlead.model.load import STARTER, load
from tests.analysis.counted import Book, Counted, Row, line

LENSES = load(STARTER)[0].revenue.lenses
# ProfitWell: cancels on June 8, has paid until June 15.
CANCELS = line("1", "04-15", "06-15", cancelled_on="06-08")
HALF_PRICE = line("1", "01-01", mrr=50, before=100, discount_lasts="repeating", discount_ends_on="07-01")
PAUSED = line("1", "01-01", paused_on="03-01", resumes_on="05-01")
FREE = (line("1", "01-01", "04-01"), line("2", "04-01", mrr=0, before=100, discount_lasts="forever"))
CAME_AND_WENT = line("1", "12-05", "12-06", cancelled_on="12-06")


def seen(lens: str, *lines: Row) -> Counted:
    return Book(*lines).counted(**LENSES[lens].switches.model_dump())


@pytest.mark.parametrize(
    ("lens", "lines", "told"),
    [
        ("stripe", [CANCELS], [("04-15", "new", 100), ("06-08", "churn", -100)]),
        ("profitwell", [CANCELS], [("04-15", "new", 100), ("06-15", "churn", -100)]),
        ("chartmogul", [CANCELS], [("04-15", "new", 100), ("06-15", "churn", -100)]),
        ("stripe", [HALF_PRICE], [("01-01", "new", 100)]),
        ("profitwell", [HALF_PRICE], [("01-01", "new", 50), ("07-01", "expansion", 50)]),
        ("chartmogul", [HALF_PRICE], [("01-01", "new", 50), ("07-01", "expansion", 50)]),
        ("stripe", [PAUSED], [("01-01", "new", 100)]),
        ("chartmogul", [PAUSED], [("01-01", "new", 100)]),
        ("profitwell", [PAUSED], [("01-01", "new", 100), ("03-01", "churn", -100), ("05-01", "reactivation", 100)]),
        ("chartmogul", FREE, [("01-01", "new", 100), ("04-01", "contraction", -100)]),
        ("stripe", FREE, [("01-01", "new", 100), ("04-01", "churn", -100)]),
        ("profitwell", FREE, [("01-01", "new", 100), ("04-01", "churn", -100)]),
    ],
)
def test_a_vendors_own_example_comes_out_as_its_page_says(lens: str, lines: list[Row], told: list[Any]) -> None:
    assert seen(lens, *lines).told == told


def test_who_comes_and_goes_within_a_month_is_counted_by_stripe_and_by_profitwell_not_at_all() -> None:
    assert seen("stripe", CAME_AND_WENT).months() == {"12": {"new": 100, "churned": 100}}
    assert seen("profitwell", CAME_AND_WENT).months() == {}


def test_a_lens_names_the_pages_it_was_read_in() -> None:
    assert set(LENSES) == {"chartmogul", "stripe", "profitwell"}
    for name, lens in LENSES.items():
        assert name in lens.source
        assert ".com" in lens.source
