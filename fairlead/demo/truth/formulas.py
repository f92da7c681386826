"""Metrics as arithmetic over true measures, written out here once more so that the model's own can be judged by it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from fairlead.demo.clock import Floats

Values = Mapping[str, Floats]


class Formula(NamedTuple):
    """A metric: the measures it needs, and how it is made from them. `money` results are told to the cent."""

    needs: tuple[str, ...]
    make: Callable[..., Floats]
    money: bool = False


def over(part: Floats, whole: Floats) -> Floats:
    """part ÷ whole; undefined where whole is 0 or undefined."""
    share: Floats = np.divide(part, whole, out=np.full(part.shape, np.nan), where=(whole != 0) & ~np.isnan(whole))
    return share


def ratio(part: str, whole: str, *, money: bool = False) -> Formula:
    return Formula((part, whole), over, money)


def same(name: str, *, money: bool = False) -> Formula:
    return Formula((name,), lambda value: value, money)


def so_far(part: str, whole: str) -> Formula:
    """A ratio over everything up to each period's end."""
    return Formula((part, whole), lambda a, b: over(np.cumsum(a, axis=-1), np.cumsum(b, axis=-1)))


def _payback(*values: Floats) -> Floats:
    cost, new, mrr, customers, revenue, served = values
    return over(over(cost, new), over(mrr, customers) * over(revenue - served, revenue))


def _lifetime(*values: Floats) -> Floats:
    mrr, customers, revenue, served, less, gone, opening = values
    return over(over(mrr, customers) * over(revenue - served, revenue), over(less + gone, opening))


FORMULAS: Mapping[str, Formula] = {
    "win_rate": ratio("won", "closed"),
    "win_rate_of_created": ratio("deals_created_won", "deals_created_closed"),
    "win_rate_by_stage": ratio("stage_deals_won", "stage_deals_closed"),
    "average_deal_size": ratio("bookings", "won", money=True),
    "sales_cycle_length": same("average_days_to_win"),
    "days_to_close": same("average_days_to_close"),
    "pipeline_velocity": Formula(
        ("qualified_deals", "won", "closed", "bookings", "average_days_to_win"),
        lambda deals, won, closed, value, days: over(deals * over(won, closed) * over(value, won), days),
    ),
    "total_pipeline": same("open_pipeline", money=True),
    "new_pipeline": same("pipeline_created", money=True),
    "qualified_pipeline_created": same("pipeline_qualified", money=True),
    "marketing_sourced_pipeline": ratio("marketing_pipeline_created", "pipeline_created"),
    "pipeline_conversion": ratio("bookings", "closed_value"),
    "gate_completeness": ratio("gate_fields_filled", "gate_fields_required"),
    "stage_conversion": ratio("stage_advances", "stage_exits"),
    "stage_velocity": same("stage_days"),
    "stage_movement": same("stage_moves"),
    "deal_slippage": same("deals_pushed"),
    "forecast_changes": same("category_changes"),
    "lead_to_close_rate": ratio("leads_won", "leads"),
    "lead_to_meeting_rate": ratio("leads_met", "leads"),
    "meeting_to_opportunity_rate": ratio("people_met_with_deal", "people_met"),
    "mql_to_sql_rate": ratio("mqls_to_sql", "mqls"),
    "mql_acceptance_rate": ratio("mqls_accepted", "mqls"),
    "sql_to_opportunity_rate": ratio("sqls_with_deal", "sqls"),
    "lead_source_quality": ratio("leads_qualified", "leads"),
    "cost_per_qualified_action": ratio("spend_total", "sqls", money=True),
    "lead_response_time": same("median_response"),
    "answered_in_five_minutes": ratio("mqls_in_five_minutes", "mqls"),
    "share_answered": ratio("mqls_answered", "mqls"),
    "sla_adherence": ratio("answers_in_time", "answers_due"),
    "handoff_leakage": ratio("leads_leaked", "leads_handed"),
    "handoff_quality": ratio("packages_whole", "packages_seen"),
    "contact_attempts": same("average_attempts"),
    "activities_per_rep": ratio("human_activities", "active_reps"),
    "channel_return": ratio("bookings", "spend_total"),
    "data_completeness": ratio("mqls_complete", "mqls"),
    "duplicate_rate": so_far("duplicates", "people_known"),
    "new_arr": Formula(("new_mrr",), lambda mrr: mrr * 12, money=True),
    "nrr": Formula(
        ("opening_mrr", "expansion_mrr", "contraction_mrr", "churned_mrr"),
        lambda opening, more, less, gone: over(opening + more - less - gone, opening),
    ),
    "nrr_without_contraction": Formula(
        ("opening_mrr", "expansion_mrr", "churned_mrr"),
        lambda opening, more, gone: over(opening + more - gone, opening),
    ),
    "grr": Formula(
        ("opening_mrr", "contraction_mrr", "churned_mrr"),
        lambda opening, less, gone: over(opening - less - gone, opening),
    ),
    "nrr_year": Formula(("year_base_mrr", "year_net_mrr"), lambda base, net: over(base + net, base)),
    "grr_year": ratio("year_kept_mrr", "year_base_mrr"),
    "logo_retention": ratio("year_customers_kept", "year_customers"),
    "cohort_retention": ratio("cohort_kept_mrr", "cohort_started_mrr"),
    "gross_margin": Formula(("revenue", "cost_of_revenue"), lambda sold, cost: over(sold - cost, sold)),
    "cash_conversion": ratio("cash_in", "revenue"),
    "cac": ratio("acquisition_cost", "new_customers", money=True),
    "channel_cac": ratio("spend_total", "won", money=True),
    "cac_payback": Formula(
        ("acquisition_cost", "new_customers", "mrr", "customers", "revenue", "cost_of_revenue"), _payback
    ),
    "ltv": Formula(
        ("mrr", "customers", "revenue", "cost_of_revenue", "contraction_mrr", "churned_mrr", "opening_mrr"),
        _lifetime,
        money=True,
    ),
    "revenue_per_employee": ratio("revenue", "headcount_months", money=True),
    "segment_profitability": Formula(
        ("revenue", "cost_of_revenue", "acquisition_cost"), lambda sold, cost, spent: over(sold - cost - spent, sold)
    ),
    "arpa": ratio("mrr", "customers", money=True),
    "gross_churn_rate": Formula(
        ("contraction_mrr", "churned_mrr", "opening_mrr"), lambda less, gone, opening: over(less + gone, opening)
    ),
    "customer_churn_rate": ratio("customers_lost", "customer_months"),
    "renewal_rate": ratio("renewals_kept", "renewals_due"),
    "revenue_renewal_rate": ratio("mrr_renewed", "mrr_due"),
    "renewal_win_rate": ratio("renewals_won", "renewals_closed"),
    "expansion_rate": ratio("expansion_mrr", "opening_mrr"),
    "time_to_first_value": same("average_days_to_value"),
    "onboarding_completion": ratio("new_customers_onboarded", "new_customers"),
    "time_to_revenue": same("average_days_to_revenue"),
    "feature_adoption": ratio("accounts_using", "customers"),
}
