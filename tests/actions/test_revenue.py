"""`fairlead revenue`: periods that balance, retention of closed cohorts, lenses side by side, and another version."""

import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fairlead.actions.asking import ask
from fairlead.actions.building import Built, contract_problems
from fairlead.actions.cohorts import cohorts
from fairlead.actions.cohorts import table as triangle
from fairlead.actions.comparing import compare_builds
from fairlead.actions.flows import FlowAsked
from fairlead.actions.leaving import leaving
from fairlead.actions.lensing import Apart
from fairlead.actions.lifecycle import funnel
from fairlead.actions.otherwise import where
from fairlead.actions.revenue import Line, Moved, RevenueTold, against, revenue, table
from fairlead.actions.starting import init
from fairlead.actions.syncing import sync
from fairlead.analysis import revenue_report as report
from fairlead.problem import Refused
from fairlead.values import Query
from fairlead.workspace import open_workspace

TODAY = "2026-06-30"
# Ash stays and grows, Birch pauses, Cedar leaves and comes back, Elm has a discount for a while, Fir leaves in August.
LINES = """\
id,customer,segment,product,starts,ends,amount,off,lasts,off_ends,paused,resumes
1,Ash,smb,Basic,2025-11-01,2026-03-01,100,,,,,
2,Ash,smb,Pro,2026-03-01,,160,,,,,
3,Birch,mid,Basic,2025-12-01,,200,,,,2026-02-10,2026-04-10
4,Cedar,mid,Basic,2025-12-15,2026-04-01,300,,,,,
5,Cedar,mid,Basic,2026-06-01,,150,,,,,
6,Elm,smb,Basic,2026-02-01,,80,30,repeating,2026-05-01,,
7,Fir,smb,Basic,2026-01-01,2026-08-15,50,,,,,
8,Gum,smb,Basic,2026-01-01,2025-01-01,50,,,,,
"""
MAPPING = """\
dates: iso
nulls: [""]
files:
  - file: lines.csv
    key: [id]
    tables:
      - table: account
        one_row_per: [customer]
        columns: {name: customer, segment: segment}
      - table: product
        one_row_per: [product]
        columns: {name: product}
      - table: contract_line
        columns:
          account_id: customer
          product_id: product
          starts_on: starts
          ends_on: ends
          billing_interval: {constant: month}
          amount: amount
          discount: off
          discount_lasts: lasts
          discount_ends_on: off_ends
          paused_on: paused
          resumes_on: resumes
"""


class Firm:
    """A company whose lines are counted by our switches first (`a`), then with every discount while it lasts (`b`)."""

    def __init__(self, folder: Path) -> None:
        init(folder)
        settings = folder / "fairlead.yaml"
        settings.write_text(settings.read_text() + f"today: {TODAY}\n")
        (folder / "data" / "lines.csv").write_text(LINES)
        (folder / "data" / "mapping.yaml").write_text(MAPPING)
        self.first = sync(open_workspace(folder)).build
        self.a = open_workspace(folder)
        assert self.a.model.revenue.switches.discounts == "forever"  # read now, before the file changes
        model = folder / "model" / "revenue.yaml"
        model.write_text(model.read_text().replace("discounts: forever", "discounts: all", 1))
        self.b = open_workspace(folder)


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    return Firm(tmp_path_factory.mktemp("revenue") / "firm")


@pytest.fixture(scope="module")
def second(firm: Firm) -> Built:
    """The build after the switch was changed; made late, so that tests of the first one find it published."""
    return sync(firm.b).build


@pytest.fixture(scope="module")
def told(firm: Firm) -> RevenueTold:
    return revenue(firm.a, start="2026-01", lenses=["ours", "profitwell", "stripe"])


def moved(line: Line) -> dict[str, float]:
    return {one.kind: float(one.money) for one in line.moved if one.money}


def by_period(lines: tuple[Line, ...]) -> dict[str, Line]:
    return {line.period: line for line in lines}


def test_every_period_opens_with_what_the_last_one_closed_with_and_balances(told: RevenueTold) -> None:
    lines = by_period(told.lenses[0].lines)
    assert [float(line.opening) for line in lines.values()] == [600, 650, 530, 590, 490, 490]
    assert [float(line.closing) for line in lines.values()] == [650, 530, 590, 490, 490, 640]
    assert all(line.difference == 0 for seen in told.lenses for line in seen.lines)
    assert {period: moved(line) for period, line in lines.items()} == {
        "2026-01": {"new": 50}, "2026-02": {"new": 80, "pause": -200}, "2026-03": {"expansion": 60},
        "2026-04": {"churn": -300, "resume": 200}, "2026-05": {}, "2026-06": {"reactivation": 150},
    }  # fmt: skip
    assert [note.message for note in told.notes if note.is_error] == []


def test_e1_lines_that_were_set_aside_are_said_beside_the_revenue_that_lacks_them(told: RevenueTold) -> None:
    """Gum's line ends before it starts."""
    (note,) = told.notes
    assert (note.code, str(note.severity)) == ("rows-uncounted", "warning")
    assert note.message == (
        "1 of 8 contract lines was set aside and is in none of these numbers. Charges of 50.00 USD stand in it."
    )


def test_e32_e33_retention_is_of_those_who_paid_at_the_start(firm: Firm, told: RevenueTold) -> None:
    """April: 590 paid, 300 left: 49.2 %. The pause is in neither; before the first customer it is undefined."""
    lines = by_period(told.lenses[0].lines)
    assert lines["2026-04"].nrr == lines["2026-04"].grr == pytest.approx(290 / 590)
    assert lines["2026-02"].nrr == lines["2026-02"].grr == 1
    assert lines["2026-03"].nrr == pytest.approx(590 / 530)
    assert lines["2026-03"].grr == 1
    assert (lines["2026-04"].customers, lines["2026-04"].lost) == (4, 1)
    assert lines["2026-04"].logo_retention == 0.75
    (first,) = revenue(firm.a, start="2025-10", end="2025-11", per="quarter").lenses[0].lines[:1]
    assert (first.nrr, first.grr, first.logo_retention) == (None, None, None)


def test_e35_twelve_months_are_one_cohort_and_not_a_product_of_months(firm: Firm) -> None:
    """Of the 600 that were paid in December: Ash grew by 60, Cedar left with 300 (and came back, which is its own)."""
    (half,) = revenue(firm.a, start="2026-01-01", end="2026-06-30", per="year").lenses[0].lines
    assert half.nrr == pytest.approx((600 + 60 - 300) / 600)
    assert half.grr == pytest.approx((600 - 300) / 600)
    months = revenue(firm.a, start="2026-01").lenses[0].lines
    product = 1.0
    for line in months:
        product *= line.nrr or 1
    assert product != pytest.approx(half.nrr)


def test_e5_winning_back_is_in_nrr_only_where_it_is_said(firm: Firm) -> None:
    asked = {"start": "2026-01-01", "end": "2026-06-30", "per": "year"}
    chartmogul = revenue(firm.a, lenses=["chartmogul"], **asked).lenses[0].lines[0]  # type: ignore[arg-type]
    # Birch's pause stays revenue; Elm's discount counts, which is nothing to those of December.
    assert chartmogul.nrr == pytest.approx((600 + 60 - 300 + 150) / 600)


def test_it_says_the_same_as_the_dictionary(firm: Firm, told: RevenueTold) -> None:
    answer = ask(
        firm.a, ["nrr", "grr", "mrr", "new_mrr", "churned_mrr"], per="month", start="2026-01"
    ).table.to_pylist()
    found = {(row["metric"], row["period"]): row["value"] for row in answer}
    for line in told.lenses[0].lines:
        assert found["nrr", line.period] == pytest.approx(line.nrr)
        assert found["grr", line.period] == pytest.approx(line.grr)
        assert found["mrr", line.period] == pytest.approx(float(line.closing))
        assert found["new_mrr", line.period] == pytest.approx(moved(line).get("new", 0))
        assert found["churned_mrr", line.period] == pytest.approx(-moved(line).get("churn", 0))


def test_it_is_cut_by_dimension_and_products_balance_by_transfers(firm: Firm) -> None:
    for by, values in (("segment", {"smb", "mid"}), ("product", {"Basic", "Pro"})):
        lines = revenue(firm.a, start="2026-01", by=by).lenses[0].lines
        assert {line.value for line in lines} == values
        assert all(line.difference == 0 for line in lines)
    march = {line.value: moved(line) for line in lines if line.period == "2026-03"}
    assert march == {"Basic": {"transfer": -100}, "Pro": {"expansion": 60, "transfer": 100}}


def test_lenses_stand_side_by_side_with_who_differs_and_why(told: RevenueTold) -> None:
    ours, profitwell, stripe = (by_period(seen.lines) for seen in told.lenses)
    assert [seen.lens for seen in told.lenses] == ["ours", "profitwell", "stripe"]
    assert moved(profitwell["2026-02"]) == {"new": 50, "churn": -200}
    assert moved(profitwell["2026-05"]) == {"expansion": 30}
    assert moved(stripe["2026-02"]) == {"new": 80}
    assert float(stripe["2026-02"].closing) == 730
    assert float(ours["2026-06"].closing) == float(stripe["2026-06"].closing) == 640
    why = {(one.lens, (one.account.account or ""), one.account.why) for one in told.differences}
    assert why == {
        ("profitwell", "Birch", ("paused",)), ("profitwell", "Elm", ("discounts",)), ("stripe", "Birch", ("paused",)),
    }  # fmt: skip


def test_who_differs_adds_up_to_the_difference_of_the_headline(firm: Firm) -> None:
    for start, end in (("2026-01", "2026-06"), ("2026-01", "2026-02"), ("2026-03", "2026-03")):
        found = revenue(firm.a, start=start, end=end, lenses=["ours", "profitwell", "stripe"])
        first = found.lenses[0].lines
        for seen in found.lenses[1:]:
            of = [one.account for one in found.differences if one.lens == seen.lens]
            assert seen.differ == len(of) > 0
            assert sum(one.would_be - one.was for one in of) == seen.apart == seen.lines[-1].closing - first[-1].closing
            for one in of:
                assert sum(part.theirs - part.ours for part in one.told) == one.would_be - one.was
            parts = [part for one in of for part in one.told]
            opened = sum(part.theirs - part.ours for part in parts if part.kind == "opening")
            assert opened == seen.lines[0].opening - first[0].opening
            for ours, theirs in zip(first, seen.lines, strict=True):
                for kind, money in dict(theirs.moved).items():
                    told = [part for part in parts if (part.period, part.kind) == (theirs.period, kind)]
                    assert sum(part.theirs - part.ours for part in told) == money - dict(ours.moved)[kind], kind
    (birch,) = [one.account for one in found.differences if one.lens == "stripe"]
    assert [float(money) for money in (birch.was, birch.would_be, birch.moved)] == [0, 200, 0]
    assert [(part.period, part.kind, float(part.ours), float(part.theirs)) for part in birch.told] == [
        ("", "opening", 0, 200)
    ]


def test_a_difference_of_time_is_said_as_such_with_both_amounts(firm: Firm) -> None:
    lost, none = Decimal("-1845.50"), Decimal(0)

    def plain(parts: list[Apart]) -> str:
        return where(parts, firm.a.manner).replace("\N{MINUS SIGN}", "-")

    late = [Apart("2025-12", "churn", lost, none), Apart("2026-01", "churn", none, lost)]
    assert plain(late) == (
        "Churn at another time: Dec 2025 ours -$1,845.50, theirs $0.00; Jan 2026 ours $0.00, theirs -$1,845.50"
    )
    assert plain([Apart("2025", "churn", lost, lost)]).startswith("Churn on another day: 2025 ours -$1,845.50")
    other = [Apart("2025-12", "churn", lost, none), Apart("2025-12", "pause", none, lost)]
    assert plain(other).startswith("Churn: Dec 2025 ours -$1,845.50, theirs $0.00. Pause: Dec 2025 ours $0.00")


def test_e26_what_is_committed_is_told_apart_from_revenue(told: RevenueTold) -> None:
    ours = told.lenses[0]
    assert [(one.kind, float(one.money)) for one in ours.committed] == [("churn", -50)]
    assert float(ours.cmrr) == 590


def test_earlier_days_are_seen_as_of_then(firm: Firm) -> None:
    past = revenue(firm.a, start="2026-01", as_of="2026-03-31")
    assert (past.as_of, past.end) == (date(2026, 3, 31), date(2026, 3, 31))
    assert [float(line.closing) for line in past.lenses[0].lines] == [650, 530, 590]
    assert past.lenses[0].committed == (), "nobody had asked for anything by then; what came of it is no commitment"
    assert past.lenses[0].cmrr == past.lenses[0].lines[-1].closing


def test_e26_an_earlier_last_day_commits_no_outcome(firm: Firm) -> None:
    earlier = revenue(firm.a, start="2026-01", end="2026-03-31")
    assert (earlier.as_of, earlier.is_past, earlier.lenses[0].committed) == (date(2026, 6, 30), True, ())


def test_days_and_weeks_are_told_as_they_were(firm: Firm) -> None:
    lines = revenue(firm.a, start="2026-02-09", end="2026-02-11", per="day").lenses[0].lines
    assert [(line.period, moved(line)) for line in lines] == [
        ("2026-02-09", {}), ("2026-02-10", {"pause": -200}), ("2026-02-11", {}),
    ]  # fmt: skip


def test_cohorts_tell_what_is_left_and_how_many_are_too_young(firm: Firm) -> None:
    """December's: Birch (200, away from February to April) and Cedar (300, gone in April, back in June with 150)."""
    told = cohorts(firm.a, start="2025-11", as_of="2026-06-15")
    found = {one.period: one for one in told.cohorts}
    assert [(one.customers, float(one.started)) for one in told.cohorts] == [(1, 100), (2, 500), (1, 50), (1, 80)]
    assert [float(cell.kept) for cell in found["2025-12"].cells] == [500, 500, 300, 300, 200, 200, 350]
    assert [cell.is_running for cell in found["2025-12"].cells] == [False] * 6 + [True]
    assert found["2025-12"].cells[4].share == pytest.approx(0.4)
    assert [cell.eligible for cell in found["2025-12"].cells] == [2] * 7
    ages = {age.age: age for age in told.ages}
    assert (ages[4].cohorts, ages[4].young, ages[3].young) == (3, 1, 0)
    assert ages[4].share == pytest.approx((160 + 200 + 50) / 650)
    assert told.young == 1 + 2 + 3
    logos = {one.period: one for one in cohorts(firm.a, start="2025-12", what="logos", as_of="2026-06-15").cohorts}
    assert [float(cell.kept) for cell in logos["2025-12"].cells] == [2, 2, 2, 2, 1, 1, 2]
    by = {(one.value, one.period) for one in cohorts(firm.a, per="quarter", by="segment", as_of="2026-06-15").cohorts}
    assert by == {("mid", "2025-Q4"), ("smb", "2025-Q4"), ("smb", "2026-Q1")}
    assert len(triangle(told)) == sum(len(one.cells) for one in told.cohorts)
    assert cohorts(firm.a, start="2024-01", end="2024-06", as_of="2026-06-15").cohorts == ()


def test_a_time_that_lies_ahead_and_a_year_that_is_none_are_said_as_such(firm: Firm) -> None:
    for verb in (revenue, cohorts, leaving):
        with pytest.raises(Refused, match=r"2030-01-01 lies after 2026-06-30, the last day .* begins by then"):
            verb(firm.a, start="2030-01")
        with pytest.raises(Refused, match=r"'9999' is no day and no period\..*Years are from 1900 to 2999"):
            verb(firm.a, start="9999")
        with pytest.raises(Refused, match=r"'soon' is no day and no period\..*Write dates as"):
            verb(firm.a, start="soon")


def test_more_periods_than_can_be_told_are_refused_with_what_to_ask_instead(firm: Firm) -> None:
    first = date(2026, 6, 30) - timedelta(days=1099)
    assert len(revenue(firm.a, start=first, end="2026-06-30", per="day").lenses[0].lines) == 1100
    for per, start, found in (("day", first - timedelta(days=1), "1,101"), ("week", date(1900, 1, 1), "6,6")):
        with pytest.raises(Refused, match=f"too many periods of a {per}: {found}.*for a shorter time.*per: .*month"):
            revenue(firm.a, start=start, end="2026-06-30", per=per)
        with pytest.raises(Refused, match=f"too many periods of a {per}"):
            funnel(firm.a, FlowAsked(start=start, end="2026-06-30", per=per))
    with pytest.raises(Refused, match=r"too many periods of a month: 1,518, .*per: quarter, year"):
        cohorts(firm.a, start="1900")
    assert len(revenue(firm.a, start="1900", per="quarter").lenses[0].lines) == 506


def test_cohorts_of_what_nobody_knows_are_refused_with_everything_that_is_wrong(firm: Firm) -> None:
    with pytest.raises(Refused) as refused:
        cohorts(firm.a, per="week", by="segmnt", what="money", start="soon")
    codes = [problem.code for problem in refused.value.problems]
    assert codes == ["bad-question", "bad-question", "unknown-dimension", "bad-question"]


def test_questions_that_make_no_sense_are_refused_at_once(firm: Firm) -> None:
    with pytest.raises(Refused) as refused:
        revenue(firm.a, lenses=["ours", "chartmogol"], by="segmnt", per="fortnight", start="soon")
    codes = [problem.code for problem in refused.value.problems]
    assert codes == ["unknown-lens", "unknown-dimension", "bad-question", "bad-question"]
    assert "Did you mean 'chartmogul'?" in str(refused.value)
    with pytest.raises(Refused, match="before it starts"):
        revenue(firm.a, start="2026-05", end="2026-03")


def test_what_does_not_balance_in_any_book_is_no_dimension(firm: Firm) -> None:
    """A stage changes of itself: what can be cut by is offered instead."""
    for name in ("stage", "is_won", "is_provisional", "currency"):
        for verb in (revenue, cohorts):
            with pytest.raises(Refused, match=f"'{name}': it may change of itself.*Known: channel, country.*, source"):
                verb(firm.a, by=name)
    with pytest.raises(Refused, match="Did you mean 'source'"):
        revenue(firm.a, by="sourc")


def test_what_is_unexplained_is_told_in_words_with_its_currency(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    def more(*asked: Any) -> Query:
        return Query(
            "closings", f"SELECT c.value, c.place, c.closing + 1234.5 AS closing FROM ({closings(*asked).sql}) c"
        )

    closings = report.closings
    monkeypatch.setattr(report, "closings", more)
    (note,) = (one for one in revenue(firm.a, start="2026-03", end="2026-03").notes if one.is_error)
    assert note.says == "Ours, Mar 2026: $1,234.50 of the revenue at the end is not explained by movements."
    assert "page Revenue" in (note.hint or "")


def test_e7_an_amount_against_its_kind_is_explained(told: RevenueTold) -> None:
    """Grown by 50 and less by 70 within group_days: contraction on both days, and 20 of it together."""
    plain = told.lenses[0].lines[0]

    def days(**amounts: int) -> tuple[Line, ...]:
        return (plain, *(plain._replace(moved=(Moved(kind, Decimal(money)),)) for kind, money in amounts.items()))

    for amounts in ({"contraction": 50}, {"churn": 50}, {"new": -50}, {"expansion": -50}, {"reactivation": -50}):
        assert "group_days" in against(days(**amounts)), amounts
    assert not against(days(contraction=-70, churn=-1, new=5, expansion=5, reactivation=5, fx=-5, pause=-5, transfer=5))
    assert not any(against(seen.lines) for seen in told.lenses)


def test_it_is_a_table_for_a_file(told: RevenueTold) -> None:
    rows = table(told).to_pylist()
    assert len(rows) == 18
    assert {row["lens"] for row in rows} == {"ours", "profitwell", "stripe"}
    assert all(row["difference"] == 0 for row in rows)
    assert [row["pause"] for row in rows if row["lens"] == "ours"] == [0, -200, 0, 0, 0, 0]


def test_a_build_that_does_not_balance_says_so(firm: Firm, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "broken"
    shutil.copytree(firm.a.lake.builds / firm.first.build, path)
    file = path / "mart" / "mrr_movement.parquet"
    rows = pq.read_table(file)
    kinds = pa.array(["unbalanced" if kind == "churn" else kind for kind in rows["kind"].to_pylist()])
    pq.write_table(rows.set_column(rows.column_names.index("kind"), "kind", kinds), file)
    (problem,) = [p for p in contract_problems(path, ()) if p.code == "revenue-not-balanced"]
    assert problem.is_error
    assert "350.00 of the recurring revenue of 2 accounts" in problem.message
    assert not [p for p in contract_problems(firm.a.lake.builds / firm.first.build, ()) if p.is_error]


def test_e1_lines_that_end_before_they_start_are_shown_and_not_counted(firm: Firm) -> None:
    assert [(t.table, t.set_aside) for t in firm.first.tables if t.set_aside] == [("contract_line", 1)]


def test_e9_another_switch_is_another_version_and_the_change_is_a_movement_of_its_own(
    firm: Firm, told: RevenueTold, second: Built
) -> None:
    """With every discount counted Elm paid 50 until April; what was reported stays as it was in the first build."""
    assert second.build != firm.first.build
    now = by_period(revenue(firm.b, start="2026-01").lenses[0].lines)
    assert [float(line.closing) for line in now.values()] == [650, 500, 560, 460, 490, 640]
    kept = revenue(firm.a.defined_by(firm.a.model, firm.a.lake.builds / firm.first.build), start="2026-01")
    assert kept.lenses[0].lines == told.lenses[0].lines
    found = compare_builds(firm.b, firm.first.build, second.build)
    assert [(d.account, d.before, d.after, d.money, d.moved, d.why) for d in found.definitions] == [
        ("Elm", Decimal(80), Decimal(80), Decimal(0), Decimal(30), ("discounts",))
    ]
    assert [change.says for change in found.changes or ()]


def test_e9_a_version_that_changes_todays_revenue_says_by_how_much(firm: Firm, second: Built) -> None:
    folder = firm.b.root
    model = folder / "model" / "revenue.yaml"
    before = model.read_text()
    model.write_text(before.replace("churn_date: service_end", "churn_date: when_scheduled", 1))
    lines = folder / "data" / "lines.csv"
    lines.write_text(
        lines.read_text().replace("resumes\n", "resumes,asked\n", 1).replace("50,,,,,\n8", "50,,,,,,2026-06-20\n8")
    )
    mapping = folder / "data" / "mapping.yaml"
    mapping.write_text(mapping.read_text() + "          cancelled_on: asked\n")
    third = sync(open_workspace(folder)).build
    (fir,) = compare_builds(open_workspace(folder), second.build, third.build).definitions
    assert (fir.account, fir.before, fir.after, fir.money) == ("Fir", Decimal(50), Decimal(0), Decimal(-50))
    assert fir.why == ("churn_date",)


def test_only_who_may_build_is_made_to_wait(firm: Firm) -> None:
    with pytest.raises(Refused, match="no build for --as-of 2026-02-03"):
        revenue(firm.a.only_read(), as_of="2026-02-03")
