"""What a build makes because the model says so: clocks, gates, handoffs. `analysis` writes SQL, `record` runs it."""

from collections.abc import Callable

from fairlead.model.whole import Model
from fairlead.record.recipe import Derived
from fairlead.values import Query
from fairlead.workspace import Workspace

# Each gives the SQL of tables that follow from a model: `mart.TABLE` for declared ones, `build.TABLE` for steps to it.
FROM_MODEL: tuple[Callable[[Model], tuple[Query, ...]], ...] = ()


def derived(workspace: Workspace) -> tuple[Derived, ...]:
    """The tables that follow from the workspace's model."""
    return tuple(Derived(q.name, q.sql) for make in FROM_MODEL for q in make(workspace.model))
