"""Copies of a company that a test may change, and a browser on one of them."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

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
