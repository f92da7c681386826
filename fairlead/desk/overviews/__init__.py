"""A subject of the model at a glance: the tables and matrices that say more than its entries one by one.

people      who does what          RACI: roles down, processes across
lifecycle   the stages in order    and who does what from awareness to expansion
handoffs    from, to, within       and what is needed and not provided
"""

from collections.abc import Callable, Iterator, Mapping

from fairlead.desk.overviews import flow, things
from fairlead.desk.overviews.cells import Cell, Overview, Row
from fairlead.model.whole import Model
from fairlead.picture.wording import Manner

__all__ = ["Cell", "Overview", "Row", "overviews"]

OVERVIEWS: Mapping[str, Callable[[Model], Iterator[Overview]]] = {
    "people": flow.of_people,
    "lifecycle": flow.of_lifecycle,
    "handoffs": flow.of_handoffs,
    "calendars": flow.of_calendars,
    "stack": things.of_stack,
    "automations": things.of_automations,
    "playbooks": things.of_playbooks,
    "plan": things.of_plan,
}


def overviews(model: Model, subject: str, manner: Manner) -> tuple[Overview, ...]:
    """The overviews of a subject that have anything to show."""
    if subject == "metrics":
        found = things.of_metrics(model, manner)
    else:
        found = OVERVIEWS[subject](model) if subject in OVERVIEWS else iter(())
    return tuple(overview for overview in found if overview.rows)
