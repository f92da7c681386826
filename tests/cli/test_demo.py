"""The demo from the command line: written, synced, checked, and people let in; again without losing anything."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_app import PROGRAM, Run, run_in

SMALL = ("--scale", "0.02")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    return run_in(folder)


def test_the_demo_is_written_built_and_checked_and_then_found_done(run: Run, folder: Path) -> None:
    first = run("demo", "run", "d", *SMALL, "--no-serve")
    assert first.code == 0, first.err
    assert "Published in" in first.out
    assert "Checked: 0 errors" in first.out
    assert {"simulating", "building", "checking"} <= {line.split()[0] for line in first.err.splitlines()}
    written = {p: p.stat().st_mtime_ns for p in (folder / "d" / "data").rglob("*.csv")}
    assert len(written) > 10
    again = run("demo", "run", "d", *SMALL, "--no-serve")
    assert again.code == 0
    assert "Nothing is new" in again.out
    assert {p: p.stat().st_mtime_ns for p in written} == written
    assert run("-C", "d", "ask", "win_rate", "--json").json[0]["value"] is not None


def test_the_demo_is_never_written_over_anything_else(run: Run, folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "notes.txt").write_text("mine")
    done = run("demo", "write", "mine", *SMALL)
    assert (done.code, "[no-demo-here]" in done.err) == (1, True)
    assert [p.name for p in (folder / "mine").iterdir()] == ["notes.txt"]


def test_somebody_is_let_in_and_gets_a_link(run: Run, folder: Path) -> None:
    assert run("init", "acme").code == 0

    def desk(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", PROGRAM, "-C", "acme", "user", *words]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    added = desk("add", "alice", "--name", "Alice Harbour", "--access", "owner")
    assert added.returncode == 0, added.stderr
    assert "alice may sign in." in added.stdout
    assert "http://127.0.0.1:8000/sign-in/link/" in added.stdout
    link = desk("link", "alice", "--site", "https://desk.acme.example")
    assert link.stdout.startswith("https://desk.acme.example/sign-in/link/")
    taken = desk("add", "alice")
    assert (taken.returncode, "[user-exists]" in taken.stderr) == (1, True)
    nobody = desk("link", "alise")
    assert (nobody.returncode, "Did you mean 'alice'?" in nobody.stderr) == (1, True)
