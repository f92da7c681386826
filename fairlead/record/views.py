"""Raw loads as relations: the latest version of each row, or every version."""

from collections.abc import Sequence

import pyarrow.parquet as pq
import sqlglot
from sqlglot import exp

from fairlead.record.engine import parquet
from fairlead.record.lake import Load


def raw_view(loads: Sequence[Load], later: Sequence[str] = ()) -> str:
    """SQL of the latest version of each key in these loads of one raw table, with `_deleted_at`.

    `later`: columns that only later loads have; a build of the past sees them empty.
    """
    relation = parquet([load.path for load in loads])
    unseen = "".join(f', CAST(NULL AS VARCHAR) AS "{name}"' for name in later)
    if len(loads) == 1:
        return f"SELECT *{unseen}, CAST(NULL AS TIMESTAMPTZ) AS _deleted_at FROM {relation} WHERE NOT _deleted"
    every = f"{relation.removesuffix(')')}, filename = true)"
    latest = "row_number() OVER (PARTITION BY _key ORDER BY _seen_at DESC, filename DESC)"
    return (
        f"SELECT * EXCLUDE (_version, filename){unseen}, CASE WHEN _deleted THEN _seen_at END AS _deleted_at"
        f" FROM (SELECT *, {latest} AS _version FROM {every}) WHERE _version = 1"
    )


def columns_after(loads: Sequence[Load]) -> tuple[str, ...]:
    """The columns that the raw table of these loads has on disk and they have not."""
    known = {name.lower() for load in loads for name in pq.read_schema(load.path).names}
    others = sorted(set(loads[0].path.parent.glob("*.parquet")) - {load.path for load in loads})
    found = {name.lower(): name for path in others for name in pq.read_schema(path).names}
    return tuple(name.replace('"', '""') for lower, name in found.items() if lower not in known)


def versions_view(loads: Sequence[Load], later: Sequence[str] = ()) -> str:
    """SQL of every version of every key in these loads, deletions left out."""
    relation = parquet([load.path for load in loads])
    unseen = "".join(f', CAST(NULL AS VARCHAR) AS "{name}"' for name in later)
    return f"SELECT *{unseen}, CAST(NULL AS TIMESTAMPTZ) AS _deleted_at FROM {relation} WHERE NOT _deleted"


def at_versions(sql: str) -> str:
    """The same staged SQL over every version of the raw rows instead of the latest."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    for table in tree.find_all(exp.Table):
        if table.db == "raw":
            table.set("db", exp.to_identifier("raw_versions"))
    return tree.sql(dialect="duckdb")
