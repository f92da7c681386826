"""Checks of names, columns and predicates: everything mentioned has to be declared."""

import re
from collections.abc import Iterator, Mapping

from fairlead.model.kinds import TIMELY
from fairlead.model.laws import TIME_COLUMN, UNKNOWN_COLUMN, UNKNOWN_NAME
from fairlead.model.laws_of_order import NAMING_EXAMPLE, PICKLIST_CONFLICT, PICKLIST_DRIFT
from fairlead.model.mentions import Condition, Sort, columns, conditions, mentions
from fairlead.model.predicate import Predicate, columns_of, parse
from fairlead.model.tables import TABLES, Table, reach
from fairlead.model.whole import Model
from fairlead.problem import Problem, did_you_mean


def declared(model: Model) -> Mapping[Sort, frozenset[str]]:
    """For every sort of name, the names that are declared."""
    metrics = model.metrics
    found: dict[Sort, frozenset[str]] = {
        "role": frozenset(model.people.roles),
        "stage": frozenset({*model.lifecycle.stages, *model.stage_map}),
        "metric": frozenset(metrics.metrics),
        "number": frozenset({*metrics.metrics, *metrics.measures}),
        "tool": frozenset(model.stack.tools),
        "layer": frozenset(model.stack.layers),
        "domain": frozenset(model.data.domains),
        "pool": frozenset(model.routing.pools),
        "calendar": frozenset(model.calendars.calendars),
        "item": frozenset(model.handoffs.items),
        "playbook": frozenset(model.playbooks.playbooks),
        "meeting": frozenset(model.cadence.meetings),
        "audience": frozenset({*model.cadence.meetings, *model.people.roles}),
        "decision": frozenset(model.decisions.decisions),
        "handoff": frozenset(model.handoffs.handoffs),
        "framework": frozenset(model.decisions.frameworks),
        "table": frozenset(TABLES),
    }
    return found


def unknown_names(model: Model) -> list[Problem]:
    """A name anywhere that nobody declared, with the nearest one offered."""
    known = declared(model)
    return [
        UNKNOWN_NAME.broken(
            f"{'.'.join(m.place[1:])}: unknown {m.sort} '{m.name}'",
            model.where(*m.place),
            did_you_mean(m.name, known[m.sort] | m.also),
        )
        for m in mentions(model)
        if m.name not in known[m.sort] and m.name not in model.lost
    ]


def unknown_columns(model: Model) -> list[Problem]:
    """A column name outside a predicate that its table does not have, or that is no time where one is wanted."""
    found: list[Problem] = []
    for mention in columns(model):
        tables = [t for name in (mention.table, f"facts_{mention.table}") if (t := TABLES.get(name))]
        where, said = model.where(*mention.place), ".".join(mention.place[1:])
        if not tables:
            found.append(
                UNKNOWN_NAME.broken(
                    f"{said}: unknown table '{mention.table}'", where, did_you_mean(mention.table, TABLES)
                )
            )
            continue
        if not mention.column:
            continue
        column = next((c for t in tables if (c := t.column(mention.column))), None)
        known = [c.name for t in tables for c in t.all_columns]
        if column is None:
            message = f"{said}: {mention.table} has no column '{mention.column}'"
            found.append(UNKNOWN_COLUMN.broken(message, where, did_you_mean(mention.column, known)))
        elif mention.timely and column.kind not in TIMELY:
            found.append(
                TIME_COLUMN.broken(
                    f"{said}: '{mention.column}' is {column.kind}, no time", where, "Name a date or timestamp column."
                )
            )
    return found


def _parsed(model: Model) -> Iterator[tuple[Condition, Table, Predicate | None, tuple[Problem, ...]]]:
    for condition in conditions(model):
        if table := TABLES.get(condition.table):
            predicate, problems = parse(
                condition.text, columns_of(table), model.where(*condition.place), wants="condition"
            )
            yield condition, table, predicate, problems


def broken_predicates(model: Model) -> list[Problem]:
    """A predicate that cannot be read, names an unknown column or uses something outside the subset."""
    return [problem for *_, problems in _parsed(model) for problem in problems]


def picklist_drift(model: Model) -> list[Problem]:
    """A predicate, of a rule or of a measure, that compares a column with a value its picklist does not have."""
    found: list[Problem] = []
    for condition, table, predicate, _ in _parsed(model):
        found += _drift(model, condition.place, table, predicate)
    for name, measure in model.metrics.measures.items():
        if measure.where and (table_ := TABLES.get(measure.from_)):
            predicate, _ = parse(measure.where, columns_of(table_))
            found += _drift(model, ("metrics", "measures", name, "where"), table_, predicate)
    return found


def _drift(model: Model, place: tuple[str, ...], table: Table, predicate: Predicate | None) -> Iterator[Problem]:
    for column, value in predicate.compared if predicate else ():
        path = reach(table, column)
        allowed = model.picklists.get(f"{path.table.name.removeprefix('facts_')}.{path.column.name}") if path else None
        if allowed and value not in allowed:
            message = f"{'.'.join(place[1:])}: '{value}' is no value of {column}"
            yield PICKLIST_DRIFT.broken(message, model.where(*place), did_you_mean(value, allowed))


def picklist_conflicts(model: Model) -> list[Problem]:
    """Two lists for one column; or a list of deal stages or categories that differs from those declared."""
    found: list[Problem] = []
    seen: dict[str, str] = {}
    for name, picklist in model.data.picklists.items():
        for column in picklist.columns:
            if column in seen:
                message = f"picklists.{name}: {column} has its values from '{seen[column]}' already"
                found.append(PICKLIST_CONFLICT.broken(message, model.where("data", "picklists", name, "columns")))
            seen[column] = name
    stages = {stage for p in model.lifecycle.pipelines.values() for stage in p.stages}
    for column, names in (("opportunity.stage", stages), ("opportunity.category", set(model.forecast.categories))):
        if (name := seen.get(column, "")) and names and names != set(model.data.picklists[name].values):
            odd = sorted(names ^ set(model.data.picklists[name].values))
            message = f"picklists.{name}: differs from what the model declares: {', '.join(odd)}"
            found.append(PICKLIST_CONFLICT.broken(message, model.where("data", "picklists", name)))
    return found + _unlisted_categories(model)


def _unlisted_categories(model: Model) -> list[Problem]:
    """A pipeline stage that assumes a forecast category nobody declared."""
    known = model.forecast.categories
    return [
        UNKNOWN_NAME.broken(
            f"{pipeline.name}.{stage.name}: unknown category '{stage.category}'",
            model.where("lifecycle", "pipelines", pipeline.name, "stages", stage.name, "category"),
            did_you_mean(stage.category, known),
        )
        for pipeline in model.lifecycle.pipelines.values()
        for stage in pipeline.stages.values()
        if stage.category and known and stage.category not in known
    ]


def naming_examples(model: Model) -> list[Problem]:
    """A naming convention that cannot be read, or whose example does not follow it."""
    found: list[Problem] = []
    for name, naming in model.data.naming.items():
        where = model.where("data", "naming", name, "pattern")
        try:
            if re.fullmatch(naming.pattern, naming.example) is None:
                found.append(
                    NAMING_EXAMPLE.broken(f"naming.{name}: '{naming.example}' does not follow the pattern", where)
                )
        except re.error as bad:
            found.append(NAMING_EXAMPLE.broken(f"naming.{name}: the pattern cannot be read: {bad}", where))
    return found
