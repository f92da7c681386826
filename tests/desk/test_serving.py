"""Serving: starts, answers, stops cleanly, starts again, and says what is wrong in one line."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from fairlead.desk.opening import own_address
from fairlead.desk.serving import address, listening
from fairlead.problem import Refused
from tests.desk.conftest import write_workspace
from tests.desk.served import REPOSITORY, Served, serving


def get(url: str) -> tuple[int, bytes]:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.status, answer.read()


def stop(served: Served, with_signal: int = signal.SIGINT) -> tuple[int, str, str]:
    """What a Ctrl-C in the terminal does: the signal goes to the whole group."""
    os.killpg(served.process.pid, with_signal)
    out, err = served.process.communicate(timeout=60)
    return served.process.returncode, out, err


def test_it_answers_and_stops_cleanly_again_and_again(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    links = set()
    for _ in range(2):
        with serving(tmp_path) as served:
            assert get(f"{served.url}/healthz") == (200, b"ok")
            status, page = get(f"{served.url}/")
            assert (status, b"Sign in" in page) == (200, True)
            assert get(served.link)[0] == 200
            links.add(served.link)
            assert stop(served) == (0, "stopped\n", "")
    assert len(links) == 2


def test_links_lead_to_where_the_desk_was_served(tmp_path: Path) -> None:
    desk = write_workspace(tmp_path)
    assert own_address(desk) == "http://127.0.0.1:8000"
    with serving(tmp_path) as served:
        assert own_address(desk) == served.url


def test_it_stops_on_sigterm_too(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    with serving(tmp_path) as served:
        served.process.send_signal(signal.SIGTERM)
        out, err = served.process.communicate(timeout=60)
        assert (served.process.returncode, out, err) == (0, "stopped\n", "")


def migrated(folder: Path) -> list[tuple[str, str, str]]:
    """What was done to the desk's database, and when."""
    with contextlib.closing(sqlite3.connect(folder / ".fairlead" / "desk.sqlite3")) as database:
        return database.execute("SELECT app, name, applied FROM django_migrations ORDER BY id").fetchall()


def test_the_second_start_finds_everything_done(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    with serving(tmp_path):
        first = migrated(tmp_path)
    with serving(tmp_path) as served:
        assert get(f"{served.url}/healthz") == (200, b"ok")
        assert migrated(tmp_path) == first
    assert first


def test_a_killed_worker_is_replaced_and_a_killed_desk_starts_again(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    with serving(tmp_path) as served:
        get(f"{served.url}/")
        os.killpg(served.process.pid, signal.SIGKILL)
    with serving(tmp_path) as served:
        assert get(f"{served.url}/healthz")[0] == 200


def test_a_taken_port_is_said_with_one_that_is_free(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "tests.desk.served", str(tmp_path), "--port", str(port)]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"error [port-taken] Port {port} is taken by another program. Port " in done.stderr
    assert "is free: add --port " in done.stderr


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Refused, match="cannot-listen"):
        listening("192.0.2.1", 8000)


def test_a_name_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Refused, match="cannot-listen"):
        listening("no-such-host.invalid", 8000)


def test_the_port_is_ours_from_the_first_look() -> None:
    with listening("127.0.0.1", 0) as ours, pytest.raises(Refused, match="port-taken"):
        listening("127.0.0.1", ours.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("desk.acme.com", "http://desk.acme.com:80"),
    ],
)
def test_the_address_opens_in_a_browser(host: str, url: str) -> None:
    assert address(host, 80) == url
