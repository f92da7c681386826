"""Commands about what was agreed, as a person or a program calls them."""

from pathlib import Path

import pytest

from fairlead.workspace import open_workspace
from tests.actions.companies import synced_company
from tests.cli.test_app import Run, run_in

EXAMPLE = ("--given", "won=1", "--given", "closed=4", "--gives")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    synced_company(folder)
    return folder


@pytest.fixture
def run(folder: Path) -> Run:
    return run_in(folder)


def redefined(folder: Path) -> None:
    model = folder / "model" / "metrics.yaml"
    model.write_text(
        model.read_text().replace("where: is_won, at: closed_at", "where: is_won and amount > 2000, at: closed_at", 1)
    )


def test_a_dispute_is_written_checked_and_settled(run: Run, folder: Path) -> None:
    done = run("dispute", "M10", "--says", "Merged deals are not lost.", "--by", "vp_sales", *EXAMPLE, "0.3")
    assert done.code == 0
    assert "model/decisions.yaml:" in done.out
    assert "With won 1, closed 4 the definition gives 0.25; claimed is 0.3." in done.out
    told = run("check")
    assert (told.code, "dispute-open" in told.err) == (0, True)
    assert "Disputed (1) by vp_sales" in run("explain", "win_rate").out
    assert run("settle", "win_rate", "--how", "They are.", "--by", "cro", "--holds").code == 0
    told = run("check")
    assert (told.code, "dispute-not-followed" in told.err) == (1, True)
    assert open_workspace(folder).model.decisions.disputes[0].settled == "They are."


def test_a_dispute_as_json(run: Run) -> None:
    found = run("dispute", "win_rate", "--says", "No.", "--by", "cro", *EXAMPLE, "undefined", "--json").json
    assert (found["found"], found["holds"], found["dispute"]["term"]) == (0.25, False, "win_rate")
    assert run("settle", "win_rate", "--how", "No.", "--by", "cro", "--does-not-hold", "--json").json["agreed"] is False


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("dispute", "win_rat", "--says", "No.", "--by", "cro"), "Did you mean 'win_rate'"),
        (("dispute", "win_rate", "--says", "No.", "--by", "cro", "--given", "won=1"), "--given and --gives together"),
        (("dispute", "win_rate", "--says", "No.", "--by", "cro", *EXAMPLE, "many"), "'many' is no number"),
        (("dispute", "win_rate", "--says", "No.", "--by", "cro", "--given", "won", "--gives", "1"), "no operand with"),
        (("settle", "win_rate", "--how", "So.", "--by", "cro"), "no such open dispute"),
        (("ask", "win_rate", "--defined-on", "2020-01-01"), "No dictionary of 2020-01-01"),
        (("ask", "win_rate", "--defined-on", "nonsense"), "no build"),
        (("explain", "win_rat", "--versions"), "unknown metric"),
        (("builds", "20", "zebra"), "no build 'zebra'"),
    ],
)
def test_every_wrong_word_is_one_clear_line(run: Run, words: tuple[str, ...], says: str) -> None:
    done = run(*words)
    assert done.code == 1
    assert says in done.err
    assert done.out == ""
    assert len(done.err.strip().splitlines()) == 1


def test_versions_stand_side_by_side(run: Run, folder: Path) -> None:
    before = run("builds", "--json").json[0]["build"]
    redefined(folder)
    shown = run("explain", "win_rate", "--versions", "--from", "2026-01", "--to", "2026-02").out
    assert "measure won: where changed from is_won to 'is_won and amount > 2000'" in shown
    assert [line.split()[-2:] for line in shown.splitlines() if line.startswith("Jan")] == [["100.0%", "0.0%"]]
    found = run("explain", "win_rate", "--versions", "--from", "2026-01", "--to", "2026-02", "--json").json
    assert [series["points"][0] for series in found] == [["2026-01", 1.0], ["2026-01", 0.0]]
    asked = ("ask", "won", "--from", "2026-01", "--to", "2026-02", "--json")
    assert run(*asked).json[0]["value"] == 1
    assert run(*asked, "--defined-on", before).json[0]["value"] == 2


def test_two_builds_are_compared(run: Run, folder: Path) -> None:
    first = run("builds", "--json").json[0]["build"]
    redefined(folder)
    assert run("sync").code == 0
    second = run("builds", "--json").json[0]["build"]
    shown = run("builds", first, second).out
    assert f"{first} compared with {second}" in shown
    assert "Model: measure won: where changed" in shown
    assert "As they were told before: New pipeline" in shown
    found = run("builds", first, second, "--json").json
    assert [c["says"] for c in found["changes"]] == [
        "measure won: where changed from is_won to 'is_won and amount > 2000'"
    ]


def test_sources_are_listed_with_their_age(run: Run) -> None:
    shown = run("sources").out
    assert "deals" in shown
    assert "files: Last looked at just now" in shown
    (source,) = run("sources", "--json").json
    assert [(t["name"], t["rows"]) for t in source["tables"]] == [("accounts", 3), ("deals", 6)]


def test_the_dictionary_is_searched_and_a_word_is_shown(run: Run) -> None:
    lines = run("explain", "--search", "win rate").out.splitlines()
    assert lines[1].split()[:2] == ["M10", "win_rate"]
    assert run("explain", "--search", "win rate", "--json").json[0]["name"] == "win_rate"
    churn = run("explain", "churn").out
    assert "A customer whose recurring revenue ended altogether" in churn
    assert "model/data.yaml:" in churn
    assert run("explain", "churn", "--json").json["term"]["kind"] == "definition"


def test_explain_tells_what_was_agreed_about_a_metric(run: Run) -> None:
    shown = run("explain", "win_rate").out
    assert "Looked at by: Executive review (monthly), Pipeline review (weekly, monday)" in shown
    assert "Named by: A growth framework, A team-alignment framework" in shown
    assert "Example: won 1, closed 4 gives 0.25; holds." in shown
    found = run("explain", "win_rate", "--json").json
    assert found["owner"] == "VP Sales"
    assert [example["holds"] for example in found["examples"]] == [True, True, True]
