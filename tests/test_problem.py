"""How a problem reads: to a person on a page, and in a line of a terminal."""

import doctest

import pytest

from fairlead import problem
from fairlead.problem import Problem, Severity, Where


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("unknown metric 'win'.", "Unknown metric 'win'."),
        ("'closed' is no operand", "'closed' is no operand."),
        ("pipeline_velocity is undefined", "pipeline_velocity is undefined."),
        ("What is wrong with it?", "What is wrong with it?"),
        ("", "."),
    ],
)
def test_a_message_reads_as_a_sentence_and_names_stay_as_they_are(message: str, says: str) -> None:
    assert Problem("x", Severity.ERROR, None, message).says == says


def test_a_hint_follows_a_full_stop() -> None:
    broken = Problem("x", Severity.WARNING, Where("a.yaml", 3), "'closd' is no operand", "Did you mean 'closed'?")
    assert str(broken) == "a.yaml:3: warning [x] 'closd' is no operand. Did you mean 'closed'?"


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(problem).failed == 0
