"""Numbers of rows as tables show them: as they sort, and as they read."""

from typing import NamedTuple

from fairlead.picture.wording import Manner, worded


class Count(NamedTuple):
    """A number of rows: `value` sorts, `text` has every digit in the company's manner."""

    value: int
    text: str


def counted(number: int, manner: Manner) -> Count:
    """A number of rows, every digit of it."""
    return Count(number, worded(number, "count", manner).full)
