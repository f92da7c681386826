"""What recurring revenue can be cut by, so that in every cut movements sum to revenue.

A value belongs to the account or the customer, to the product, or to the deal the customer began with: of the lines it
first paid for the largest one that names a deal, none where none does. All of a customer's revenue has the value of
that deal, whatever was sold later: renewals have no deal of their own, and what a customer is worth is what the deal
that won it has brought. What changes of itself, as a deal's stage, is no dimension of revenue.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from fairlead.analysis.dimension import Columns, View, dimensions, resolve
from fairlead.model.tables import TABLES, Reached

MOVEMENT, SPAN = TABLES["mrr_movement"], TABLES["mrr_span"]
# Names that people use for a dimension whose column stands elsewhere.
OWN: Mapping[str, str] = MappingProxyType(
    {
        "product": "product.name",
        "segment": "account.segment",
        "owner": "account.owner.name",
        "customer": "customer.name",
    }
)
KEYS = frozenset({"account_id", "customer_id", "product_id"})
# What a deal says that was settled when it was won; the rest is how it stands, or notes about it.
OF_A_DEAL = frozenset({"name", "kind", "pipeline", "currency", "source"})


def known_dimensions() -> tuple[str, ...]:
    """The names that revenue can be cut by."""
    return tuple(dict.fromkeys([*OWN, *filter(is_dimension, dimensions(MOVEMENT))]))


def is_dimension(name: str) -> bool:
    """Whether revenue can be cut by it: it is the same for all that one customer, or one product of it, ever paid."""
    path, of_span = _path(name), resolve(SPAN, OWN.get(name, name))
    if path is None or of_span is None:
        return False
    if not path.references:
        return path.column.name in KEYS
    return path.references != ("opportunity",) or path.column.name in OF_A_DEAL


def is_column(name: str) -> bool:
    """Whether a movement has it, or what a movement refers to."""
    return _path(name) is not None


def is_of_the_deal(by: str | None) -> bool:
    """Whether its value is that of the deal the customer began with."""
    path = _path(by) if by else None
    return path is not None and path.references[:1] == ("opportunity",)


def is_of_the_customer(by: str | None) -> bool:
    """Whether all of a customer's movements have the same value: none, what its account says, or its first deal."""
    path = _path(by) if by else None
    return path is None or path.references[:1] in {("account",), ("customer",), ("opportunity",)}


def cut(by: str | None, spans: str, *, of_span: bool = False) -> tuple[str, str]:
    """SQL of the dimension's value of a movement `s` (null for none), or of a stretch, and the joins it needs.

    `spans` is the table of stretches.
    """
    columns = Columns(View(SPAN if of_span else MOVEMENT, date.min, "UTC", past=False))
    path = _path(by) if by else None
    if by is None or path is None:
        return "CAST(NULL AS VARCHAR)", ""
    value = f"CAST({columns.sql('.'.join((*path.references, path.column.name)))} AS VARCHAR)"
    if not is_of_the_deal(by):
        return value, columns.joins
    joins = columns.joins.replace(" s.opportunity_id", " began.opportunity_id")
    return value, f"LEFT JOIN ({began(spans)}) AS began ON began.customer_id = s.customer_id\n  {joins}"


def began(spans: str) -> str:
    """SQL of each customer's first deal: customer_id, opportunity_id."""
    return f"""SELECT f.customer_id, f.opportunity_id
  FROM (
    SELECT v.customer_id, v.opportunity_id, row_number() OVER (
        PARTITION BY v.customer_id
        ORDER BY v.starts_on, v.opportunity_id IS NULL, v.mrr_converted DESC, v.line_id
      ) AS place
    FROM {spans} AS v
    WHERE v.mrr_converted > 0
  ) AS f
  WHERE f.place = 1"""


def _path(name: str) -> Reached | None:
    return resolve(MOVEMENT, OWN.get(name, name))
