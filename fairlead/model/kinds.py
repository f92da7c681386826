"""What kind of value an expression gives, as far as its columns' kinds tell: cheap sanity, not a type system."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from sqlglot import exp

from fairlead.model.tables import Kind

NUMERIC = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.MONEY})
TIMELY = frozenset({Kind.DATE, Kind.TIMESTAMP})
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg)
CONDITIONS = (*COMPARISONS, exp.And, exp.Or, exp.Not, exp.In, exp.Between, exp.Like, exp.ILike, exp.Is, exp.Boolean)
TRUTHS = (exp.StartsWith, exp.Contains)
TEXTS = (exp.Lower, exp.Upper, exp.Trim, exp.Replace, exp.Concat, exp.DPipe, exp.Left, exp.Right, exp.SplitPart)
NUMBERS = (exp.Abs, exp.Round, exp.Ceil, exp.Floor, exp.Length, exp.DateDiff)
CAST_KINDS = {
    "DATE": Kind.DATE, "TIMESTAMP": Kind.TIMESTAMP, "TIMESTAMPTZ": Kind.TIMESTAMP, "TIMESTAMPNTZ": Kind.TIMESTAMP,
    "DOUBLE": Kind.NUMBER, "BIGINT": Kind.INTEGER, "INT": Kind.INTEGER, "DECIMAL": Kind.NUMBER, "VARCHAR": Kind.TEXT,
    "TEXT": Kind.TEXT, "BOOLEAN": Kind.BOOLEAN,
}  # fmt: skip

Kinds = Mapping[str, Kind]


def name_of(column: exp.Column) -> str:
    """The dotted name a column node stands for."""
    return ".".join(part.name for part in column.parts)


def kind_of(node: exp.Expr, kinds: Kinds) -> Kind | None:  # noqa: PLR0911  one line a family
    """The kind of value, or None when it cannot be told."""
    if isinstance(node, exp.Paren):
        return kind_of(node.this, kinds)
    if isinstance(node, exp.Column):
        return kinds.get(name_of(node))
    if isinstance(node, (*CONDITIONS, *TRUTHS)):
        return Kind.BOOLEAN
    if isinstance(node, exp.Literal):
        return Kind.TEXT if node.is_string else Kind.NUMBER
    if isinstance(node, exp.Cast):
        return CAST_KINDS.get(node.args["to"].this.value)
    if isinstance(node, ARITHMETIC):
        return _of_arithmetic(node, kinds)
    if isinstance(node, exp.Coalesce | exp.Nullif | exp.Greatest | exp.Least):
        return kind_of(node.this, kinds)
    if isinstance(node, exp.Case):
        return next((k for i in node.args["ifs"] if (k := kind_of(i.args["true"], kinds)) is not None), None)
    if isinstance(node, exp.TimestampTrunc | exp.DateTrunc):
        return Kind.TIMESTAMP
    return Kind.TEXT if isinstance(node, TEXTS) else Kind.NUMBER if isinstance(node, NUMBERS) else None


def _of_arithmetic(node: exp.Expr, kinds: Kinds) -> Kind | None:
    sides = [kind_of(side, kinds) for side in _operands(node)]
    if any(side in TIMELY for side in sides):
        return Kind.TIMESTAMP if any(isinstance(side, exp.Interval) for side in _operands(node)) else None
    return Kind.NUMBER


def kind_faults(tree: exp.Expr, kinds: Kinds) -> Iterator[str]:
    """Every place where kinds plainly do not go together, in words."""
    for node in tree.walk():
        if isinstance(node, exp.And | exp.Or | exp.Not):
            yield from _not_conditions(node, kinds)
        elif isinstance(node, COMPARISONS):
            yield from _misfit(node.this, node.expression, kinds)
        elif isinstance(node, exp.In):
            for value in node.expressions:
                yield from _misfit(node.this, value, kinds)
        elif isinstance(node, exp.Between):
            for value in (node.args["low"], node.args["high"]):
                yield from _misfit(node.this, value, kinds)
        elif isinstance(node, ARITHMETIC):
            yield from _not_numbers(node, kinds)
        elif isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal):
            yield from _bad_moment(node.this, CAST_KINDS.get(node.args["to"].this.value))


def _operands(node: exp.Expr) -> list[exp.Expr]:
    return [side for side in (node.this, node.args.get("expression")) if isinstance(side, exp.Expr)]


def _not_conditions(node: exp.Expr, kinds: Kinds) -> Iterator[str]:
    for side in _operands(node):
        kind = kind_of(side, kinds)
        if kind not in (Kind.BOOLEAN, None):
            yield f"'{node.key}' joins conditions, {side.sql('duckdb')} is {kind}"


def _misfit(left: exp.Expr, right: exp.Expr, kinds: Kinds) -> Iterator[str]:
    """Two compared values of families that never equal each other; a text literal may spell a date."""
    one, other = kind_of(left, kinds), kind_of(right, kinds)
    if one is None or other is None or _family(one) == _family(other):
        return
    for literal, kind in ((right, one), (left, other)):
        if kind in TIMELY and isinstance(literal, exp.Literal) and literal.is_string:
            yield from _bad_moment(literal, kind)
            return
    yield f"{left.sql('duckdb')} is {one}, {right.sql('duckdb')} is {other}: they are never equal"


def _not_numbers(node: exp.Expr, kinds: Kinds) -> Iterator[str]:
    for side in _operands(node):
        kind = kind_of(side, kinds)
        if kind in (Kind.TEXT, Kind.BOOLEAN):
            yield f"{side.sql('duckdb')} is {kind}; it cannot be reckoned with"


def _bad_moment(literal: exp.Expr, kind: Kind | None) -> Iterator[str]:
    if kind not in TIMELY:
        return
    try:
        date.fromisoformat(literal.name) if kind is Kind.DATE else datetime.fromisoformat(literal.name)
    except ValueError:
        yield f"'{literal.name}' is no {kind}; write it as 2026-01-31"


def _family(kind: Kind) -> str:
    return "number" if kind in NUMERIC else "time" if kind in TIMELY else kind.value
