"""What a build makes because the model says so: clocks, gates, handoffs. `analysis` writes SQL, `record` runs it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from fairlead.actions.history import chapters
from fairlead.analysis.clocks import clock_tables, working_time
from fairlead.analysis.gate import gate_entries
from fairlead.analysis.handoff import handoff_tables
from fairlead.analysis.policies import Era, Version, versions
from fairlead.analysis.reconciliation_rows import reconciliation_tables
from fairlead.analysis.renewing import renewal_watch
from fairlead.analysis.revenue_tables import revenue_tables
from fairlead.analysis.stages import stage_entries
from fairlead.analysis.timetable import READS, reach_of, timetables
from fairlead.analysis.working import WorkingTables
from fairlead.model.calendars import Calendars
from fairlead.model.whole import Model
from fairlead.record.recipe import Computed, Derived
from fairlead.values import Query
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

# Each gives the SQL of tables that follow from a model: `mart.TABLE` for declared ones, `build.TABLE` for steps to it.
FROM_MODEL: tuple[Callable[[Model], tuple[Query, ...]], ...] = (
    stage_entries,
    handoff_tables,
    gate_entries,
    revenue_tables,
    renewal_watch,
    reconciliation_tables,
)


def derived(workspace: Workspace, now: datetime) -> tuple[Derived, ...]:
    """The tables that follow from the workspace's model, and from the policies that were in force before `now`."""
    model, found = workspace.model, policies(workspace, now)
    made = [*(q for make in FROM_MODEL for q in make(model)), *working_time()]
    made += clock_tables(found, model.calendars, workspace.config.timezone)
    return tuple(Derived(q.name, q.sql) for q in made)


def policies(workspace: Workspace, now: datetime) -> tuple[Version, ...]:
    """Every version of every policy that has a clock, as they were in force until `now`."""
    known = [Era(min(c.since, now), c.model) for c in chapters(workspace) if c.model is not None]
    return versions(known)


def computed(workspace: Workspace, now: datetime) -> tuple[Computed, ...]:
    """The tables of working time, compiled from the calendars over the days that the data needs."""
    return working_time_of(policies(workspace, now), workspace.model.calendars, workspace.config.timezone)


def working_time_of(found: Sequence[Version], calendars: Calendars, zone: str) -> tuple[Computed, ...]:
    """The tables of working time for some policies; `zone` is the company's timezone."""
    reach = reach_of(found)
    compiled = _once(lambda rows: timetables(rows, calendars, zone, reach))
    says = f"{calendars!r} {zone} {reach}"
    return tuple(
        Computed(f"build.working_{name}", READS, says, _table(compiled, place))
        for place, name in enumerate(WorkingTables._fields)
    )


def _table(compiled: Callable[["pa.Table"], WorkingTables], place: int) -> Callable[["pa.Table"], "pa.Table"]:
    return lambda rows: compiled(rows)[place]


def _once(make: Callable[["pa.Table"], WorkingTables]) -> Callable[["pa.Table"], WorkingTables]:
    """The four tables come of one compilation: the first that is asked for makes them all."""
    made: list[WorkingTables] = []

    def once(rows: "pa.Table") -> WorkingTables:
        if not made:
            made.append(make(rows))
        return made[0]

    return once
