"""Lines that are in no number, though they were sent or once counted, are told of: what they say, and their money."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fairlead.actions.asking import opened
from fairlead.actions.checking import check_all
from fairlead.actions.comparing import compare_builds
from fairlead.actions.syncing import land, sync
from fairlead.problem import Problem
from fairlead.record.laws import LINES_CHANGED
from fairlead.values import Query, quiet
from fairlead.workspace import Workspace
from tests.actions.companies import small_company

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
LINES = """\
id,account,start,end,interval,amount,currency,discount,status
l1,a1,2025-01-01,2025-07-01,month,100,USD,,active
l2,a1,2025-03-15,,year,2400,USD,,active
l3,a2,2025-02-01,,month,50,USD,,Active
l4,a2,2025-02-01,,month,60,USD,10,Signed
l5,a2,2025-02-01,,year,120,USD,,pending
l6,a2,2025-02-01,,month,7,EUR,,signed
l7,a3,2026-06-01,,month,30,USD,,future
l8,a3,2025-06-01,,month,30,USD,,trialing
"""
MAPPING = """\
  - file: lines.csv
    key: [id]
    tables:
      - table: contract_line
        columns:
          {account_id: account, starts_on: start, ends_on: end, billing_interval: interval, amount: amount,
           currency: currency, discount: discount, status: status}
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, list[tuple[Problem, ...]]]:
    """All lines landed; then two syncs of an export without four of them."""
    company = small_company(tmp_path_factory.mktemp("lines") / "small")
    data = company.data
    (data / "mapping.yaml").write_text((data / "mapping.yaml").read_text() + MAPPING)
    (data / "lines.csv").write_text(LINES)
    land(company, NOW, quiet)
    kept = [row for row in LINES.splitlines(keepends=True) if row[:2] not in ("l1", "l2", "l7", "l8")]
    (data / "lines.csv").write_text("".join(kept))
    return company, [sync(company, now=NOW + timedelta(days=day)).problems for day in (1, 2)]


def test_e9_lines_changed_in_place_are_told_once_and_their_change_is_kept(tmp_path: Path) -> None:
    """100 to 150 and 2,400 to 3,600 a year; l3 is told by the year, l5 has not begun, l4 ended and went on as l6."""
    company = small_company(tmp_path / "small")
    data = company.data
    (data / "mapping.yaml").write_text((data / "mapping.yaml").read_text() + MAPPING)
    lines = """\
id,account,start,end,interval,amount,currency,discount,status
l1,a1,2025-01-01,2025-07-01,month,100,USD,,active
l2,a1,2025-03-15,,year,2400,USD,,active
l3,a2,2025-02-01,,month,50,USD,,active
l4,a2,2025-02-01,,month,60,USD,,active
l5,a2,2026-05-01,,month,60,USD,,active
"""
    (data / "lines.csv").write_text(lines)
    assert of(sync(company, now=NOW).problems, "lines-changed") == []
    lines = lines.replace("month,100", "month,150").replace("year,2400", "year,3600").replace("month,50", "year,600")
    lines = lines.replace("l4,a2,2025-02-01,,", "l4,a2,2025-02-01,2026-03-01,")
    lines = lines.replace("2026-05-01,,month,60", "2026-05-01,,month,90")
    (data / "lines.csv").write_text(lines + "l6,a2,2026-03-01,,month,80,USD,,active\n")
    base = company.lake.current()
    assert base
    first, second = (sync(company, now=NOW + timedelta(days=day)) for day in (1, 2))
    told = compare_builds(company, base.name, first.build.build, now=NOW + timedelta(days=2)).notes
    most = "most in 2025-06: 410.00 USD became 560.00."
    assert f"MRR at the end of 15 months from 2025-01 to 2026-03 is told otherwise; {most}" in told
    (problem,) = of(first.problems, "lines-changed")
    assert (str(problem.where), problem.is_error) == ("data/lines.csv", False)
    assert problem.message == (
        "2 contract lines of files have another amount, discount, currency or interval in place:"
        " 300.00 USD a month became 450.00, in every month from 2025-01 to 2026-03, as if it had always been so."
    )
    assert "replaces_id" in LINES_CHANGED.mend
    assert of(second.problems, "lines-changed") == []
    build = company.lake.current()
    assert build
    reader = opened(build).reader
    changes = "SELECT entity_id, old, new FROM record.change WHERE entity = 'contract_line' ORDER BY entity_id"
    assert [tuple(row.values()) for row in reader.rows(Query("all", changes)).to_pylist()] == [
        ("files:l1", "100.00", "150.00"), ("files:l2", "2400.00", "3600.00"),
        ("files:l3", "50.00", "600.00"), ("files:l5", "60.00", "90.00"),
    ]  # fmt: skip
    aside = "SELECT table_name FROM quality.set_aside WHERE table_name = 'change'"
    assert reader.rows(Query("all", aside)).num_rows == 0


def of(problems: tuple[Problem, ...], code: str) -> list[Problem]:
    return [problem for problem in problems if problem.code == code]


def test_e14_a_status_that_nobody_knows_is_told_with_its_file_words_lines_and_money(
    told: tuple[Workspace, list[tuple[Problem, ...]]],
) -> None:
    """60 less 10, and a twelfth of 120, in dollars; 7 in euros."""
    company, (first, _) = told
    (problem,) = of(first, "unknown-status")
    assert (str(problem.where), problem.is_error) == ("data/lines.csv:5", False)
    assert problem.message == (
        "3 contract lines of 60.00 USD and 7.00 EUR a month have a status that is not known:"
        " 'Signed' (1), 'pending' (1), 'signed' (1). They are set aside."
    )
    assert of(check_all(company), "unknown-status") == [problem]


def test_e24_lines_that_went_are_told_once_with_their_money_and_months(
    told: tuple[Workspace, list[tuple[Problem, ...]]],
) -> None:
    """100 and a twelfth of 2,400 a month, the first of them over since June; what was never revenue is no news."""
    company, (first, second) = told
    (problem,) = of(first, "lines-gone")
    assert not problem.is_error
    assert problem.message == (
        "2 contract lines of files with 300.00 USD a month are gone from the export,"
        " and so from every month from 2025-01 to 2026-03."
    )
    assert of(second, "lines-gone") == []
    assert of(check_all(company), "lines-gone") == [problem], "the published build is without them, and says so"
    build = company.lake.current()
    assert build
    rows = opened(build).reader.rows(Query("all", "SELECT sum(amount_converted) AS mrr FROM mart.mrr_movement"))
    assert [float(row["mrr"]) for row in rows.to_pylist()] == [50.0]
