"""Serve a workspace in a process of its own: `python -m tests.desk.served ROOT [--port N] [--for NAME] [--real]`.

Prints the address and the link. Without `--real` the scoreboard is the sample with one score of every kind.
"""

import argparse
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import NamedTuple, TypedDict

import fairlead.desk
from fairlead.desk import Ready
from fairlead.problem import Refused
from fairlead.workspace import open_workspace

REPOSITORY = Path(__file__).parents[2]


class Served(NamedTuple):
    """A running desk."""

    process: "subprocess.Popen[str]"
    url: str
    link: str


@contextmanager
def serving(root: Path, *more: str, module: str = "tests.desk.served") -> Iterator[Served]:
    """The desk of `root`, in a process group of its own as a terminal would make it."""
    command = [sys.executable, "-m", module, str(root), *more]
    process = subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout
        said = process.stdout.readline().split()
        assert len(said) == 2, process.communicate(timeout=60)
        yield Served(process, *said)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 9)
            process.wait()


class Cookie(TypedDict):
    """A cookie as a browser takes it."""

    name: str
    value: str
    url: str


def signed_in(served: Served) -> list[Cookie]:
    """Use the link up, as a browser without scripts would, and keep what signs further browsers in."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with opener.open(served.link) as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
    assert token
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1]}).encode()
    with opener.open(urllib.request.Request(served.link, form, {"Referer": served.link})) as page:
        assert page.status == 200
    return [{"name": cookie.name, "value": cookie.value or "", "url": served.url} for cookie in jar]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--for", dest="link_for", default="alice")
    parser.add_argument("--real", action="store_true")
    chosen = parser.parse_args()
    if not chosen.real:
        _show_the_sample()
    try:
        workspace = open_workspace(chosen.root)
        fairlead.desk.serve(workspace, port=chosen.port, link_for=chosen.link_for, on_ready=_say)
    except Refused as refused:
        sys.exit(str(refused))
    print("stopped", flush=True)


def _say(ready: Ready) -> None:
    print(ready.url, ready.link, flush=True)


def _show_the_sample() -> None:
    """Replace the verb before the page imports it."""
    from fairlead.actions import scoreboard
    from tests.desk.board import BOARD

    scoreboard.scoreboard = lambda workspace, **_: BOARD


if __name__ == "__main__":
    main()
