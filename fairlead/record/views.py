"""Raw loads as relations: the latest version of each row, or every version."""

from collections.abc import Sequence
from functools import lru_cache

import sqlglot
from sqlglot import exp

from fairlead.record.engine import columns_in, parquet
from fairlead.record.lake import Load

OWN = ("_key", "_seen_at", "_deleted", "_file", "_line", "_fault")


def raw_view(loads: Sequence[Load], later: Sequence[str] = ()) -> str:
    """SQL of the latest version of each key in these loads of one raw table, with `_deleted_at`.

    `later`: columns that only later loads have; a build of the past sees them empty.
    """
    relation = parquet([load.path for load in loads])
    unseen = "".join(f', CAST(NULL AS VARCHAR) AS "{name}"' for name in later)
    if len(loads) == 1:
        return f"SELECT *{unseen}, CAST(NULL AS TIMESTAMPTZ) AS _deleted_at FROM {relation} WHERE NOT _deleted"
    every = f"{relation.removesuffix(')')}, filename = '_load')"
    return (
        f"WITH again AS MATERIALIZED (SELECT _key FROM {relation} GROUP BY _key HAVING count(*) > 1)"
        f" SELECT * EXCLUDE (_load){unseen}, CASE WHEN _deleted THEN _seen_at END AS _deleted_at"
        f" FROM {every} ANTI JOIN again USING (_key) UNION ALL BY NAME ({_latest(loads, every, unseen)})"
    )


def _latest(loads: Sequence[Load], every: str, unseen: str) -> str:
    """SQL of the latest state of the keys that have several versions, whatever the order in which these arrived.

    An export that arrives late leaves versions that say again what was said before: news is what differs from
    the version before it. Of a row that is gone the last thing said counts, however late that arrived.
    """
    names = {name.lower(): name for load in loads for name in columns_in(load.path) if name not in OWN}
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names.values())
    said = (
        f"SELECT *, hash(_fault{', ' if quoted else ''}{quoted}) AS _content FROM {every} SEMI JOIN again USING (_key)"
    )
    told = (
        f"SELECT *, lag(_deleted) OVER told AS _was_deleted, lag(_content) OVER told AS _was FROM ({said})"
        " WINDOW told AS (PARTITION BY _key ORDER BY _seen_at, _load)"
    )
    news = (
        f"SELECT *, max(CASE WHEN _deleted THEN _seen_at END) OVER (PARTITION BY _key) AS _gone FROM ({told})"
        " WHERE CASE WHEN _deleted THEN _was_deleted IS DISTINCT FROM true"
        " ELSE _was_deleted IS DISTINCT FROM false OR _was IS DISTINCT FROM _content END"
        " QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _deleted, _seen_at DESC, _load DESC) = 1"
    )
    return (
        "SELECT * EXCLUDE (_was_deleted, _was, _content, _gone, _load)"
        f" REPLACE (greatest(_seen_at, _gone) AS _seen_at){unseen},"
        f" CASE WHEN _deleted OR _gone > _seen_at THEN _gone END AS _deleted_at FROM ({news})"
    )


def columns_after(loads: Sequence[Load]) -> tuple[str, ...]:
    """The columns that the raw table of these loads has on disk and they have not."""
    known = {name.lower() for load in loads for name in columns_in(load.path)}
    others = sorted(set(loads[0].path.parent.glob("*.parquet")) - {load.path for load in loads})
    found = {name.lower(): name for path in others for name in columns_in(path)}
    return tuple(name.replace('"', '""') for lower, name in found.items() if lower not in known)


def versions_view(loads: Sequence[Load], later: Sequence[str] = ()) -> str:
    """SQL of every version of every key in these loads, deletions left out."""
    relation = parquet([load.path for load in loads])
    unseen = "".join(f', CAST(NULL AS VARCHAR) AS "{name}"' for name in later)
    return f"SELECT *{unseen}, CAST(NULL AS TIMESTAMPTZ) AS _deleted_at FROM {relation} WHERE NOT _deleted"


@lru_cache(maxsize=64)
def at_versions(sql: str) -> str:
    """The same staged SQL over every version of the raw rows instead of the latest."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    for table in tree.find_all(exp.Table):
        if table.db == "raw":
            table.set("db", exp.to_identifier("raw_versions"))
    for window in tree.find_all(exp.Window):  # lines of one thing are told apart within an export, not across them
        window.set("partition_by", [*window.args.get("partition_by", []), exp.column("_seen_at")])
    return tree.sql(dialect="duckdb")
