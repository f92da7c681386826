"""A sync that is killed at any moment: what was published stays, and the next build is clean."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fairlead.actions.asking import ask
from fairlead.actions.syncing import sync
from fairlead.record.lake import UNFINISHED
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import DEALS, small_company

# What the process that is killed does: change the export and sync it, again and again. It says when it has begun. At
# each line it is told, a process that has everything imported starts one, and says when that has ended.
SYNC_FOREVER = """
import os
import sys
from itertools import count
from pathlib import Path

from fairlead.actions.syncing import sync
from fairlead.workspace import open_workspace


def sync_forever(folder):
    deals = folder / "data" / "deals.csv"
    plain = deals.read_text()
    sync(open_workspace(folder))
    print(os.getpid(), flush=True)
    for turn in count(1):
        fresh = deals.with_name(".fresh")
        fresh.write_text(plain.replace("900.00", f"{900 + turn}.00"))
        fresh.replace(deals)
        sync(open_workspace(folder))


for line in sys.stdin:
    child = os.fork()
    if child == 0:
        sync_forever(Path(sys.argv[1]))
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


@contextmanager
def syncing_forever(root: Path) -> Iterator[Callable[[float], None]]:
    """What lets a process sync in `root` for some seconds and then kills it."""
    command = [sys.executable, "-c", SYNC_FOREVER, str(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as starter:
        told, said = starter.stdin, starter.stdout
        assert told
        assert said

        def for_seconds(seconds: float) -> None:
            told.write("start\n")
            told.flush()
            begun = int(said.readline())
            time.sleep(seconds)
            os.kill(begun, signal.SIGKILL)
            assert said.readline() == "ended\n"

        yield for_seconds


KILLS = int(os.environ.get("KILLS", "6"))  # of each seed
# A model whose builds take little: what a build does with a longer one it does in the same folder.
LIFECYCLE = """\
pipelines:
  sales:
    stages: {discovery: {}, closed_won: {outcome: won}, closed_lost: {outcome: lost}}
"""


def with_few_stages(company: Workspace) -> Workspace:
    model = company.root / "model"
    for file in model.glob("*.yaml"):
        if file.name not in ("metrics.yaml", "people.yaml"):
            file.unlink()
    (model / "lifecycle.yaml").write_text(LIFECYCLE)
    return open_workspace(company.root)


def values(company: Workspace, *metrics: str) -> list[object]:
    """What somebody is told who asks now."""
    told: list[object] = ask(open_workspace(company.root), metrics).table["value"].to_pylist()
    return told


@pytest.mark.parametrize("seed", range(5))
def test_killed_at_any_moment_the_published_build_reads_and_the_next_build_is_clean(tmp_path: Path, seed: int) -> None:
    """Six kills a seed, thirty in all (`make soak`: more), at random moments of landing, building and publishing."""
    company = with_few_stages(small_company(tmp_path / "small"))
    sync(company)
    chance = random.Random(seed)
    with syncing_forever(company.root) as killed_after:
        for _ in range(KILLS):
            killed_after(chance.random())
            assert values(company, "won", "bookings") == [2.0, 26000.5]
            (company.root / "data" / "deals.csv").write_text(DEALS)
            done = sync(open_workspace(company.root))
            assert {t.table: (t.kept, t.set_aside) for t in done.build.tables if t.table != "change"} == {
                "account": (3, 0), "opportunity": (5, 1),
            }  # fmt: skip
            assert values(company, "new_pipeline") == [28100.5]
            assert not [p for p in company.lake.root.rglob("*") if UNFINISHED in p.name]
