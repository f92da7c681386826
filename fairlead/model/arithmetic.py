"""Reckons a derived expression for given operands: what examples are held to. Undefined operands give None."""

from collections.abc import Mapping
from decimal import Decimal

import sqlglot
from sqlglot import exp

Values = Mapping[str, float | None]


def reckon(text: str, values: Values) -> float | None:
    """The value of a checked arithmetic expression; None when an operand is, or a divisor is zero.

    >>> reckon("(a - b) / a", {"a": 10, "b": 4})
    0.6
    """
    value = _of(sqlglot.parse_one(text, dialect="duckdb", into=exp.Condition), values)
    return None if value is None else float(value)


def _of(node: exp.Expr, values: Values) -> Decimal | None:
    if isinstance(node, exp.Literal):
        return Decimal(node.name)
    if isinstance(node, exp.Column):
        given = values.get(node.name)
        return None if given is None else Decimal(repr(given))
    if isinstance(node, exp.Paren):
        return _of(node.this, values)
    if isinstance(node, exp.Coalesce):
        found = (_of(part, values) for part in (node.this, *node.expressions))
        return next((value for value in found if value is not None), None)
    if isinstance(node, exp.Neg | exp.Abs):
        value = _of(node.this, values)
        return None if value is None else -value if isinstance(node, exp.Neg) else abs(value)
    left, right = _of(node.this, values), _of(node.expression, values) if node.args.get("expression") else None
    return None if left is None or right is None else _operation(node, left, right)


def _operation(node: exp.Expr, left: Decimal, right: Decimal) -> Decimal | None:
    if isinstance(node, exp.Add):
        return left + right
    if isinstance(node, exp.Sub):
        return left - right
    if isinstance(node, exp.Mul):
        return left * right
    if isinstance(node, exp.Div):
        return left / right if right else None
    if isinstance(node, exp.Nullif):
        return None if left == right else left
    raise NotImplementedError(f"{node.key} in an example")
