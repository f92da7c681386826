"""Questions about reconciliation, asked of a build: the two totals, what each kind holds, and the open items."""

from typing import NamedTuple

from fairlead.values import Query


class Kind(NamedTuple):
    """A kind of row of mart.reconciliation: its title and what it means. `of_money`: it is part of the two totals."""

    name: str
    title: str
    says: str
    is_open: bool = True
    of_money: bool = True


KINDS: tuple[Kind, ...] = (
    Kind("not_invoiced", "Not invoiced", "Won, and billing has no contract or no invoice for it."),
    Kind("not_due", "Not due yet", "Won too recently to be missed in billing.", is_open=False),
    Kind("duplicate", "Duplicate", "A deal or a line that is there twice."),
    Kind("wrong_amount", "Wrong amount", "Both have it, with different amounts."),
    Kind("wrong_term", "Wrong term", "The deal has the amount of another number of months."),
    Kind("wrong_currency", "Wrong currency", "The deal is in another currency than billing."),
    Kind("renewed_in_billing", "Renewed in billing", "Billing carries on what ended, and no deal says so."),
    Kind("no_deal", "No deal", "Billing has it, and no deal says so."),
    Kind(
        "invoiced_otherwise",
        "Invoiced otherwise",
        "The invoices are not what the contract charges for the periods that have begun.",
        of_money=False,
    ),
    Kind("churned_in_billing", "Churned in billing", "A renewal is open, and billing has ended.", of_money=False),
    Kind("not_used", "Not used", "A customer by the CRM who does not use the product.", of_money=False),
    Kind("used_without_contract", "Used without contract", "Somebody uses it, and no contract runs.", of_money=False),
    Kind("matched", "Within tolerance", "Both have it, and what differs is rounding.", is_open=False),
    Kind("nothing_due", "Worth nothing", "A deal or a line without an amount.", is_open=False),
)


def totals() -> Query:
    """One row: the won bookings and billing's contracts, counted and in money, straight from what they are made of."""
    return Query(
        "totals",
        """SELECT d.deals, d.crm, l.lines, l.billing, r.crm AS reconciled_crm, r.billing AS reconciled_billing
FROM (
  SELECT count(*) AS deals, coalesce(sum(o.amount_converted), 0) AS crm
  FROM record.opportunity AS o
  WHERE o.is_won AND o.deleted_at IS NULL AND o.closed_on <= CAST(? AS DATE)
) AS d
CROSS JOIN (
  SELECT count(*) AS lines, coalesce(sum(l.amount_converted), 0) AS billing FROM mart.reconciled_line AS l
) AS l
CROSS JOIN (
  SELECT coalesce(sum(r.crm_money), 0) AS crm, coalesce(sum(r.billing_money), 0) AS billing
  FROM mart.reconciliation AS r
) AS r""",
    )


def by_kind() -> Query:
    """A row a kind: rows, deals, lines, what both say, what one of them says beyond it, and what is at stake."""
    return Query(
        "by kind",
        """SELECT r.kind, count(*) AS rows, sum(CASE WHEN r.entry LIKE 'deal/%' THEN 1 ELSE 0 END) AS deals,
  CAST(sum(r.line_count) AS BIGINT) AS lines, sum(r.matched_money) AS matched, sum(r.crm_only) AS crm_only,
  sum(r.billing_only) AS billing_only, sum(r.fx_money) AS fx, sum(r.money) AS money, max(r.age_days) AS oldest
FROM mart.reconciliation AS r
GROUP BY r.kind
ORDER BY r.kind""",
    )


def by_currency() -> Query:
    """A row a currency and side: the amount in it, and in the company's at the dated rates."""
    return Query(
        "by currency",
        """SELECT s.currency, sum(s.crm) AS crm, sum(s.crm_money) AS crm_money, sum(s.billing) AS billing,
  sum(s.billing_money) AS billing_money
FROM (
  SELECT r.crm_currency AS currency, r.crm_amount AS crm, r.crm_money, 0 AS billing, 0 AS billing_money
  FROM mart.reconciliation AS r
  WHERE r.entry LIKE 'deal/%'
  UNION ALL
  SELECT l.currency, 0 AS crm, 0 AS crm_money, l.amount AS billing, l.amount_converted AS billing_money
  FROM mart.reconciled_line AS l
) AS s
GROUP BY s.currency
ORDER BY s.currency""",
    )


def open_items() -> Query:
    """The open items with the names of their customers, deals and owners, the largest first."""
    return Query(
        "open items",
        """SELECT r.entry, r.kind, r.says, r.account_id, a.name AS account, r.opportunity_id, o.name AS deal, r.line_id,
  r.invoice_id, r.owner_id, m.name AS owner, m.email AS owner_email, r.age_days, r.closed_on, r.starts_on, r.how,
  r.score, r.crm_currency, r.crm_amount, r.billing_currency, r.billing_amount, r.due_amount, r.invoiced_amount, r.money
FROM mart.reconciliation AS r
LEFT JOIN record.account AS a ON a.id = r.account_id
LEFT JOIN record.opportunity AS o ON o.id = r.opportunity_id
LEFT JOIN record.member AS m ON m.id = r.owner_id
WHERE r.is_open_item
ORDER BY r.money DESC, r.entry""",
    )
