"""Some metrics and all that they are made of, cut out of a model: to be checked and compared by themselves."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from fairlead.model import check_metrics, laws
from fairlead.model.check_names import declared
from fairlead.model.mentions import mentions
from fairlead.model.metrics import Measure, Metric, Metrics
from fairlead.model.whole import Model
from fairlead.problem import Problem, did_you_mean

CHECKS = (check_metrics.derived_expressions, check_metrics.measures, check_metrics.metric_cycles)
DOUBTFUL = frozenset({laws.MIXED_CURRENCY.code})  # wrong, and yet a number


def cut(model: Model, names: Sequence[str]) -> Model:
    """A model of these metrics and measures and of what they are made of, each where it stood; no unknown names."""
    metrics: dict[str, Metric] = {}
    measures: dict[str, Measure] = {}
    waiting = list(reversed(names))
    while waiting:
        one = waiting.pop()
        if one in measures or one in metrics:
            continue
        if (measure := model.measure(one)) is not None:
            measures[one] = measure
        elif (metric := model.metrics.metrics.get(one)) is not None:
            metrics[one] = metric.model_copy(update={"drives": ()})
            waiting += reversed(model.operands(metric))
    held = Metrics.model_construct(measures=measures, metrics=metrics)
    return replace(Model(folder=model.folder), metrics=held, places=model.places)


@lru_cache(maxsize=256)
def faults(model: Model, names: tuple[str, ...]) -> tuple[Problem, ...]:
    """What keeps these metrics from being computed: errors in themselves, or in what they are made of."""
    part = cut(model, names)
    known = declared(part)
    unknown = (
        laws.UNKNOWN_NAME.broken(
            f"{'.'.join(m.place[1:])}: unknown {m.sort} '{m.name}'",
            model.where(*m.place),
            did_you_mean(m.name, model.numbers if m.sort == "number" else known[m.sort]),
        )
        for m in mentions(part)
        if m.sort in ("number", "table") and m.name not in known[m.sort]
    )
    found = [*unknown, *(p for check in CHECKS for p in check(part))]
    return tuple(dict.fromkeys(p for p in found if p.is_error and p.code not in DOUBTFUL))
