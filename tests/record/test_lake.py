"""What becomes of a lake that is not as it was written: one line that names the file, whoever reads it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fairlead.actions.asking import ask
from fairlead.actions.building import builds
from fairlead.actions.checking import check_all
from fairlead.actions.syncing import sync
from fairlead.problem import Refused
from fairlead.record.engine import Reader
from fairlead.values import Query
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import DEALS, synced_company

RUBBISH = b"\x89no Parquet, no JSON, no UTF-8 \xff"


@pytest.fixture
def company(tmp_path: Path) -> Workspace:
    return synced_company(tmp_path / "small")


def current(company: Workspace) -> Path:
    build = company.lake.current()
    assert build is not None
    return build


def ask_won(company: Workspace) -> object:
    return ask(company, ["win_rate"])


def sync_again(company: Workspace) -> object:
    (company.root / "data" / "deals.csv").write_text(DEALS.replace("900.00", "901.00"))
    return sync(company)


@pytest.mark.parametrize(
    ("file", "verb"),
    [
        ("builds/*/build.json", ask_won),
        ("builds/*/build.json", builds),
        ("builds/*/build.json", check_all),
        ("builds/*/mart/facts_opportunity.parquet", ask_won),
        ("raw/files/deals/*.parquet", check_all),
        ("raw/files/deals/*.parquet", sync_again),
    ],
)
def test_a_damaged_file_is_named(company: Workspace, file: str, verb: Callable[[Workspace], object]) -> None:
    (path,) = company.lake.root.glob(file)
    path.write_bytes(RUBBISH)
    with pytest.raises(Refused) as refused:
        verb(open_workspace(company.root))
    (problem,) = refused.value.problems
    assert problem.code == "lake-damaged"
    assert problem.where is not None
    assert Path(problem.where.file) == path


def test_a_damaged_table_stands_in_nobodys_way_who_does_not_read_it(company: Workspace) -> None:
    reader = Reader(current(company))
    damaged = current(company) / "mart" / "facts_opportunity.parquet"
    sound = damaged.read_bytes()
    damaged.write_bytes(RUBBISH)
    assert reader.rows(Query("accounts", "SELECT count(*) FROM mart.facts_account")).column(0).to_pylist() == [3]
    deals = Query("deals", "SELECT count(*) FROM mart.facts_account AS a, mart.facts_opportunity AS o")
    with pytest.raises(Refused, match=r"facts_opportunity\.parquet: error \[lake-damaged\]"):
        reader.rows(deals)
    damaged.write_bytes(sound)
    assert reader.rows(deals).column(0).to_pylist() == [15]


def test_many_may_be_the_first_to_read_a_table(company: Workspace) -> None:
    with ThreadPoolExecutor(8) as pool:
        for table in ("mart.facts_account", "record.account", "mart.gate"):
            reader = Reader(current(company))
            asked = [Query("rows", f"SELECT count(*) FROM {table}")] * 16
            assert len({told.column(0)[0].as_py() for told in pool.map(reader.rows, asked)}) == 1


def test_a_stray_file_among_the_loads_is_named(company: Workspace) -> None:
    stray = company.lake.raw / "files" / "deals" / "copy.parquet"
    (load,) = stray.parent.glob("*.parquet")
    stray.write_bytes(load.read_bytes())
    with pytest.raises(Refused, match=r"copy\.parquet: error \[lake-damaged\]"):
        sync_again(company)


def test_a_build_that_is_removed_is_made_again(company: Workspace) -> None:
    build = current(company)
    (build / "build.json").unlink()
    assert company.lake.current() is None
    assert sync(open_workspace(company.root)).build.build == build.name
    assert company.lake.current() == build


@pytest.mark.parametrize("said", [b"", b"\xff\xfe", b"no-such-build\n"])
def test_a_pointer_to_nothing_is_no_build(company: Workspace, said: bytes) -> None:
    (company.lake.root / "current").write_bytes(said)
    assert company.lake.current() is None
