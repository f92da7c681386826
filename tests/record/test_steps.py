"""Tables that follow from the company's model: run in order, held to their declaration, traced."""

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from sqlglot import exp

from fairlead.actions.deriving import derived
from fairlead.model.tables import TABLES
from fairlead.record.engine import Reader
from fairlead.record.lake import Lake, manifest
from fairlead.record.lineage import origins
from fairlead.record.models import sql_models, steps, tables_read
from fairlead.record.recipe import Computed, Derived, Recipe, name_of
from fairlead.values import Query
from tests.actions.companies import small_company
from tests.record.lakes import land, made, recipe, stage

ACCOUNT = stage("account", {"name": "name", "segment": "segment"})
ROWS = [{"key": key, "name": key.upper(), "segment": segment} for key, segment in (("a", "smb"), ("b", "mid"))]
SHOUTED = Derived("build.shouted", "SELECT a.id, upper(a.segment) AS segment FROM record.account AS a")
MONTHS = Derived(
    "mart.account_month",
    "SELECT s.id AS account_id, NULL AS first_deal_id, NULL AS cohort,"
    " DATE '2026-01-01' AS month, c.size AS opening_mrr, 0 AS new_mrr, 0 AS expansion_mrr,"
    " 0 AS contraction_mrr, 0 AS churned_mrr, 0 AS reactivation_mrr, 0 AS fx_mrr, 0 AS pause_mrr, 0 AS escalator_mrr,"
    " 0 AS unbalanced_mrr, length(s.segment) AS closing_mrr, 0 AS gained_mrr, 0 AS lost_mrr, false AS is_lost"
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


# What facts tables read besides, and a table of our own in place of the one that the model would have.
REST = tuple(one for one in recipe(ACCOUNT).derived if one.name != MONTHS.name)


def derived_recipe() -> Recipe:
    return recipe(ACCOUNT)._replace(derived=(*REST, MONTHS, SHOUTED), computed=(SIZE,))


def test_derived_and_computed_tables_are_made_in_the_order_in_which_they_read_each_other(lake: Lake) -> None:
    built = made(lake, derived_recipe())
    rows = built.rows("SELECT account_id, opening_mrr, closing_mrr FROM mart.account_month ORDER BY 1")
    assert [tuple(map(str, row.values())) for row in rows] == [("crm:a", "20.00", "3.00"), ("crm:b", "10.00", "3.00")]
    assert not list(built.path.glob("build/*.parquet")), "steps on the way are not published"


def test_a_build_says_by_which_sql_and_traces_it(lake: Lake) -> None:
    told = manifest(made(lake, derived_recipe()).path)["derived"]
    assert told == {one.name: one.sql for one in (*REST, MONTHS, SHOUTED)}
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


def test_the_tables_that_sql_reads_are_those_that_a_parser_finds_in_it(tmp_path: Path) -> None:
    starter = derived(small_company(tmp_path / "small"), datetime(2026, 4, 1, tzinfo=UTC))
    texts = {**sql_models(), **{one.name: one.sql for one in starter}}
    assert len(texts) > 90
    for name, sql in texts.items():
        tables = sqlglot.parse_one(sql, dialect="duckdb").find_all(exp.Table)
        assert tables_read(sql) == {f"{t.db}.{t.name}" for t in tables if t.db}, name


def test_no_table_is_read_by_being_named_in_a_comment_a_text_or_a_quoted_name() -> None:
    sql = """
        -- not from mart.clock, it's said
        SELECT 'mart.gate, it''s' AS "record.person", k.day /* not mart.handoff */
        FROM record.change AS k, build."clock"
    """
    assert tables_read(sql) == {"record.change", "build.clock"}
