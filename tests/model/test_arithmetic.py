"""Formulas reckoned exactly: the same as the engine on numbers it can hold, and without its rounding."""

from fractions import Fraction

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.model.arithmetic import exact, exactly, is_sum, quotient, reckon

FORMULAS = (
    "a + b * c", "(a - b) / nullif(c, 0)", "abs(-a) - greatest(a, b, c)", "least(a, b) / 4", "coalesce(a, b) - c",
    "round(a / 8, 1)", "ceil(a / 4) + floor(b / 4)", "case when a > b then a when a = b then c else -b end",
    "case when a is null or b >= 2 then 1 end", "case a when 1 then b else c end", "nullif(a, b)",
    "case when not (a < b) and b <= c then 1 else 0 end", "case when a <> b then round(-a / 2) end",
)  # fmt: skip
small = st.none() | st.integers(-6, 6)


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@pytest.mark.parametrize("formula", FORMULAS)
@given(a=small, b=small, c=small)
def test_it_is_what_the_engine_reckons(
    engine: duckdb.DuckDBPyConnection, formula: str, a: int | None, b: int | None, c: int | None
) -> None:
    sql = f"SELECT CAST({formula} AS DOUBLE) FROM (SELECT $1::DOUBLE AS a, $2::DOUBLE AS b, $3::DOUBLE AS c)"
    (theirs,) = engine.execute(sql, [a, b, c]).fetchone() or (None,)
    ours = reckon(formula, {"a": a, "b": b, "c": c})
    assert ours == (None if theirs is None else pytest.approx(theirs, abs=1e-12))


def test_nothing_is_rounded_on_the_way() -> None:
    assert exactly("a / 3 * 3", {"a": Fraction(1)}) == 1
    assert exact(0.1) == Fraction(1, 10)
    assert exactly("a + b", {"a": exact(0.1), "b": exact(0.2)}) == Fraction(3, 10)


def test_a_zero_divisor_and_a_missing_operand_are_undefined() -> None:
    assert reckon("a / b", {"a": 1, "b": 0}) is None
    assert reckon("a + b", {"a": 1}) is None


def test_what_is_no_arithmetic_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="lower in a formula"):
        reckon("lower(a)", {"a": 1})


@pytest.mark.parametrize(
    ("formula", "adds_up"),
    [
        ("a", True), ("-(a - b)", True), ("12 * a + b / 4", True), ("a * (1 + 1)", True),
        ("a * b", False), ("a / b", False), ("a + 1", False), ("abs(a)", False), ("coalesce(a, 0)", False),
        ("a / 0", False),
    ],
)  # fmt: skip
def test_what_adds_up_over_any_cut(formula: str, adds_up: bool) -> None:
    assert is_sum(formula) is adds_up


def test_the_sides_of_one_division() -> None:
    assert quotient("((a - b) / (a + b))") == ("(a - b)", "(a + b)")
    assert quotient("a / b * c") is None
