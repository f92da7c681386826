"""The tables of recurring revenue, as the company's switches have them."""

from fairlead.analysis.account_month import account_months
from fairlead.analysis.beginning import with_beginning
from fairlead.analysis.mrr_line import line
from fairlead.analysis.mrr_moved import movements
from fairlead.analysis.mrr_movement import aparts, days, units
from fairlead.analysis.mrr_span import spans, stretches
from fairlead.analysis.renewals import renewals
from fairlead.analysis.retained_year import account_years, customer_starts
from fairlead.model.revenue import Switches
from fairlead.model.whole import Model
from fairlead.values import Query


def revenue_tables(model: Model) -> tuple[Query, ...]:
    """The SQL of the tables of recurring revenue under the model's own switches, with what customers began with."""
    return tuple(map(with_beginning, revenue_of(model.revenue.switches)))


def revenue_of(switches: Switches) -> tuple[Query, ...]:
    """The same under any switches, in order."""
    made = (line, stretches, aparts, units, days)
    years = (account_years(switches), customer_starts())
    return (
        *(make(switches) for make in made),
        spans(),
        movements(),
        account_months(switches),
        *years,
        renewals(switches),
    )
