"""`fairlead revenue` on the command line: text for people, JSON for programs, a file for Excel."""

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from fairlead.cli.app import app


def run(demo: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["-C", str(demo), "revenue", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_text_shows_movements_and_that_they_balance(halyard: Path) -> None:
    shown = run(halyard, "--from", "2026-01", "--to", "2026-06", "--lens", "ours,stripe")
    for word in ("opening", "new", "churn", "closing", "NRR", "GRR", "exact", "Stripe Billing", "Jan 2026"):
        assert word in shown
    assert "off by" not in shown


def test_json_holds_all_of_it(halyard: Path) -> None:
    told = json.loads(run(halyard, "--from", "2026-01", "--to", "2026-06", "--by", "segment", "--json"))
    (ours,) = told["lenses"]
    assert {line["value"] for line in ours["lines"]} >= {"smb", "mid_market"}
    assert len({line["period"] for line in ours["lines"]}) == 6
    for line in ours["lines"]:
        moved = sum(one["money"] for one in line["moved"])
        assert line["opening"] + moved == pytest.approx(line["closing"])
        assert line["difference"] == 0


def test_xlsx_is_a_sheet_of_periods(halyard: Path, tmp_path: Path) -> None:
    file = tmp_path / "revenue.xlsx"
    run(halyard, "--from", "2026-01", "--to", "2026-03", "--xlsx", str(file))
    rows = list(load_workbook(file).worksheets[0].values)
    assert rows[0][:3] == ("lens", "period", "opening")
    assert [row[1] for row in rows[1:]] == ["2026-01", "2026-02", "2026-03"]
    words = ("--from", "2022", "--per", "year", "--lens", "ours,stripe")
    run(halyard, *words, "--xlsx", str(file))
    told = json.loads(run(halyard, *words, "--json"))
    others = list(load_workbook(file)["seen otherwise"].values)
    assert others[0][:3] == ("lens", "account_id", "account")
    assert [row[1] for row in others[1:]] == [one["account"]["account_id"] for one in told["differences"]] != []


def test_who_differs_adds_up_to_the_difference_of_the_headline(halyard: Path) -> None:
    words = ("--from", "2022", "--per", "year", "--lens", "ours,stripe")
    told = json.loads(run(halyard, *words, "--json"))
    ours, theirs = told["lenses"]
    accounts = [one["account"] for one in told["differences"]]
    assert theirs["differ"] == told["differences_total"] == len(accounts) > 0
    last = theirs["lines"][-1]["closing"] - ours["lines"][-1]["closing"]
    assert (
        sum(one["would_be"] - one["was"] for one in accounts) == pytest.approx(theirs["apart"]) == pytest.approx(last)
    )
    for one in accounts:
        parts = [part for part in one["told"] if part["kind"] != "nrr"]
        assert sum(part["theirs"] - part["ours"] for part in parts) == pytest.approx(one["would_be"] - one["was"])
        assert one["moved"] <= sum(max(abs(part["ours"]), abs(part["theirs"])) for part in one["told"]) + 0.005
    for mine, line in zip(ours["lines"], theirs["lines"], strict=True):
        for was, moved in zip(mine["moved"], line["moved"], strict=True):
            apart = [
                part["theirs"] - part["ours"]
                for one in accounts
                for part in one["told"]
                if (part["period"], part["kind"]) == (line["period"], moved["kind"])
            ]
            assert sum(apart) == pytest.approx(moved["money"] - was["money"])
    assert "on the last day theirs come to" in run(halyard, *words)


def test_a_lens_nobody_knows_is_refused(halyard: Path) -> None:
    from fairlead.problem import Refused

    done = CliRunner().invoke(app, ["-C", str(halyard), "revenue", "--lens", "ours,chartmogol"])
    assert isinstance(done.exception, Refused)
    assert "Did you mean 'chartmogul'?" in str(done.exception)
    none = CliRunner().invoke(app, ["-C", str(halyard), "revenue", "--lens", ""])
    assert "Name ours, chartmogul" in str(none.exception)
    days = CliRunner().invoke(app, ["-C", str(halyard), "revenue", "--from", "1900", "--per", "day"])
    assert isinstance(days.exception, Refused)
    assert "too many periods of a day" in str(days.exception)


@pytest.mark.parametrize("command", ["revenue", "cohorts", "churn", "clocks", "funnel", "gates"])
def test_two_cuts_at_a_time_are_refused_and_neither_is_dropped(halyard: Path, command: str) -> None:
    from fairlead.problem import Refused

    done = CliRunner().invoke(app, ["-C", str(halyard), command, "--by", "segment", "--by", "product"])
    assert isinstance(done.exception, Refused)
    assert "by one dimension at a time, not by segment and product" in str(done.exception)


def test_cohorts_are_a_triangle_for_people_programs_and_excel(halyard: Path, tmp_path: Path) -> None:
    words = ["-C", str(halyard), "cohorts", "--per", "quarter", "--from", "2025-Q4"]
    shown = CliRunner().invoke(app, words)
    assert "together" in shown.stdout
    assert "too young" in shown.stdout
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert len({one["period"] for one in told["cohorts"]}) == len(told["cohorts"]) > 2
    first = told["cohorts"][0]
    assert first["cells"][0]["kept"] / first["started"] == pytest.approx(first["cells"][0]["share"])
    file = tmp_path / "cohorts.xlsx"
    CliRunner().invoke(app, [*words, "--xlsx", str(file)])
    rows = list(load_workbook(file).worksheets[0].values)
    assert len(rows) == 1 + sum(len(one["cells"]) for one in told["cohorts"])
    nobody = CliRunner().invoke(app, ["-C", str(halyard), "cohorts", "--from", "2019-01", "--to", "2019-03"])
    assert "Nobody started to pay in that time." in nobody.stdout


def test_churn_tells_reasons_and_a_lifetime_value_with_its_interval(halyard: Path, tmp_path: Path) -> None:
    words = ["-C", str(halyard), "churn", "--from", "2025-11"]
    shown = CliRunner().invoke(app, words)
    assert "Lifetime value in gross margin" in shown.stdout
    assert "Nov 1, 2025 to " in shown.stdout
    assert "`fairlead revenue --per day`" in " ".join(shown.output.split())
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    worth = told["lifetime"]
    cut = json.loads(CliRunner().invoke(app, [*words, "--by", "source", "--json"]).stdout)
    assert (cut["lifetime"], told["by"], cut["by"]) == (worth, "segment", "source")
    assert sum(one["customers"] for one in cut["segments"]) == worth["customers"]
    assert {one["margin"] for one in cut["segments"]} == {worth["margin"]}, "the ledger knows no sources"
    assert worth["value"] == pytest.approx(worth["arpa"] * worth["margin"] / worth["churn"])
    assert worth["low"] < worth["value"] < (worth["high"] or float("inf"))
    segments = told["segments"]
    assert len({one["segment"] for one in segments}) == len(segments) == 3
    assert sum(one["customers"] for one in segments) == worth["customers"]
    assert min(one["arpa"] for one in segments) < worth["arpa"] < max(one["arpa"] for one in segments)
    days = json.loads(run(halyard, "--from", "2025-11", "--per", "day", "--json"))["lenses"][0]["lines"]
    for kind in ("churn", "contraction"):
        moved = -sum(one["money"] for line in days for one in line["moved"] if one["kind"] == kind)
        assert sum(one["money"] for one in told["lost"] if one["movement"] == kind) == pytest.approx(moved)
    file = tmp_path / "churn.xlsx"
    CliRunner().invoke(app, [*words, "--xlsx", str(file)])
    rows = list(load_workbook(file).worksheets[0].values)
    assert [row[-1] for row in rows[1:]] == pytest.approx([one["money"] for one in told["lost"]])
    book: Any = load_workbook(file)
    header, whole, *each = book["lifetime value"].values
    assert dict(zip(header, whole, strict=True)) == pytest.approx(worth | {"of": "all"})
    assert [(row[0], row[1]) for row in each] == [("segment", one["segment"]) for one in segments]
    assert [row[header.index("value")] for row in each] == pytest.approx([one["value"] for one in segments])
    refused = CliRunner().invoke(app, ["-C", str(halyard), "churn", "--from", "soon"])
    assert "'soon' is no day and no period." in str(refused.exception)
