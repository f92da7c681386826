# ruff: noqa: E501, DTZ001 (files as they are written; workbooks hold naive times)
"""Reading files: whatever the bytes, every line is a row or a row set aside, with its line number."""

import csv
import io
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.connect.files import land
from fairlead.connect.files.delimited import detect, sample_of
from fairlead.connect.files.mapping import FileMap
from fairlead.connect.files.reading import found, read_file
from fairlead.connect.files.records import scan
from fairlead.connect.files.text import examine
from fairlead.connect.land import raw_columns
from fairlead.record.engine import scratch

DAY = datetime(2025, 1, 1, tzinfo=UTC)


def rows_of(path: Path, tmp: Path, mapped: FileMap | None = None) -> list[dict[str, object]]:
    out = tmp / "out.parquet"
    done = read_file(found(path, path.name, None), mapped or FileMap(file=path.name), out, lambda *_: None)
    assert done is not None
    return sorted(pq.read_table(out).to_pylist(), key=lambda r: r["_line"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends_are_found(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    lines = [["Id", "Größe", "Café"], ["1", "groß", "né"], ["2", "", "ü" + delimiter]]
    text = end.join(delimiter.join(f'"{c}"' if delimiter in c else c for c in line) for line in lines) + end
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    read = rows_of(path, tmp_path)
    assert [(r["Id"], r["Größe"], r["Café"], r["_line"], r["_fault"]) for r in read] == [
        ("1", "groß", "né", 2, None),
        ("2", None, "ü" + delimiter, 3, None),
    ]


def test_broken_lines_are_kept_with_their_line_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        b'Id,Name,Note\n1,A,"two\nlines, ""quoted"""\n2,B,5" pipe\n3,"C" Inc,z\n4,D\n5,E,f,g\n6,\x00N,k\n\n'
        b'7,"never closed,u\n8,H,"ok"\n9,I,last'
    )
    read = {r["_line"]: r for r in rows_of(path, tmp_path)}
    assert {line: (str(r["_fault"]).split(":")[0] if r["_fault"] else None) for line, r in read.items()} == {
        2: None, 4: None, 5: "stray-quote", 6: "ragged", 7: "ragged", 8: "nul-byte", 10: "stray-quote", 11: None, 12: None,
    }  # fmt: skip
    assert read[2]["Note"] == 'two\nlines, "quoted"'
    assert read[4]["Note"] == '5" pipe'
    assert "over: 'g'" in str(read[7]["_fault"])


def test_one_wrong_byte_spoils_its_line_only(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Id,Name\n1,Zoë é è ü\n2,".encode() + b"\xe9t\xe9\n" + "3,naïve\n".encode())
    read = rows_of(path, tmp_path)
    assert [r["_fault"] is None for r in read] == [True, False, True]
    assert str(read[1]["_fault"]).startswith("bad-encoding")


def test_headers_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Name, name ,,Name,_key\na,b,c,d,e\n")
    read = rows_of(path, tmp_path)[0]
    assert [k for k in read if k not in ("_file", "_line", "_fault")] == [
        "Name",
        "name (2)",
        "column 3",
        "Name (3)",
        "_key (2)",
    ]


def test_a_separator_line_and_lines_above_the_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("sep=;\nId;Amount\n1;2,5\n")
    assert rows_of(path, tmp_path)[0]["Amount"] == "2,5"
    path.write_text("Report of today\n\nId,Amount\n1,2\n")
    read = rows_of(path, tmp_path, FileMap(file="a.csv", header=3))
    assert [(r["Id"], r["_line"]) for r in read] == [("1", 4)]


TEXT = st.text(st.sampled_from("ab\",;\n'x \u00e9"), max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=12))
def test_records_are_those_that_a_writer_wrote(table: list[list[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows(table)
    data = text.getvalue().encode()
    records = scan(data, ord(","), ord('"'), final=True)
    cut = [data[a:b].decode() for a, b in zip(records.starts, records.ends, strict=True)]
    assert [next(csv.reader(io.StringIO(c, newline=""))) for c in cut] == table
    assert records.fields.tolist() == [3] * len(table)
    assert not records.odd.any()
    assert records.lines.tolist() == [data[:a].count(b"\n") for a in records.starts]


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('ab",\n\r\0'), max_size=40))
def test_no_byte_is_lost_whatever_the_text(text: str) -> None:
    data = text.encode()
    records = scan(data, ord(","), ord('"'), final=True)
    assert records.consumed == len(data)
    assert records.starts.tolist() == sorted(records.starts.tolist())
    covered = b"".join(data[a:b] for a, b in zip(records.starts, records.ends, strict=True))
    assert len(data) - len(covered) <= data.count(b"\n") + data.count(b"\r")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.sampled_from('ab",\0'), max_size=8), min_size=1, max_size=10))
def test_rows_in_equal_rows_landed(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    folder = tmp_path_factory.mktemp("any")
    path = folder / "a.csv"
    path.write_text("Id,Name\n" + "\n".join(lines) + "\n")
    text = examine(path)
    assert detect(sample_of(path, text), delimiter=",").delimiter == ","
    read = rows_of(path, folder, FileMap(file="a.csv", delimiter=","))
    rows = scan(path.read_bytes(), ord(","), ord('"'), final=True)
    assert len(read) == sum(1 for a, b in zip(rows.starts, rows.ends, strict=True) if b > a) - 1


def mapping(folder: Path, text: str) -> Path:
    path = folder / "mapping.yaml"
    path.write_text(text)
    return path


def test_repeated_headers_totals_and_blank_lines_are_landed_with_a_fault(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("Id,Name,Amount\n1,Total,5\nId,Name,Amount\n,,\nTotal,,5\n2,B,6\n")
    path = mapping(tmp_path, "files: [{file: deals.csv, key: [Id]}]")
    landings, problems = land(tmp_path, path, "crm", tmp_path / "raw", DAY)
    assert [(d.code, d.line, d.rows) for d in landings[0].dirt] == [
        ("blank-row", 4, 1), ("repeated-header", 3, 1), ("total-line", 5, 1),
    ]  # fmt: skip
    assert (landings[0].rows, landings[0].faults) == (5, 3)
    assert {str(p.where) for p in problems} == {"deals.csv:3", "deals.csv:4", "deals.csv:5"}


def test_several_files_of_one_pattern_are_one_export(tmp_path: Path) -> None:
    (tmp_path / "deals_1.csv").write_text("Id,Name\n1,A\n2,B\n")
    (tmp_path / "deals_2.csv").write_text("id;Amount\n3;7\n2;8\n")
    path = mapping(tmp_path, 'files: [{file: "deals_*.csv", key: [Id]}]')
    landings, _ = land(tmp_path, path, "crm", tmp_path / "raw", DAY)
    assert (landings[0].table, landings[0].rows, landings[0].files) == ("deals", 4, ("deals_1.csv", "deals_2.csv"))
    assert raw_columns(tmp_path / "raw", "crm", "deals") == ("Id", "Name", "Amount")
    assert [d.code for d in landings[0].dirt] == ["duplicate-key"]


def test_an_empty_or_false_file_lands_nothing_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "notbook.xlsx").write_text("no workbook")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "false.parquet").write_text("nothing")
    path = mapping(
        tmp_path,
        "files: [{file: empty.csv}, {file: notbook.xlsx}, {file: old.xls}, {file: false.parquet}, {file: gone.csv}]",
    )
    landings, problems = land(tmp_path, path, "crm", tmp_path / "raw", DAY)
    assert landings == ()
    assert [(p.code, p.where and p.where.file) for p in problems] == [
        ("no-such-file", "mapping.yaml"), ("file-empty", "empty.csv"), ("file-unreadable", "notbook.xlsx"),
        ("file-unreadable", "old.xls"), ("file-unreadable", "false.parquet"),
    ]  # fmt: skip
    assert not list((tmp_path / "raw").rglob("*.parquet"))


def test_excel_and_parquet_are_read_as_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["nothing here"])
    deals = book.create_sheet("Deals")
    for row in (
        ["Id", "When", "Amount", "Open"],
        [1, datetime(2025, 3, 4), 12.0, True],
        [None] * 4,
        ["x", datetime(2025, 3, 4, 5, 6), 1.5, None],
    ):
        deals.append(row)
    book.save(tmp_path / "book.xlsx")
    pq.write_table(pa.table({"Id": [1, 2], "When": [datetime(2025, 3, 4), None]}), tmp_path / "rows.parquet")
    read = rows_of(tmp_path / "book.xlsx", tmp_path, FileMap(file="book.xlsx", sheet="Deals"))
    assert [tuple(r.values()) for r in read] == [
        ("1", "2025-03-04", "12", "true", "book.xlsx", 2, None), ("x", "2025-03-04 05:06:00", "1.5", None, "book.xlsx", 4, None),
    ]  # fmt: skip
    assert [(r["Id"], r["When"], r["_line"]) for r in rows_of(tmp_path / "rows.parquet", tmp_path)] == [
        ("1", "2025-03-04 00:00:00", 1), ("2", None, 2),
    ]  # fmt: skip


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from fairlead.connect.files import land
folder = Path(sys.argv[1])
print("ready", flush=True)
land(folder, folder / "mapping.yaml", "crm", folder / "raw", datetime(2025, 1, 1, tzinfo=UTC))
"""


@pytest.mark.parametrize("after", [0.02, 0.06, 0.1, 0.15, 0.25, 0.4])
def test_a_landing_that_is_killed_leaves_a_whole_load_or_none(tmp_path: Path, after: float) -> None:
    with (tmp_path / "deals.csv").open("w") as file:
        file.write("Id,Name\n" + "".join(f"{i},Deal {i}\n" for i in range(60_000)))
    mapping(tmp_path, "files: [{file: deals.csv, key: [Id]}]")
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    loads = list((tmp_path / "raw").glob("*/*/*.parquet"))
    assert [pq.read_metadata(p).num_rows for p in loads] in ([], [60_000])
    landings, _ = land(tmp_path, tmp_path / "mapping.yaml", "crm", tmp_path / "raw", datetime(2025, 1, 2, tzinfo=UTC))
    assert landings[0].added + landings[0].unchanged == 60_000


LANDING = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from fairlead.connect.files import land
folder = Path(sys.argv[1])
land(folder, folder / "mapping.yaml", "crm", folder / "raw", datetime(2025, 1, 1, tzinfo=UTC))
# getrusage would count the memory of the process that started this one: it is kept across fork and exec.
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
most = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), None)
print((most or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024)
"""


def test_a_million_rows_land_whole_in_bounded_memory(tmp_path: Path) -> None:
    """How long it takes is measured by `make bench`."""
    row = '{0:018d},0018d{1:06d},"Deal, number {0}",Proposal,{1}.25,USD,2025-03-04,2024-11-05T10:00:00Z,005{2:04d},Web,false,call\n'
    with (tmp_path / "deals.csv").open("w") as file:
        file.write("Id,AccountId,Name,Stage,Amount,Currency,CloseDate,CreatedDate,OwnerId,Source,IsWon,NextStep\n")
        file.writelines(row.format(i, i % 90_001, i % 101) for i in range(1_000_000))
    mapping(tmp_path, "files: [{file: deals.csv, key: [Id]}]")
    said = subprocess.run([sys.executable, "-c", LANDING, str(tmp_path)], capture_output=True, text=True, check=True)
    assert float(said.stdout) < 1000  # MB
    (load,) = tmp_path.glob("raw/crm/deals/*.parquet")
    with scratch(tmp_path) as db:
        landed = db.execute(
            "SELECT count(DISTINCT _key), min(_line), max(_line), count(_fault), count(*) FILTER"
            " (Name = 'Deal, number ' || CAST(Id AS BIGINT) AND CAST(Id AS BIGINT) = _line - 2 AND _key = Id)"
            f" FROM read_parquet('{load}')"
        ).fetchone()
    assert landed == (1_000_000, 2, 1_000_001, 0, 1_000_000)
