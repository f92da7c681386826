"""Reckons the formula of a metric exactly, in fractions: what examples are held to and what changes are split with.

Undefined operands give None, and so does a zero divisor; the rest is SQL's own arithmetic, without its rounding.
"""

import math
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

import sqlglot
from sqlglot import exp

Number = Fraction | None
Values = Mapping[str, Number]

BINARY: Mapping[type[exp.Expr], Callable[[Fraction, Fraction], Number]] = MappingProxyType(
    {
        exp.Add: operator.add,
        exp.Sub: operator.sub,
        exp.Mul: operator.mul,
        exp.Div: lambda a, b: a / b if b else None,
    }
)
UNARY: Mapping[type[exp.Expr], Callable[[Fraction], Fraction]] = MappingProxyType(
    {
        exp.Neg: operator.neg,
        exp.Abs: abs,
        exp.Ceil: lambda a: Fraction(math.ceil(a)),
        exp.Floor: lambda a: Fraction(math.floor(a)),
    }
)
COMPARED: Mapping[type[exp.Expr], Callable[[Fraction, Fraction], bool]] = MappingProxyType(
    {
        exp.EQ: operator.eq,
        exp.NEQ: operator.ne,
        exp.GT: operator.gt,
        exp.GTE: operator.ge,
        exp.LT: operator.lt,
        exp.LTE: operator.le,
    }
)


def reckon(text: str, values: Mapping[str, float | None]) -> float | None:
    """The value of a checked formula; None when an operand is undefined, or a divisor is zero.

    >>> reckon("(a - b) / a", {"a": 10, "b": 4})
    0.6
    """
    value = exactly(text, {name: exact(given) for name, given in values.items()})
    return None if value is None else float(value)


def exactly(text: str, values: Values) -> Number:
    """The same without any rounding. Raises NotImplementedError for what is no arithmetic (text, dates)."""
    return _of(tree(text), values)


def exact(value: float | Decimal | None) -> Number:
    """A number as a person reads it: 0.1 is one tenth, whatever its binary form. What is not finite is undefined."""
    if value is None or not math.isfinite(value):
        return None
    return Fraction(repr(value) if isinstance(value, float) else value)


@lru_cache(maxsize=1024)
def tree(text: str) -> exp.Expr:
    """A formula as sqlglot reads it."""
    return sqlglot.parse_one(text, dialect="duckdb", into=exp.Condition)


def quotient(text: str) -> tuple[str, str] | None:
    """The two sides of a formula that is one division, or None.

    >>> quotient("(won - lost) / closed")
    ('(won - lost)', 'closed')
    """
    node = tree(text).unnest()
    return (node.this.sql("duckdb"), node.expression.sql("duckdb")) if isinstance(node, exp.Div) else None


def is_sum(text: str) -> bool:
    """Whether a formula only adds, subtracts and multiplies by constants: it adds up over any cut of its operands.

    >>> is_sum("12 * (a - b)"), is_sum("a * b"), is_sum("a + 1")
    (True, False, False)
    """
    return _adds_up(tree(text))


def _adds_up(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren | exp.Neg):
        return _adds_up(node.this)
    if isinstance(node, exp.Add | exp.Sub):
        return _adds_up(node.this) and _adds_up(node.expression)
    if isinstance(node, exp.Mul):
        a, b = node.this, node.expression
        return (_constant(a) and _adds_up(b)) or (_constant(b) and _adds_up(a))
    if isinstance(node, exp.Div):
        return _adds_up(node.this) and _constant(node.expression) and _of(node.expression, {}) != 0
    return isinstance(node, exp.Column)


def _constant(node: exp.Expr) -> bool:
    return node.find(exp.Column) is None


def _of(node: exp.Expr, values: Values) -> Number:  # noqa: PLR0911 - one return a kind of node
    if isinstance(node, exp.Literal):
        return Fraction(node.name)
    if isinstance(node, exp.Column):
        return values.get(node.name)
    if isinstance(node, exp.Paren):
        return _of(node.this, values)
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Coalesce):
        return next((value for value in _each(node, values) if value is not None), None)
    if isinstance(node, exp.Nullif):
        value = _of(node.this, values)
        return None if value == _of(node.expression, values) else value
    if isinstance(node, exp.Greatest | exp.Least):
        known = [value for value in _each(node, values) if value is not None]
        return (max if isinstance(node, exp.Greatest) else min)(known, default=None)
    if isinstance(node, exp.Case):
        return _chosen(node, values)
    if isinstance(node, exp.Round):
        return _rounded(_of(node.this, values), node, values)
    if (one := UNARY.get(type(node))) is not None:
        value = _of(node.this, values)
        return None if value is None else one(value)
    if (two := BINARY.get(type(node))) is not None:
        left, right = _of(node.this, values), _of(node.expression, values)
        return None if left is None or right is None else two(left, right)
    raise NotImplementedError(f"{node.key} in a formula")


def _each(node: exp.Expr, values: Values) -> list[Number]:
    return [_of(part, values) for part in (node.this, *node.expressions)]


def _rounded(value: Number, node: exp.Expr, values: Values) -> Number:
    """Half away from zero, as the engine does it."""
    places = _of(node.args["decimals"], values) if node.args.get("decimals") else Fraction(0)
    if value is None or places is None:
        return None
    scale = Fraction(10) ** int(places)
    size = Fraction(math.floor(abs(value) * scale + Fraction(1, 2))) / scale
    return -size if value < 0 else size


def _chosen(node: exp.Expr, values: Values) -> Number:
    """The branch of a CASE whose condition holds first."""
    for branch in node.args["ifs"]:
        condition = exp.EQ(this=node.this, expression=branch.this) if node.this else branch.this
        if _holds(condition, values):
            return _of(branch.args["true"], values)
    default = node.args.get("default")
    return _of(default, values) if default else None


def _holds(node: exp.Expr, values: Values) -> bool | None:
    """Whether a condition holds; None when SQL does not know."""
    if isinstance(node, exp.Paren):
        return _holds(node.this, values)
    if isinstance(node, exp.Not):
        held = _holds(node.this, values)
        return None if held is None else not held
    if isinstance(node, exp.And | exp.Or):
        sides = (_holds(node.this, values), _holds(node.expression, values))
        decides = isinstance(node, exp.Or)
        return decides if decides in sides else None if None in sides else not decides
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        return _of(node.this, values) is None
    if (compare := COMPARED.get(type(node))) is not None:
        left, right = _of(node.this, values), _of(node.expression, values)
        return None if left is None or right is None else compare(left, right)
    raise NotImplementedError(f"{node.key} in a formula")
