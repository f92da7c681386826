"""Which measures no source gives the data for, so that they are shown as undefined and never as zero."""

from collections.abc import Iterable, Mapping, Set
from typing import NamedTuple

from fairlead.analysis.dimension import resolve
from fairlead.analysis.question import Instance, instances
from fairlead.analysis.scan import checked
from fairlead.model.metrics import Metrics
from fairlead.model.tables import CANONICAL_BY_NAME, TABLES, Table
from fairlead.values import Query, spoken

DERIVED_FROM: Mapping[str, str] = {
    "facts_opportunity": "opportunity",
    "facts_person": "person",
    "facts_account": "account",
}
MADE_OF: Mapping[str, str] = {
    **DERIVED_FROM,
    "opportunity_day": "opportunity",
    "stage_entry": "opportunity",
    "account_month": "contract_line",
    "account_year": "contract_line",
    "customer_start": "contract_line",
    "mrr_movement": "contract_line",
    "mrr_span": "contract_line",
    "renewal": "contract_line",
}
QUALIFIED = frozenset({"is_qualified", "qualified_at", "qualified_on"})
# Deals that were closed were qualified before: where none of them is known to have been, nobody tells when deals are.
QUALIFICATION = Query(
    "qualification",
    "SELECT count(qualified_at) > 0 OR NOT coalesce(bool_or(is_closed), false) AS is_told FROM mart.facts_opportunity",
)


class Supply(NamedTuple):
    """What a build was given: rows written by table, and the columns that some source fills in, by canonical table.

    `tells_qualified`: whether the record knows which deals were qualified (`QUALIFICATION`).
    """

    rows: Mapping[str, int]
    columns: Mapping[str, Set[str]]
    tells_qualified: bool = True


def missing(dictionary: Metrics, metrics: Iterable[str], supply: Supply) -> dict[str, str]:
    """For each measure behind these metrics that cannot be computed: its name and, in words, what is missing."""
    found: dict[str, str] = {}
    for metric in metrics:
        for instance in instances(dictionary, metric):
            if lacking := _lacking(instance, supply):
                found[instance.name] = lacking
    return found


def _lacking(instance: Instance, supply: Supply) -> str | None:
    table = TABLES[instance.measure.from_]
    if not supply.rows.get(f"{table.schema}.{table.name}"):
        return _rows(table, supply)
    if not supply.tells_qualified and QUALIFIED & set(_read(instance, table)):
        return "opportunity.qualified_at (deals were closed, and no source tells of any that it was ever qualified)"
    unfilled = (_unfilled(table, name, supply) for name in _names(instance, table))
    return next((name for name in unfilled if name), None)


def _rows(table: Table, supply: Supply) -> str:
    """A table without rows, in words: what a source would have to give for it."""
    source = MADE_OF.get(table.name, table.name)
    if supply.rows.get(f"record.{source}"):
        return f"{spoken(table.name)} rows (the {spoken(source)} rows there are make none)"
    return f"{spoken(source)} rows (no source gives any)"


def _read(instance: Instance, table: Table) -> Iterable[str]:
    """Every column that decides what the measure counts, its condition's among them."""
    yield from instance.axis
    for text in (instance.measure.reading.expression, instance.measure.where or "*"):
        if text != "*":
            yield from checked(text, table).columns


def _names(instance: Instance, table: Table) -> Iterable[str]:
    """Every column the measure itself rests on; its condition may name columns that are simply empty."""
    expression = instance.measure.reading.expression
    yield from instance.axis[:1]
    if expression != "*":
        yield from checked(expression, table).columns


def _unfilled(table: Table, name: str, supply: Supply) -> str | None:
    path = resolve(table, name)
    if path is None or path.references:
        return None
    canonical = CANONICAL_BY_NAME.get(DERIVED_FROM.get(table.name, table.name))
    stem = next(
        (c for c in canonical.columns if c.name == name or name in _days(c.name)) if canonical else iter(()), None
    )
    if (
        canonical is None
        or stem is None
        or stem.derived
        or stem.name in supply.columns.get(canonical.name, frozenset())
    ):
        return None
    if stem.name in ("closed_at", "qualified_at"):  # the build works these out when no source gives them
        return None
    return f"{canonical.name}.{stem.name} (no source gives it)"


def _days(name: str) -> tuple[str, ...]:
    return ("day",) if name == "at" else (f"{name.removesuffix('_at')}_on",)
