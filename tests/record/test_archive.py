"""The archive of models: each kept once and whole, and what was in use when."""

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fairlead.model.load import STARTER, load
from fairlead.record import archive
from fairlead.record.archive import Use
from fairlead.record.lake import UNFINISHED, Lake

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / ".fairlead")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(STARTER, tmp_path / "model", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "model"


def test_a_kept_model_reads_as_the_same_model(lake: Lake, folder: Path) -> None:
    model = load(folder)[0]
    assert archive.keep(lake, model, folder)
    found = archive.model_of(lake, model.digest)
    assert found is not None
    assert found.digest == model.digest
    assert found.metrics == model.metrics
    assert load(lake.models / model.digest)[1] == ()


def test_a_preset_that_came_with_fairlead_is_kept_with_it(lake: Lake, folder: Path) -> None:
    shutil.rmtree(folder / "presets")
    model = load(folder)[0]
    assert archive.keep(lake, model, folder)
    assert (lake.models / model.digest / "presets" / "nine_stages.yaml").is_file()


def test_it_is_kept_once_and_never_written_again(lake: Lake, folder: Path) -> None:
    model = load(folder)[0]
    archive.keep(lake, model, folder)
    times = {p: p.stat().st_mtime_ns for p in lake.models.rglob("*")}
    (folder / "metrics.yaml").write_text("metrics: {}\n")
    assert archive.keep(lake, model, folder)
    assert {p: p.stat().st_mtime_ns for p in lake.models.rglob("*")} == times


def test_files_edited_since_they_were_read_are_not_kept_as_what_they_were(lake: Lake, folder: Path) -> None:
    model = load(folder)[0]
    (folder / "metrics.yaml").write_text("metrics: {}\n")
    assert not archive.keep(lake, model, folder)
    assert archive.model_of(lake, model.digest) is None
    assert list(lake.models.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"metrics: {}\n", b"\xff\x00", b"metrics: [\n"])
def test_a_damaged_model_is_none(lake: Lake, folder: Path, content: bytes) -> None:
    model = load(folder)[0]
    archive.keep(lake, model, folder)
    (lake.models / model.digest / "metrics.yaml").write_bytes(content)
    assert archive.model_of(lake, model.digest) is None


@pytest.mark.parametrize("digest", ["", "nothing", ".", ".."])
def test_what_was_never_kept_is_none(lake: Lake, digest: str) -> None:
    assert archive.model_of(lake, digest) is None


def test_uses_are_noted_when_they_change(lake: Lake) -> None:
    later = [NOW + timedelta(days=n) for n in range(4)]
    for at, digest in zip(later, ("a", "a", "b", "a"), strict=True):
        archive.use(lake, digest, at)
    assert archive.uses(lake) == (Use(later[0], "a"), Use(later[2], "b"), Use(later[3], "a"))


def build_of(lake: Lake, name: str, digest: str, at: datetime) -> None:
    (lake.builds / name).mkdir(parents=True)
    said = {"build": name, "made_at": at.isoformat(), "model_digest": digest}
    (lake.builds / name / "build.json").write_text(json.dumps(said))


def test_builds_fill_in_what_was_never_noted(lake: Lake) -> None:
    build_of(lake, "old", "a", NOW)
    build_of(lake, "older", "a", NOW - timedelta(days=1))
    archive.use(lake, "b", NOW + timedelta(days=1))
    build_of(lake, "new", "b", NOW + timedelta(days=2))
    assert archive.uses(lake) == (Use(NOW - timedelta(days=1), "a"), Use(NOW + timedelta(days=1), "b"))


@pytest.mark.parametrize("said", [b"", b"{", b"[1]", b'[{"at": "yesterday", "digest": "a"}]', b"\xff"])
def test_a_damaged_list_of_uses_is_made_up_for_by_the_builds(lake: Lake, said: bytes) -> None:
    build_of(lake, "old", "a", NOW)
    lake.models.mkdir(parents=True)
    (lake.models / archive.USED).write_bytes(said)
    assert archive.uses(lake) == (Use(NOW, "a"),)


KILLED = """
import signal, sys
from pathlib import Path
from fairlead.model.load import load
from fairlead.record import archive
from fairlead.record.lake import Lake
def die(*_):
    print("now", flush=True)
    signal.pause()
archive.load = die
archive.keep(Lake(Path(sys.argv[1])), load(Path(sys.argv[2]))[0], Path(sys.argv[2]))
"""


def test_killed_in_the_middle_nothing_is_there_and_the_rest_is_swept(lake: Lake, folder: Path) -> None:
    one = subprocess.Popen([sys.executable, "-c", KILLED, lake.root, folder], stdout=subprocess.PIPE)
    assert one.stdout is not None
    assert one.stdout.readline() == b"now\n"
    os.kill(one.pid, signal.SIGKILL)
    one.wait(30)
    model = load(folder)[0]
    assert archive.model_of(lake, model.digest) is None
    assert [p.name for p in lake.models.iterdir()] == [f"{UNFINISHED}{model.digest}"]
    with lake.building(NOW):
        assert list(lake.models.iterdir()) == []
        assert archive.keep(lake, model, folder)
    assert archive.model_of(lake, model.digest) is not None
