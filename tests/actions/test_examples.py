"""Executable examples: every example of the dictionary through the engine, and what is told when one does not hold."""

import math
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.actions import examples
from fairlead.actions.checking import check_all
from fairlead.actions.examples import Example, all_tried, reckoned, tried
from fairlead.model import examples as by_hand
from fairlead.model.examples import agree
from fairlead.model.load import STARTER, load
from fairlead.record.engine import EngineError, compute
from fairlead.values import Query
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import small_company

MODEL = load(STARTER)[0]


@pytest.fixture
def company(tmp_path: Path) -> Workspace:
    return small_company(tmp_path / "small")


def edited(company: Workspace, old: str, new: str) -> Workspace:
    file = company.root / "model" / "metrics.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))
    return open_workspace(company.root)


def test_every_example_of_the_starter_is_tried_and_holds() -> None:
    found = all_tried(MODEL)
    assert len(found) == sum(len(m.examples) for m in MODEL.metrics.metrics.values()) >= 55
    assert [t for t in found if not t.holds or t.fault] == []
    assert any(t.found is None for t in found)
    assert any(t.given.keys() == {"average_days_to_value"} for t in found), "a metric of one measure too"


def test_all_of_them_are_one_query(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Query] = []

    def counted(query: Query) -> pa.Table:
        asked.append(query)
        return compute(query)

    monkeypatch.setattr(examples, "compute", counted)
    all_tried(load(STARTER)[0])
    assert len(asked) == 1


def test_an_example_that_does_not_hold_is_told_once_with_its_line(company: Workspace) -> None:
    broken = edited(company, "gives: 0.25}", "gives: 0.26}")
    (problem,) = [p for p in check_all(broken) if p.is_error]
    assert (problem.code, problem.where) == ("example-wrong", tried(broken, "M10")[0].where)
    assert "the example gives 0.25, not 0.26" in problem.message
    assert [t.holds for t in tried(broken, "win_rate")] == [False, True, True]


def test_what_only_the_engine_can_reckon_is_held_to_its_example(company: Workspace) -> None:
    """Functions are not plain arithmetic: the model's own check passes them over, the engine does not."""
    old = "    ratio: [won, closed]\n"
    good = edited(company, old, "    derived: round(won / nullif(closed, 0), 2)\n")
    assert [t.holds for t in tried(good, "win_rate")] == [True, True, True]
    bad = edited(good, "derived: round(won / nullif(closed, 0), 2)", "derived: greatest(won, closed)")
    assert [p.code for p in check_all(bad) if p.is_error] == ["example-wrong"] * 3


def test_engines_that_disagree_are_a_problem_of_their_own(company: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_hand, "reckoned", lambda *_: 7.0)
    assert {p.code for p in check_all(company) if p.is_error} == {"engines-disagree"}


def test_one_that_the_engine_chokes_on_spoils_no_other(company: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def chokes(query: Query) -> pa.Table:
        if 4.0 in query.params:
            raise EngineError("Out of Range Error: too much\nLINE 1")
        return compute(query)

    monkeypatch.setattr(examples, "compute", chokes)
    model = company.model
    given = [{"won": 1.0, "closed": 4.0}, {"won": 1.0, "closed": 2.0}]
    one, other = reckoned(model, [Example("win_rate", g) for g in given])
    assert (one.value, one.fault) == (None, "Out of Range Error: too much")
    assert (other.value, other.fault) == (0.5, "")
    found = [t for t in tried(company, "win_rate") if not t.holds]
    assert [t.fault for t in found] == ["Out of Range Error: too much"]


def test_a_measure_in_place_is_given_under_the_metrics_own_name(company: Workspace) -> None:
    inline = edited(
        company,
        "    ratio: [won, closed]\n",
        '    measure: {from: facts_opportunity, count: "*", where: is_won, at: closed_at}\n',
    )
    inline = edited(inline, "{given: {won: 1, closed: 4}, gives: 0.25}", "{given: {win_rate: 3}, gives: 3}")
    first, *_ = tried(inline, "win_rate")
    assert (first.found, first.holds) == (3.0, True)


REALS = st.floats(-1e6, 1e6, allow_nan=False).filter(lambda x: x == 0 or abs(x) >= 1e-6)
NUMBERS = st.one_of(st.none(), REALS, st.integers(-100, 100).map(float), st.just(0.0))


@given(st.sampled_from([m.name for m in MODEL.metrics.metrics.values() if m.computable]), st.data())
def test_plain_arithmetic_and_the_engine_agree_on_any_operands(name: str, data: st.DataObject) -> None:
    metric = MODEL.metrics.metrics[name]
    given = {operand: data.draw(NUMBERS) for operand in MODEL.operands(metric)}
    (outcome,) = reckoned(MODEL, [Example(name, given)])
    assert outcome.fault == ""
    expected = by_hand.reckoned(MODEL, metric, given)
    if expected is None or outcome.value is None:
        assert expected is outcome.value
    else:
        # Sums of binary fractions lose what cancels; a quotient of such a rest is not compared.
        assert math.isclose(expected, outcome.value, rel_tol=1e-6, abs_tol=1e-6) or abs(expected) > 1e9


@pytest.mark.parametrize(
    ("a", "b", "given", "same"),
    [
        (0.1 + 0.2, 0.3, {}, True),
        (0.1 + 0.2 - 0.3, 0.0, {"a": 0.3}, True),
        (1e-6, 0.0, {"a": 1.0}, False),
        (0.25, 0.2501, {"a": 1e12}, False),
        (None, None, {}, True),
        (None, 0.0, {}, False),
    ],
)
def test_values_agree_but_for_their_last_digits(
    a: float | None, b: float | None, given: dict[str, float], same: bool
) -> None:
    assert agree(a, b, given) is same
