"""Every command as a person or a program calls it: what is printed where, and how it ends."""

import contextlib
import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from unittest import mock

import openpyxl
import pytest

from fairlead.cli import main, show
from fairlead.workspace import open_workspace
from tests.actions.companies import small_company, synced_company


class Ended(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ended]
PROGRAM = "from fairlead.cli import main; main()"


def run_in(folder: Path) -> Run:
    """Calls the console script's `main` in this process, in a folder; what it prints is caught."""

    def run(*words: str) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.chdir(folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            mock.patch.object(sys, "argv", ["fairlead", *words]),
            pytest.raises(SystemExit) as ended,
        ):
            _called()
        assert "Traceback" not in out.getvalue() + err.getvalue()
        assert "A fault in Fairlead" not in err.getvalue()
        return Ended(int(ended.value.code or 0), out.getvalue(), err.getvalue())

    return run


def _called() -> NoReturn:
    """`main`, ended the way a script that returns ends: with 0."""
    main()
    raise SystemExit(0)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "small"
    synced_company(folder)
    return folder


@pytest.fixture(scope="module")
def run(small: Path) -> Run:
    return run_in(small)


def test_ask_prints_a_list_of_objects(run: Run) -> None:
    done = run(
        "ask",
        "win_rate",
        "bookings",
        "--per",
        "month",
        "--by",
        "segment",
        "--from",
        "2026-02",
        "--to",
        "2026-02",
        "--json",
    )
    assert done.code == 0
    assert done.json == [
        {"metric": "win_rate", "period": "2026-02", "segment": "enterprise", "value": 0.5, "unit": "percent"},
        {"metric": "win_rate", "period": "2026-02", "segment": "smb", "value": 0.0, "unit": "percent"},
        {"metric": "bookings", "period": "2026-02", "segment": "enterprise", "value": 25000.5, "unit": "money"},
        {"metric": "bookings", "period": "2026-02", "segment": "smb", "value": 0.0, "unit": "money"},
    ]


@pytest.mark.parametrize(
    ("per", "name"),
    [("day", "2026-01-20"), ("week", "2026-W04"), ("month", "2026-01"), ("quarter", "2026-Q1"), ("year", "2026")],
)
def test_periods_are_named_as_promised(run: Run, per: str, name: str) -> None:
    rows = run("ask", "won", "--per", per, "--json").json
    assert name in {row["period"] for row in rows}
    assert sum(row["value"] for row in rows) == 2


def test_ask_writes_csv_excel_and_sql(run: Run, small: Path) -> None:
    words = ("ask", "win_rate", "--per", "quarter", "--by", "segment")
    rows = list(csv.DictReader(io.StringIO(run(*words, "--csv").out)))
    assert rows[0] == {
        "metric": "win_rate",
        "period": "2026-Q1",
        "segment": "enterprise",
        "value": "0.5",
        "unit": "percent",
    }
    assert run(*words, "--xlsx", "answer.xlsx").code == 0
    sheet = openpyxl.load_workbook(small / "answer.xlsx").active
    assert sheet is not None
    assert [[c.value for c in row] for row in sheet.iter_rows()][1] == [
        "win_rate",
        "2026-Q1",
        "enterprise",
        0.5,
        "percent",
    ]
    assert "FROM mart.facts_opportunity" in run(*words, "--sql").out


def test_an_undefined_value_is_null_in_json_empty_in_csv_and_a_word_on_screen(run: Run) -> None:
    words = ("ask", "win_rate", "--from", "2026-03", "--to", "2026-03", "--per", "month")
    assert run(*words, "--json").json[0]["value"] is None
    assert run(*words, "--csv").out.splitlines()[1] == "win_rate,2026-03,,percent"
    assert "undefined" in run(*words).out


def test_a_metric_whose_data_is_missing_says_what_it_needs(run: Run) -> None:
    done = run("ask", "arpa", "forecast_accuracy", "--json")
    assert [row["value"] for row in done.json] == [None, None]
    assert "arpa is undefined: it needs" in done.err
    assert "forecast_accuracy is undefined: it needs" in done.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["ask", "win_rat"], "Did you mean 'win_rate'?"),
        (["ask", "win_rate", "--by", "segmnt"], "Did you mean"),
        (["ask", "win_rate", "--by", "opportunity.stage"], "Did you mean 'stage'?"),
        (["ask", "win_rate", "--per", "moon"], "unknown period 'moon'"),
        (["ask", "win_rate", "--from", "last week"], "'last week' is no day and no period"),
        (["ask", "win_rate", "--from", "2026-03", "--to", "2026-01"], "before it starts"),
        (["ask", "win_rate", "--where", "amount >"], "error [predicate"),
        (["ask", "win_rate", "--where", "amout > 3"], "Did you mean 'amount'?"),
        (["ask", "win_rate", "--where", "1 = 1; drop table x"], "semicolon"),
        (["ask", "win_rate", "--known-at", "2020-01-01"], "Nothing was known yet"),
        (["ask", "win_rate", "--known-at", "yesterday"], "is no moment"),
        (["explain", "nothing_like_it"], "unknown metric"),
        (["builds", "2020"], "no build '2020'"),
        (["diff", "nowhere", "nowhere"], "nowhere"),
    ],
)
def test_every_wrong_word_is_one_clear_line(run: Run, words: list[str], says: str) -> None:
    done = run(*words)
    assert done.code == 1
    assert says in done.err
    assert done.out == ""
    assert len(done.err.strip().splitlines()) == 1


def test_outside_a_workspace_every_command_says_so(tmp_path: Path) -> None:
    for words in (["ask", "won"], ["sync"], ["check"], ["builds"], ["explain"], ["map"], ["serve"]):
        done = run_in(tmp_path)(*words)
        assert (done.code, "no fairlead.yaml" in done.err) == (1, True), words


def test_every_command_takes_the_workspace(small: Path, tmp_path: Path) -> None:
    run = run_in(tmp_path)
    assert run("-C", str(small), "ask", "won", "--json").json[0]["value"] == 2
    assert run("-C", str(small), "builds", "--json").code == 0


def test_check_exits_one_on_errors_and_names_file_and_line(tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    small_company(folder)
    run = run_in(folder)
    assert run("check").code == 0
    metrics = folder / "model" / "metrics.yaml"
    metrics.write_text(metrics.read_text().replace("ratio: [won, closed]", "ratio: [won, closd]", 1))
    done = run("check", "--json")
    assert done.code == 1
    (problem,) = [p for p in done.json if "closd" in p["message"]]
    line = 1 + metrics.read_text().splitlines().index("    ratio: [won, closd]")
    assert (problem["file"], problem["line"], problem["severity"]) == ("model/metrics.yaml", line, "error")
    assert "closed" in problem["hint"]


def test_diff_names_what_changed(small: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    small_company(other)
    metrics = other / "model" / "metrics.yaml"
    metrics.write_text(metrics.read_text().replace("target: {at_least: 0.22", "target: {at_least: 0.3", 1))
    done = run_in(tmp_path)("diff", str(small), str(other), "--json")
    assert [change["path"][:2] for change in done.json] == [["metrics", "win_rate"]]
    assert run_in(tmp_path)("diff", str(small), str(small)).out == ""


def test_explain_goes_down_to_file_and_column_and_to_the_rows(run: Run) -> None:
    found = run("explain", "win_rate", "--json").json
    assert found["owner"]
    assert found["decision"]["decision"]
    origins = {
        (o["table"], o["column"], tuple(o["files"]), tuple(o["columns"])) for o in map(_origin, found["lineage"])
    }
    assert ("opportunity", "is_won", ("data/deals.csv",), ("Stage",)) in origins
    assert ("opportunity", "close_date", ("data/deals.csv",), ("Closed",)) in origins
    rows = run("explain", "win_rate", "--rows", "--from", "2026-02", "--to", "2026-02", "--json").json
    assert {row["place"] for row in rows["closed"]} == {"data/deals.csv:3", "data/deals.csv:4", "data/deals.csv:5"}
    assert [row["id"] for row in rows["won"]] == ["files:d3"]


def _origin(row: Any) -> dict[str, Any]:
    return (
        row
        if isinstance(row, dict)
        else dict(zip(("measure", "table", "column", "source", "files", "columns"), row, strict=True))
    )


def test_builds_lists_counts_and_reasons(run: Run) -> None:
    (build,) = run("builds", "--json").json
    assert build["rows_in"] == build["kept"] + build["set_aside"]
    reasons = run("builds", "--set-aside", "--json").json["reasons"]
    assert [(r["reason"], r["rows"], f"{r['file']}:{r['line']}") for r in reasons] == [
        ("dangling-reference", 1, "data/deals.csv:7")
    ]
    assert "data/deals.csv:7" in run("builds", "--set-aside").out


def test_init_map_sync_from_nothing(tmp_path: Path) -> None:
    run = run_in(tmp_path)
    assert run("init", "acme").code == 0
    assert run("init", "acme").code == 1
    inside = run_in(tmp_path / "acme")
    assert "fairlead map" in inside("sync").err
    (tmp_path / "acme" / "data" / "companies.csv").write_text(
        "Company ID,Company Name,Country\n1,Alpha,US\n2,Beta,DE\n3,Gamma,US\n"
    )
    assert inside("map").code == 0
    assert (tmp_path / "acme" / "data" / "mapping.yaml").exists()
    done = inside("sync")
    assert done.code == 0, done.err
    assert inside("builds", "--json").json[0]["kept"] == 3


@pytest.mark.parametrize(
    "content",
    [b"company: [", b"\xff\xfe\x00x", b"timezone: Mars/Olympus", b"fiscal_year_start: 13", b"- 1", b"colour: red"],
)
def test_bad_settings_are_a_line_with_its_place(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "fairlead.yaml").write_bytes(content)
    done = run_in(tmp_path)("check")
    assert done.code == 1
    assert done.err.startswith("fairlead.yaml:")


def test_an_answer_cut_short_by_a_closed_pipe_is_no_error(small: Path) -> None:
    command = f"{sys.executable} -c {PROGRAM!r} ask won --per day --csv | head -1"
    done = subprocess.run(command, shell=True, cwd=small, capture_output=True, text=True, check=False)
    assert done.stdout == "metric,period,value,unit\n"
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        target = Path("/proc/fairlead")
    else:
        tmp_path.chmod(0o500)
        target = tmp_path / "acme"
    done = run_in(tmp_path)("init", str(target))
    assert (done.code, "[not-written]" in done.err) == (1, True)


def test_the_library_opens_the_same_workspace(small: Path) -> None:
    assert open_workspace(small).lake.current() is not None


def test_editors_find_the_schema_that_each_file_of_a_new_model_names(tmp_path: Path) -> None:
    run_in(tmp_path)("init", "acme")
    for file in (tmp_path / "acme" / "model").glob("*.yaml"):
        first = file.read_text().splitlines()[0]
        schema = (file.parent / first.partition("$schema=")[2]).resolve()
        assert json.loads(schema.read_text())["type"] == "object", file.name
    metrics = json.loads((tmp_path / "acme" / ".fairlead" / "schema" / "metrics.schema.json").read_text())
    assert "metrics" in metrics["properties"]
    assert run_in(tmp_path / "acme")("schema", "elsewhere").out.count(".schema.json") == 17


def test_a_workspace_can_be_made_in_the_folder_one_stands_in(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    assert run_in(tmp_path / "here")("init", ".").code == 0
    assert (tmp_path / "here" / "fairlead.yaml").exists()


def test_json_names_every_part_however_deep(run: Run) -> None:
    (build,) = run("builds", "--json").json
    assert build["tables"][0].keys() >= {"table", "source", "rows_in", "kept", "set_aside"}
    assert all(t["rows_in"] == t["kept"] + t["set_aside"] for t in build["tables"])


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), RuntimeError("Query interrupted"), SystemExit(130)])
def test_ctrl_c_ends_in_words_wherever_it_falls(run: Run, fault: BaseException) -> None:
    with mock.patch("fairlead.actions.building.builds", side_effect=fault):
        done = run("builds")
    assert (done.code, done.err) == (130, "Stopped. Nothing was left half done.\n")


def test_a_disk_that_refuses_is_told_by_its_file(run: Run) -> None:
    full = OSError(28, "No space left on device", "/data/x.parquet")
    with mock.patch("fairlead.actions.building.builds", side_effect=full):
        done = run("builds")
    assert done.code == 1
    assert done.err.startswith("/data/x.parquet: error [not-written] No space left on device.")


def test_a_condition_that_cannot_be_read_is_told_without_the_parsers_insides(run: Run) -> None:
    done = run("ask", "won", "--where", "amount >>")
    assert (done.code, "<class" in done.err, "something is missing" in done.err) == (1, False, True)


def test_what_a_proposal_finds_is_named_as_other_commands_name_it(tmp_path: Path) -> None:
    run_in(tmp_path)("init", "acme")
    (tmp_path / "acme" / "data" / "crm").mkdir()
    (tmp_path / "acme" / "data" / "crm" / "photo.csv").write_bytes(b"\x89PNG\r\n")
    (tmp_path / "acme" / "data" / "crm" / "x.csv").write_text("Alpha,Beta\n1,2\n")
    told = run_in(tmp_path / "acme")("map").err
    assert "data/crm/photo.csv: error [file-unreadable]" in told
    assert "data/crm/x.csv: warning [file-unmapped]" in told


def test_check_reads_a_mapping_that_nothing_was_landed_by(tmp_path: Path) -> None:
    run_in(tmp_path)("init", "acme")
    (tmp_path / "acme" / "data" / "deals.csv").write_text("Id,Stage\n1,Won\n")
    run = run_in(tmp_path / "acme")
    assert "data/mapping.yaml: error [mapping-missing]" in run("check").err
    (tmp_path / "acme" / "data" / "mapping.yaml").write_text("files:\n  - file: deals.csv\n    key: choose\n")
    done = run("check")
    assert (done.code, "data/mapping.yaml:3: error [undecided]" in done.err) == (1, True)


def test_one_warning_is_in_the_singular() -> None:
    assert show.counts(errors=0, warnings=1) == "0 errors, 1 warning"
    assert show.counts(changes=1200) == "1,200 changes"


def test_times_and_targets_are_worded_for_people(run: Run) -> None:
    listed = run("builds").out
    assert re.search(r", 20\d\d, \d+:\d\d.[AP]M UTC", listed)
    assert not re.search(r"\d\dT\d\d", listed)
    assert "Target: at least 22.0%" in run("explain", "win_rate").out.replace("\u00a0", " ")


def test_an_export_of_a_day_was_seen_on_that_day(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    small_company(folder)
    run = run_in(folder)
    assert run("sync", "--exported-at", "2026-03-30").code == 0
    assert "Mon, Mar 30, 2026, 11:59 PM UTC" in run("sources").out.replace("\u00a0", " ").replace("\u202f", " ")
    assert run("ask", "won", "--known-at", "2026-03-30", "--json").json[0]["value"] == 2
