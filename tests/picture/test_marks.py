"""Marks: one shape and one word for every status there is."""

from xml.etree import ElementTree

from fairlead.actions.scoreboard import Status
from fairlead.picture.marks import SHAPES, WORDS, mark


def test_every_status_has_a_shape_and_a_word_of_its_own() -> None:
    statuses = {str(status) for status in Status}
    assert statuses == set(SHAPES) == set(WORDS)
    assert len(set(SHAPES.values())) == len(set(WORDS.values())) == len(statuses)


def test_a_mark_is_silent_and_well_formed() -> None:
    for status in SHAPES:
        svg = ElementTree.fromstring(mark(status))
        assert svg.get("aria-hidden") == "true"
