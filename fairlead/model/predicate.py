"""Predicates: SQL conditions and values over the columns of one table, from a checked subset.

    parse("amount >= 5000 and account.segment = 'smb'", columns_of(TABLES["opportunity"]))
      -> Predicate(columns=("amount", "account.segment")), ()

The same text is run on one row at the desk and on a billion in a build, so nothing may be said in it that
could fan out, fail halfway or mean something else elsewhere: no subquery, aggregate, window, star or
comment, and no function outside `FUNCTIONS`. Division by nothing and a cast that fails are null.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from itertools import zip_longest
from types import MappingProxyType
from typing import Literal, NamedTuple

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError
from sqlglot.tokenizer_core import Token, TokenType

from fairlead.model.kinds import CAST_KINDS, kind_faults, kind_of, name_of
from fairlead.model.laws import (
    PREDICATE_FUNCTION,
    PREDICATE_KIND,
    PREDICATE_SUBSET,
    PREDICATE_SYNTAX,
    UNKNOWN_COLUMN,
)
from fairlead.model.tables import Kind, Table, reach, reachable
from fairlead.problem import Law, Problem, Where, did_you_mean, nearest

AS_OF = "as_of"
LONGEST = 4000
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
DUCKDB = Dialect.get_or_raise("duckdb")

Columns = Collection[str] | Mapping[str, Kind]
Wants = Literal["condition", "value"]

FUNCTIONS: Mapping[str, type[exp.Expr]] = MappingProxyType({
    "coalesce": exp.Coalesce, "nullif": exp.Nullif, "greatest": exp.Greatest, "least": exp.Least,
    "abs": exp.Abs, "round": exp.Round, "ceil": exp.Ceil, "floor": exp.Floor,
    "lower": exp.Lower, "upper": exp.Upper, "trim": exp.Trim, "length": exp.Length, "replace": exp.Replace,
    "concat": exp.Concat, "left": exp.Left, "right": exp.Right, "split_part": exp.SplitPart,
    "starts_with": exp.StartsWith, "contains": exp.Contains,
    "date_diff": exp.DateDiff, "date_trunc": exp.TimestampTrunc, "cast": exp.Cast, "try_cast": exp.TryCast,
})  # fmt: skip

OPERATORS: frozenset[type[exp.Expr]] = frozenset({
    exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between,
    exp.Like, exp.ILike, exp.Is, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.DPipe, exp.Case, exp.If,
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Interval, exp.Var, exp.DataType, exp.DateTrunc,
})  # fmt: skip

ATOMS: tuple[type[exp.Expr], ...] = (
    exp.Column,
    exp.Literal,
    exp.Boolean,
    exp.Null,
    exp.Case,
    exp.Paren,
    *FUNCTIONS.values(),
)
ALLOWED = OPERATORS | frozenset(FUNCTIONS.values())
TYPES = frozenset(CAST_KINDS)
ONE_OF_TYPES = "One of: date, timestamp, timestamptz, double, bigint, int, decimal, varchar, boolean."
UNITS = frozenset({"SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"})
OPENING = frozenset({TokenType.L_PAREN, TokenType.CASE})
CLOSING = frozenset({TokenType.R_PAREN, TokenType.END})
DIFFERENCES = frozenset({"SECOND", "MINUTE", "HOUR", "DAY"})


class Fault(NamedTuple):
    """A broken law that does not know yet where it stands."""

    law: Law
    message: str
    hint: str | None = None


class Predicate(NamedTuple):
    """A checked text. `pieces` is its SQL between the columns, `slots` the column of each gap."""

    text: str
    columns: tuple[str, ...]
    pieces: tuple[str, ...]
    slots: tuple[str, ...]
    compared: tuple[tuple[str, str], ...]

    def render(self, column: Callable[[str], str]) -> str:
        """DuckDB SQL, safe to set beside `and`, with what `column` returns in place of every column and `as_of`."""
        filled = (p + (column(s) if s is not None else "") for p, s in zip_longest(self.pieces, self.slots))
        return "".join(filled)

    @property
    def uses_as_of(self) -> bool:
        return AS_OF in self.slots


class _Text(NamedTuple):
    """What a text says, whatever the columns: cached, because the same texts are read again and again."""

    tree: exp.Expr | None
    faults: tuple[Fault, ...]
    pieces: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    quoted: frozenset[str] = frozenset()
    compared: tuple[tuple[str, str], ...] = ()


def parse(
    text: str, columns: Columns, where: Where | None = None, *, wants: Wants | None = None
) -> tuple[Predicate | None, tuple[Problem, ...]]:
    """The predicate a text means over these columns, or None and every problem with it.

    `columns` with their kinds (`columns_of`) has the operands' kinds checked as well.
    """
    read = _read(text)
    known = columns if isinstance(columns, Mapping | frozenset | set) else frozenset(columns)
    names = {name: _resolve(name, known, name in read.quoted) for name in read.slots}
    faults = read.faults + tuple(_unknown(name, known, read.quoted) for name, found in names.items() if found is None)
    if read.tree is not None and not faults:
        faults = _kind_faults(text, _kinds_key(names, known), wants)
    if read.tree is None or faults:
        return None, tuple(f.law.broken(f"{f.message} in: {_short(text)}", where, f.hint) for f in faults)
    slots = tuple(names[s] or s for s in read.slots)
    used = tuple(dict.fromkeys(s for s in slots if s != AS_OF))
    compared = tuple((names[c] or c, value) for c, value in read.compared)
    return Predicate(text, used, read.pieces, slots, compared), ()


def conjuncts(text: str) -> tuple[str, ...]:
    """The conditions that all have to hold for a condition to hold, as they are written; the text itself when it
    cannot be read.

    >>> conjuncts("meetings >= 1 and (is_won or next_step is not null)")
    ('meetings >= 1', '(is_won or next_step is not null)')
    """
    tree = _read(text).tree
    if tree is None:
        return (text,)
    whole = tree.unnest() if isinstance(tree, exp.Paren) else tree
    if not isinstance(whole, exp.And):
        return (text.strip(),)
    parts = tuple(whole.flatten(unnest=False))
    written = _between_ands(text, inside=tree is not whole)
    said = [_read(part).tree for part in written]
    return written if said == list(parts) else tuple(part.sql("duckdb") for part in parts)


def _between_ands(text: str, *, inside: bool) -> tuple[str, ...]:
    """The text cut at every `and` that joins conditions: not in brackets, not in a case, not of a between.

    `inside`: all of it stands in one pair of brackets, and the cuts are in there.
    """
    tokens = DUCKDB.tokenize(text)
    tokens = tokens[1:-1] if inside else tokens
    cuts, depth, between = [tokens[0].start], 0, 0
    for token in tokens:
        depth += (token.token_type in OPENING) - (token.token_type in CLOSING)
        between += token.token_type is TokenType.BETWEEN and not depth
        if token.token_type is TokenType.AND and not depth:
            if not between:
                cuts += [token.start, token.end + 1]
            between = 0
    cuts.append(tokens[-1].end + 1)
    return tuple(text[start:end].strip() for start, end in zip(cuts[::2], cuts[1::2], strict=True))


@lru_cache(maxsize=256)
def columns_of(table: Table) -> Mapping[str, Kind]:
    """Every name a predicate over a table may use, with what it holds; two references deep."""
    paths = ((name, reach(table, name)) for name in reachable(table))
    return MappingProxyType({name: path.column.kind for name, path in paths if path is not None})


def _resolve(name: str, known: Collection[str], quoted: bool) -> str | None:
    """The known name meant; SQL names that are not quoted do not care about case."""
    if name in known or (name == AS_OF and not quoted):
        return name
    if quoted:
        return None
    alike = [k for k in known if k.casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else None


def _unknown(name: str, known: Collection[str], quoted: Collection[str]) -> Fault:
    near = nearest(name, known)
    if name in quoted and near is None:
        return Fault(UNKNOWN_COLUMN, f"unknown column '{name}'", f"Text is written in single quotes: '{name}'.")
    return Fault(UNKNOWN_COLUMN, f"unknown column '{name}'", did_you_mean(name, {*known, AS_OF}))


def _kinds_key(names: Mapping[str, str | None], known: Collection[str]) -> tuple[tuple[str, Kind | None], ...]:
    kinds = known if isinstance(known, Mapping) else {}
    return tuple((name, Kind.TIMESTAMP if name == AS_OF else kinds.get(found or name)) for name, found in names.items())


@lru_cache(maxsize=4096)
def _kind_faults(text: str, kinds: tuple[tuple[str, Kind | None], ...], wants: Wants | None) -> tuple[Fault, ...]:
    tree = _read(text).tree
    if tree is None:
        return ()
    known = {name: kind for name, kind in kinds if kind is not None}
    found = [Fault(PREDICATE_KIND, message) for message in kind_faults(tree, known)]
    whole = kind_of(tree, known)
    if wants == "condition" and whole not in (Kind.BOOLEAN, None):
        found.append(Fault(PREDICATE_KIND, f"a condition is true or false, this is {whole}"))
    if wants == "value" and whole is Kind.BOOLEAN:
        found.append(Fault(PREDICATE_KIND, "a value is wanted, this is true or false"))
    return tuple(found)


@lru_cache(maxsize=4096)
def _read(text: str) -> _Text:
    """Parse and check a text; the outside parser may fail in any way on garbage, and none of them is ours."""
    if not text.strip():
        return _Text(None, (Fault(PREDICATE_SYNTAX, "nothing is written"),))
    if CONTROL.search(text):
        return _Text(None, (Fault(PREDICATE_SYNTAX, "a control character may not stand"),))
    if len(text) > LONGEST:
        return _Text(None, (Fault(PREDICATE_SYNTAX, f"longer than {LONGEST} characters"),))
    try:
        return _understood(text)
    except Exception as problem:
        return _Text(None, (Fault(PREDICATE_SYNTAX, f"cannot be read: {_first_line(problem)}"),))


def _understood(text: str) -> _Text:
    tokens = DUCKDB.tokenize(text)
    if faults := _token_faults(tokens):
        return _Text(None, faults)
    trees = DUCKDB.parser().parse_into(exp.Condition, tokens, text)
    tree = trees[0] if trees else None
    if tree is None:
        return _Text(None, (Fault(PREDICATE_SYNTAX, "this is no condition"),))
    found = tuple(dict.fromkeys(_faults(tree)))
    return _Text(None, found) if found else _rendered(text, tree)


def _token_faults(tokens: list[Token]) -> tuple[Fault, ...]:
    if any(t.comments for t in tokens):
        return (Fault(PREDICATE_SUBSET, "a comment may not stand"),)
    if any(t.token_type is TokenType.SEMICOLON for t in tokens):
        return (Fault(PREDICATE_SUBSET, "a semicolon may not stand"),)
    return () if tokens else (Fault(PREDICATE_SYNTAX, "nothing is written"),)


def _faults(tree: exp.Expr) -> list[Fault]:
    """Everything in a tree that lies outside the subset."""
    found: list[Fault] = []
    for node in tree.walk(prune=lambda n: type(n) not in ALLOWED):
        if type(node) not in ALLOWED:
            found.append(_outside(node))
        elif missing := node.error_messages():
            found.append(Fault(PREDICATE_SYNTAX, f"'{node.key}' lacks a part: {missing[0]}"))
        elif isinstance(node, exp.In) and (node.args.get("query") or node.args.get("unnest") or node.args.get("field")):
            found.append(Fault(PREDICATE_SUBSET, "'in' takes a list of values"))
        elif isinstance(node, exp.DataType) and (node.this.value not in TYPES or node.args.get("nested")):
            found.append(Fault(PREDICATE_SUBSET, f"type {node.sql('duckdb')} may not stand", ONE_OF_TYPES))
        elif isinstance(node, exp.Interval) and not (isinstance(node.this, exp.Literal) and _unit(node) in UNITS):
            found.append(Fault(PREDICATE_SUBSET, "an interval is written: interval 30 day"))
        elif isinstance(node, exp.DateDiff) and _unit(node) not in DIFFERENCES:
            found.append(
                Fault(PREDICATE_SUBSET, "date_diff counts day, hour, minute or second: date_diff('day', a, b)")
            )
        elif isinstance(node, exp.TimestampTrunc | exp.DateTrunc) and _unit(node) not in UNITS:
            found.append(Fault(PREDICATE_SUBSET, "date_trunc cuts to day, week, month, quarter or year"))
    return found


def _unit(node: exp.Expr) -> str:
    unit = node.args.get("unit")
    return unit.name.upper().removesuffix("S") if isinstance(unit, exp.Expr) else ""


def _outside(node: exp.Expr) -> Fault:
    """The fault of a node that is not in the subset, in the words of somebody who knows some SQL."""
    if isinstance(node, exp.Query | exp.Subquery | exp.Exists):
        return Fault(PREDICATE_SUBSET, "a subquery may not stand")
    if isinstance(node, exp.AggFunc):
        return Fault(PREDICATE_SUBSET, f"aggregate {node.sql_name().lower()}() may not stand; a measure aggregates")
    if isinstance(node, exp.Window | exp.Star):
        return Fault(
            PREDICATE_SUBSET, "a window may not stand" if isinstance(node, exp.Window) else "'*' may not stand"
        )
    if isinstance(node, exp.Func):
        name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
        near = nearest(name.lower(), FUNCTIONS)
        listed = f"Known functions: {', '.join(sorted(FUNCTIONS))}."
        return Fault(PREDICATE_FUNCTION, f"function {name.lower()}()", f"Did you mean {near}()?" if near else listed)
    return Fault(PREDICATE_SUBSET, f"'{node.key}' may not stand")


def _rendered(text: str, tree: exp.Expr) -> _Text:
    """Generate the SQL once, with a hole where each column stood."""
    mark = "fl_hole_"
    while mark in text.lower():
        mark += "x_"
    whole = exp.Paren(this=tree.copy())
    for node in list(whole.find_all(exp.Div, exp.Cast)):
        _make_total(node)
    slots: list[str] = []
    quoted: set[str] = set()
    for node in list(whole.find_all(exp.Column)):
        name = name_of(node)
        if any(part.args.get("quoted") for part in node.parts):
            quoted.add(name)
        node.replace(exp.column(f"{mark}{len(slots)}_"))
        slots.append(name)
    sql = whole.sql("duckdb")
    parts = re.split(rf"{mark}(\d+)_", sql[1:-1] if isinstance(tree, ATOMS) else sql)
    order = tuple(slots[int(index)] for index in parts[1::2])
    return _Text(tree, (), tuple(parts[::2]), order, frozenset(quoted), _comparisons(tree))


def _make_total(node: exp.Expr) -> None:
    """Undefined is null: nothing may stop a build halfway because one row divides by nothing."""
    if isinstance(node, exp.Div):
        below = node.expression
        total = isinstance(below, exp.Nullif) and below.expression == exp.Literal.number(0)
        if not total:
            node.set("expression", exp.Nullif(this=below, expression=exp.Literal.number(0)))
    elif type(node) is exp.Cast and not isinstance(node.this, exp.Literal):
        node.replace(exp.TryCast(this=node.this, to=node.args["to"]))


def _comparisons(tree: exp.Expr) -> tuple[tuple[str, str], ...]:
    """Every text literal a column is compared with: `kind = 'new'` and `kind in ('new', 'renewal')`."""
    found: list[tuple[str, str]] = []
    for node in tree.find_all(exp.EQ, exp.NEQ, exp.In):
        column, values = node.this, node.expressions if isinstance(node, exp.In) else [node.expression]
        if isinstance(column, exp.Literal):
            column, values = values[0], [column]
        if isinstance(column, exp.Column):
            name = name_of(column)
            found += [(name, v.name) for v in values if isinstance(v, exp.Literal) and v.is_string]
    return tuple(found)


def _first_line(problem: Exception) -> str:
    """The parser's own words, without its coloured excerpt."""
    if isinstance(problem, ParseError) and problem.errors:
        said = problem.errors[-1]
        what = said.get("description") or "not a condition"
        what = "something is missing" if "<class " in what else what
        return f"{what} near '{said.get('highlight') or ''}'".removesuffix(" near ''")
    if isinstance(problem, RecursionError):
        return "nested too deeply"
    words = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
    return words.removesuffix(".")[:160]


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 120 else f"{flat[:117]}..."
