"""The deal and the month a customer began with, beside all that is counted of it: metrics are cut by them.

What a deal says is that of the deal a customer began with, as in `revenue_cut`; a cohort is the month it first paid in.
"""

from collections.abc import Mapping
from types import MappingProxyType

from fairlead.analysis.revenue_cut import began
from fairlead.values import Query

ADDED = ("first_deal_id", "cohort")
START = "mart.customer_start"
# Tables of customers, and the column that names the customer.
OF_CUSTOMERS: Mapping[str, str] = MappingProxyType(
    {
        "mart.mrr_span": "customer_id",
        "mart.account_month": "account_id",
        "mart.account_year": "account_id",
        "mart.renewal": "customer_id",
    }
)


def with_beginning(query: Query) -> Query:
    """The SQL of a table of customers with `first_deal_id` and `cohort`; of any other as it is."""
    if query.name == START:
        more = "b.opportunity_id AS first_deal_id, substr(CAST(t.started_on AS VARCHAR), 1, 7) AS cohort"
        joined = f"({began('build.mrr_stretch')}) AS b ON b.customer_id = t.account_id"
    elif query.name in OF_CUSTOMERS:
        more = "b.first_deal_id, b.cohort"
        joined = f"{START} AS b ON b.account_id = t.{OF_CUSTOMERS[query.name]}"
    else:
        return query
    grain, _, sql = query.sql.partition("\n")
    return query._replace(sql=f"{grain}\nSELECT t.*, {more}\nFROM (\n{sql}\n) AS t\nLEFT JOIN {joined}")
