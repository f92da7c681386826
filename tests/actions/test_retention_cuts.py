"""Metrics of retention cut by what a customer began with, against its lines walked day by day in plain Python."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from fairlead.actions.asking import ask, opened, published
from fairlead.actions.cohorts import cohorts
from fairlead.actions.leaving import leaving
from fairlead.actions.revenue import against, revenue
from fairlead.actions.starting import init
from fairlead.actions.syncing import sync
from fairlead.cli.app import app
from fairlead.problem import Refused
from fairlead.values import Query
from fairlead.workspace import Workspace, open_workspace

TODAY = date(2026, 6, 30)
DAY = timedelta(days=1)
MONTHS = {"month": 1, "year": 12}
SOURCES = ("events", "outbound", "partner", "")
MAPPING = """\
dates: iso
nulls: [""]
files:
  - file: deals.csv
    key: [id]
    tables:
      - table: account
        one_row_per: [customer]
        columns: {name: customer}
      - table: opportunity
        columns:
          account_id: customer
          name: id
          source: source
          stage: {constant: closed_won}
          created_at: {constant: "2024-01-01"}
          amount: {constant: 100}
          is_won: {constant: true}
          is_closed: {constant: true}
  - file: lines.csv
    key: [id]
    tables:
      - table: contract_line
        columns:
          account_id: customer
          opportunity_id: deal
          starts_on: starts
          ends_on: ends
          billing_interval: per
          amount: amount
"""

LENS = """\
  month_long:
    label: A month long
    says: What happens within 31 days is one decision.
    source: A test.
    switches: {group_days: 31}
"""


class Line(NamedTuple):
    """A line of `mrr` a month, from its first day to the first day after; `deal` is empty where it has none."""

    customer: str
    deal: str
    starts: date
    ends: date | None
    mrr: int
    per: str


# Grown by 150 and, within 31 days, less by 200.
TAKEN_BACK = (
    Line("back", "", date(2024, 2, 1), date(2025, 3, 20), 100, "month"),
    Line("back", "", date(2025, 3, 3), date(2025, 3, 20), 150, "month"),
    Line("back", "", date(2025, 3, 20), None, 50, "month"),
)


def some_lines(dice: random.Random, who: str, deals: Sequence[str]) -> Iterator[Line]:
    """One or two stays, far apart, of some lines each; of the first day's lines several may name a deal, or none."""
    start = date(2024, 1, 1) + timedelta(dice.randrange(500))
    for _ in range(dice.choice([1, 1, 2])):
        length = dice.randrange(90, 700)
        for n in range(dice.randrange(1, 4)):
            began = start if n == 0 or dice.random() < 0.3 else start + timedelta(dice.randrange(length - 60))
            ends = None if dice.random() < 0.4 else start + timedelta(length)
            early = began + timedelta(dice.randrange(30, 400))
            if n and dice.random() < 0.5 and ends and early < ends:
                ends = early
            yield Line(who, dice.choice([*deals, "", ""]), began, ends, dice.randrange(10, 300), "month")
        start += timedelta(length + dice.randrange(70, 200))


def some_yearly(dice: random.Random, who: str, deals: Sequence[str]) -> Line:
    """A line that is due on each anniversary, and ends on one or never."""
    start = date(2024, dice.randrange(1, 7), dice.randrange(1, 28))
    ends = dice.choice([None, None, start.replace(year=2025), start.replace(year=2026)])
    return Line(who, dice.choice([*deals, ""]), start, ends, dice.randrange(10, 300), "year")


class Book:
    """A company with its lines, and what they come to without any of the program's SQL."""

    def __init__(self, folder: Path) -> None:
        dice = random.Random(7)
        names = [f"c{n}" for n in range(28)]
        self.source = {f"{who}d{n}": dice.choice(SOURCES) for who in names for n in range(2)}
        deals = {who: (f"{who}d0", f"{who}d1") for who in names}
        self.lines = {
            who: [some_yearly(dice, who, deals[who])] if n % 3 == 0 else list(some_lines(dice, who, deals[who]))
            for n, who in enumerate(names)
        }
        self.lines["back"], self.source["backd0"] = list(TAKEN_BACK), "events"
        self.folder, self.workspace = folder, self._written(folder)
        sync(self.workspace)

    def _written(self, folder: Path) -> Workspace:
        init(folder)
        settings = folder / "fairlead.yaml"
        settings.write_text(settings.read_text() + f"today: {TODAY}\n")
        switches = folder / "model" / "revenue.yaml"
        switches.write_text(switches.read_text().replace("\nlenses:\n", f"\nlenses:\n{LENS}", 1))
        deals = [f"{deal},{deal[:-2]},{source}" for deal, source in self.source.items()]
        (folder / "data" / "deals.csv").write_text("\n".join(["id,customer,source", *deals]))
        rows = [
            f"{n},{one.customer},{one.deal},{one.starts},{one.ends or ''},{one.mrr * MONTHS[one.per]},{one.per}"
            for n, one in enumerate(one for lines in self.lines.values() for one in lines)
        ]
        (folder / "data" / "lines.csv").write_text("\n".join(["id,customer,deal,starts,ends,amount,per", *rows]))
        (folder / "data" / "mapping.yaml").write_text(MAPPING)
        return open_workspace(folder)

    def mrr(self, who: str, day: date) -> int:
        return sum(one.mrr for one in self.lines[who] if one.starts <= day and (one.ends is None or day < one.ends))

    def began(self, who: str) -> date:
        return min(one.starts for one in self.lines[who])

    def source_of(self, who: str) -> str | None:
        first = [one for one in self.lines[who] if one.starts == self.began(who) and one.deal]
        return self.source[max(first, key=lambda one: one.mrr).deal] or None if first else None

    def cohort_of(self, who: str) -> str | None:
        return f"{self.began(who):%Y-%m}"

    def kept(self, who: str, first: date, last: date) -> tuple[int, int]:
        """What it paid before the first day, and pays on the last one: nothing more once it has left."""
        base, day = self.mrr(who, first - DAY), first
        while base and day <= last:
            if not self.mrr(who, day):
                return base, 0
            day += DAY
        return base, self.mrr(who, last)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return Book(tmp_path_factory.mktemp("retained") / "firm")


Of = Callable[[str], str | None]


def groups(book: Book, of: Of) -> dict[str | None, list[str]]:
    found: dict[str | None, list[str]] = {}
    for who in book.lines:
        found.setdefault(of(who), []).append(who)
    return found


def asked(book: Book, *metrics: str, by: str, per: str | None = "month", **more: Any) -> dict[Any, dict[str, Any]]:
    """Each metric by value and period; by value alone where they are asked for all of the time."""
    found: dict[Any, dict[str, Any]] = {}
    for row in ask(book.workspace, metrics, by=[by], per=per, **more).table.to_pylist():
        found.setdefault((row[by], row["period"]) if per else row[by], {})[row["metric"]] = row["value"]
    return found


@pytest.mark.parametrize("by", ["source", "cohort"])
def test_a_year_of_a_source_or_cohort_is_that_of_the_customers_who_began_so(book: Book, by: str) -> None:
    of = book.source_of if by == "source" else book.cohort_of
    found = asked(book, "nrr_year", "grr_year", "logo_retention", by=by, start="2025-09", end="2026-06")
    checked = 0
    for value, whom in groups(book, of).items():
        for month in ("2025-09", "2025-12", "2026-03", "2026-06"):
            year, number = int(month[:4]), int(month[5:])
            last = (date(year, number, 28) + timedelta(days=4)).replace(day=1) - DAY
            first = (last + DAY).replace(year=(last + DAY).year - 1)
            kept = [pair for pair in (book.kept(who, first, last) for who in whom) if pair[0]]
            row = found.get((value, month), {})
            if not kept:
                assert row.get("nrr_year") is None
                continue
            base = sum(before for before, _ in kept)
            assert row["nrr_year"] == pytest.approx(sum(after for _, after in kept) / base), (value, month)
            assert row["grr_year"] == pytest.approx(sum(min(pair) for pair in kept) / base), (value, month)
            assert row["logo_retention"] == pytest.approx(sum(after > 0 for _, after in kept) / len(kept))
            checked += 1
    assert checked >= 15


def test_renewals_of_a_source_are_those_of_the_customers_it_brought(book: Book) -> None:
    told = asked(book, "renewal_rate", "renewals_due", by="source", per=None, start="2025", end="2026-06")
    found = {value: (row["renewal_rate"], row["renewals_due"]) for value, row in told.items() if row["renewals_due"]}
    expected = {}
    for value, whom in groups(book, book.source_of).items():
        due = [
            one.ends is None or day < one.ends
            for who in whom
            for one in book.lines[who]
            for day in (one.starts.replace(year=2025), one.starts.replace(year=2026))
            if one.per == "year" and day <= TODAY and (one.ends is None or day <= one.ends)
        ]
        if due:
            expected[value] = (pytest.approx(sum(due) / len(due)), len(due))
    assert found == expected
    assert len(expected) >= 3


def test_what_is_asked_by_source_is_what_revenue_and_cohorts_tell_by_it(book: Book) -> None:
    found = asked(book, "nrr", "opening_mrr", "mrr", "arpa", by="source", start="2026-02", end="2026-05")
    lines = revenue(book.workspace, start="2026-02", end="2026-05", by="source").lenses[0].lines
    brought = groups(book, book.source_of)
    assert len({line.value for line in lines}) == 4
    for line in lines:
        row = found[line.value, line.period]
        assert (row["nrr"], row["opening_mrr"]) == (pytest.approx(line.nrr), pytest.approx(float(line.opening)))
        assert row["mrr"] == pytest.approx(float(line.closing))
        last = (date.fromisoformat(f"{line.period}-28") + timedelta(days=4)).replace(day=1) - DAY
        paid = [mrr for who in brought[line.value] if (mrr := book.mrr(who, last))]
        assert row["arpa"] == pytest.approx(sum(paid) / len(paid), abs=0.0051), "told in cents"
    days = asked(book, "cohort_started_mrr", by="cohort", per=None, start="2025", end="2026-05")
    began = {one.period for one in cohorts(book.workspace, start="2024", end="2025-05").cohorts}
    assert {value for value, row in days.items() if row["cohort_started_mrr"]} == began


def month_of(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - DAY


def test_what_a_customer_of_a_source_is_worth_goes_by_what_those_of_it_lost(book: Book) -> None:
    months = [month_of(date(2025 + n // 12, n % 12 + 1, 1)) for n in range(6, 18)]
    told = leaving(book.workspace, start="2025-07", end="2026-06", by="source")
    found = {one.segment: one for one in told.segments}
    for value, whom in groups(book, book.source_of).items():
        pairs = {who: [pair for span in months if (pair := book.kept(who, *span))[0]] for who in whom}
        paid = sum(base for each in pairs.values() for base, _ in each)
        lost = sum(base - min(base, after) for each in pairs.values() for base, after in each)
        assert found[value].customers == sum(map(bool, pairs.values()))
        assert found[value].churn == pytest.approx(lost / paid)
        worth = (found[value].arpa or 0) * paid / lost if lost else None
        assert found[value].value == (pytest.approx(worth) if worth else None)
    assert sum(one.customers for one in told.segments) == told.lifetime.customers
    assert len({one.arpa for one in told.segments}) == len(found) == 4
    assert sum(one.value is not None for one in told.segments) >= 2
    cohort = leaving(book.workspace, start="2025-07", end="2026-06", by="cohort")
    assert {one.segment for one in cohort.segments} <= {book.cohort_of(who) for who in book.lines}
    with pytest.raises(Refused, match=r"cannot be cut by 'sourc'.*Did you mean 'source'"):
        leaving(book.workspace, by="sourc")


def test_what_the_ledger_does_not_tell_apart_is_refused(book: Book) -> None:
    with pytest.raises(Refused, match="source"):
        ask(book.workspace, ["gross_margin"], by=["source"])


def test_e7_a_group_of_days_looked_at_by_day_says_why_amounts_go_against_their_kind(book: Book) -> None:
    days: dict[str, Any] = {"start": "2025-03", "end": "2025-03", "per": "day"}
    ours, grouped = revenue(book.workspace, lenses=["ours", "month_long"], **days).lenses
    assert not against(ours.lines)
    assert "group_days" in against(grouped.lines)
    lines = {line.period: {one.kind: int(one.money) for one in line.moved} for line in grouped.lines}
    assert lines["2025-03-03"]["contraction"] > 0 > lines["2025-03-20"]["contraction"]
    words = ["-C", str(book.folder), "revenue", "--from", "2025-03", "--to", "2025-03", "--per", "day"]
    for lens, is_said in (("ours", False), ("month_long", True)):
        shown = CliRunner().invoke(app, [*words, "--lens", lens])
        assert ("goes against its kind" in " ".join(shown.output.split())) is is_said


def test_facts_of_companies_are_cut_by_what_they_began_with(book: Book) -> None:
    sql = """SELECT a.id, a.cohort, o.source FROM mart.facts_account AS a
             LEFT JOIN record.opportunity AS o ON o.id = a.first_deal_id"""
    rows = opened(published(book.workspace)).reader.rows(Query("facts", sql)).to_pylist()
    told = {row["id"].partition(":")[2]: (row["cohort"], row["source"]) for row in rows}
    assert told == {who: (book.cohort_of(who), book.source_of(who)) for who in book.lines}
    assert len(set(told.values())) > 3
