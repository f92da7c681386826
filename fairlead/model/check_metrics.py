"""Checks of the dictionary: measures, metrics, targets, examples, the tree and the scoreboard."""

from collections.abc import Iterator

from fairlead.model import laws
from fairlead.model.agreed import Cadence
from fairlead.model.examples import agree, operands_of, reckoned, shown
from fairlead.model.kinds import NUMERIC, TIMELY
from fairlead.model.metrics import Aggregate, Better, Limits, Measure, Metric, Shape, Target, Unit
from fairlead.model.predicate import columns_of, parse
from fairlead.model.tables import TABLES, Kind, Table, reach
from fairlead.model.whole import Model
from fairlead.problem import Law, Problem, Where, did_you_mean

SCOREBOARD_AT_MOST = 10
PAY_AT_MOST = 3
NEVER_NEGATIVE = (Unit.COUNT, Unit.DAYS, Unit.HOURS, Unit.MINUTES, Unit.MONTHS)
SHARE_AT_MOST = 2.0


def _at(model: Model, metric: Metric, *key: str) -> Where:
    return model.where("metrics", "metrics", metric.name, *key)


def _all(model: Model) -> tuple[Metric, ...]:
    return tuple(model.metrics.metrics.values())


def incomplete_metrics(model: Model) -> list[Problem]:
    """A metric without definition, owner, target, plan, tier or group."""
    wanted: tuple[tuple[str, Law], ...] = (
        ("definition", laws.METRIC_WITHOUT_DEFINITION),
        ("owner", laws.METRIC_WITHOUT_OWNER),
        ("target", laws.METRIC_WITHOUT_TARGET),
        ("plan", laws.METRIC_WITHOUT_PLAN),
        ("tier", laws.METRIC_WITHOUT_TIER),
        ("group", laws.METRIC_WITHOUT_TIER),
    )
    return [
        law.broken(f"{metric.name} has no {key}", _at(model, metric))
        for metric in _all(model)
        for key, law in wanted
        if not getattr(metric, key)
    ]


def metric_shapes(model: Model) -> list[Problem]:
    """A metric with none or several of measure, ratio, derived and needs."""
    found: list[Problem] = []
    for metric in _all(model):
        given = [shape.value for shape in Shape if getattr(metric, shape.value)]
        if len(given) != 1:
            said = " and ".join(given) or "none of measure, ratio, derived, needs"
            found.append(laws.METRIC_SHAPE.broken(f"{metric.name} has {said}", _at(model, metric)))
    return found


def derived_expressions(model: Model) -> list[Problem]:
    """A derived expression that cannot be read or names no measure or metric."""
    found: list[Problem] = []
    known = frozenset(model.numbers) | model.lost
    for metric in _all(model):
        if metric.derived:
            _, problems = parse(
                metric.derived, dict.fromkeys(known, Kind.NUMBER), _at(model, metric, "derived"), wants="value"
            )
            found += [_as_name(problem) for problem in problems]
    return found


def _as_name(problem: Problem) -> Problem:
    """In an expression over numbers an unknown column is an unknown number."""
    if problem.code != laws.UNKNOWN_COLUMN.code:
        return problem
    return problem._replace(
        code=laws.UNKNOWN_NAME.code, message=problem.message.replace("unknown column", "unknown number")
    )


def measures(model: Model) -> list[Problem]:
    """Every measure, named or in place: one aggregate, a known table, known columns, a time."""
    found: list[Problem] = []
    for name, measure in model.metrics.measures.items():
        found += _measure(model, ("metrics", "measures", name), name, measure)
    for metric in _all(model):
        if isinstance(metric.measure, Measure):
            found += _measure(model, ("metrics", "metrics", metric.name, "measure"), metric.name, metric.measure)
    return found


def _measure(model: Model, place: tuple[str, ...], name: str, measure: Measure) -> Iterator[Problem]:
    if len(measure.readings) != 1:
        given = ", ".join(r.aggregate for r in measure.readings) or "none"
        yield laws.MEASURE_AGGREGATE.broken(f"{name} has {given}", model.where(*place))
    if (table := TABLES.get(measure.from_)) is None:
        if place[1] == "metrics":
            yield laws.UNKNOWN_NAME.broken(
                f"{name}: unknown table '{measure.from_}'",
                model.where(*place, "from"),
                did_you_mean(measure.from_, TABLES),
            )
        return
    if measure.where:
        yield from parse(measure.where, columns_of(table), model.where(*place, "where"), wants="condition")[1]
    for reading in measure.readings:
        if reading.expression != "*":
            where = model.where(*place, reading.aggregate)
            yield from _expression(name, table, reading.aggregate, reading.expression, where)
            yield from _currency(name, table, measure, reading.expression, where)
        elif reading.aggregate is not Aggregate.COUNT:
            yield laws.MEASURE_KIND.broken(f"{name}: only count takes '*'", model.where(*place, reading.aggregate))
    yield from _times(model, place, name, table, measure)


def _expression(name: str, table: Table, aggregate: Aggregate, text: str, where: Where) -> Iterator[Problem]:
    predicate, problems = parse(text, columns_of(table), where)
    yield from problems
    path = reach(table, text) if predicate else None
    if path and aggregate in (Aggregate.SUM, Aggregate.AVG, Aggregate.MEDIAN) and path.column.kind not in NUMERIC:
        yield laws.MEASURE_KIND.broken(f"{name}: {aggregate} of {text}, which is {path.column.kind}", where)


def _currency(name: str, table: Table, measure: Measure, text: str, where: Where) -> Iterator[Problem]:
    converted = reach(table, f"{text}_converted")
    counted = "headcount" in (measure.where or "")
    if converted and measure.distinct is None and measure.count is None and not counted:
        yield laws.MIXED_CURRENCY.broken(
            f"{name}: {text} is in each row's own currency", where, f"Use {text}_converted."
        )


def _times(model: Model, place: tuple[str, ...], name: str, table: Table, measure: Measure) -> Iterator[Problem]:
    given = [("at", measure.at)] if measure.at else []
    given += [("during", column) for column in measure.during or ()]
    if not given or (measure.at and measure.during):
        said = "both at and during" if given else "neither at nor during"
        yield laws.TIME_COLUMN.broken(f"{name} has {said}", model.where(*place))
    for key, column in given:
        found = table.column(column)
        if found is None:
            known = [c.name for c in table.all_columns if c.kind in TIMELY]
            yield laws.UNKNOWN_COLUMN.broken(
                f"{name}: {table.name} has no column '{column}'", model.where(*place, key), did_you_mean(column, known)
            )
        elif found.kind not in TIMELY:
            yield laws.TIME_COLUMN.broken(
                f"{name}: '{column}' is {found.kind}, no date or timestamp", model.where(*place, key)
            )


def name_clashes(model: Model) -> list[Problem]:
    """A name, alias or number that two things answer to."""
    found: list[Problem] = []
    taken: dict[str, str] = {name.casefold(): f"measure {name}" for name in model.metrics.measures}
    for metric in _all(model):
        if holder := taken.get(metric.name.casefold()):
            found.append(laws.NAME_CLASH.broken(f"metric {metric.name} is also {holder}", _at(model, metric)))
        taken[metric.name.casefold()] = f"metric {metric.name}"
    for metric in _all(model):
        for other in (*metric.aliases, *([metric.id] if metric.id else [])):
            holder = taken.get(other.casefold())
            if holder and holder != f"metric {metric.name}":
                message = f"{metric.name} is also called '{other}', which is {holder}"
                found.append(
                    laws.NAME_CLASH.broken(message, _at(model, metric, "aliases" if other != metric.id else "id"))
                )
            taken.setdefault(other.casefold(), f"metric {metric.name}")
    return found


def metric_cycles(model: Model) -> list[Problem]:
    """A metric that depends on itself through ratio, derived or drives."""
    makes: dict[str, list[str]] = {}
    for edge in model.edges:
        makes.setdefault(edge.source, []).append(edge.target)
    found: list[Problem] = []
    done: set[str] = set()
    for start in model.metrics.metrics:
        if start not in done and (circle := _circle(start, makes, done)):
            message = f"a circle: {' > '.join(circle)}"
            found.append(laws.METRIC_CYCLE.broken(message, model.where("metrics", "metrics", circle[0])))
    return found


def _circle(start: str, makes: dict[str, list[str]], done: set[str]) -> list[str]:
    """The first circle met on the way from `start`, or nothing; without recursion, trees may be deep."""
    path: list[str] = []
    stack: list[tuple[str, bool]] = [(start, False)]
    while stack:
        name, leaving = stack.pop()
        if leaving:
            path.pop()
            done.add(name)
        elif name in path:
            done.update(path)
            return [*path[path.index(name) :], name]
        elif name not in done:
            path.append(name)
            stack.append((name, True))
            stack += [(target, False) for target in makes.get(name, ())]
    return []


def scoreboard(model: Model) -> list[Problem]:
    """More than ten metrics on the scoreboard."""
    if len(model.scoreboard) <= SCOREBOARD_AT_MOST:
        return []
    last = model.scoreboard[SCOREBOARD_AT_MOST]
    return [
        laws.SCOREBOARD_TOO_LONG.broken(
            f"{len(model.scoreboard)} metrics on the scoreboard", _at(model, last, "scoreboard")
        )
    ]


def pay(model: Model) -> list[Problem]:
    """More than three metrics tied to one role's pay."""
    return [
        laws.TOO_MUCH_PAY.broken(
            f"the pay of {role} hangs on {len(names)} metrics: {', '.join(names)}",
            model.where("metrics", "metrics", names[PAY_AT_MOST], "pay"),
        )
        for role, names in model.roles_paid.items()
        if len(names) > PAY_AT_MOST
    ]


def targets(model: Model) -> list[Problem]:
    """A target without form, in the wrong unit, or that rewards getting worse."""
    return [problem for metric in _all(model) if metric.target for problem in _target(model, metric, metric.target)]


def _target(model: Model, metric: Metric, target: Target) -> Iterator[Problem]:
    limits: list[tuple[Limits, str]] = [(target, metric.name)]
    limits += [(one, f"{metric.name} by {dim} {value}") for dim, by in target.by.items() for value, one in by.items()]
    for limit, said in limits:
        where = _at(model, metric, "target")
        yield from _limit_shape(limit, said, where)
        yield from _limit_unit(metric, limit, said, where)
        wrong = (metric.better is Better.HIGHER and limit.at_most is not None) or (
            metric.better is Better.LOWER and limit.at_least is not None
        )
        if wrong:
            yield laws.TARGET_DIRECTION.broken(f"{said}: {metric.better} is better, the target is {limit}", where)


def _limit_shape(limit: Limits, said: str, where: Where) -> Iterator[Problem]:
    given = [key for key in ("at_least", "at_most", "between") if getattr(limit, key) is not None]
    if len(given) != 1:
        yield laws.TARGET_SHAPE.broken(f"{said}: the target has {' and '.join(given) or 'no limit'}", where)
    if limit.between and limit.between[0] >= limit.between[1]:
        yield laws.TARGET_SHAPE.broken(f"{said}: {limit} is upside down", where)


def _limit_unit(metric: Metric, limit: Limits, said: str, where: Where) -> Iterator[Problem]:
    values = [v for v in (limit.low, limit.high) if v is not None]
    if metric.unit is Unit.PERCENT and any(abs(v) > SHARE_AT_MOST for v in values):
        meant = f"{values[0] / 100:g}"
        yield laws.TARGET_UNIT.broken(
            f"{said}: a percent metric with {limit}", where, f"Shares are written as {meant}, shown as {values[0]:g} %."
        )
    if metric.unit in NEVER_NEGATIVE and any(v < 0 for v in values):
        yield laws.TARGET_UNIT.broken(f"{said}: {metric.unit} below zero", where)


def units(model: Model) -> list[Problem]:
    """A unit that its measures contradict."""
    found: list[Problem] = []
    for metric in _all(model):
        fitting = _fitting_units(model, metric)
        if fitting and metric.unit not in fitting:
            message = f"{metric.name}: its measures give {' or '.join(fitting)}, not {metric.unit}"
            found.append(laws.UNIT_MISFIT.broken(message, _at(model, metric, "unit")))
    return found


def _fitting_units(model: Model, metric: Metric) -> tuple[Unit, ...]:
    if metric.ratio:
        top, bottom = (_dimension(model, name) for name in metric.ratio)
        if top is None or bottom is None:
            return ()
        if top == bottom:
            return (Unit.PERCENT, Unit.RATIO)
        return (Unit.MONEY,) if (top, bottom) == (Unit.MONEY, Unit.COUNT) else ()
    measured = metric.measure if isinstance(metric.measure, Measure) else model.measure(metric.measure or "")
    unit = _of_measure(measured) if measured else None
    return (unit,) if unit else ()


def _dimension(model: Model, name: str) -> Unit | None:
    if measure := model.measure(name):
        return _of_measure(measure)
    metric = model.metrics.metrics.get(name)
    return metric.unit if metric and metric.unit in (Unit.MONEY, Unit.COUNT) else None


def _of_measure(measure: Measure) -> Unit | None:
    """Counts count and money columns give money; other columns may be anything."""
    if len(measure.readings) != 1 or (table := TABLES.get(measure.from_)) is None:
        return None
    if measure.reading.aggregate in (Aggregate.COUNT, Aggregate.DISTINCT):
        return Unit.COUNT
    path = reach(table, measure.reading.expression)
    money = path and path.column.kind is Kind.MONEY and "headcount" not in (measure.where or "")
    return Unit.MONEY if money else None


def examples(model: Model) -> list[Problem]:
    """A computable metric without an example, and an example its definition does not give."""
    found: list[Problem] = []
    for metric in _all(model):
        if metric.computable and not metric.examples:
            found.append(laws.METRIC_WITHOUT_EXAMPLE.broken(f"{metric.name} has no example", _at(model, metric)))
        for index in range(len(metric.examples)):
            found += _example(model, metric, index)
    return found


def _example(model: Model, metric: Metric, index: int) -> Iterator[Problem]:
    example, where = metric.examples[index], _at(model, metric, "examples", str(index))
    operands = operands_of(model, metric)
    if not operands:
        return
    if odd := set(example.given) - set(operands):
        yield laws.EXAMPLE_WRONG.broken(
            f"{metric.name}: '{min(odd)}' is no operand", where, did_you_mean(min(odd), operands)
        )
        return
    try:
        value = reckoned(model, metric, example.given)
    except (NotImplementedError, ArithmeticError):
        return
    if not agree(value, example.gives, example.given):
        yield laws.EXAMPLE_WRONG.broken(
            f"{metric.name}: the example gives {shown(value)}, not {shown(example.gives)}", where
        )


def reviews(model: Model) -> list[Problem]:
    """Diagnostic metrics on a calendar, and metrics of the upper tiers that no meeting looks at."""
    found: list[Problem] = []
    seen = {name for meeting in model.cadence.meetings.values() for name in meeting.metrics}
    for metric in _all(model):
        on_calendar = any(r.cadence is not Cadence.TRIGGERED for r in metric.review) or metric.name in seen
        if metric.tier == 3 and on_calendar:
            found.append(laws.TIER_ON_CALENDAR.broken(f"{metric.name} is tier 3", _at(model, metric, "review")))
        if metric.tier in (1, 2) and model.cadence.meetings and metric.name not in seen:
            found.append(laws.NOT_REVIEWED.broken(f"no meeting looks at {metric.name}", _at(model, metric)))
    return found
