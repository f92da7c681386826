"""From staged rows to sound rows: union the sources, resolve references, convert money, give each row a verdict.

Written once for all canonical tables, from their declaration; a table's own SQL (`sql/record/*.sql`) starts
from `kept.<table>`, in which every row is sound and every reference is a canonical id.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from fairlead.model.tables import CANONICAL, CONVERTED, FOLDED, ID, LINEAGE, Column, Kind, Table
from fairlead.record.contract import A_YEAR, LARGEST, Rule, rules, too_large, verdict
from fairlead.record.engine import literal
from fairlead.record.stage import Stage

CARRIED = ("source_system", "source_id", "seen_at", "deleted_at", "from_file", "from_line", "reason")
# Tables whose rows are about a row of the table that one of their columns names, and the column with its id.
ABOUT: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"change": ("entity", "entity_id"), "waiver": ("subject", "subject_id")}
)
SEEN = -1  # the origin of a change that two exports tell, and no source
REFERRED = frozenset(c.refers for t in CANONICAL for c in t.columns if c.refers) | {"opportunity"}


def _company_day(moment: str) -> str:
    """SQL of the company's day of an instant."""
    return f"CAST(timezone((SELECT timezone FROM build.clock), {moment}) AS DATE)"


# The day at whose rate an amount is converted. Open deals use the latest rate, closed ones the rate at closing.
CONVERTED_ON: Mapping[str, str] = MappingProxyType(
    {
        "opportunity": f"CASE WHEN s.is_closed THEN coalesce({_company_day('s.closed_at')}, s.close_date)"
        " ELSE (SELECT as_of_day FROM build.clock) END",
        "spend": "s.day",
        "contract_line": "s.starts_on",
        "invoice": _company_day("s.issued_at"),
        "payment": _company_day("s.at"),
        "ledger": "s.month",
    }
)


def mapped(table: Table) -> tuple[Column, ...]:
    """The columns that sources fill in."""
    return tuple(c for c in table.columns if not c.derived)


def staged(table: Table, stages: Sequence[Stage], priority: Mapping[str, int], currency: str) -> str:
    """SQL of all sources' rows of one canonical table, in its types.

    With them `priority`, the source's place (0 leads), and `origin`, the place of their stage in `stages`.
    """
    parts = [_one(table, stage, priority[stage.source], currency, n) for n, stage in enumerate(stages)] or [
        _none(table)
    ]
    return "\nUNION ALL\n".join(parts)


def _one(table: Table, stage: Stage, priority: int, currency: str, origin: int) -> str:
    def column(c: Column) -> str:
        # A source that says nothing of currency means the company's own; an empty one it does state is a fault.
        assumed = c.name == "currency" and table.name in CONVERTED_ON and "currency" not in stage.lineage
        value = f'coalesce("{c.name}", {literal(currency)})' if assumed else f'"{c.name}"'
        return f'CAST({value} AS {c.kind.sql}) AS "{c.name}"'

    columns = ", ".join([*map(column, mapped(table)), *CARRIED])
    return f"SELECT {columns}, {priority} AS priority, {origin} AS origin FROM ({stage.sql})"


def _none(table: Table) -> str:
    columns = ", ".join(f'CAST(NULL AS {c.kind.sql}) AS "{c.name}"' for c in mapped(table))
    carried = (
        "'' AS source_system, '' AS source_id,"
        " CAST(NULL AS TIMESTAMPTZ) AS seen_at, CAST(NULL AS TIMESTAMPTZ) AS deleted_at"
    )
    place = "'' AS from_file, 0 AS from_line, '' AS reason, 0 AS priority, 0 AS origin"
    return f"SELECT {columns}, {carried}, {place} WHERE false"


def judged(table: Table, currency: str) -> str:
    """SQL of every staged row with references resolved, money converted, and `verdict` (NULL when sound).

    References to the table itself wait until its own rows have ids (`kept`).
    """
    links = [c for c in table.columns if c.refers and c.refers != table.name]
    shown = [f"{c.name}_found.id AS {c.name}" if c in links else f"s.{c.name}" for c in mapped(table)]
    joins = [_found(c.name, f"'{c.refers}'", f"s.{c.name}") for c in links]
    applied = [*rules(table)]
    applied += [_dangling(c) for c in links if c.strict]
    if table.name in ABOUT:
        what, key = ABOUT[table.name]
        joins.append(_found(key, f"s.{what}", f"s.{key}"))
        # What no table refers to has no identity of its own: where we saw it change, it is known by what it is called.
        seen = f"s.origin = {SEEN} AND s.{what} NOT IN {tuple(sorted(REFERRED))}"
        found = f"coalesce({key}_found.id, CASE WHEN {seen} THEN s.{key} END)"
        shown[shown.index(f"s.{key}")] = f"{found} AS {key}"
        applied.append(Rule("dangling-reference", f"{found} IS NULL", f"'{key} is ' || s.{key}"))
    if table.name not in FOLDED:
        repeated = "row_number() OVER (PARTITION BY s.source_system, s.source_id ORDER BY s.from_file, s.from_line) > 1"
        applied.append(Rule("repeated-id", repeated, "s.source_id"))
    if table.name in CONVERTED_ON:
        joins.append(_rate(CONVERTED_ON[table.name]))
        applied.append(Rule("no-currency", "s.currency IS NULL AND s.amount <> 0", "'amount is ' || s.amount"))
        no_rate = f"s.currency <> {literal(currency)} AND s.amount IS NOT NULL AND rate.rate IS NULL"
        day = f"coalesce(CAST({CONVERTED_ON[table.name]} AS VARCHAR), 'no date')"
        lacking = f"s.currency || ' to ' || {literal(currency)} || ' on ' || {day} || ': map a file of rates'"
        applied.append(Rule("no-rate", no_rate, lacking))
        at_rate = f"abs(CAST(s.amount AS DOUBLE) * rate.rate){f' * {A_YEAR}' if table.name == 'contract_line' else ''}"
        applied.append(too_large(f"CASE WHEN s.currency <> {literal(currency)} THEN {at_rate} END", "amount"))
        shown.append(_converted(currency, at_rate))
    broken = [f"s.{c.name} IS NOT NULL AND {c.name}_found.id IS NULL" for c in links if not c.strict]
    empty = [f"s.{c.name} IS NULL" for c in links if c.strict and not c.required]
    carried = ", ".join(f"s.{name}" for name in CARRIED if name != "reason")
    return (
        f"SELECT {', '.join(shown)}, {carried}, s.priority, s.origin,\n"
        f"  {_sum(broken)} AS broken_references, {_sum(empty)} AS empty_references,\n"
        f"  {verdict(tuple(applied))} AS verdict\nFROM stage.{table.name} AS s\n" + "\n".join(joins)
    )


def _sum(conditions: Sequence[str]) -> str:
    """SQL of how many of the conditions hold."""
    return " + ".join(f"CAST({condition} AS INTEGER)" for condition in conditions) or "0"


def _found(name: str, entity: str, ref: str) -> str:
    return f"LEFT JOIN build.identity AS {name}_found ON {name}_found.entity = {entity} AND {name}_found.ref = {ref}"


def _dangling(c: Column) -> Rule:
    condition = f"s.{c.name} IS NOT NULL AND {c.name}_found.id IS NULL"
    return Rule("dangling-reference", condition, f"'{c.name} is ' || s.{c.name}")


def _rate(day: str) -> str:
    return (
        f"LEFT JOIN build.rate_span AS rate ON rate.currency = s.currency AND rate.starts_on <= {day}"
        f" AND (rate.ends_on IS NULL OR rate.ends_on > {day})"
    )


def _converted(currency: str, at_rate: str) -> str:
    exact = f"CAST(round(s.amount * CAST(rate.rate AS DECIMAL(20,12)), 2) AS {CONVERTED.kind.sql})"
    held = f"WHEN {at_rate} < {LARGEST} THEN {exact}"
    return f"CASE WHEN s.currency = {literal(currency)} THEN s.amount {held} END AS {CONVERTED.name}"


def kept(table: Table) -> str:
    """SQL of a table's sound rows with their canonical ids, and `lead_order`: which of a folded id's rows leads.

    The first source's, in it the row of the first file of its mapping, of those the smallest id: never a tie.
    """
    own = f"(entity_link.entity = '{table.name}' AND entity_link.ref = j.source_system || ':' || j.source_id)"
    selfs = [c for c in table.columns if c.refers == table.name]
    replaced = ", ".join(f"{c.name}_found.id AS {c.name}" for c in selfs)
    joins = "\n".join(_found(c.name, f"'{table.name}'", f"j.{c.name}") for c in selfs)
    identity = f"LEFT JOIN build.identity AS entity_link ON {own}" if table.name in REFERRED else ""
    canonical = "entity_link.id" if table.name in REFERRED else "j.source_system || ':' || j.source_id"
    star = f"j.* {f'REPLACE ({replaced})' if replaced else ''}"
    leads = " || ".join(f"lpad(CAST(j.{place} AS VARCHAR), 4, '0')" for place in ("priority", "origin"))
    return (
        f"SELECT {canonical} AS id, {star}, {leads} || j.source_id AS lead_order\n"
        f"FROM judged.{table.name} AS j\n{identity}\n{joins}\nWHERE j.verdict IS NULL"
    )


def nothing(table: Table) -> str:
    """SQL of the sound rows of a table that no source fills: none, in the columns that `kept` has."""
    converted = (CONVERTED,) if table.name in CONVERTED_ON else ()
    kinds = {c.name: c.kind.sql for c in (ID, *mapped(table), *converted, *LINEAGE)}
    empty = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in kinds.items())
    return f"SELECT {empty}, '' AS lead_order WHERE false"


SET_ASIDE_COLUMNS = "table_name, source_system, source_id, reason, detail, file, line, row"


def set_aside(table: Table) -> str:
    """SQL of a table's rows that did not count: where they stand, why, and what they said."""
    row = ", ".join(f"'{c.name}': s.{c.name}" for c in mapped(table))
    return (
        f"SELECT '{table.name}' AS table_name, source_system, source_id,"
        " split_part(verdict, ': ', 1) AS reason, substr(verdict, strpos(verdict, ': ') + 2) AS detail,"
        f" s.from_file AS file, s.from_line AS line, CAST(to_json({{{row}}}) AS VARCHAR) AS row"
        f" FROM judged.{table.name} AS s WHERE verdict IS NOT NULL"
    )


def is_tracked(column: Column) -> bool:
    """Whether differences between syncs become `change` rows: fields whose past numbers depend on."""
    return column.name in TRACKED


TRACKED = frozenset({"stage", "amount", "close_date", "category", "owner_id", "segment", "account_id"})


def differences(table: Table, stage: Stage) -> str:
    """SQL of `change` rows from differences between the versions of a source's rows, as staged `change` rows.

    `stage.sql` has been pointed at every version instead of the latest. A difference is known, and dated,
    when we saw it: a source that keeps its own history knows better, and its fields are left to it.
    """
    fields = [c for c in mapped(table) if is_tracked(c)]
    names = [c.name for c in fields]
    lags = ", ".join(
        f"CAST({n} AS VARCHAR) AS new_{n}, lag(CAST({n} AS VARCHAR)) OVER versions AS old_{n}" for n in names
    )
    rows = "\nUNION ALL\n".join(
        f"SELECT '{table.name}' AS entity, source_system || ':' || source_id AS entity_id, '{n}' AS field,"
        f" old_{n} AS old, new_{n} AS new, seen_at AS at, CAST(NULL AS VARCHAR) AS changed_by, source_system,"
        f" '{table.name}/' || source_id || '/{n}/' || seen_at AS source_id, seen_at,"
        " CAST(NULL AS TIMESTAMPTZ) AS deleted_at, from_file, from_line, CAST(NULL AS VARCHAR) AS reason"
        f" FROM versions WHERE version > 1 AND old_{n} IS DISTINCT FROM new_{n}"
        for n in names
    )
    return (
        f"WITH versions AS (SELECT source_system, source_id, seen_at, from_file, from_line, {lags},"
        f" row_number() OVER versions AS version FROM ({stage.sql}) WHERE reason IS NULL"
        f" WINDOW versions AS (PARTITION BY source_id ORDER BY seen_at))\n{rows}"
    )


def has_tracked(table: Table) -> bool:
    return any(c.kind is not Kind.BOOLEAN and is_tracked(c) for c in mapped(table))
