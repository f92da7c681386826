"""Copies of a company that a test may change, and a browser on one of them."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fairlead.actions.syncing import sync
from fairlead.desk import NewUser
from fairlead.workspace import Workspace, open_workspace
from tests.desk.conftest import PASSWORD, opened_desk

if TYPE_CHECKING:
    from django.test import Client


class Two(NamedTuple):
    """A company synced twice, and its builds: the earlier one and the published one."""

    place: Workspace
    a: str
    b: str


NAMES = {"owner": "Alice Fairweather", "team": "Bob Okafor", "none": "Charlie Nkemelu"}


def copied(company: Workspace, root: Path, *, lake: bool = True) -> Workspace:
    """The company at another place; without `lake` only its settings and its model."""
    left_out = (
        shutil.ignore_patterns("desk.sqlite3*", "truth")
        if lake
        else shutil.ignore_patterns(".fairlead", "data", "truth")
    )
    shutil.copytree(company.root, root, ignore=left_out)
    return open_workspace(root)


def edited(root: Path, name: str, *changes: tuple[str, str]) -> None:
    """Replace text in a file of a workspace, once each; the desk sees it at the next request."""
    path = root / name
    text = path.read_text()
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after, 1)
    path.write_text(text)
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1_000_000))


def changed(company: Workspace, root: Path) -> None:
    """The company at another place and synced once more, with another win rate and a few other deals."""
    place = copied(company, root)
    won = "where: is_won, at: closed_at, says: Deals won."
    new = "where: is_won and kind = 'new', at: closed_at, says: New deals won."
    edited(root, "model/metrics.yaml", (won, new))
    file = root / "data" / "salesforce" / "Opportunity.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    late = lines[1].replace("006Hc0000000000IAR", "006Hc0000990000IAR").replace("2023-04-17", "2026-10-15")
    lost = late.replace("006Hc0000990000IAR", "006Hc0000990001IAR").replace("001Hc0000000041AAM", "001Hc0000990000AAM")
    file.write_text("".join([*lines[:40], *lines[42:], late, lost]), encoding="utf-8")
    assert sync(open_workspace(place.root)).is_new


@contextmanager
def browsing(workspace: Workspace, access: str = "team", *, strict: bool = False) -> Iterator["Client"]:
    """A browser signed in on the desk of a workspace; `strict` demands the form token."""
    with opened_desk(workspace):
        from django.test import Client

        from fairlead.desk.people.users import add

        client = Client(enforce_csrf_checks=strict)
        name = NAMES[access]
        client.force_login(add(NewUser(name.split()[0].lower(), name, "somebody@acme.com", access, PASSWORD)))
        yield client


def within(html: str, opening: str) -> str:
    """The part of a page from an opening tag, such as `<tr id="x"`, to its closing tag."""
    start = html.index(opening)
    tag = re.match(r"<(\w+)", opening)[1]  # type: ignore[index]
    depth, place = 0, start
    while True:
        opens, closes = html.find(f"<{tag}", place + 1), html.index(f"</{tag}>", place + 1)
        if opens == -1 or closes < opens:
            if depth == 0:
                return html[start:closes]
            depth, place = depth - 1, closes
        else:
            depth, place = depth + 1, opens
