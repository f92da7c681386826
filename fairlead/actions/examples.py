"""Worked examples, tried: each through the very SQL expression that answers questions.

The model's check reckons them by plain arithmetic; here the engine does, over the same expression that a question
compiles to. Both must give what the example says: a definition, its example and the program agree, or it is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from fairlead.actions.laws import ENGINES_DISAGREE
from fairlead.analysis.examples import Example, compile_examples
from fairlead.model import examples as plainly
from fairlead.model.check_disputes import verdict
from fairlead.model.laws import EXAMPLE_WRONG
from fairlead.model.metrics import Metric
from fairlead.model.whole import Model
from fairlead.problem import Problem, Where
from fairlead.record.engine import EngineError, compute
from fairlead.workspace import Workspace

__all__ = ["Example", "Outcome", "Tried", "all_tried", "can_try", "problems", "reckoned", "tried"]


class Outcome(NamedTuple):
    """What the engine makes of an example: a value, None where undefined; `fault` where it cannot reckon it."""

    value: float | None
    fault: str = ""


class Tried(NamedTuple):
    """One example: what was given, what it should give, what the engine gives, and whether they agree.

    `found` is None where the metric is undefined; `fault` says why the engine could not reckon it at all.
    """

    metric: str
    given: Mapping[str, float | None]
    gives: float | None
    found: float | None
    holds: bool
    where: Where
    fault: str = ""


def tried(workspace: Workspace, metric: str) -> tuple[Tried, ...]:
    """The examples of one metric, tried; none for a word that is no metric."""
    found = workspace.model.metric(metric)
    return tuple(t for t in all_tried(workspace.model) if found and t.metric == found.name)


@lru_cache(maxsize=4)
def all_tried(model: Model) -> tuple[Tried, ...]:
    """Every example of the dictionary, tried in one query; a model never changes."""
    places = [(m, n) for m in model.metrics.metrics.values() if can_try(model, m) for n in range(len(m.examples))]
    outcomes = reckoned(model, [Example(m.name, m.examples[n].given) for m, n in places])
    return tuple(_tried(model, m, n, outcome) for (m, n), outcome in zip(places, outcomes, strict=True))


def can_try(model: Model, metric: Metric) -> bool:
    """Whether a metric has an expression over numbers that exist; other laws tell of one that has not."""
    operands = plainly.operands_of(model, metric)
    return bool(operands) and all(name in model.numbers for name in operands)


def _tried(model: Model, metric: Metric, number: int, outcome: Outcome) -> Tried:
    example = metric.examples[number]
    where = model.where("metrics", "metrics", metric.name, "examples", str(number))
    known = set(example.given) <= set(plainly.operands_of(model, metric))
    holds = known and not outcome.fault and plainly.agree(outcome.value, example.gives, example.given)
    fault = outcome.fault if known else "it names something that is no operand"
    return Tried(metric.name, example.given, example.gives, outcome.value, holds, where, fault)


def reckoned(model: Model, examples: Sequence[Example]) -> tuple[Outcome, ...]:
    """What the engine makes of each example, in one query; one by one when it chokes on one of them."""
    try:
        return tuple(map(Outcome, compute(compile_examples(model.metrics, examples))["value"].to_pylist()))
    except EngineError as fault:
        if len(examples) == 1:
            return (Outcome(None, str(fault).splitlines()[0]),)
    return tuple(outcome for example in examples for outcome in reckoned(model, [example]))


def problems(model: Model) -> tuple[Problem, ...]:
    """What the engine finds wrong with the examples of a model, and with those of its disputes."""
    return (*(p for one in all_tried(model) for p in _faults(model, one)), *_disputed(model))


def _faults(model: Model, one: Tried) -> Iterator[Problem]:
    if one.fault:
        if "no operand" not in one.fault:  # the model's own check tells of that
            yield EXAMPLE_WRONG.broken(f"{one.metric}: the engine cannot reckon the example: {one.fault}", one.where)
        return
    if not one.holds:
        message = f"the example gives {plainly.shown(one.found)}, not {plainly.shown(one.gives)}"
        yield EXAMPLE_WRONG.broken(f"{one.metric}: {message}", one.where)
    try:
        by_hand = plainly.reckoned(model, model.metrics.metrics[one.metric], one.given)
    except (NotImplementedError, ArithmeticError):
        return
    if not plainly.agree(by_hand, one.found, one.given):
        message = f"arithmetic gives {plainly.shown(by_hand)}, the engine {plainly.shown(one.found)}"
        yield ENGINES_DISAGREE.broken(f"{one.metric}: {message}", one.where)


def _disputed(model: Model) -> Iterator[Problem]:
    """What the engine says of disputes whose example it can try; the same words as the model's own check has."""
    for number, dispute in enumerate(model.decisions.disputes):
        metric = model.metric(dispute.term)
        if metric and can_try(model, metric) and set(dispute.given) == set(plainly.operands_of(model, metric)):
            (outcome,) = reckoned(model, [Example(metric.name, dispute.given)])
            if not outcome.fault:
                yield from verdict(dispute, outcome.value, model.where("decisions", "disputes", str(number)))
