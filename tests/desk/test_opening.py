"""Settings from a workspace, its secret key and its database."""

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fairlead.desk.database import database
from fairlead.desk.opening import from_workspace, migrate, open_desk, own_address
from fairlead.desk.secret import secret_key
from fairlead.problem import Refused
from fairlead.workspace import Workspace
from tests.desk.conftest import write_workspace


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_the_secret_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / ".fairlead"
    key = secret_key(folder)
    assert len(key) > 50
    assert secret_key(folder) == key
    assert mode(folder / "secret") == 0o600
    assert [file.name for file in folder.iterdir()] == ["secret"]


def test_a_secret_left_open_is_closed(tmp_path: Path) -> None:
    secret_key(tmp_path)
    (tmp_path / "secret").chmod(0o644)
    secret_key(tmp_path)
    assert mode(tmp_path / "secret") == 0o600


def test_many_who_make_the_secret_at_once_agree(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(secret_key(tmp_path))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert len(set(found)) == 1


def test_two_workspaces_share_neither_secret_nor_cookies(tmp_path: Path) -> None:
    one, two = (from_workspace(write_workspace(tmp_path / name), "127.0.0.1") for name in ("one", "two"))
    for name in ("SECRET_KEY", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "DATABASES"):
        assert one[name] != two[name]


def test_the_database_is_the_owners_alone_and_waits_for_writers(acme: Workspace, desk: Workspace) -> None:
    from django.db import connection

    assert mode(acme.root / ".fairlead" / "desk.sqlite3") == 0o600
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_postgresql_by_address() -> None:
    found = database(Path(), "postgresql://fair:l%40ad@db.acme.com:5433/desk?sslmode=require")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("fair", "l@ad", "db.acme.com", "5433")
    assert (found["NAME"], found["OPTIONS"]) == ("desk", {"sslmode": "require"})


@pytest.mark.parametrize("url", ["mysql://a/b", "desk.sqlite3", "postgresql://host", "", "postgresql://u:p@h:port/d"])
def test_another_kind_of_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Refused) as refused:
        database(Path(), url)
    problem = refused.value.problems[0]
    assert problem.code == "desk-database"
    assert "p@h" not in str(problem)


def test_a_postgresql_that_does_not_answer_is_one_line_without_the_password(tmp_path: Path, acme: Workspace) -> None:
    url = "postgresql://u:secret@127.0.0.1:1/desk"
    other = write_workspace(tmp_path / "other", f"desk: {{database: '{url}'}}\n")
    try:
        with pytest.raises(Refused, match="desk-database") as refused:
            open_desk(other)
        assert "secret" not in str(refused.value)
        assert len(str(refused.value).splitlines()) == 1
    finally:
        open_desk(acme)


def test_hosts_are_this_machine_and_those_of_the_settings(tmp_path: Path) -> None:
    desk = write_workspace(tmp_path, "desk: {hosts: [fairlead.acme.com], https: true}\n")
    found = from_workspace(desk, "10.0.0.7")
    assert {"localhost", "127.0.0.1", "[::1]", "10.0.0.7", "fairlead.acme.com"} <= set(found["ALLOWED_HOSTS"])
    assert "*" not in found["ALLOWED_HOSTS"]
    assert found["SESSION_COOKIE_SECURE"]
    assert found["CSRF_COOKIE_SECURE"]
    assert own_address(desk) == "https://fairlead.acme.com"


def test_the_migrations_are_those_of_the_models(desk: Workspace) -> None:
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_a_database_used_by_a_newer_version_is_refused(desk: Workspace) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.create(app="people", name="9999_from_the_future")
    with pytest.raises(Refused, match=r"newer version \(people.9999_from_the_future\)"):
        migrate()


def test_a_process_can_turn_to_another_workspace(tmp_path: Path, acme: Workspace) -> None:
    other = write_workspace(tmp_path / "other")
    try:
        open_desk(other)
        from fairlead.desk.people.models import User

        User.objects.create(username="only-here")
        open_desk(acme)
        assert not User.objects.filter(username="only-here").exists()
        open_desk(other)
        assert User.objects.filter(username="only-here").exists()
    finally:
        open_desk(acme)


def test_importing_the_desk_imports_no_django() -> None:
    code = "import sys, fairlead.desk, fairlead.desk.laws; sys.exit(any(m.startswith('django') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
