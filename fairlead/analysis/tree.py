"""The exact split of a metric's change over what it is made of, down to the measures that were counted.

    pipeline_velocity = qualified_deals * win_rate * average_deal_size / sales_cycle_length
                                          └ won / closed └ bookings / won

A node's change is paid in the root's unit: `payoff` says what the root gains when the node has a value. Its
operands share that gain by their Shapley values; each of them hands its share on to its own operands in the same
way (the hierarchical Shapley value; Owen 1977, "Values of games with a priori unions"). So the parts of every
node sum exactly to its own, and no order of factors is preferred.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from fairlead.analysis.question import Instance, operands
from fairlead.analysis.shapley import Number, turns
from fairlead.model.arithmetic import exactly
from fairlead.model.metrics import Aggregate, Measure, Metric, Metrics, Window

MOST_OPERANDS = 12  # of one formula: the states of more are too many to look at
Values = Mapping[str, Number]  # what was counted, by the column of its instance
Payoff = Callable[[Number], Number]


class Node(NamedTuple):
    """A metric or measure as part of another: `formula` over the names of its operands, or a leaf that is counted.

    `operands` of a leaf are what an average is made of, its sum and its count; they are no numbers of their own.
    """

    name: str
    instance: Instance | None
    formula: str
    operands: tuple["Node", ...]

    @property
    def is_leaf(self) -> bool:
        """Whether it is a measure: nothing of the dictionary lies below it."""
        return self.instance is not None

    @property
    def parts(self) -> tuple["Node", ...]:
        """The operands that have names in the dictionary."""
        return () if self.is_leaf else self.operands

    def counted(self) -> Iterator[Instance]:
        """Everything that has to be counted for it; averages as their sums and counts."""
        if self.instance is not None and not self.operands:
            yield self.instance
        for operand in self.operands:
            yield from operand.counted()


def node_of(dictionary: Metrics, name: str, window: Window | None = None) -> Node:
    """The tree of a metric or measure; a metric that is one measure under another name is a leaf."""
    if name in dictionary.measures:
        return _leaf(name, Instance(name, dictionary.measures[name], window))
    metric = dictionary.metrics[name]
    window = metric.window or window
    if isinstance(metric.measure, Measure):
        return _leaf(name, Instance(name, metric.measure, window))
    if isinstance(metric.measure, str):
        below = node_of(dictionary, metric.measure, window)
        return below._replace(name=name)
    names = tuple(dict.fromkeys(operands(metric)))
    return Node(name, None, _formula(metric), tuple(node_of(dictionary, operand, window) for operand in names))


def _formula(metric: Metric) -> str:
    if metric.ratio:
        return f"{metric.ratio[0]} / {metric.ratio[1]}"
    return metric.derived or "NULL"


def _leaf(name: str, instance: Instance) -> Node:
    if instance.measure.reading.aggregate is not Aggregate.AVG:
        return Node(name, instance, "", ())
    total, count = (averaged(instance, kind) for kind in (Aggregate.SUM, Aggregate.COUNT))
    below = tuple(Node(i.name, i, "", ()) for i in (total, count))
    return Node(name, instance, f"{total.name} / {count.name}", below)


def averaged(instance: Instance, kind: Aggregate) -> Instance:
    """The sum or the count behind an average: what adds up where the average does not."""
    measure = instance.measure.model_copy(update={"avg": None, kind.value: instance.measure.reading.expression})
    return Instance(f"{instance.name}__{kind}", measure, instance.window)


def value(node: Node, values: Values) -> Number:
    """What a node is where these were counted; None when it is undefined."""
    if not node.operands:
        return values.get(node.instance.column) if node.instance else exactly(node.formula, {})
    return _formed(node, [value(operand, values) for operand in node.operands])


def _formed(node: Node, given: Sequence[Number]) -> Number:
    return exactly(node.formula, {operand.name: one for operand, one in zip(node.operands, given, strict=True)})


class Split(NamedTuple):
    """A node's values at both ends and what it adds to the root's change; its `parts` sum exactly to its `part`.

    `part` is None where there is nothing to split: the root is undefined at one end. `is_whole` where it has
    operands but every order of change passes through an undefined state, so that it stays whole. `payoff` of what
    was counted: the root's gain by its value.
    """

    node: Node
    before: Number
    after: Number
    part: Number
    parts: tuple["Split", ...]
    is_whole: bool = False
    payoff: Payoff | None = None

    def leaves(self) -> Iterator["Split"]:
        """The splits of what was counted, each occurrence by itself."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


def split(root: Node, before: Values, after: Values) -> Split:
    """The root's change, split down to what was counted (averages down to their sums and counts)."""
    ends = (value(root, before), value(root, after))
    if None in ends:
        return _undivided(root, before, after, None)
    return _split(root, lambda own: own, before, after)


def _split(node: Node, payoff: Payoff, before: Values, after: Values) -> Split:
    gained = _difference(payoff(value(node, before)), payoff(value(node, after)))
    if not node.operands:
        return Split(node, value(node, before), value(node, after), gained, (), payoff=payoff)
    payoffs = _handed_on(node, payoff, before, after)
    if payoffs is None:
        return _undivided(node, before, after, gained)
    parts = tuple(
        _split(operand, handed, before, after) for operand, handed in zip(node.operands, payoffs, strict=True)
    )
    return Split(node, value(node, before), value(node, after), gained, parts)


def _undivided(node: Node, before: Values, after: Values, part: Number) -> Split:
    """The values at both ends all the way down, and nothing split."""
    below = tuple(_undivided(operand, before, after, None) for operand in node.operands)
    return Split(node, value(node, before), value(node, after), part, below, is_whole=part is not None)


def _difference(before: Number, after: Number) -> Number:
    return None if before is None or after is None else after - before


def _handed_on(node: Node, payoff: Payoff, before: Values, after: Values) -> list[Payoff] | None:
    """For each operand, what the root gains when it alone has a value: the mean over the orders of change."""
    ends = [(value(operand, before), value(operand, after)) for operand in node.operands]
    if len(ends) > MOST_OPERANDS:
        return None

    def at(state: int, thing: int | None = None, given: Number = None) -> Number:
        """The payoff of a state of the operands, of which one may have a value of its own."""
        mixed = [pair[state >> n & 1] for n, pair in enumerate(ends)]
        if thing is not None:
            mixed[thing] = given
        return payoff(_formed(node, mixed))

    weights = turns([at(state) for state in range(1 << len(ends))])
    if weights is None:
        return None

    def of(thing: int) -> Payoff:
        @cache
        def handed(given: Number) -> Number:
            gains = [(weight, at(state, thing, given)) for state, weight in weights[thing].items()]
            return None if any(g is None for _, g in gains) else sum((w * (g or 0) for w, g in gains), Fraction(0))

        return handed

    return [of(thing) for thing in range(len(ends))]


class Lack(NamedTuple):
    """Why a node is undefined: a measure without data or rows (`is_missing`), or a divisor that is zero."""

    name: str
    is_missing: bool


def lacks(node: Node, values: Values) -> tuple[Lack, ...]:
    """What makes a node undefined, as deep down as it can be told; nothing when it is defined."""
    if value(node, values) is not None:
        return ()
    if node.instance is not None:
        return (Lack(node.instance.name, is_missing=True),)
    deeper = tuple(lack for operand in node.operands for lack in lacks(operand, values))
    if deeper or not node.operands:
        return tuple(dict.fromkeys(deeper)) or (Lack(node.name, is_missing=True),)
    divisors = _divisors(node, [value(operand, values) for operand in node.operands])
    return tuple(Lack(name, is_missing=False) for name in divisors or (node.name,))


def _divisors(node: Node, given: Sequence[Number]) -> tuple[str, ...]:
    """The operands that are zero and would leave the node defined were they not."""
    return tuple(
        operand.name
        for n, operand in enumerate(node.operands)
        if given[n] == 0 and _formed(node, [*given[:n], Fraction(1), *given[n + 1 :]]) is not None
    )
