"""Behind a number of recurring revenue: the movements, accounts and customers that make it, to the cent."""

from datetime import date
from decimal import Decimal

import pytest

from fairlead.actions.revenue import revenue
from fairlead.actions.revenue_drawing import bridge, by_size, course, in_all, kept
from fairlead.actions.revenue_rows import Asking, BehindTold, behind, behind_table, year
from fairlead.analysis.mrr_moved import KINDS
from fairlead.problem import Refused
from tests.actions.test_revenue import Firm

HALF = Asking(start="2026-01")


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    return Firm(tmp_path_factory.mktemp("rows") / "firm")


def said(found: BehindTold) -> list[tuple[str | None, float]]:
    return [(row.account, float(row.money)) for row in found.rows]


@pytest.mark.parametrize(
    ("what", "rows"),
    [
        ("new", [("Elm", 80), ("Fir", 50)]),
        ("churn", [("Cedar", -300)]),
        ("reactivation", [("Cedar", 150)]),
        ("pause", [("Birch", -200)]),
        ("contraction", []),
        ("opening", [("Cedar", 300), ("Birch", 200), ("Ash", 100)]),
        ("closing", [("Birch", 200), ("Ash", 160), ("Cedar", 150), ("Elm", 80), ("Fir", 50)]),
        ("retained", [("Cedar", -300), ("Ash", 60)]),
        ("lost", [("Cedar", -300)]),
    ],
)
def test_a_number_is_made_of_these(firm: Firm, what: str, rows: list[tuple[str, float]]) -> None:
    found = behind(firm.a, what, HALF)
    assert said(found) == rows
    assert (found.total, float(found.money)) == (len(rows), sum(money for _, money in rows))


def test_a_movement_says_when_it_was_and_what_the_customer_paid(firm: Firm) -> None:
    (row,) = behind(firm.a, "churn", HALF).rows
    assert (row.moved_on, row.product) == (date(2026, 4, 1), "Basic")
    assert [row.before, row.after] == [300, 0]
    assert row.line_id
    cohort = behind(firm.a, "retained", HALF)
    assert [[row.before, row.after] for row in cohort.rows] == [[300, 150], [100, 160]]
    assert [cohort.whole.opening, cohort.whole.nrr, cohort.whole.grr] == [600, 0.6, 0.5]


def test_who_is_lost_is_told_by_month(firm: Firm) -> None:
    found = behind(firm.a, "lost", HALF._replace(period="2026-04"))
    assert said(found) == [("Cedar", -300)]
    assert (found.start, found.end) == (date(2026, 4, 1), date(2026, 4, 30))


@pytest.mark.parametrize(("lens", "by"), [("ours", None), ("ours", "product"), ("profitwell", "segment")])
def test_rows_add_up_to_the_number_of_every_kind_period_and_value(firm: Firm, lens: str, by: str | None) -> None:
    told = revenue(firm.a, start="2026-01", by=by, lenses=(lens,), compare=False, per="quarter")
    assert not told.differences
    for line in told.lenses[0].lines[-2 if lens == "ours" else -1 :]:
        asked = Asking(start="2026-01", by=by, lens=lens, per="quarter", period=line.period, value=line.value)
        numbers = {**dict(line.moved), "opening": line.opening, "closing": line.closing}
        moved = [kind for kind, money in numbers.items() if money]
        for what in moved:
            assert behind(firm.a, what, asked).money == numbers[what], (line.period, line.value, what)
        every = behind(firm.a, "movements", asked)
        assert every.money == line.closing - line.opening
        assert {row.kind for row in every.rows} - {"transfer"} == {k for k in moved if k in KINDS} - {"transfer"}
        assert behind(firm.a, "lost", asked).total == line.lost


def test_an_account_is_asked_for_by_itself_and_pages_cover_all(firm: Firm) -> None:
    ash = next(row.account_id for row in behind(firm.a, "closing", HALF).rows if row.account == "Ash")
    found = behind(firm.a, "movements", HALF._replace(account=ash))
    assert sorted(said(found)) == [("Ash", -100), ("Ash", 60), ("Ash", 100)]
    assert said(behind(firm.a, "closing", HALF._replace(account=ash))) == [("Ash", 160)]
    every = behind(firm.a, "movements", HALF)
    pages = [behind(firm.a, "movements", HALF, limit=2, offset=at) for at in range(0, every.total, 2)]
    assert [row for page in pages for row in page.rows] == list(every.rows)
    assert {page.money for page in pages} == {every.money}


def test_twelve_months_are_those_up_to_the_end(firm: Firm) -> None:
    since, line = year(firm.a, Asking(end="2026-06"))
    assert since == date(2025, 7, 1)
    assert (line.nrr, line.customers) == (None, 0)
    assert year(firm.a, Asking(end="2024-02-29"))[0] == date(2023, 3, 1)


def test_what_nothing_is_behind_is_refused(firm: Firm) -> None:
    with pytest.raises(Refused, match="Did you mean 'churn'"):
        behind(firm.a, "churned", HALF)
    with pytest.raises(Refused, match="none of the periods"):
        behind(firm.a, "new", HALF._replace(period="2031-01"))
    with pytest.raises(Refused, match="no lens"):
        behind(firm.a, "new", HALF._replace(lens="nobody"))


def test_rows_are_a_table_for_a_file(firm: Firm) -> None:
    for what in ("movements", "churn", "pause", "closing", "lost"):
        found, told = behind_table(firm.a, what, HALF, limit=10), behind(firm.a, what, HALF)
        assert found.num_rows == told.total
        assert "product" not in found.column_names or what not in {"opening", "closing", "retained", "lost"}


def test_drawings_say_what_the_table_says(firm: Firm) -> None:
    told = revenue(firm.a, start="2026-01", by="segment")
    lines = told.lenses[0].lines
    whole = in_all(lines)
    assert [whole[name] for name in ("opening", "closing")] == [600, 640]
    assert whole["opening"] + sum((whole[kind] for kind in KINDS), Decimal(0)) == whole["closing"]
    model, manner = firm.a.model, firm.a.manner
    drawn = bridge(told, model, manner)
    first, last = (Decimal(str(end.value)) for end in drawn.ends)
    assert first + sum((step.part for step in drawn.steps), Decimal(0)) == last
    assert {step.name: step.kind for step in drawn.steps} == {
        "New": "better", "Expansion": "better", "Churn": "worse", "Reactivation": "better", "Pause": "same",
        "Resume": "same",
    }  # fmt: skip
    assert by_size(lines) == ["mid", "smb"]  # 350 and 290
    assert [line.name for line in course(told, model, manner).lines] == ["mid", "smb"]
    rates = kept(told._replace(by=None), model, manner)
    assert [line.name for line in rates.lines] == ["NRR", "GRR"]
