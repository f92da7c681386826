"""`fairlead ask` and `fairlead revenue` have one rule for NRR and GRR; who makes lenses differ is named."""

from fractions import Fraction

import pytest

from fairlead.actions.asking import ask
from fairlead.actions.comparing import compare_builds
from fairlead.actions.otherwise import differences_table
from fairlead.actions.revenue import Line, RevenueTold, Seen, largest, revenue
from fairlead.actions.revenue_rows import Asking, behind, year
from fairlead.actions.syncing import sync
from fairlead.analysis.revenue_rows import GONE, RETAINED
from fairlead.workspace import Workspace, open_workspace
from tests.actions.leavers import leavers

MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06")
OWN = ("hiding", "counting", "returning", "the_same")
Rates = tuple[Fraction, Fraction, int, int]  # NRR, GRR, customers when it began, lost
ONE = Fraction(1)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return leavers(tmp_path_factory.mktemp("plain") / "firm")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The same company after it changed its mind on both switches; both builds are there."""
    firm = leavers(tmp_path_factory.mktemp("changed") / "firm")
    model = firm.root / "model" / "revenue.yaml"
    told = model.read_text().replace("same_month: grouped", "same_month: hidden", 1)
    model.write_text(told.replace("reactivation_in_nrr: false", "reactivation_in_nrr: true", 1))
    sync(open_workspace(firm.root))
    return open_workspace(firm.root)


@pytest.fixture(scope="module")
def told(plain: Workspace) -> RevenueTold:
    return revenue(plain, start="2026-01", lenses=("ours", *OWN))


# Worked out by hand: 740 paid in January, of which Fir's 90 pauses; 650 in February, 350 in March, 330 in April.
# Fir leaves in April from a pause: lost as one of four, of the 330 that the other three pay nothing.
CEDAR = (Fraction(350, 650), Fraction(350, 650), 4, 1)
GROUPED: dict[str, Rates] = {
    "2026-01": (ONE, ONE, 5, 0),
    "2026-02": CEDAR,
    "2026-03": (Fraction(350 + 60 - 80, 350), Fraction(350 - 80, 350), 3, 0),
    "2026-04": (ONE, ONE, 4, 1),
    "2026-05": (ONE, ONE, 4, 0),
    "2026-06": (ONE, ONE, 4, 0),
}
BY_DAY = {**GROUPED, "2026-03": (Fraction(350 + 60 - 200, 350), Fraction(350 - 200, 350), 3, 1)}
RETURNING = {**GROUPED, "2026-04": (Fraction(330 + 150, 330), ONE, 4, 1)}
WANTED = {"ours": GROUPED, "hiding": BY_DAY, "counting": BY_DAY, "returning": RETURNING, "the_same": GROUPED}
# Of the 740 of July 2025: Ash +60, Cedar -300, Dale -80, Fir -90; with returns Cedar -150.
YEARS: dict[str, Rates] = {
    "grouped-false": (Fraction(740 + 60 - 470, 740), Fraction(740 - 470, 740), 5, 2),
    "hidden-true": (Fraction(740 + 60 - 320, 740), Fraction(740 - 320, 740), 5, 1),
}


def rates(line: Line) -> tuple[object, ...]:
    return line.nrr, line.grr, line.customers, line.lost


def seen(told: RevenueTold, lens: str) -> Seen:
    return next(one for one in told.lenses if one.lens == lens)


def moves(told: RevenueTold, lens: str, period: str) -> dict[str, float]:
    (line,) = [line for line in seen(told, lens).lines if line.period == period]
    return {one.kind: float(one.money) for one in line.moved if one.money}


@pytest.mark.parametrize("lens", WANTED)
def test_e32_months_have_only_what_had_an_opening_under_every_lens(told: RevenueTold, lens: str) -> None:
    lines = seen(told, lens).lines
    assert [line.period for line in lines] == list(MONTHS)
    for line in lines:
        assert line.difference == 0
        assert rates(line) == pytest.approx(tuple(map(float, WANTED[lens][line.period]))), line.period


def test_e19_hidden_hides_who_came_and_left_and_never_tells_churn_as_expansion(told: RevenueTold) -> None:
    march = {"expansion": 60, "churn": -200, "reactivation": 120}
    assert moves(told, "hiding", "2026-03") == moves(told, "counting", "2026-03") == march
    assert moves(told, "ours", "2026-03") == {"expansion": 60, "contraction": -80}
    assert moves(told, "hiding", "2026-05") == moves(told, "ours", "2026-05") == {}
    assert moves(told, "counting", "2026-05") == {"new": 80, "churn": -80}


def test_who_makes_two_lenses_differ_is_named_with_the_switch(told: RevenueTold) -> None:
    named = {(one.lens, one.account.account, float(one.account.moved), one.account.why) for one in told.differences}
    # What is gone from one kind and come to another counts once: Dale leaves with 200, 80 and 120 are less; Elm's 80.
    assert named == {
        ("hiding", "Dale", 200, ("same_month",)),
        ("counting", "Dale", 200, ("same_month",)),
        ("counting", "Elm", 80, ("same_month",)),
        ("returning", "Cedar", 150, ("reactivation_in_nrr",)),
    }
    assert [one.differ for one in told.lenses] == [0, 1, 2, 1, 0]
    assert told.differences_total == len(told.differences) == differences_table(told).num_rows == 4
    assert {one.lens for one in largest(told, 3)} == {"hiding", "counting", "returning"}
    march = {("2026-03", "churn", 0, -200), ("2026-03", "contraction", -80, 0), ("2026-03", "reactivation", 0, 120)}
    assert {
        (one.lens, one.account.account): {tuple(part) for part in one.account.told} for one in told.differences
    } == {
        ("hiding", "Dale"): march,
        ("counting", "Dale"): march,
        ("counting", "Elm"): {("2026-05", "churn", 0, -80), ("2026-05", "new", 0, 80)},
        ("returning", "Cedar"): {("2026-04", "nrr", 0, 150)},
    }


@pytest.mark.parametrize("per", ["day", "week"])
def test_by_day_lenses_of_months_differ_in_nothing_but_returns(plain: Workspace, per: str) -> None:
    found = revenue(plain, start="2026-03-02", end="2026-03-29", per=per, lenses=("ours", "hiding", "returning"))
    ours, hiding, returning = ([rates(line) for line in one.lines] for one in found.lenses)
    assert ours == hiding
    assert ours != returning
    assert {(one.lens, one.account.account) for one in found.differences} == {("returning", "Dale")}


@pytest.mark.parametrize("way", ["grouped-false", "hidden-true"])
def test_e5_e32_the_dictionary_says_the_same_by_months_and_by_twelve_of_them(
    plain: Workspace, changed: Workspace, way: str
) -> None:
    firm = changed if way == "hidden-true" else plain
    monthly, yearly = ["nrr", "grr", "customer_months", "customers_lost"], ["nrr_year", "grr_year", "logo_retention"]
    answer = ask(firm, [*monthly, *yearly], per="month", start="2026-01").table.to_pylist()
    found = {(row["metric"], row["period"]): row["value"] for row in answer}
    lines = revenue(firm, start="2026-01").lenses[0].lines
    assert [line.period for line in lines] == list(MONTHS)
    for line in lines:
        assert tuple(found[name, line.period] for name in monthly) == pytest.approx(rates(line)), line.period
    nrr, grr, there, lost = YEARS[way]
    _, twelve = year(firm, Asking(None, None, "month", None, "ours", None, None))
    assert rates(twelve) == pytest.approx((float(nrr), float(grr), there, lost))
    kept = float(Fraction(there - lost, there))
    assert [found[name, "2026-06"] for name in yearly] == pytest.approx([float(nrr), float(grr), kept])


def test_behind_nrr_stands_who_came_back_where_that_counts_and_behind_lost_who_had_paused(plain: Workspace) -> None:
    def rows(what: str, lens: str) -> dict[str | None, float]:
        asked = Asking("2026-04", "2026-04", "month", None, lens, None, None)
        return {one.account: float(one.money) for one in behind(plain, what, asked).rows}

    assert rows(GONE, "ours") == rows(GONE, "returning") == {"Fir": 0}
    assert rows(RETAINED, "ours") == {"Fir": 0}
    assert rows(RETAINED, "returning") == {"Fir": 0, "Cedar": 150}


def test_e9_a_change_of_how_months_are_told_names_who_makes_the_difference(
    changed: Workspace, plain: Workspace
) -> None:
    first, second = (place.lake.current() for place in (plain, changed))
    assert first
    assert second
    found = compare_builds(changed, first.name, second.name).definitions
    assert [(one.account, float(one.money), one.why) for one in found] == [
        ("Dale", 0, ("same_month", "reactivation_in_nrr")),
        ("Cedar", 0, ("reactivation_in_nrr",)),
    ]
