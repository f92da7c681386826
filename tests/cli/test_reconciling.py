"""`fairlead reconcile`: the verb's answer for people, for programs and as a file."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from fairlead.actions.reconciling import reconcile
from fairlead.cli.app import app
from fairlead.problem import Refused
from fairlead.workspace import open_workspace
from tests.actions.billed import billed_company


def run(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["-C", str(folder), "reconcile", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_json_text_and_excel_say_what_the_verb_says(halyard: Path, tmp_path: Path) -> None:
    found = reconcile(open_workspace(halyard))
    told = json.loads(run(halyard, "--json"))
    assert [one["entry"] for one in told["items"]] == [one.entry for one in found.items]
    assert told["billing"]["total"] == float(found.billing.total)
    said = run(halyard, "--kind", "not_invoiced")
    assert "Won in the CRM" in said
    assert "Billing has nothing for it." in said
    assert "It carries on what ended" not in said
    file = tmp_path / "open.xlsx"
    assert run(halyard, "--xlsx", str(file)) == ""
    book: Any = openpyxl.load_workbook(file)
    assert book.active.max_row == len(found.items) + 1
    steps = [row[1:] for row in book["bridge"].values]
    assert [row[0] for row in steps[1:]] == ["Won in the CRM", *(one.title for one in found.bridge), "In billing"]
    assert sum(row[2] for row in steps[1:-1]) == pytest.approx(steps[-1][2])
    sides = [dict(zip(next(book["totals"].values), row, strict=True)) for row in list(book["totals"].values)[1:]]
    assert [(row["side"], row["rows"], row["total"]) for row in sides] == [
        ("crm", found.crm.rows, float(found.crm.total)), ("billing", found.billing.rows, float(found.billing.total)),
    ]  # fmt: skip
    for row in sides:
        assert row["matched"] + row["explained"] + row["unexplained"] == pytest.approx(row["total"])


def test_what_was_set_aside_is_said_beside_the_answer(tmp_path: Path) -> None:
    """On the error stream, so that what programs read stays JSON; and among the JSON's notes."""
    folder = billed_company(tmp_path / "firm").root
    for command, count in (("reconcile", 2), *((of, 1) for of in ("revenue", "cohorts", "renewals", "churn"))):
        done = CliRunner().invoke(app, ["-C", str(folder), command, "--json"])
        assert done.exit_code == 0, done.output
        notes = json.loads(done.stdout)["notes"]
        assert [note["code"] for note in notes] == ["rows-uncounted"] * count
        said = " ".join(done.stderr.split())
        assert all(note["message"] in said for note in notes)
    told = run(folder, "--kind", "invoiced_otherwise")
    assert "Contract, no invoice" in told
    assert "9 of 9 periods were invoiced, 360.00 USD less than due." in told


def test_an_unknown_kind_and_owner_are_refused_with_the_nearest(halyard: Path) -> None:
    for words, says in ((("--kind", "wrong_amont"), "wrong_amount"), (("--owner", "Nobody At All"), "open item")):
        done = CliRunner().invoke(app, ["-C", str(halyard), "reconcile", *words])
        assert isinstance(done.exception, Refused)
        told = done.exception.problems[0]
        assert says in f"{told.message} {told.hint}"
