"""`fairlead why` as a person and a program call it."""

import csv
import io
from pathlib import Path

import pytest

from tests.actions.companies import synced_company
from tests.cli.test_app import Run, run_in


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("cli") / "small"
    synced_company(folder)
    return run_in(folder)


def test_the_sentence_stands_first_and_the_parts_below(run: Run) -> None:
    ended = run("why", "win_rate", "--from", "2026-01", "--to", "2026-02", "--by", "segment")
    lines = [" ".join(line.split()) for line in ended.out.splitlines()]
    assert ended.code == 0
    assert lines[0].startswith("Win rate fell 66.7 points, from 100.0% in Jan 2026 to 33.3% in Feb 2026")
    assert "Win rate 100.0% 33.3% \u221266.7 points 100.0%" in lines
    assert any(line.startswith("Closed 1 3 \u2212") for line in lines)
    assert "By segment" in lines
    assert any(line.startswith("smb 100.0% ") for line in lines)


def test_json_has_numbers_that_sum(run: Run) -> None:
    found = run("why", "bookings", "--from", "2026-01", "--to", "2026-02", "--by", "segment", "--json").json
    assert found["change"] == found["after"] - found["before"]
    assert sum(one["part"] for one in found["cuts"][0]["slices"]) == found["change"]
    assert found["cuts"][0]["kind"] == "sum"


def test_csv_has_a_line_a_part(run: Run) -> None:
    ended = run("why", "win_rate", "--from", "2026-01", "--to", "2026-02", "--csv")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert [(row["of"], row["level"], row["name"]) for row in rows] == [
        ("whole", "0", "win_rate"), ("whole", "1", "won"), ("whole", "1", "closed"),
    ]  # fmt: skip


def test_what_was_reported_is_told_with_its_record(run: Run) -> None:
    name = run("builds", "--json").json[0]["build"]
    ended = run("why", "won", "--from", "2026-02", "--to", "2026-02", "--reported", name[:14])
    assert "as it was reported" in ended.out
    assert "0 records the earlier build did not have" in ended.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("why", "win_rat", "--from", "2026-01", "--to", "2026-02"), "Did you mean"),
        (("why", "win_rate", "--from", "soon", "--to", "2026-02"), "'soon' is no period"),
        (("why", "win_rate", "--from", "2026-01"), "--to"),
    ],
)
def test_what_is_asked_wrongly_ends_in_words(run: Run, words: tuple[str, ...], says: str) -> None:
    ended = run(*words)
    assert ended.code != 0
    assert says in ended.err


def test_an_undefined_end_is_told_and_no_failure(run: Run, tmp_path: Path) -> None:
    ended = run("why", "win_rate", "--from", "2025-12", "--to", "2026-01")
    assert ended.code == 0
    assert "undefined in Dec 2025 (no deals won or lost)" in ended.out.replace("\u00a0", " ")


def test_shares_are_worded_and_never_minus_nothing(run: Run) -> None:
    ended = run("why", "pipeline_created", "--from", "2026-01", "--to", "2026-02", "--by", "segment")
    assert "100.0%" in ended.out
    assert "-0%" not in ended.out
    assert "\u22120%" not in ended.out
