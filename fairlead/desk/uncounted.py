"""Beside numbers: what was set aside of the rows they are made from, each with the address of those rows."""

from collections.abc import Sequence
from typing import NamedTuple

from django.urls import reverse

from fairlead.actions.building import named
from fairlead.actions.uncounted import uncounted
from fairlead.desk.behind import asking
from fairlead.workspace import Workspace


class Apart(NamedTuple):
    """A sentence, and the page of the rows that it is about."""

    says: str
    url: str


def apart(place: Workspace, build: str, tables: Sequence[str]) -> tuple[Apart, ...]:
    """One for each of the tables of which rows are set aside."""
    return tuple(
        Apart(one.says, reverse("set-aside", args=[build]) + asking({"table": one.table}))
        for one in uncounted(named(place, build), tables)
    )
