"""What a connector tells the record: which raw table feeds which canonical table, and how."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Stage(NamedTuple):
    """One raw table read as one canonical table.

    `sql` is one SELECT over `raw.<source>__<raw>` giving, by name: every mappable column of the canonical
    table, in its type (NULL where the source has none), then `source_system`, `source_id`, `seen_at`,
    `deleted_at`, `from_file` (text), `from_line` (bigint) and `reason` (text, NULL when the row is sound; else
    `code: detail`). Reference columns hold a *ref*: `SOURCE:KEY` for a row of a source by its key, or
    `KIND:VALUE` for one of its `keys`, such as `domain:acme.com`.

    `keys`: SQL over the same raw table giving (`source_id`, `ref`) pairs, further names of the entity.
    `lineage`: canonical column to the source columns it is made from. `mapped`: canonical column to the source
    column whose values a value map replaces, and that map, so that a build can say how many rows it changed.
    """

    table: str
    source: str
    raw: str
    sql: str
    lineage: Mapping[str, tuple[str, ...]]
    keys: str | None = None
    mapped: Mapping[str, "ValueMap"] = MappingProxyType({})


class ValueMap(NamedTuple):
    """The values of a source column and what each is read as."""

    column: str
    values: Mapping[str, str | None]
