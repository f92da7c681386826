"""Checks of disputes about definitions: the open ones, and the settled ones that came open again."""

from collections.abc import Iterator

from fairlead.model import laws_of_order as laws
from fairlead.model.decisions import Dispute
from fairlead.model.examples import agree, given_words, operands_of, reckoned, shown
from fairlead.model.laws import UNKNOWN_NAME
from fairlead.model.metrics import Metric
from fairlead.model.whole import Model
from fairlead.problem import Problem, Where, did_you_mean


def words(model: Model) -> tuple[str, ...]:
    """Every word a dispute may be about: numbers, stages, deal stages, defined words, allowed values."""
    deal_stages = (name for pipeline in model.lifecycle.pipelines.values() for name in pipeline.stages)
    values = (f"{p.name}.{value}" for p in model.data.picklists.values() for value in p.values)
    found = (*model.numbers, *model.lifecycle.stages, *model.data.definitions, *deal_stages, *values)
    return tuple(dict.fromkeys((*found, *model.stage_map)))


def disputes(model: Model) -> list[Problem]:
    """A dispute that is open, that nobody can try, or that was settled otherwise than the definition now is."""
    known = frozenset(words(model))
    found: list[Problem] = []
    for index, dispute in enumerate(model.decisions.disputes):
        where = model.where("decisions", "disputes", str(index))
        metric = model.metric(dispute.term)
        if metric is None and dispute.term not in known | model.lost:
            message = f"disputes.{index}: unknown term '{dispute.term}'"
            found.append(UNKNOWN_NAME.broken(message, where, did_you_mean(dispute.term, known)))
        if metric is None and dispute.given and dispute.term not in model.lost:
            message = f"'{dispute.term}' is no metric, and an example of it cannot be tried"
            found.append(laws.DISPUTE_EXAMPLE.broken(message, where))
        found += _judged(model, metric, dispute, where)
    return found


def _judged(model: Model, metric: Metric | None, dispute: Dispute, where: Where) -> Iterator[Problem]:
    """What an example says of a dispute, and of one that is settled, whether it still is."""
    if metric is None or not dispute.given:
        if dispute.is_open:
            yield laws.DISPUTE_OPEN.broken(f"what '{dispute.term}' means is disputed", where)
        return
    operands = operands_of(model, metric)
    if set(dispute.given) != set(operands):
        message = f"the example is to give {', '.join(operands) or 'nothing'}, and gives {', '.join(dispute.given)}"
        yield laws.DISPUTE_EXAMPLE.broken(f"{dispute.term}: {message}", where)
        return
    try:
        value = reckoned(model, metric, dispute.given)
    except (NotImplementedError, ArithmeticError):  # the engine tries these
        if dispute.is_open:
            yield laws.DISPUTE_OPEN.broken(f"what '{dispute.term}' means is disputed", where)
        return
    yield from verdict(dispute, value, where)


def verdict(dispute: Dispute, value: float | None, where: Where) -> Iterator[Problem]:
    """What is to be said of a dispute whose example the definition makes `value` of."""
    holds = agree(value, dispute.gives, dispute.given)
    with_these = f"with {given_words(dispute.given)}"
    if dispute.is_open:
        now = f"the definition gives {shown(value)}, claimed is {shown(dispute.gives)}"
        yield laws.DISPUTE_OPEN.broken(f"what '{dispute.term}' means is disputed: {with_these} {now}", where)
    elif dispute.agreed is None:
        message = f"'{dispute.term}' is settled, but not whether {with_these} gives {shown(dispute.gives)}"
        yield laws.DISPUTE_WITHOUT_VERDICT.broken(message, where)
    elif holds is not dispute.agreed:
        was = "to give" if dispute.agreed else "not to give"
        said = f"{with_these} '{dispute.term}' was settled {was} {shown(dispute.gives)}"
        message = f"{said}, and the definition gives {shown(value)}"
        yield laws.DISPUTE_NOT_FOLLOWED.broken(message, where)
