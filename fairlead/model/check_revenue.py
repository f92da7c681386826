"""Checks of how recurring revenue is counted: every switch has its reason, every lens its source."""

from collections.abc import Iterator

from fairlead.model import laws_of_revenue as laws
from fairlead.model.load import starter_of
from fairlead.model.metrics import Measure, Metrics
from fairlead.model.revenue import OURS, Switches
from fairlead.model.whole import Model
from fairlead.problem import Problem, did_you_mean


def switches(model: Model) -> list[Problem]:
    """Switches that are set and have no reason, and reasons of no switch."""
    return [*_unexplained(model), *_of_nothing(model), *_of_sections(model)]


def _unexplained(model: Model) -> Iterator[Problem]:
    told = model.revenue.why
    for name in Switches.model_fields:
        if name in model.revenue.switches.model_fields_set and not told.get(name, "").strip():
            where = model.where("revenue", "switches", name)
            yield laws.SWITCH_WITHOUT_REASON.broken(f"{name} is decided and nobody says why", where)


def _of_nothing(model: Model) -> Iterator[Problem]:
    for name in model.revenue.why:
        if name not in Switches.model_fields:
            hint = did_you_mean(name, Switches.model_fields)
            yield laws.REASON_OF_NOTHING.broken(
                f"why: there is no switch '{name}'", model.where("revenue", "why", name), hint
            )


def _of_sections(model: Model) -> Iterator[Problem]:
    """The same of the sections that have reasons of their own."""
    for section in ("reconciliation", "watch"):
        told = getattr(model.revenue, section)
        known = set(type(told).model_fields) - {"why"}
        for name in sorted((told.model_fields_set & known) - told.why.keys()):
            where = model.where("revenue", section, name)
            yield laws.SWITCH_WITHOUT_REASON.broken(f"{section}: {name} is decided and nobody says why", where)
        for name in sorted(told.why.keys() - known):
            where = model.where("revenue", section, "why", name)
            message = f"{section}: why: there is no '{name}'"
            yield laws.REASON_OF_NOTHING.broken(message, where, did_you_mean(name, sorted(known)))


def retention(model: Model) -> list[Problem]:
    """Measures of the tables that hold the rule of NRR and GRR, which are not what the starter has by that name."""
    agreed, found = starter_of("metrics"), []
    for name, measure in agreed.measures.items() if isinstance(agreed, Metrics) else ():
        own = model.metrics.measures.get(name)
        if own is None or measure.from_ not in ONE_RULE or own.from_ != measure.from_ or _read(own) == _read(measure):
            continue
        message = f"{name} is {_words(own)} of {own.from_}, and in the starter model {_words(measure)}"
        found.append(laws.RETENTION_TOLD_TWICE.broken(message, model.where("metrics", "measures", name)))
    return found


ONE_RULE = ("account_month", "account_year")


def _read(measure: Measure) -> tuple[object, ...]:
    """What a measure reads, however it is spaced."""
    return (measure.readings, "".join((measure.where or "").split()).lower())


def _words(measure: Measure) -> str:
    aggregate = ", ".join(f"{one.aggregate}({one.expression})" for one in measure.readings)
    return f"{aggregate} where {measure.where}" if measure.where else aggregate


def lenses(model: Model) -> list[Problem]:
    """A lens with our own name, and one that does not say where it is documented."""
    found = []
    for name, lens in model.revenue.lenses.items():
        where = model.where("revenue", "lenses", name)
        if name == OURS:
            found.append(laws.LENS_OF_OURS.broken(f"a lens is called '{OURS}'", where))
        if not lens.source.strip():
            found.append(laws.LENS_WITHOUT_SOURCE.broken(f"lens {name} has no source", where))
    return found
