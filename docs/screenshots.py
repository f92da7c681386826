"""Take the pictures of docs/pictures from a real workspace: `make screenshots`, or `docs/screenshots.py [WORKSPACE]`.

Serves the workspace, signs in by the link as anybody would, and photographs the pages. Needs Chromium.
"""

import multiprocessing
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright

import fairlead.desk
from fairlead.desk import Ready
from fairlead.problem import Refused
from fairlead.workspace import open_workspace

PICTURES = Path(__file__).parent / "pictures"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


class Shot(NamedTuple):
    """One picture: which page, how wide and high, in which scheme."""

    name: str
    path: str
    width: int = 1440
    height: int = 1100
    scheme: str = "light"


WHY = "/metrics/pipeline_velocity/why/?from=2026-Q1&to=2026-Q3&by=segment"
SHOTS = (
    Shot("scoreboard-wide-light", "/", height=1400),
    Shot("scoreboard-wide-dark", "/", height=1400, scheme="dark"),
    Shot("scoreboard-narrow-light", "/", width=360, height=800),
    Shot("scoreboard-narrow-dark", "/", width=360, height=800, scheme="dark"),
    Shot("metric-wide-light", "/metrics/win_rate/?by=segment", height=1500),
    Shot("metric-narrow-light", "/metrics/win_rate/", width=360, height=800),
    Shot("why-wide-light", WHY, height=1500),
    Shot("tree-wide-light", "/tree/", height=1300),
    Shot("dictionary-wide-light", "/dictionary/win_rate/"),
    Shot("model-wide-light", "/model/people/"),
    Shot("sources-wide-light", "/sources/"),
    Shot("follow-up-wide-light", "/follow-up/"),
    Shot("lifecycle-wide-light", "/lifecycle/", height=1500),
    Shot("clocks-wide-light", "/clocks/", height=1500),
    Shot("handoffs-wide-light", "/handoffs/", height=1500),
    Shot("gates-wide-light", "/gates/", height=1500),
    Shot("revenue-wide-light", "/revenue/", height=1500),
    Shot("cohorts-wide-light", "/cohorts/?per=quarter", height=1300),
    Shot("renewals-wide-light", "/renewals/", height=1500),
    Shot("reconciliation-wide-light", "/reconciliation/", height=1300),
)


def main() -> None:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "demo")
    browser = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if browser is None:
        sys.exit("There is no Chromium on this machine (on Debian: apt install chromium).")
    PICTURES.mkdir(exist_ok=True)
    with _served(root) as ready, sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=browser, args=FLAGS).new_page()
        page.goto(ready.link or ready.url)
        page.wait_for_url(f"{ready.url}/")
        for shot in SHOTS:
            print(_taken(page, ready.url, shot))


def _taken(page: Page, url: str, shot: Shot) -> Path:
    page.emulate_media(color_scheme="dark" if shot.scheme == "dark" else "light", reduced_motion="reduce")
    page.set_viewport_size({"width": shot.width, "height": shot.height})
    page.goto(url + shot.path, wait_until="networkidle")
    file = PICTURES / f"{shot.name}.png"
    page.screenshot(path=file)
    return file


@contextmanager
def _served(root: Path) -> Iterator[Ready]:
    """The desk of the workspace, in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(root, theirs))
    process.start()
    theirs.close()
    try:
        yield ours.recv()
    except EOFError:
        sys.exit("The desk did not start.")
    finally:
        process.terminate()
        process.join()


def _serve(root: Path, ready: "Connection[Ready, Ready]") -> None:
    try:
        fairlead.desk.serve(open_workspace(root), port=0, link_for="demo", on_ready=ready.send)
    except Refused as refused:
        sys.exit(str(refused))


if __name__ == "__main__":
    main()
