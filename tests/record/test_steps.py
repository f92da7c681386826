"""Tables that follow from the company's model: run in order, held to their declaration, traced."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fairlead.model.tables import TABLES
from fairlead.record.engine import Reader
from fairlead.record.lake import Lake, manifest
from fairlead.record.lineage import origins
from fairlead.record.models import steps
from fairlead.record.recipe import Computed, Derived, Recipe, name_of
from fairlead.values import Query
from tests.record.lakes import land, made, recipe, stage

ACCOUNT = stage("account", {"name": "name", "segment": "segment"})
ROWS = [{"key": key, "name": key.upper(), "segment": segment} for key, segment in (("a", "smb"), ("b", "mid"))]
SHOUTED = Derived("build.shouted", "SELECT a.id, upper(a.segment) AS segment FROM record.account AS a")
MONTHS = Derived(
    "mart.account_month",
    "SELECT s.id AS account_id, DATE '2026-01-01' AS month, c.size AS opening_mrr, 0 AS new_mrr, 0 AS expansion_mrr,"
    " 0 AS contraction_mrr, 0 AS churned_mrr, 0 AS reactivation_mrr, length(s.segment) AS closing_mrr"
    " FROM build.shouted AS s JOIN build.size AS c ON c.segment = s.segment",
)


def sizes(segments: pa.Table) -> pa.Table:
    """What Python knows of each segment that is there."""
    return segments.append_column("size", pa.array([10 * n for n in range(1, segments.num_rows + 1)]))


SIZE = Computed("build.size", "SELECT DISTINCT segment FROM build.shouted ORDER BY segment", "tens", sizes)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / ".fairlead")
    land(lake, "crm", "account", ROWS)
    return lake


def derived_recipe(monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """A mart that follows from the model in place of the file of that name."""
    own = {name: sql for name, sql in steps((), ()).items() if name != "mart.account_month"}
    for module in ("models", "lineage"):
        monkeypatch.setattr(f"fairlead.record.{module}.sql_models", lambda: own)
    return recipe(ACCOUNT)._replace(derived=(MONTHS, SHOUTED), computed=(SIZE,))


def test_derived_and_computed_tables_are_made_in_the_order_in_which_they_read_each_other(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = made(lake, derived_recipe(monkeypatch))
    rows = built.rows("SELECT account_id, opening_mrr, closing_mrr FROM mart.account_month ORDER BY 1")
    assert [tuple(map(str, row.values())) for row in rows] == [("crm:a", "20.00", "3.00"), ("crm:b", "10.00", "3.00")]
    assert not list(built.path.glob("build/*.parquet")), "steps on the way are not published"


def test_a_build_says_by_which_sql_and_traces_it(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    told = manifest(made(lake, derived_recipe(monkeypatch)).path)["derived"]
    assert told == {one.name: one.sql for one in (MONTHS, SHOUTED)}
    assert origins("account_month", "closing_mrr", tuple(told.items())) == {("account", "segment")}


def test_what_a_build_is_made_from_includes_them_and_says_the_same_in_every_process() -> None:
    plain = recipe(ACCOUNT)
    with_size = plain._replace(computed=(SIZE,))
    again = plain._replace(computed=(SIZE._replace(make=lambda table: table),))
    other = plain._replace(computed=(SIZE._replace(says="hundreds"),))
    names = [name_of(one, ()) for one in (plain, with_size, again, other, plain._replace(derived=(SHOUTED,)))]
    assert names[1] == names[2], "where the function lies in memory is nobody's business"
    assert len(set(names)) == 4


def test_two_models_of_one_table_are_refused() -> None:
    with pytest.raises(ValueError, match="two models of one table"):
        steps((SHOUTED, SHOUTED), ())
    with pytest.raises(ValueError, match="two models of one table"):
        steps((Derived("mart.facts_account", "SELECT 1"),), ())


def test_a_build_of_an_older_program_reads_as_if_it_had_empty_columns_and_tables(lake: Lake) -> None:
    built = made(lake, recipe(ACCOUNT, as_of=date(2026, 2, 1)))
    file, said = built.path / "record" / "account.parquet", built.path / "build.json"
    pq.write_table(pq.read_table(file).drop_columns(["segment"]), file)
    (built.path / "mart" / "facts_account.parquet").unlink()
    said.write_text(said.read_text().replace(manifest(built.path)["code_digest"], "of-an-older-program"))
    reader = Reader(built.path)
    rows = reader.rows(Query("test", "SELECT name, segment FROM record.account ORDER BY name")).to_pylist()
    assert rows == [{"name": "A", "segment": None}, {"name": "B", "segment": None}]
    empty = reader.rows(Query("test", "SELECT * FROM mart.facts_account"))
    assert empty.num_rows == 0
    assert set(empty.column_names) == {c.name for c in TABLES["facts_account"].all_columns}
