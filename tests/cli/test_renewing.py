"""`fairlead renewals`: the verb's answer for people, for programs and as a file."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from fairlead.actions.renewing import renewals
from fairlead.cli.app import app
from fairlead.workspace import open_workspace


def run(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["-C", str(folder), "renewals", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_json_text_and_excel_say_what_the_verb_says(halyard: Path, tmp_path: Path) -> None:
    found = renewals(open_workspace(halyard))
    told = json.loads(run(halyard, "--json"))
    assert [one["month"] for one in told["months"]] == [one.month for one in found.months]
    assert told["total"]["expected"]["renewed"] == float(found.total.expected.renewed if found.total.expected else 0)
    said = run(halyard)
    assert "in all" in said
    assert "180 days" in said
    assert "built-in" not in said
    file = tmp_path / "due.xlsx"
    assert run(halyard, "--from", "2026-10", "--to", "2027-03", "--xlsx", str(file)) == ""
    some = renewals(open_workspace(halyard), start="2026-10", end="2027-03")
    assert 0 < len(some.items) < len(found.items)
    book: Any = openpyxl.load_workbook(file)
    assert book.active.max_row == len(some.items) + 1
    months = [dict(zip(next(book["forecast"].values), row, strict=True)) for row in list(book["forecast"].values)[1:]]
    assert [(row["month"], row["due"]) for row in months] == [(one.month, float(one.due)) for one in some.months]
    expected = [one.expected.renewed if one.expected else None for one in some.months]
    assert [row["expected_renewed"] for row in months] == [None if one is None else float(one) for one in expected]
    rates = list(book["rates"].values)
    assert rates[0][:3] == ("segment", "renewals", "rate")
    assert [row[:2] for row in rates[1:]] == [(one.segment, one.renewals) for one in some.rates]
    assert [row[2] for row in rates[1:]] == pytest.approx([one.share for one in some.rates])
